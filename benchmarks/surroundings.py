"""Where a run took place: nothing in, names and values for the head of its report out."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping

from benchmarks.tenant import PACKS, starter_pack


def surroundings() -> Mapping[str, str]:
    """Return what a reader must know to judge the figures."""
    pack = starter_pack()
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load": f"{os.getloadavg()[0]:.1f} processes ran or waited on average in the last minute",
        "policies": f"starter pack {PACKS[0]}" if pack else "the demo's (no starter pack found: set JOURNEYMAN_CORPUS)",
        "garbage collector": "collected before each round, switched on during it",
    }
