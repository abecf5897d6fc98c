"""Metrics of what ends: keys, certificates and client secrets in, days left by name out.

Unlike readiness the metrics have a guard of their own, so names may be labels; there are as many as the operator has keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from journeyman.clock import Clock
from journeyman.engine.expiry import Expiring

LIMIT: Final = 1000
_DAY_S: Final = 86400


class ExpiryMetrics(Collector):
    """The contract of the library is this base class."""

    def __init__(self, found: Callable[[], Sequence[Expiring]], clock: Clock) -> None:
        self._found = found
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        """Return the days left of everything that no other version outlives, soonest first."""
        now = self._clock.now()
        days = GaugeMetricFamily(
            "journeyman_expiry_days", "Days until a key, certificate or client secret ends.", labels=["kind", "id"]
        )
        soonest: dict[tuple[str, str], float] = {}
        for one in self._found():
            if not one.covered:
                soonest.setdefault((one.kind.value, one.id), (one.ends - now).total_seconds() / _DAY_S)
        for labels, left in list(soonest.items())[:LIMIT]:
            days.add_metric(list(labels), left)
        return (days,)
