"""``python -m fuzz [TARGET…] [--seconds N]``: run the coverage-guided fuzzer on each target for a while.

What it learnt stays in ``artifacts/fuzz/TARGET/corpus`` and helps the next run. An input that breaks a promise
stays in ``artifacts/fuzz/TARGET``; ``python -m fuzz TARGET --input FILE`` runs it again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from fuzz.targets import SEEDS, TARGETS

ROOT = Path(__file__).parent.parent
ARTIFACTS = ROOT / "artifacts" / "fuzz"


def main() -> int:
    """Return 0 when all promises were kept, 1 when one was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m fuzz",
        description="Coverage-guided fuzzing of the connector, the claims, policies and the loaders of policy keys.",
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="how long for each target (60)")
    parser.add_argument("--input", type=Path, help="run one input, of one target, and nothing else")
    asked = parser.parse_args()
    unknown = [name for name in asked.targets if name not in TARGETS]
    if unknown:
        parser.error(f"there is no target {unknown[0]!r}; there are {', '.join(TARGETS)}")
    if asked.input is not None:
        if len(asked.targets) != 1 or not asked.input.is_file():
            parser.error("--input needs one target and a file")
        TARGETS[asked.targets[0]](asked.input.read_bytes())
        print(f"{asked.targets[0]}: the promises are kept for {asked.input}")
        return 0
    broken = [name for name in asked.targets or TARGETS if not _fuzz(name, asked.seconds)]
    for name in broken:
        print(f"{name}: a promise was broken; the input is in {ARTIFACTS / name}", file=sys.stderr)
    return 1 if broken else 0


def _fuzz(name: str, seconds: int) -> bool:
    folder = ARTIFACTS / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    print(f"{name}: {seconds} s …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "fuzz.one", name, str(corpus)]
    limits = [f"-max_total_time={seconds}", "-timeout=2", "-rss_limit_mb=512", "-max_len=4096", "-print_final_stats=0"]
    done = subprocess.run(
        [*command, *limits, f"-artifact_prefix={folder}/"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    lines = done.stderr.splitlines()
    print(next((line for line in reversed(lines) if line.startswith("Done")), "\n".join(lines[-20:])), flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
