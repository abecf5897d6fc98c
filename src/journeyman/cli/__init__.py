"""The command line: arguments in; text or JSON and an exit code out.

Exit codes: 0 done, 1 the thing checked is wrong, 2 the call is wrong.
"""

from __future__ import annotations


def main() -> None:
    """Run the command ``journeyman``."""
    from journeyman.cli.app import run

    run()


__all__ = ["main"]
