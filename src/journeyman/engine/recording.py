"""What happens in a journey, as it happens: records in, entries of the trace out."""

from __future__ import annotations

from dataclasses import dataclass

from journeyman.engine.engine import Engine
from journeyman.journey.state import JourneyState
from journeyman.trace.records import CallRecord, Entry, StepRecord


@dataclass(frozen=True, slots=True)
class Recording:
    """Hand each record to the trace at once, so that a call is seen while the journey still runs."""

    engine: Engine
    state: JourneyState

    def append(self, record: StepRecord | CallRecord, /) -> None:
        """Take one record."""
        state = self.state
        entry = Entry(
            journey_id=state.id,
            correlation_id=state.correlation_id,
            tenant=state.tenant,
            policy_id=state.policy_id,
            client_id=state.parameters.get("client_id", ""),
            at=self.engine.clock.now(),
            record=record,
        )
        self.engine.trace([entry])
