"""OpenTelemetry spans of REST calls: records in, one span per call out.

A span says what a record says in ids and numbers; it has no header, no body, no claim and no query of a URL.
The calls of a journey are one trace: its trace id is the correlation id of the journey, which error pages show.

Source: the semantic conventions for HTTP client spans; ``journeyman.*`` are this project's.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final, Protocol
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer

from journeyman import __version__
from journeyman.clock import Clock
from journeyman.technical_profile import Call
from journeyman.trace.records import CallRecord, Phase, Verdict

_GOOD: Final = frozenset({Verdict.OK, Verdict.REFUSED_BY_API})
_NANOSECONDS: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SPAN_ID: Final[ContextVar[int]] = ContextVar("journeyman.span_id", default=0)
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-([0-9a-f]{16})-[0-9a-f]{2}")
_INSTALL: Final = "install opentelemetry-sdk and an exporter such as opentelemetry-exporter-otlp"


@dataclass(frozen=True, slots=True)
class CallSpans:
    """Make a span of every call, as technical_profile.CallObserver."""

    tracer: Tracer
    clock: Clock

    async def begin(self, call: Call) -> None:
        """Do nothing: the span is made when the call has ended, with the time at which it began."""

    async def end(self, call: Call, record: CallRecord) -> None:
        """Make the span; its id is the one that the API was told in ``traceparent``, if it was."""
        told = _SPAN_ID.set(told_span_id(record))
        try:
            self._make(call, record)
        finally:
            _SPAN_ID.reset(told)

    def _make(self, call: Call, record: CallRecord) -> None:
        ended_ns = (self.clock.now() - _EPOCH) // timedelta(microseconds=1) * 1000
        span = self.tracer.start_span(
            f"{record.exchange.method or 'CALL'} {record.profile_id}",
            context=journey_context(call),
            kind=SpanKind.CLIENT,
            attributes=attributes(call, record),
            start_time=ended_ns - int(record.total_ms * _NANOSECONDS),
        )
        if record.verdict not in _GOOD:
            span.set_status(Status(StatusCode.ERROR, record.verdict.value))
        span.end(ended_ns)


def told_span_id(record: CallRecord) -> int:
    """Return the parent id of the ``traceparent`` that was sent, 0 when none was: spans of the API hang on it."""
    found = (value for name, value in record.exchange.request_headers if name.lower() == "traceparent")
    told = _TRACEPARENT.fullmatch(next(found, ""))
    return int(told[1], 16) if told else 0


@dataclass(frozen=True, slots=True)
class SpanIds:
    """The ids of spans, as the SDK asks for them: the one that was told, else a random one."""

    def generate_span_id(self) -> int:
        """Return an id of 64 bits that is not 0."""
        return _SPAN_ID.get() or secrets.randbits(64) or 1

    def generate_trace_id(self) -> int:
        """Return an id of 128 bits that is not 0; journeys bring theirs along."""
        return secrets.randbits(128) or 1

    def is_trace_id_random(self) -> bool:
        """Return that those made here are."""
        return True


def attributes(call: Call, record: CallRecord) -> dict[str, str | int | float]:
    """Return what a span says of a call."""
    found: dict[str, str | int | float] = {
        "server.address": record.host,
        "http.request.method": record.exchange.method or "_OTHER",
        "journeyman.profile": record.profile_id,
        "journeyman.policy": call.resolution.policy_id,
        "journeyman.journey": call.journey_id,
        "journeyman.correlation_id": call.resolution.correlation_id,
        "journeyman.step": record.step,
        "journeyman.authentication": record.authentication,
        "journeyman.verdict": record.verdict.value,
        "journeyman.tries": record.tries,
    }
    if record.exchange.status is not None:
        found["http.response.status_code"] = record.exchange.status
    if record.verdict not in _GOOD:
        found["error.type"] = record.verdict.value
    for phase in Phase:
        took_ms = getattr(record.phases, f"{phase.value}_ms")
        if took_ms is not None:
            found[f"journeyman.phase.{phase.value}_ms"] = round(took_ms, 3)
    return found


def journey_context(call: Call) -> Context:
    """Return the context of the journey: the same for all of its calls, on whatever node they run."""
    try:
        trace_id = UUID(call.resolution.correlation_id).int
    except ValueError:
        trace_id = int.from_bytes(hashlib.sha256(call.journey_id.encode()).digest()[:16], "big")
    parent_id = int.from_bytes(hashlib.sha256(call.journey_id.encode()).digest()[-8:], "big")
    parent = SpanContext(trace_id, parent_id or 1, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return trace.set_span_in_context(NonRecordingSpan(parent), Context())


@dataclass(frozen=True, slots=True)
class Tracing:
    """A tracer, and what ends it; ``problem`` is why its spans go nowhere."""

    tracer: Tracer
    close: Callable[[], None] = lambda: None
    problem: str = ""


class Provider(Protocol):
    """The part of the tracer provider of the SDK that is used."""

    def get_tracer(self, name: str, version: str, /) -> Tracer:
        """Return a tracer."""
        ...

    def shutdown(self) -> None:
        """Export what is left and end."""
        ...


def open_tracing(environment: Mapping[str, str]) -> Tracing:
    """Return the tracer of the process, or one of the OpenTelemetry SDK when the process has none.

    Args:
        environment: ``OTEL_TRACES_EXPORTER`` names the exporter, ``otlp`` when it is absent; the SDK reads
            its other variables by itself.
    """
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        # Somebody has set one up already: `opentelemetry-instrument journeyman up`.
        return Tracing(trace.get_tracer("journeyman", __version__))
    try:
        provider = _provider(environment)
    except (ImportError, LookupError) as error:
        reason = f"{error}; {_INSTALL}, or start with opentelemetry-instrument"
        return Tracing(trace.NoOpTracer(), problem=f"[telemetry] spans: no span is exported: {reason}")
    return Tracing(provider.get_tracer("journeyman", __version__), provider.shutdown)


def _provider(environment: Mapping[str, str]) -> Provider:
    """Return a tracer provider with the exporter of this name, made as the SDK's own environment variables say.

    Raises:
        ImportError: the SDK is not installed, or the exporter lacks something.
        LookupError: no exporter has this name.
    """
    sdk, export = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.trace.export")
    resources = import_module("opentelemetry.sdk.resources")
    exporter_name = environment.get("OTEL_TRACES_EXPORTER") or "otlp"
    found = entry_points(group="opentelemetry_traces_exporter", name=exporter_name)
    if not found:
        raise LookupError(f"no exporter {exporter_name[:40]!r} is installed (OTEL_TRACES_EXPORTER)")
    name = environment.get("OTEL_SERVICE_NAME") or "journeyman"
    resource = resources.Resource.create({"service.name": name, "service.version": __version__})
    provider: Any = sdk.TracerProvider(resource=resource, shutdown_on_exit=False, id_generator=SpanIds())
    provider.add_span_processor(export.BatchSpanProcessor(next(iter(found)).load()()))
    made: Provider = provider
    return made
