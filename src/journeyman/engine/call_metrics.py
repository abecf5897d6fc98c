"""Metrics of REST calls: records in, what Prometheus reads at ``/metrics`` out.

Labels are ids of profiles, origins of policies, verdicts and phases: lists that policies close. Nothing of a
call, a claim or a person is a label. Beyond LIMIT pairs of profile and origin all others share one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from journeyman import __version__
from journeyman.technical_profile import Call
from journeyman.trace.records import CallRecord, Phase, Verdict

LIMIT: Final = 500
OTHER: Final = "other"
BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0)

_PAIR: Final = ("profile", "origin")


class CallMetrics:
    """Count calls, as technical_profile.CallObserver; ``page`` is what Prometheus reads."""

    def __init__(self, dropped: Mapping[str, Callable[[], int]] | None = None) -> None:
        """Take the logs that drop what they cannot write, and how much each has dropped."""
        self._registry = CollectorRegistry()
        self._series: dict[tuple[str, str], _Series] = {}
        self._calls = self._counter("calls", "REST calls that ended, by verdict.", "verdict")
        self._tries = self._counter("call_tries", "Tries of REST calls.")
        self._fallbacks = self._counter(
            "rotation_fallbacks", "Calls that were made with the previous version of a rotated credential."
        )
        self._phases = self._counter("call_phase_seconds", "Seconds in each phase of the last try.", "phase")
        self._seconds = Histogram(
            "journeyman_rest_call_duration_seconds",
            "How long REST calls took, all tries together.",
            _PAIR,
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_Engine(dropped or {}))
        ProcessCollector(registry=self._registry)

    async def begin(self, call: Call) -> None:
        """Do nothing: a call is counted when it has ended."""

    async def end(self, call: Call, record: CallRecord) -> None:
        """Count the call."""
        series = self._of(record)
        calls = series.calls.get(record.verdict)
        if calls is None:
            calls = series.calls[record.verdict] = self._calls.labels(*series.pair, record.verdict.value)
        calls.inc()
        series.tries.inc(record.tries)
        if record.fell_back:
            series.fallbacks.inc()
        series.seconds.observe(record.total_ms / 1000)
        for name, phase in series.phases:
            took_ms = getattr(record.phases, name)
            if took_ms is not None:
                phase.inc(max(took_ms, 0.0) / 1000)

    def add(self, collector: Collector) -> None:
        """Read more when the page is asked for."""
        self._registry.register(collector)

    def page(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help: str, *labels: str) -> Counter:
        return Counter(f"journeyman_rest_{name}", help, (*_PAIR, *labels), registry=self._registry)

    def _of(self, record: CallRecord) -> _Series:
        """Return the time series of a profile and its origin; looking labels up costs more than counting."""
        key = (record.profile_id, record.host)
        series = self._series.get(key)
        if series is None:
            if len(self._series) >= LIMIT:
                key = (OTHER, OTHER)
                series = self._series.get(key)
            if series is None:
                pair = key if key[0] == OTHER else (record.profile_id, origin_of(record))
                series = self._series[key] = self._new(pair)
        return series

    def _new(self, pair: tuple[str, str]) -> _Series:
        return _Series(
            pair,
            self._tries.labels(*pair),
            self._fallbacks.labels(*pair),
            self._seconds.labels(*pair),
            tuple((f"{phase.value}_ms", self._phases.labels(*pair, phase.value)) for phase in Phase),
        )


@dataclass(slots=True)
class _Series:
    """What is counted for one profile and origin; ``phases`` are members of a record's phases and their counters."""

    pair: tuple[str, str]
    tries: Counter
    fallbacks: Counter
    seconds: Histogram
    phases: tuple[tuple[str, Counter], ...]
    calls: dict[Verdict, Counter] = field(default_factory=dict)


def origin_of(record: CallRecord) -> str:
    """Return ``scheme://host[:port]`` of a call as the policy names it; the host alone when its URL is not shown."""
    try:
        parts = urlsplit(record.exchange.url)
    except ValueError:
        return record.host
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else record.host


class _Engine(Collector):
    """What is read when it is asked for; the contract of the library is this base class."""

    def __init__(self, dropped: Mapping[str, Callable[[], int]]) -> None:
        self._dropped = dropped

    def collect(self) -> Iterable[Metric]:
        """Return the version and what was dropped."""
        build = GaugeMetricFamily("journeyman_build_info", "The version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        lost = CounterMetricFamily("journeyman_entries_dropped", "Entries that could not be written.", labels=["log"])
        for name, number in self._dropped.items():
            lost.add_metric([name], number())
        return (build, lost)
