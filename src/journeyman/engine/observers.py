"""What is told of REST calls by the settings: the audit, metrics, spans; all of it in one observer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeyman.clock import Clock
from journeyman.engine.call_audit import CallAudit
from journeyman.settings import Audit, Settings
from journeyman.storage.audit import AuditLog
from journeyman.storage.audit_writer import AuditWriter
from journeyman.technical_profile import CallObserver, CallObservers
from journeyman.trace.writer import TraceWriter

if TYPE_CHECKING:
    from journeyman.engine.call_metrics import CallMetrics


@dataclass(frozen=True, slots=True)
class Observed:
    """Who is told of calls; ``metrics`` is None unless the settings ask for them."""

    observer: CallObserver
    metrics: CallMetrics | None


def observers_of(
    settings: Settings,
    audit: AuditLog,
    tenant_id: str,
    traces: TraceWriter,
    clock: Clock,
    opened: AsyncExitStack,
    *,
    warn: Callable[[str], None],
) -> Observed:
    """Open what the settings ask for; ``opened`` ends it.

    The audit comes first: a call that it refuses is none that metrics and spans should count as made.
    """
    found: list[CallObserver] = []
    dropped = {"trace": lambda: traces.dropped}
    if settings.server.audit is not Audit.OFF:
        writer = AuditWriter(audit, tenant=tenant_id)
        writer.start()
        opened.push_async_callback(writer.close)
        found.append(CallAudit(writer, required=settings.server.audit is Audit.REQUIRED))
        dropped["audit"] = lambda: writer.dropped
    metrics = _metrics(dropped) if settings.telemetry.metrics_from else None
    if metrics is not None:
        found.append(metrics)
    if settings.telemetry.spans:
        found.append(_spans(clock, opened, warn))
    return Observed(CallObservers(tuple(found)), metrics)


# Their libraries are imported only where they are asked for: every start and every command would wait for them.


def _metrics(dropped: Mapping[str, Callable[[], int]]) -> CallMetrics:
    from journeyman.engine.call_metrics import CallMetrics

    return CallMetrics(dropped)


def _spans(clock: Clock, opened: AsyncExitStack, warn: Callable[[str], None]) -> CallObserver:
    from journeyman.engine.call_spans import CallSpans, open_tracing

    tracing = open_tracing(os.environ)
    opened.push_async_callback(asyncio.to_thread, tracing.close)
    if tracing.problem:
        warn(tracing.problem)
    return CallSpans(tracing.tracer, clock)
