"""Journeys without a browser: the state of a journey in, what it issues out.

Redeemed refresh tokens and password grants run this way; where such a journey would show a page it fails.
"""

from __future__ import annotations

from datetime import datetime

from journeyman.engine import Engine, ServedPolicy
from journeyman.engine.recording import Recording
from journeyman.journey.outcome import Fail, IssueTokens
from journeyman.journey.state import JourneyState
from journeyman.journey.visit import Visit
from journeyman.service_codes import service_error


async def run_in_background(
    engine: Engine, served: ServedPolicy, state: JourneyState, *, now: datetime, ip_address: str = ""
) -> IssueTokens:
    """Run a journey to its end and trace it. Raises ServiceError when it refuses."""
    visit = Visit(now=now, host_name=engine.host_name, ip_address=ip_address, records=Recording(engine, state))
    outcome = await served.runner.advance(state, visit)
    if isinstance(outcome, IssueTokens):
        return outcome
    # A journey that may not show pages fails instead of showing one.
    raise outcome.error if isinstance(outcome, Fail) else service_error(90085)
