"""One HTTP request as a journey sees it: who asks, from where, and what was recorded on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from journeyman.journey.session import Session
from journeyman.trace.records import CallRecord, StepRecord


@dataclass(slots=True)
class Visit:
    """What a journey may know of the request that moves it.

    Attributes:
        session: the sign-in session of the browser, None when it has none.
        records: takes what happens, in order; the caller writes it to the trace.
    """

    now: datetime
    host_name: str
    ip_address: str
    session: Session | None = None
    records: list[StepRecord | CallRecord] = field(default_factory=list)
