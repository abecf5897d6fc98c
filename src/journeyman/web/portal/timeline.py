"""The timeline of a journey: its entries in, what the page shows of each out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from journeyman.connector.next_check import MEANING
from journeyman.trace.records import CallRecord, Entry, Phases, StepRecord, Verdict
from journeyman.web.portal.wording import EVENTS, VERDICTS, milliseconds

_OUTCOMES: Final = frozenset({"tokens", "refused", "error"})
_RESUMING: Final = frozenset({"submit", "profile", "page", "step"})


@dataclass(frozen=True, slots=True)
class PhaseBar:
    """One segment of the bar of a call; ``x`` and ``width`` are hundredths of the whole.

    ``number`` is that of the phase, whichever others there are: it decides the colour.
    """

    number: int
    name: str
    text: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the timeline; ``call`` is set when it is a REST call, ``meaning`` when that did not succeed.

    ``before`` holds the claims, redacted, that the journey had set until then.
    """

    key: str
    at: datetime
    offset: str  # since the start, "+18 ms"
    label: str
    tone: str
    step: StepRecord | None = None
    call: CallRecord | None = None
    phases: tuple[PhaseBar, ...] = ()
    meaning: str = ""
    before: Mapping[str, str] = field(default_factory=dict)

    @property
    def after(self) -> Mapping[str, str]:
        """The claims when the step was done."""
        return {**self.before, **self.step.claims} if self.step is not None else self.before


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the timeline."""

    policy_id: str
    client_id: str
    correlation_id: str
    started_at: datetime
    duration: str
    outcome: str
    calls: int
    failed_calls: int


def timeline(entries: Sequence[Entry]) -> tuple[Item, ...]:
    """Return the items of a journey in the order of the entries."""
    started_at = entries[0].at
    items: list[Item] = []
    claims: Mapping[str, str] = {}
    for index, entry in enumerate(entries):
        item = replace(_item(index, entry, started_at), before=claims)
        items.append(item)
        claims = item.after
    return tuple(items)


def head(entries: Sequence[Entry]) -> Head:
    """Return the head of a journey that has at least one entry."""
    first, last = entries[0], entries[-1]
    calls = [entry.record for entry in entries if isinstance(entry.record, CallRecord)]
    return Head(
        policy_id=first.policy_id,
        client_id=first.client_id,
        correlation_id=first.correlation_id,
        started_at=first.at,
        duration=milliseconds((last.at - first.at).total_seconds() * 1000),
        outcome=_outcome(entries),
        calls=len(calls),
        failed_calls=sum(VERDICTS[call.verdict][1] == "bad" for call in calls),
    )


def phase_bars(phases: Phases) -> tuple[PhaseBar, ...]:
    """Return the segments of a call's bar, only the phases that were reached."""
    named: Mapping[str, float | None] = {
        "DNS": phases.dns_ms,
        "connect": phases.connect_ms,
        "TLS": phases.tls_ms,
        "first byte": phases.first_byte_ms,
        "read": phases.read_ms,
    }
    numbered = [(6, "queue", phases.queue_ms), *((n, *one) for n, one in enumerate(named.items(), 1))]
    reached = [(number, name, max(value, 0.0)) for number, name, value in numbered if value is not None]
    whole = sum(value for _, _, value in reached) or 1.0
    bars: list[PhaseBar] = []
    x = 0.0
    for number, name, value in reached:
        width = round(100 * value / whole, 2)
        bars.append(PhaseBar(number, name, milliseconds(value), round(x, 2), width))
        x += width
    return tuple(bars)


def _item(index: int, entry: Entry, started_at: datetime) -> Item:
    offset = f"+{milliseconds((entry.at - started_at).total_seconds() * 1000)}"
    key = f"entry-{index}"
    if isinstance(entry.record, CallRecord):
        label, tone = VERDICTS[entry.record.verdict]
        meaning = "" if entry.record.verdict is Verdict.OK else MEANING[entry.record.verdict]
        bars = phase_bars(entry.record.phases)
        return Item(key, entry.at, offset, label, tone, call=entry.record, phases=bars, meaning=meaning)
    label, tone = EVENTS.get(entry.record.event, (entry.record.event, "neutral"))
    return Item(key, entry.at, offset, label, tone, step=entry.record)


def _outcome(entries: Sequence[Entry]) -> str:
    """The last event that is an outcome decides; a refusal at a page is none once the journey went on."""
    outcome = "running"
    for entry in entries:
        event = entry.record.event if isinstance(entry.record, StepRecord) else ""
        if event in _OUTCOMES:
            outcome = event
        elif event in _RESUMING and outcome == "refused":
            outcome = "running"
    return outcome
