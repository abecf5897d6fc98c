"""Rounds of several sides in turn: coroutines that do some work in, the medians of their costs out."""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: rounds, operations in each, and rounds that only warm up."""

    rounds: int = 9
    operations: int = 300
    warm_up: int = 1

    def scaled(self, factor: float) -> Effort:
        """Return an effort with fewer operations, for work that is slow."""
        return Effort(self.rounds, max(1, round(self.operations * factor)), self.warm_up)

    def sliced(self, slices: int) -> Effort:
        """Return the same effort in more and shorter rounds, for work that a busy neighbour disturbs."""
        return Effort(self.rounds * slices, max(1, self.operations // slices), self.warm_up)


NORMAL = Effort()
QUICK = Effort(rounds=3, operations=60)
SMOKE = Effort(rounds=1, operations=2, warm_up=0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation took, in seconds."""

    wall_s: float
    cpu_s: float


CpuClock = Callable[[], Awaitable[float]]
Work = Callable[[int], Awaitable[None]]
"""Do so many operations."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things that are compared: its work, and the processor time of the process that is measured."""

    work: Work
    cpu_clock: CpuClock


async def own_cpu_s() -> float:
    """Return the processor time of this process: all threads, user and system."""
    return time.process_time()


async def compare(sides: Mapping[str, Side], effort: Effort) -> dict[str, Cost]:
    """Measure all sides round by round, in turned order every other round; return the median cost of each.

    The collector runs before every measurement and stays on during it, as it does in the product.
    """
    found: dict[str, list[Cost]] = {name: [] for name in sides}
    for number in range(effort.warm_up + effort.rounds):
        order = list(sides.items())
        for name, side in order if number % 2 == 0 else reversed(order):
            cost = await _cost(side, effort.operations)
            if number >= effort.warm_up:
                found[name].append(cost)
    return {name: _median(costs) for name, costs in found.items()}


async def _cost(side: Side, operations: int) -> Cost:
    gc.collect()
    cpu_s, wall_s = await side.cpu_clock(), time.perf_counter()
    await side.work(operations)
    wall_s = time.perf_counter() - wall_s
    cpu_s = await side.cpu_clock() - cpu_s
    return Cost(wall_s / operations, cpu_s / operations)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(median(cost.wall_s for cost in costs), median(cost.cpu_s for cost in costs))
