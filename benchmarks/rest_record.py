"""What the record of a REST call costs by itself: made, kept in the trace, and its row in the audit log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from benchmarks.figure import Figure
from benchmarks.measure import Effort, Side, Work, compare, own_cpu_s
from benchmarks.rest_scene import CLAIMS, RestScene, place_of, rest_scene
from benchmarks.tenant import REST_POLICY
from journeyman.claims.bag import ClaimsBag
from journeyman.connector.answer import Place, Success
from journeyman.connector.record import Happened, RecordPlan, call_record
from journeyman.storage.audit import AuditEvent
from journeyman.trace.records import CallRecord, Entry, Verdict

AT_ONCE = 100


@dataclass(slots=True)
class Listening:
    """A client that notes what a call was made of."""

    client: Any
    happened: Happened | None = None

    def begin(self) -> Any:
        """Begin a call."""
        return self.client.begin()

    async def send(self, request: Any, credentials: Any, authenticator: Any, rules: Any, progress: Any) -> Any:
        """Send it."""
        answer = await self.client.send(request, credentials, authenticator, rules, progress)
        self.happened = Happened(progress, credentials, authenticator, request, answer)
        return answer


async def rest_record(effort: Effort) -> list[Figure]:
    """Measure each of the three over and over for one real call."""
    many = replace(effort, operations=effort.operations * 10)
    async with rest_scene() as scene:
        plan, happened = await _happened(scene)
        record = call_record(plan, "Order=2", happened, Verdict.OK, "")
        sides = {
            "made": Side(_made(plan, happened), own_cpu_s),
            "kept": Side(_kept(scene, record), own_cpu_s),
            "audit": Side(_audited(scene), own_cpu_s),
        }
        costs = await compare(sides, many)
    named = {
        "made": "record of a call, made: processor time",
        "kept": f"record of a call, kept in the trace, {AT_ONCE} at a time: processor time",
        "audit": f"audit row of a call, {AT_ONCE} at a time: processor time",
    }
    return [Figure(name, costs[side].cpu_s * 1e6, "µs") for side, name in named.items()]


async def _happened(scene: RestScene) -> tuple[RecordPlan, Happened]:
    served = scene.engine.policies.find(REST_POLICY)
    if served is None:
        raise RuntimeError(f"{REST_POLICY} is not served")
    pipeline = served.runner.pipeline
    provider: Any = pipeline.providers["REST-Basic"]
    listening = Listening(provider.client)
    heard = replace(pipeline, providers={**pipeline.providers, "REST-Basic": replace(provider, client=listening)})
    claims = ClaimsBag(dict(CLAIMS))
    await heard.run(served.policy.technical_profiles["REST-Basic"], claims, place_of(scene.engine, keep=False))
    happened = listening.happened
    if happened is None or happened.answer is None:
        raise RuntimeError("the API was not called")
    result = provider.read(happened.answer, Place("Basic", "Order=2"), str)
    if not isinstance(result, Success):
        raise TypeError("the API refused")
    happened.result = result
    return provider.record, happened


def _made(plan: RecordPlan, happened: Happened) -> Work:
    async def work(count: int) -> None:
        for _ in range(count):
            call_record(plan, "Order=2", happened, Verdict.OK, "")

    return work


def _kept(scene: RestScene, record: CallRecord) -> Work:
    engine = scene.engine
    entry = Entry("journey", "correlation", engine.tenant.name, REST_POLICY, "client", datetime.now(UTC), record)

    async def work(count: int) -> None:
        for number in range(count):
            engine.trace([entry])
            if number % AT_ONCE == AT_ONCE - 1:
                await engine.trace_writer.flush()
        await engine.trace_writer.flush()

    return work


def _audited(scene: RestScene) -> Work:
    detail = {"policy": REST_POLICY, "journey": "journey", "correlationId": "correlation", "outcome": "ok"}
    detail |= {"numberOfAttempts": "1", "status": "200", "durationMs": "3", "host": "127.0.0.1", "step": "Order=2"}
    event = AuditEvent("An API was called as part of a user flow", "client", "REST-Basic", detail)

    async def work(count: int) -> None:
        for begun in range(0, count, AT_ONCE):
            batch = [event] * min(AT_ONCE, count - begun)
            await scene.engine.audit.append_all(batch, tenant=scene.engine.tenant.name)

    return work
