"""One HTTP request as a journey sees it: who asks, from where, and what was recorded on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from journeyman.journey.session import Session
from journeyman.trace.records import CallRecord, StepRecord


class Records(Protocol):
    """Takes what happens in a journey, in order and at once; a list keeps it."""

    def append(self, record: StepRecord | CallRecord, /) -> None:
        """Take one record."""
        ...


@dataclass(slots=True)
class Visit:
    """What a journey may know of the request that moves it.

    Attributes:
        session: the sign-in session of the browser, None when it has none.
        records: takes what happens, in order.
    """

    now: datetime
    host_name: str
    ip_address: str
    session: Session | None = None
    records: Records = field(default_factory=list[StepRecord | CallRecord])
