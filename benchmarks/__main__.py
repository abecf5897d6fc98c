"""``python -m benchmarks [NAME…] [--json] [--quick]``: run benchmarks, print a table or JSON."""

from __future__ import annotations

import argparse
import json
import sys

import uvloop

from benchmarks.catalogue import BENCHMARKS
from benchmarks.figure import Figure, table
from benchmarks.measure import NORMAL, QUICK, Effort
from benchmarks.surroundings import surroundings


def main() -> None:
    """Run the benchmarks that the command line names, all of them when it names none."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios to named baselines, in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: minutes less, more noise")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    figures = uvloop.run(run(asked.names or list(BENCHMARKS), QUICK if asked.quick else NORMAL))
    around = surroundings()
    if asked.json:
        print(json.dumps({"surroundings": around, "figures": [figure.as_json() for figure in figures]}, indent=2))
        return
    print("\n".join(f"{name}: {value}" for name, value in around.items()))
    print(f"\n{table(figures)}")


async def run(names: list[str], effort: Effort) -> list[Figure]:
    """Run benchmarks one after another."""
    figures: list[Figure] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += await BENCHMARKS[name](effort)
    return figures


if __name__ == "__main__":
    main()
