from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from journeyman.api_call.services import RestServices
from journeyman.claims.claim_type import ClaimType, Sensitivity
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import DataType
from journeyman.clock import SystemClock
from journeyman.compiler.compiled import ClaimMapping, Metadata, TechnicalProfile
from journeyman.connector.circuit import Circuit
from journeyman.connector.client import RestClient
from journeyman.connector.egress import egress_of
from journeyman.connector.egress_map import egress_map_of
from journeyman.connector.errors import AnswerMappingError, ApiTimeoutError, EgressRefusedError
from journeyman.connector.tls import Trust
from journeyman.diagnostics import Location
from journeyman.errors import KeySetNotFoundError, ServiceError
from journeyman.providers.restful import RESTFUL_SPEC, build_restful
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import Call, Continue
from journeyman.trace.records import Verdict
from journeyman.trace.redaction import Redactor

RESOLUTION = Resolution(
    policy_id="B2C_1A_SignUp",
    relying_party_tenant_id="t",
    trust_framework_tenant_id="t",
    tenant_object_id="o",
    correlation_id="c",
    deployment_mode="Production",
    culture="en-US",
    host_name="h",
    ip_address="127.0.0.1",
    kmsi=False,
    now=datetime(2026, 1, 1, tzinfo=UTC),
    build_number="1",
)


class NoKeys:
    def active(self, key_id):
        raise KeySetNotFoundError(key_id)

    def fallback(self, key_id):
        return None


async def reply(request):
    if request.path == "/slow":
        await asyncio.sleep(1)
    return web.json_response({"tier": "gold", "points": "7", "list": ["a"], "deep": {"x": 1}, "unlisted": "u"})


@pytest.fixture
async def api():
    app = web.Application()
    app.router.add_route("*", "/{name:.*}", reply)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def services():
    clock, egress = SystemClock(), egress_of((), loopback=True)
    client = RestClient(egress, egress_map_of({}, token_origin=None), Trust(system=False), clock, Circuit(clock))
    yield RestServices(client, NoKeys(), Redactor(b"k" * 32), "B2C_1A_SignUp", "t", development=True)
    await client.close()


def profile(url, *outputs, **metadata):
    items = {"ServiceUrl": url, "AuthenticationType": "None", **metadata}
    location = Location("policy.xml", 7, 3)
    return TechnicalProfile(
        "REST-Loyalty", location, RESTFUL_SPEC.handler, metadata=Metadata(items), output_claims=outputs
    )


def output(claim_id, name=None, data_type=DataType.STRING, sensitivity=Sensitivity.PLAIN, **more):
    return ClaimMapping(ClaimType(claim_id, data_type, sensitivity=sensitivity), name or claim_id, **more)


async def run(compiled, services, *inputs):
    records = []
    call = Call(
        profile=compiled,
        inputs=inputs,
        persisted=(),
        claims={},
        resolution=RESOLUTION,
        journey_id="j",
        step="Order=1, Type=ClaimsExchange",
        exchange_id="Loyalty",
        page=None,
        texts={}.get,
        record=records.append,
    )
    try:
        return await build_restful(compiled, services).execute(call), records
    except ServiceError as error:
        return error, records


async def test_values_are_keyed_by_the_name_on_the_wire_and_have_the_type_of_their_claim(api, services):
    outputs = (output("loyaltyTier", "tier"), output("points", data_type=DataType.INT), output("missing"))
    outcome, _ = await run(profile(f"{api}/a", *outputs), services)

    assert outcome == Continue({"tier": "gold", "points": 7})


async def test_claims_that_share_a_name_get_the_value_as_it_was_sent(api, services):
    outputs = (output("a", "points"), output("b", "points", DataType.INT))
    outcome, _ = await run(profile(f"{api}/a", *outputs), services)

    assert outcome == Continue({"points": "7"})


async def test_a_claim_that_always_has_its_default_is_not_read(api, services):
    outcome, _ = await run(profile(f"{api}/a", output("tier", always_use_default=True)), services)

    assert outcome == Continue({})


async def test_every_call_leaves_one_record_with_claims_sent_and_received(api, services):
    sent = output("email", "mail", sensitivity=Sensitivity.PERSONAL)
    received = output("loyaltyTier", "tier"), output("token", "points", sensitivity=Sensitivity.SECRET)
    _, records = await run(profile(f"{api}/a?code=1", *received), services, (sent, "jo@example.com"))

    (record,) = records
    assert (record.profile_id, record.authentication, record.host) == ("REST-Loyalty", "None", "127.0.0.1")
    assert (record.verdict, record.tries, record.exchange.status, record.next) == (Verdict.OK, 1, 200, "")
    assert record.claims_out == {"email": "j…@e… (14 characters)"}
    assert record.claims_in["loyaltyTier"] == "gold"
    assert record.claims_in["token"].startswith("(secret, 1 characters, #")
    assert record.exchange.url.endswith("/a?code=(hidden, 1 characters)")
    assert '"unlisted": "(hidden, string, 1 characters)"' in record.exchange.response_body


async def test_a_value_that_does_not_fit_is_filed_as_mapping(api, services):
    error, records = await run(profile(f"{api}/a", output("n", "tier", DataType.INT)), services)

    assert isinstance(error, AnswerMappingError)
    assert (error.service_code, records[0].verdict) == ("AADB2C90261", Verdict.MAPPING)
    assert records[0].detail == "the value of 'tier' in the answer is not a int"


async def test_the_settings_of_a_profile_replace_its_limits_whatever_their_case(api, services):
    quick = replace(services, settings={"rest-loyalty": ProfileSettings(timeout_s=0.2, retries=0)})
    error, records = await run(profile(f"{api}/slow"), quick)

    assert isinstance(error, ApiTimeoutError)
    assert (error.service_code, records[0].tries) == ("AADB2C90162", 1)


async def test_plain_http_is_refused_outside_development_mode(api, services):
    error, records = await run(profile(f"{api}/a"), replace(services, development=False))

    assert isinstance(error, EgressRefusedError)
    assert (records[0].verdict, records[0].tries) == (Verdict.EGRESS, 0)


@pytest.mark.parametrize(("development", "verify"), [(True, False), (False, True)])
async def test_certificate_errors_are_ignored_in_development_mode_only(services, development, verify):
    compiled = profile("https://api.example.com/a", IgnoreServerCertificateErrors="true")

    assert build_restful(compiled, replace(services, development=development)).rules.verify is verify


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"AuthenticationType": "Digest"}, "AADB2C90024"),
        ({"AuthenticationType": "Basic"}, "AADB2C90025"),
        ({"SendClaimsIn": "Cookie"}, "AADB2C90023"),
        ({"ServiceUrl": "ftp://a.example"}, "AADB2C90075"),
    ],
)
async def test_a_profile_that_cannot_be_secured_as_it_says_is_never_built(services, metadata, code):
    with pytest.raises(ServiceError) as caught:
        build_restful(profile("https://api.example.com/a", **metadata), services)

    assert caught.value.service_code == code


def test_the_spec_names_the_handler_and_the_documented_metadata():
    assert RESTFUL_SPEC.handler == "Web.TPEngine.Providers.RestfulProvider"
    assert {"ServiceUrl", "AuthenticationType", "SendClaimsIn", "UseClaimAsBearerToken"} <= RESTFUL_SPEC.metadata
    assert RESTFUL_SPEC.runs
    assert not RESTFUL_SPEC.interactive


@pytest.mark.parametrize("code", ["canary-of-the-url", "short"])
async def test_a_key_of_the_address_is_told_to_nobody(services, code):
    async def echo(request):
        return web.json_response({"userMessage": f"You sent {request.query['code']} and more."}, status=409)

    app = web.Application()
    app.router.add_post("/echo", echo)
    async with TestServer(app) as server:
        outcome, (record,) = await run(profile(f"http://127.0.0.1:{server.port}/echo?code={code}"), services)

    hidden = len(code) >= 8
    assert outcome.user_message == f"You sent {'(secret)' if hidden else code} and more."
    assert not hidden or code not in str(record)
