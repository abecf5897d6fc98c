"""One target under the coverage-guided fuzzer: ``python -m fuzz.one TARGET CORPUS [options of libFuzzer]``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(
    include=["journeyman.connector", "journeyman.claims", "journeyman.trace", "journeyman.keys"]
):
    from fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until the options of libFuzzer end it; a broken promise ends it with an exit code that is not 0."""
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
