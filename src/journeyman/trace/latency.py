"""How long calls take: recorded calls in; per profile percentiles, errors and broken limits out.

A call counts with all of its tries together: that is how long the person waits. Percentiles are
nearest-rank, so each is the time of a call that was really made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from journeyman.trace.printable import printable
from journeyman.trace.records import CallRecord, Entry, Verdict

LIMITS_S: Final = (10, 5, 3, 2)
"""10 s and 5 s are the limits of custom policies and of user flows, the others what people still wait."""

LISTED: Final = 20
_GOOD: Final = frozenset({Verdict.OK, Verdict.REFUSED_BY_API})
_UNCALLED: Final = frozenset({
    Verdict.CREDENTIAL_MISSING, Verdict.REQUIRED_CLAIM_MISSING, Verdict.EGRESS, Verdict.CIRCUIT_OPEN,
    Verdict.NOT_RECORDED,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class SlowCall:
    """A call that would break a limit."""

    journey_id: str
    at: datetime
    profile_id: str
    verdict: Verdict
    total_ms: float


@dataclass(frozen=True, slots=True)
class Latency:
    """The calls of one profile.

    Attributes:
        calls: all of them; ``made`` those that reached out for the API, which the times are of.
        broken: limit in seconds -> how many calls took longer.
    """

    profile_id: str
    host: str
    calls: int
    made: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    broken: dict[int, int]

    @property
    def error_rate(self) -> float:
        """The share of calls that failed; a refusal by the API is an answer."""
        return self.errors / self.calls


@dataclass(frozen=True, slots=True)
class LatencyReport:
    """All profiles, the slowest first, and every call that would break a limit, the slowest first."""

    profiles: tuple[Latency, ...]
    slow: tuple[SlowCall, ...]


@dataclass(slots=True)
class _Seen:
    host: str = ""
    calls: int = 0
    errors: int = 0
    times_ms: list[float] = field(default_factory=list)


def latency_report(entries: Iterable[Entry]) -> LatencyReport:
    """Return the report on the calls among the entries."""
    seen: dict[str, _Seen] = {}
    slow: list[SlowCall] = []
    for entry in entries:
        record = entry.record
        if not isinstance(record, CallRecord):
            continue
        profile = seen.setdefault(record.profile_id, _Seen())
        profile.host = record.host
        profile.calls += 1
        profile.errors += record.verdict not in _GOOD
        if record.verdict in _UNCALLED:
            continue
        profile.times_ms.append(record.total_ms)
        if record.total_ms > min(LIMITS_S) * 1000:
            slow.append(SlowCall(entry.journey_id, entry.at, record.profile_id, record.verdict, record.total_ms))
    profiles = [_latency(name, one) for name, one in seen.items()]
    profiles.sort(key=lambda one: (-(one.p95_ms or 0.0), one.profile_id))
    slow.sort(key=lambda call: -call.total_ms)
    return LatencyReport(tuple(profiles), tuple(slow))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest of the ordered values that at least ``share`` of them do not exceed; None when there is none."""
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1] if ordered else None


def latency_json(report: LatencyReport) -> dict[str, Any]:
    """Return what ``journeyman trace --latency --json`` prints."""
    return {
        "limits_s": list(LIMITS_S),
        "profiles": [
            {
                "profile": one.profile_id,
                "host": one.host,
                "calls": one.calls,
                "made": one.made,
                "errors": one.errors,
                "error_rate": round(one.error_rate, 6),
                "p50_ms": one.p50_ms,
                "p95_ms": one.p95_ms,
                "p99_ms": one.p99_ms,
                "over_limit": {str(limit): number for limit, number in one.broken.items()},
            }
            for one in report.profiles
        ],
        "slow_calls": [
            {
                "journey_id": call.journey_id,
                "at": call.at.isoformat(),
                "profile": call.profile_id,
                "verdict": call.verdict.value,
                "total_ms": call.total_ms,
                "breaks_s": [limit for limit in LIMITS_S if call.total_ms > limit * 1000],
            }
            for call in report.slow
        ],
    }


def latency_lines(report: LatencyReport) -> list[str]:
    """Return the report for a terminal."""
    width = max([len("profile"), *(len(printable(one.profile_id)) for one in report.profiles)])
    limits = "  ".join(f"{f'>{limit} s':>6}" for limit in LIMITS_S)
    lines = [f"{'profile':<{width}}  {'calls':>6}  {'errors':>7}  {'p50':>8}  {'p95':>8}  {'p99':>8}  {limits}"]
    for one in report.profiles:
        times = "  ".join(f"{_ms(value):>8}" for value in (one.p50_ms, one.p95_ms, one.p99_ms))
        broken = "  ".join(f"{one.broken[limit] or '-':>6}" for limit in LIMITS_S)
        rate = f"{one.error_rate:.1%}"
        lines.append(f"{printable(one.profile_id):<{width}}  {one.calls:>6}  {rate:>7}  {times}  {broken}")
    if report.slow:
        lines += ["", "calls that would break a limit, the slowest first:"]
        lines += [_slow_line(call) for call in report.slow[:LISTED]]
        if len(report.slow) > LISTED:
            lines.append(f"  and {len(report.slow) - LISTED} more; --json prints all")
    return lines


def _slow_line(call: SlowCall) -> str:
    broken = ", ".join(f"{limit} s" for limit in LIMITS_S if call.total_ms > limit * 1000)
    at = call.at.strftime("%Y-%m-%d %H:%M:%S")
    parts = (at, call.profile_id, _ms(call.total_ms), call.verdict.value, f"breaks {broken}", call.journey_id)
    return "  " + "  ".join(map(printable, parts))


def _latency(profile_id: str, seen: _Seen) -> Latency:
    times = sorted(seen.times_ms)
    return Latency(
        profile_id=profile_id,
        host=seen.host,
        calls=seen.calls,
        made=len(times),
        errors=seen.errors,
        p50_ms=percentile(times, 0.50),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
        broken={limit: sum(value > limit * 1000 for value in times) for limit in LIMITS_S},
    )


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.0f} ms"
