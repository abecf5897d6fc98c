"""Records in, a text out that changes when they do: by it the script of a page sees that it is not current."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from journeyman.mail.mailbox import Delivered
from journeyman.trace.records import Entry, JourneySummary


def version_of(records: Sequence[JourneySummary] | Sequence[Entry] | Sequence[Delivered], listed: int) -> str:
    """Return the version of a list. Records are never rewritten, so their number and ends are enough.

    ``listed`` is the longest list whose members are all looked at.
    """
    ends = [_mark(record) for record in records] if len(records) <= listed else [_mark(records[-1])]
    return sha256(repr((len(records), ends)).encode("utf-8", "replace")).hexdigest()[:16]


def _mark(record: JourneySummary | Entry | Delivered) -> tuple[object, ...]:
    match record:
        case JourneySummary():
            return (record.journey_id, record.last_at, record.outcome, record.calls, record.failed_calls)
        case Entry():
            return (record.at,)
        case Delivered():
            return (record.id,)
