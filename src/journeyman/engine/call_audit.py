"""The audit of REST calls: what a journey calls in, one row of the audit log per call out.

Source: rest-connectors.md §17 (the name of the activity and ``numberOfAttempts``). That a call which
must be recorded leaves a row before it is made, too, is this project's decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.connector.errors import NotRecordedError
from journeyman.errors import StorageError
from journeyman.storage.audit import AuditEvent
from journeyman.storage.audit_writer import AuditWriter
from journeyman.technical_profile import Call
from journeyman.trace.records import CallRecord

CALLED: Final = "An API was called as part of a user flow"
CALLING: Final = "An API is about to be called as part of a user flow"


@dataclass(frozen=True, slots=True)
class CallAudit:
    """Write the rows.

    Attributes:
        required: the call waits for its rows and fails without them.
        actor: who makes the calls, when it is not the application of the journey.
    """

    writer: AuditWriter
    required: bool
    actor: str = ""

    async def begin(self, call: Call) -> None:
        """Record that the call is about to be made, when it must be recorded. Raises NotRecordedError."""
        if self.required:
            await self._write(call, AuditEvent(CALLING, self._actor(call), call.profile.id, _journey(call)))

    async def end(self, call: Call, record: CallRecord) -> None:
        """Record how it ended. Raises NotRecordedError when it must be recorded and cannot."""
        event = call_event(call, record, actor=self._actor(call))
        if not self.required:
            self.writer.note(event)
        elif record.verdict is not NotRecordedError.verdict:
            await self._write(call, event)

    def _actor(self, call: Call) -> str:
        return self.actor or call.resolution.parameters.get("client_id", "")

    async def _write(self, call: Call, event: AuditEvent) -> None:
        try:
            await self.writer.write(event)
        except StorageError as error:
            detail = f'{call.profile.id}: the call cannot be recorded, and audit = "required": {error}'
            raise NotRecordedError(detail) from error


def call_event(call: Call, record: CallRecord, *, actor: str) -> AuditEvent:
    """Return the row of a call: ids, counts and the verdict, nothing that was sent or received."""
    status = record.exchange.status
    detail = {
        **_journey(call),
        "outcome": record.verdict.value,
        "numberOfAttempts": str(record.tries),
        "status": "" if status is None else str(status),
        "durationMs": f"{record.total_ms:.0f}",
        "host": record.host,
        "credential": ", ".join(record.credential),
        "step": record.step,
    }
    return AuditEvent(CALLED, actor, call.profile.id, detail)


def _journey(call: Call) -> dict[str, str]:
    resolution = call.resolution
    return {
        "policy": resolution.policy_id,
        "journey": call.journey_id,
        "correlationId": resolution.correlation_id,
    }
