"""Records in; plain lines for a terminal, or objects for ``--json``, out.

Every text of a record may come from an API or a browser, so it passes ``printable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from journeyman.trace.codec import CALL, STEP, to_json
from journeyman.trace.printable import printable
from journeyman.trace.records import CallRecord, Entry, Exchange, JourneySummary, Phases, StepRecord, Verdict

_INDENT: Final = " " * 21
_BODY_LIMIT: Final = 4096


def call_line(record: CallRecord) -> str:
    """Return a call in one line: profile, authentication, target host, status, milliseconds, and what went wrong."""
    target = f"{record.host} -> {record.dialled}" if record.dialled else record.host
    status = "no answer" if record.exchange.status is None else str(record.exchange.status)
    parts = [record.profile_id, record.authentication, target, status, f"{record.total_ms:.0f} ms"]
    if record.verdict is not Verdict.OK:
        parts.append(record.verdict.value.replace("_", " "))
    if record.tries > 1:
        parts.append(f"{record.tries} tries")
    return "  ".join(printable(part) for part in parts)


def summary_line(summary: JourneySummary) -> str:
    """Return a journey in one line: last entry, id, policy, outcome, calls."""
    calls = f"{summary.calls} call{'' if summary.calls == 1 else 's'}"
    if summary.failed_calls:
        calls += f", {summary.failed_calls} failed"
    parts = (_time(summary.last_at), summary.journey_id, summary.policy_id, summary.outcome, calls)
    return "  ".join(printable(part) for part in parts)


def timeline(summary: JourneySummary, entries: Sequence[Entry]) -> list[str]:
    """Return the lines of a journey: its summary, then each entry with the time since the start."""
    lines = [
        summary_line(summary),
        f"  application {printable(summary.client_id)}  correlation {printable(summary.correlation_id)}",
    ]
    for entry in entries:
        offset_s = (entry.at - summary.started_at).total_seconds()
        lines.extend(_entry_lines(f"  +{offset_s:8.3f} s  ", entry.record))
    return lines


def journey_json(summary: JourneySummary, entries: Sequence[Entry]) -> dict[str, Any]:
    """Return a journey as ``journeyman trace --json`` prints it; times are ISO 8601 in UTC."""
    return {
        "journey_id": summary.journey_id,
        "correlation_id": summary.correlation_id,
        "policy_id": summary.policy_id,
        "client_id": summary.client_id,
        "started_at": summary.started_at.isoformat(),
        "last_at": summary.last_at.isoformat(),
        "outcome": summary.outcome,
        "calls": summary.calls,
        "failed_calls": summary.failed_calls,
        "profiles": list(summary.profiles),
        "entries": [_entry_json(entry) for entry in entries],
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    record_type = CALL if isinstance(entry.record, CallRecord) else STEP
    return {"at": entry.at.isoformat(), "type": record_type, **to_json(entry.record)}


def _entry_lines(prefix: str, record: StepRecord | CallRecord) -> Iterator[str]:
    if isinstance(record, CallRecord):
        yield f"{prefix}call     {call_line(record)}"
        yield from (_INDENT + line for line in call_lines(record))
    else:
        yield prefix + _step_line(record)
        yield from (_INDENT + line for line in _claims("set", record.claims))


def _step_line(record: StepRecord) -> str:
    step = f"step {record.step}" if record.step else ""
    took = "" if record.duration_ms is None else f"{record.duration_ms:.1f} ms"
    parts = (step, record.profile_id, record.detail, took)
    return f"{record.event:<8} {'  '.join(printable(part) for part in parts if part)}".rstrip()


def call_lines(record: CallRecord) -> Iterator[str]:
    """Yield a call in full: what was sent, what came back, the time, the key, what to look at next."""
    yield from _exchange_lines(record.exchange)
    phases = _phases(record.phases)
    if phases:
        yield f"time     {phases}"
    for number, how in enumerate(record.earlier, 1):
        yield f"try {number}    {printable(how)}"
    if record.phase:
        yield f"ended    in the phase {printable(record.phase)}"
    if record.address:
        yield f"address  {printable(record.address)}"
    if record.tls:
        yield f"tls      {printable(record.tls)}"
    for credential in record.credential:
        yield f"key      {printable(credential)}"
    yield from _claims("received", record.claims_in)
    if record.detail:
        yield f"detail   {printable(record.detail)}"
    if record.next:
        yield f"next     {printable(record.next)}"


def _exchange_lines(exchange: Exchange) -> Iterator[str]:
    yield f"> {printable(exchange.method)} {printable(exchange.url)}"
    yield from _message(">", exchange.request_headers, exchange.request_body)
    if exchange.status is not None:
        yield f"< {exchange.status} {printable(exchange.reason)}".rstrip()
        yield from _message("<", exchange.response_headers, exchange.response_body)


def _message(mark: str, headers: Iterable[tuple[str, str]], body: str) -> Iterator[str]:
    for name, value in headers:
        yield f"{mark} {printable(name)}: {printable(value)}"
    if body:
        yield f"{mark} {printable(body, limit=_BODY_LIMIT)}"


def _claims(word: str, claims: Mapping[str, str]) -> Iterator[str]:
    for name, value in claims.items():
        yield f"{word:<8} {printable(name)} = {printable(value)}"


def _phases(phases: Phases) -> str:
    named = (
        ("queue", phases.queue_ms),
        ("dns", phases.dns_ms),
        ("connect", phases.connect_ms),
        ("tls", phases.tls_ms),
        ("first byte", phases.first_byte_ms),
        ("read", phases.read_ms),
    )
    return "  ".join(f"{name} {value:.1f} ms" for name, value in named if value is not None)


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
