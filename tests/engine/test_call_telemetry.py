"""Metrics and spans of a served tenant whose journey really calls an API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client.parser import text_string_to_metric_families

from journeyman.clock import SystemClock
from journeyman.engine.call_metrics import LIMIT, CallMetrics, origin_of
from journeyman.engine.call_spans import CallSpans, SpanIds, journey_context, open_tracing, told_span_id
from journeyman.testing.browser import Browser
from journeyman.trace.records import CallRecord, Exchange, Phases, Verdict

METRICS = '[telemetry]\nmetrics_from = ["127.0.0.1/32"]\n'


@pytest.fixture
async def api() -> AsyncIterator[TestServer]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({}, status=500 if request.path == "/broken" else 200)

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
def called(xml, api, serve_tenant):
    """``await called("/path", settings)``: serve a journey that calls the API, and run it once."""

    async def run(path: str, settings: str = ""):
        metadata = {"ServiceUrl": f"http://127.0.0.1:{api.port}{path}", "AuthenticationType": "None"}
        policy = xml.policy(
            xml.step(Get="REST-Get"), profiles=(xml.profile("REST-Get", "rest", metadata),), subject="", outputs=()
        )
        served = await serve_tenant({"test.xml": policy}, settings=settings)
        async with Browser(served.origin) as browser:
            await browser.authorize(served.tenant, "B2C_1A_Test", served.request)
        return served

    return run


async def read(served, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as client, client.get(f"{served.origin}/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


async def test_calls_are_counted_by_profile_origin_and_verdict(called, api):
    served = await called("/broken", METRICS)

    status, text = await read(served)

    samples = {
        (sample.name, sample.labels.get("verdict")): sample
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    calls = samples["journeyman_rest_calls_total", "http_error"]
    assert status == 200
    assert calls.labels == {
        "profile": "REST-Get", "origin": f"http://127.0.0.1:{api.port}", "verdict": "http_error"
    }  # fmt: skip
    assert calls.value == 1
    assert samples["journeyman_rest_call_duration_seconds_count", None].value == 1
    assert samples["journeyman_rest_call_tries_total", None].value == 1
    assert ("journeyman_build_info", None) in samples
    assert ("journeyman_entries_dropped_total", None) in samples


async def test_there_are_no_metrics_unless_the_settings_say_who_may_read_them(called):
    served = await called("/fine")

    assert (await read(served))[0] == 404
    assert served.engine.metrics is None


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
    ],
)
async def test_metrics_are_not_told_to_somebody_behind_a_proxy_or_to_a_foreign_name(called, headers):
    served = await called("/fine", METRICS)

    assert await read(served, **headers) == (404, "Not found.\n")


async def test_metrics_are_told_to_who_asks_by_an_address(called):
    served = await called("/fine", METRICS)

    assert (await read(served, Host="10.1.2.3:8080"))[0] == 200


async def test_a_trusted_proxy_says_who_asks(called):
    proxied = '[server]\ntrusted_proxies = ["127.0.0.1/32"]\n[telemetry]\nmetrics_from = ["198.51.100.0/24"]\n'
    served = await called("/fine", proxied)

    assert (await read(served))[0] == 404
    assert (await read(served, **{"X-Forwarded-For": "198.51.100.7"}))[0] == 200
    assert (await read(served, **{"X-Forwarded-For": "203.0.113.9"}))[0] == 404


def record(profile: str = "REST-Get", host: str = "api.example", **changes: object) -> CallRecord:
    exchange = Exchange("POST", f"https://{host}/x?code=(hidden, 3 characters)", status=200)
    values = {"phases": Phases(connect_ms=3.0, first_byte_ms=16.5), **changes}
    return CallRecord(profile, "Order=1", "Basic", host, Verdict.OK, 2, 41.0, exchange, **values)


async def test_the_labels_of_metrics_are_bounded():
    metrics = CallMetrics()
    for number in range(LIMIT + 50):
        await metrics.end(None, record(f"REST-{number}"))

    text = metrics.page().decode()

    assert text.count("journeyman_rest_calls_total{") == LIMIT + 1
    assert 'journeyman_rest_calls_total{origin="other",profile="other",verdict="ok"} 50.0' in text


def test_an_origin_that_cannot_be_read_is_the_host():
    odd = CallRecord("P", "s", "", "api.example", Verdict.EGRESS, 0, 0.0, Exchange("", "(hidden, 7 characters)"))
    broken = CallRecord("P", "s", "", "api.example", Verdict.EGRESS, 0, 0.0, Exchange("", "https://[x"))

    assert (origin_of(odd), origin_of(broken)) == ("api.example", "api.example")


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider.get_tracer("test")


@pytest.fixture
def call():
    """A call of a journey, as far as observers look at it."""

    def make(correlation_id: str = "12345678-9abc-def0-1234-56789abcdef0"):
        resolution = SimpleNamespace(policy_id="B2C_1A_Test", correlation_id=correlation_id, parameters={})
        return SimpleNamespace(resolution=resolution, journey_id="j-1")

    return make


async def test_a_call_is_one_span_in_the_trace_of_its_journey(tracer, spans, call):
    observer = CallSpans(tracer, SystemClock())
    await observer.begin(call())
    await observer.end(call(), record())
    await observer.end(call(), record("REST-Other"))

    first, second = spans.get_finished_spans()

    assert first.name == "POST REST-Get"
    assert format(first.context.trace_id, "032x") == "123456789abcdef0123456789abcdef0"
    assert second.context.trace_id == first.context.trace_id
    assert abs((first.end_time - first.start_time) - 41_000_000) < 1000
    assert first.attributes["journeyman.phase.first_byte_ms"] == 16.5
    assert first.attributes["http.response.status_code"] == 200
    assert "hidden" not in repr(dict(first.attributes))


async def test_the_span_has_the_id_that_the_api_was_told(spans, call):
    provider = TracerProvider(id_generator=SpanIds())
    provider.add_span_processor(SimpleSpanProcessor(spans))
    observer = CallSpans(provider.get_tracer("test"), SystemClock())
    headers = (("traceparent", "00-123456789abcdef0123456789abcdef0-00f067aa0ba902b7-01"),)
    exchange = Exchange("POST", "https://api.example/", headers)

    await observer.end(call(), CallRecord("REST", "s", "", "api.example", Verdict.OK, 1, 1.0, exchange))
    await observer.end(call(), record())
    provider.get_tracer("other").start_span("own", context=Context()).end()

    told, untold, own = spans.get_finished_spans()
    assert format(told.context.span_id, "016x") == "00f067aa0ba902b7"
    assert untold.context.span_id not in {0, told.context.span_id}
    assert own.context.trace_id != told.context.trace_id


@pytest.mark.parametrize("value", ["", "nonsense", "00-" + "a" * 32 + "-xyz-01"])
def test_a_header_that_is_no_traceparent_tells_no_id(value):
    exchange = Exchange("POST", "https://api.example/", (("traceparent", value),))

    assert told_span_id(CallRecord("R", "s", "", "h", Verdict.OK, 1, 1.0, exchange)) == 0


async def test_a_failed_call_is_a_span_with_its_verdict_as_error(tracer, spans, call):
    failed = CallRecord("P", "s", "", "api.example", Verdict.TIMEOUT, 2, 1.0, Exchange("", ""))
    await CallSpans(tracer, SystemClock()).end(call(), failed)

    (span,) = spans.get_finished_spans()

    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "timeout")
    assert span.attributes["error.type"] == "timeout"
    assert "http.response.status_code" not in span.attributes


def test_a_journey_without_a_correlation_id_of_the_usual_form_has_a_trace_of_its_own(call):
    assert journey_context(call("odd")) is not None


def test_an_exporter_that_is_not_installed_is_told_and_nothing_breaks():
    tracing = open_tracing({"OTEL_TRACES_EXPORTER": "nothing"})
    tracing.close()

    assert "no exporter 'nothing' is installed (OTEL_TRACES_EXPORTER); install opentelemetry-sdk" in tracing.problem


_SPAN = """
import os
from journeyman.engine.call_spans import open_tracing
tracing = open_tracing(os.environ)
tracing.tracer.start_span("call").end()
tracing.close()
print(tracing.problem, end="")
"""


def test_spans_reach_the_exporter_that_the_environment_names():
    environment = {**os.environ, "OTEL_TRACES_EXPORTER": "console"}
    done = subprocess.run(
        [sys.executable, "-c", _SPAN], capture_output=True, text=True, env=environment, check=True, timeout=60
    )

    span = json.loads(done.stdout)
    assert span["name"] == "call"
    assert span["resource"]["attributes"]["service.name"] == "journeyman"


async def test_a_start_tells_that_its_spans_go_nowhere(called, monkeypatch, open_tenant):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "nothing")
    served = await called("/fine", "[telemetry]\nspans = true\n")

    (warning,) = [text for text in open_tenant.warnings if "spans" in text]
    assert warning.startswith("[telemetry] spans: no span is exported: ")
    assert served.engine.ready


def test_without_the_settings_no_start_waits_for_the_libraries():
    code = "import sys, journeyman.engine.assembly, journeyman.web.app; print(sorted(n for n in sys.modules if n in "
    code += "('prometheus_client', 'opentelemetry.trace', 'opentelemetry.sdk.trace')))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}, check=True, timeout=60
    )

    assert done.stdout == "[]\n"
