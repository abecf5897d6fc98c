"""One real call of an API in the three places from which a policy makes it, and what each makes of its failures.

The API is real; what a person and the application are told follows rest-connectors.md §11 to §13.
"""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from journeyman.api_call.services import RestServices
from journeyman.clock import SystemClock
from journeyman.connector.circuit import Circuit
from journeyman.connector.client import RestClient
from journeyman.connector.egress import egress_of
from journeyman.connector.egress_map import egress_map_of
from journeyman.connector.tls import Trust
from journeyman.errors import KeySetNotFoundError
from journeyman.journey.outcome import Fail, PageAnswer
from journeyman.providers.restful import build_restful
from journeyman.settings import ProfileSettings
from journeyman.trace.redaction import Redactor

STEP = "Order=1, Type=ClaimsExchange"
MAIL = "ada@contoso.com"
FAILURES = {
    "/refused": ("AADB2C", "We do not know this number."),
    "/error": (
        "AADB2C90075",
        (
            "The claims exchange '{0}' specified in step '{1}' returned HTTP error response with Code "
            "'InternalServerError' and Reason 'Internal Server Error'."
        ),
    ),
    "/login": (
        "AADB2C90027",
        (
            "Basic credentials specified for 'Call' are invalid. Check that the credentials are correct and that access "
            "has been granted by the resource."
        ),
    ),
    "/broken": (
        "AADB2C90261",
        "The claims exchange '{0}' specified in step '{1}' returned HTTP error response that could not be parsed.",
    ),
    "/slow": (
        "AADB2C90162",
        (
            "Failed to establish connection to restful service end point within timeout limit 0.2 seconds. "
            "Restful service URL: {url}"
        ),
    ),
    "/unfit": ("AADB2C90261", None),
}


class NoKeys:
    def active(self, key_id):
        raise KeySetNotFoundError(key_id)

    def fallback(self, key_id):
        return None


async def answer(request):
    match request.path:
        case "/refused":
            refusal = {"version": "1.0.0", "status": 409, "userMessage": "We do not know this number.", "code": "X1"}
            return web.json_response(refusal, status=409)
        case "/error":
            return web.Response(status=500)
        case "/login":
            return web.Response(status=401)
        case "/broken":
            return web.Response(status=400, text="{broken", content_type="application/json")
        case "/slow":
            await asyncio.sleep(1)
        case "/unfit":
            return web.json_response({"points": "many"})
    return web.json_response({"points": 7})


@pytest.fixture
async def api():
    app = web.Application()
    app.router.add_route("*", "/{name:.*}", answer)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def client():
    clock, egress = SystemClock(), egress_of((), loopback=True)
    client = RestClient(
        egress,
        egress_map_of({}, token_origin=None),
        Trust(system=False),
        clock,
        Circuit(clock),
    )
    yield client
    await client.close()


@pytest.fixture
def calling(play, xml, client):
    """Play a policy whose profile ``Call`` is run as ``place`` says: validation, control or exchange."""

    def make(place, url):
        call = xml.profile("Call", "rest", {"ServiceUrl": url}, inputs=("email",), outputs=("points",))
        shown = ("@Mail",) if place == "control" else ('email Required="true"',)
        validations = ("Call",) if place == "validation" else ()
        ask = xml.profile("Ask", "page", display=shown, outputs=("email", "points"), validations=validations)
        actions = {"SendCode": ("Call",), "VerifyCode": ("Call",)}
        control = xml.control("Mail", 'email Required="true"', actions=actions) if place == "control" else ""
        step = xml.step(CallExchange="Call") if place == "exchange" else xml.step(Ask="Ask")
        text = xml.policy(
            step,
            claims=(xml.claim("email", control="TextBox"), xml.claim("points", "int")),
            profiles=(call, ask),
            blocks=control,
            outputs=("points", 'objectId DefaultValue="u"'),
            subject="",
        )
        journey = play(text)
        settings = {"call": ProfileSettings(timeout_s=0.2, retries=0)}
        services = RestServices(
            client, NoKeys(), Redactor(b"k" * 32), "B2C_1A_Test", "t", development=True, settings=settings
        )
        profile = journey.policy.technical_profiles["Call"]
        journey.runner.pipeline.providers["Call"] = build_restful(profile, services)
        return journey

    return make


async def outcome(place, journey):
    """Return service code and text of the failure."""
    started = await journey.start()
    if place == "exchange":
        assert isinstance(started, Fail)
        return started.error.service_code, str(started.error), started.error.user_message
    if place == "control":
        answered = await journey.act("Mail", "SendCode", email=MAIL)
    else:
        answered = await journey.post(email=MAIL)
    return answered.error_code, answered.message, answered.message


@pytest.mark.parametrize("path", list(FAILURES))
async def test_a_validation_profile_keeps_the_person_on_the_page_with_code_and_text(calling, api, path):
    code, text = FAILURES[path]
    journey = calling("validation", api + path)
    found_code, message, _ = await outcome("validation", journey)

    assert found_code == code
    assert text is None or message == text.format("Call", STEP, url=api + path)
    assert journey.state.claims.get("points") is None


@pytest.mark.parametrize("path", list(FAILURES))
async def test_an_action_of_a_display_control_fails_on_the_control_with_the_same_code_and_text(calling, api, path):
    code, text = FAILURES[path]
    journey = calling("control", api + path)
    found_code, message, _ = await outcome("control", journey)

    assert found_code == code
    assert text is None or message == text.format("Call", STEP, url=api + path)


@pytest.mark.parametrize("path", list(FAILURES))
async def test_a_claims_exchange_ends_the_journey_with_code_and_text(calling, api, path):
    code, text = FAILURES[path]
    found_code, message, shown = await outcome("exchange", calling("exchange", api + path))
    expected = text.format("CallExchange", STEP, url=api + path) if text else ""

    assert found_code == code
    assert expected in message
    assert shown is None or expected in shown


@pytest.mark.parametrize("place", ["validation", "control"])
async def test_a_page_can_be_sent_again_after_a_failure(calling, api, place):
    journey = calling(place, f"{api}/error")
    await outcome(place, journey)
    fixed = calling(place, f"{api}/good").runner.pipeline.providers["Call"]
    journey.runner.pipeline.providers["Call"] = fixed
    again = journey.post(email=MAIL) if place == "validation" else journey.act("Mail", "SendCode", email=MAIL)

    assert await again == PageAnswer()


async def test_in_a_claims_exchange_the_answer_reaches_the_token(calling, api, claims_of):
    assert claims_of(await calling("exchange", f"{api}/good").start())["points"] == 7
