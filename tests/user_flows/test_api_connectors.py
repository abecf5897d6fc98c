"""User flows with API connectors at their steps, over HTTP, against an API behind real TLS."""

from __future__ import annotations

import asyncio
import logging

import pytest
from tests.user_flows.conftest import CLIENT, EMAIL, claims_of, new_password
from tests.user_flows.conftest import PASSWORD as OF_ADA
from tests.user_flows.connected_api import CODE, GO, PASSWORD, start

from journeyman.testing.browser import BlockedError, Redirect

FLOW = """
[[user_attributes]]
name = "Points"
type = "int64"
[[user_flows]]
id = "B2C_1_flow"
type = "signUpOrSignIn"
claims = ["city", "displayName", "objectId", "extension_Points"]
email_verification = false
attributes = [{ id = "displayName", optional = true }, { id = "city", optional = true }]
[user_flows.connectors]
"""
BEFORE_USER = FLOW + 'postAttributeCollection = "Check"\n'
BEFORE_TOKEN = FLOW + 'preTokenIssuance = "Check"\n'
LOCAL = {"signInType": "emailAddress", "issuer": "contoso.onmicrosoft.com", "issuerAssignedId": EMAIL}


@pytest.fixture
def token_keys(token_keys):
    return {**token_keys, "keys/B2C_1A_Check.txt": PASSWORD}


@pytest.fixture
async def api(tmp_path):
    made, runner = await start(tmp_path)
    yield made
    await runner.cleanup()


async def sent(traveller, **fields):
    """Send the sign-up page; return it with its answer."""
    page = await traveller.sign_up_page()
    return page, await traveller.browser.submit(page, {"email": EMAIL, **new_password(OF_ADA), **fields})


async def rows(traveller):
    """Return the rows of the audit trail about calls."""
    await asyncio.sleep(0.1)  # they are written beside the journey
    found = await traveller.served.engine.audit.list(50)
    return [one for one in found if one.activity == "An API was called as part of a user flow"]


async def signed_up(traveller):
    page, answer = await sent(traveller, displayName="Ada", city="Bonn")
    assert answer.accepted
    return await traveller.browser.go_on(page)


# --- before the user is made ----------------------------------------------------------------------------


async def test_the_api_gets_what_is_known_and_its_claims_replace_what_was_written(travel, api):
    traveller = await travel(api.settings + BEFORE_USER)
    api.answer = {**GO, "city": "Ulm", "surname": "not selected", "objectId": "evil", "newUser": False}
    page, answer = await sent(traveller, displayName="Ada", city="Bonn")
    claims = await traveller.claims(await traveller.browser.go_on(page))

    served = traveller.served.engine.policies.find("B2C_1_flow")
    limits = served.runner.pipeline.providers["PreUserWriteRestful"].rules.limits
    assert answer.accepted
    assert (limits.timeout_s, limits.retries) == (5.0, 1)
    assert api.received == [
        {
            "email": EMAIL,
            "displayName": "Ada",
            "city": "Bonn",
            "identities": [LOCAL],
            "step": "PostAttributeCollection",
            "client_id": CLIENT,
            "ui_locales": "en",
        }
    ]
    assert api.headers[0]["Content-Type"] == "application/json"
    assert (claims["city"], claims["name"]) == ("Ulm", "Ada")
    assert "evil" not in claims.values()
    assert (await (await travel()).sign_in())["city"] == "Ulm"
    assert len(api.received) == 1


async def test_a_validation_error_keeps_the_form_and_makes_no_account(travel, api):
    traveller = await travel(api.settings + BEFORE_USER)
    api.says("ValidationError", "Write <b>Ulm</b>.", status=400)
    page, refused = await sent(traveller, city="Bonn")
    api.says("Continue")
    again = await traveller.browser.submit(page, {"email": EMAIL, **new_password(OF_ADA), "city": "Ulm"})
    claims = await traveller.claims(await traveller.browser.go_on(page))

    assert (refused.accepted, refused.error_code, refused.message) == (False, "AADB2C", "Write <b>Ulm</b>.")
    assert again.accepted
    assert claims["city"] == "Ulm"


async def test_a_block_page_ends_the_journey_for_good_and_makes_no_account(travel, api):
    traveller = await travel(api.settings + BEFORE_USER)
    api.says("ShowBlockPage", "You need an <script>alert(1)</script> invitation & luck.")
    page, answer = await sent(traveller, city="Bonn")
    for action in ("confirmed", "confirmed", "cancelled", "unified", "error"):
        with pytest.raises(BlockedError) as blocked:
            await traveller.browser.navigate(page, action)
        assert blocked.value.message == "You need an <script>alert(1)</script> invitation & luck."
        assert "<script>alert" not in blocked.value.page
    twice = await traveller.browser.submit(page, {"email": EMAIL, **new_password(OF_ADA)})
    verify = {"request_type": "VERIFICATION_REQUEST", "claim_id": "email", "claim_value": EMAIL}

    assert (answer.accepted, twice.accepted, len(api.received)) == (True, True, 1)
    assert not (await traveller.browser.post(page, "SelfAsserted", verify)).accepted
    assert await traveller.served.engine.users.count() == 0


BROKEN_BEFORE_USER = [
    (200, b"{}", "AADB2C90261", "PreUserWriteRestful"),
    (200, b'{"action":"ShowBlockPage","action":"Continue"}', "AADB2C90261", "PreUserWriteRestful"),
    (400, b'"text"', "AADB2C90075", "Code 'BadRequest' and Reason 'Bad Request'"),
    (500, b"", "AADB2C90075", "Code 'InternalServerError'"),
    (403, b"", "AADB2C90027", "Basic credentials specified for 'PreUserWriteRestful' are invalid"),
    (200, b"x" * 1_100_000, "AADB2C90075", ""),
]


async def test_a_broken_answer_makes_no_account(travel, api):
    traveller = await travel(api.settings + BEFORE_USER)
    page = await traveller.sign_up_page()
    for status, answer, code, text in BROKEN_BEFORE_USER[:4]:
        api.status, api.answer = status, answer
        refused = await traveller.browser.submit(page, {"email": EMAIL, **new_password(OF_ADA)})

        assert (refused.accepted, refused.error_code) == (False, code)
        assert text in refused.message
    for status, answer, code, text in BROKEN_BEFORE_USER[4:]:
        api.status, api.answer = status, answer
        _, refused = await sent(traveller)

        assert (refused.accepted, refused.error_code) == (False, code)
        assert text in refused.message
    assert await traveller.served.engine.users.count() == 0


# --- before the token is sent ---------------------------------------------------------------------------


async def test_claims_for_the_token_are_taken_and_written_nowhere(travel, api):
    traveller = await travel(api.settings + BEFORE_TOKEN)
    api.answer = {**GO, "city": "Ulm", "extension_Points": 7, "email": "evil@x.example", "sub": "evil", "oid": "evil"}
    tokens = await traveller.tokens(await signed_up(traveller))
    claims = claims_of(tokens["id_token"])
    refreshed = await traveller.ask({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})

    (body,) = api.received
    assert (claims["city"], claims["extension_Points"]) == ("Ulm", 7)
    assert "evil" not in "".join(map(str, claims.values()))
    assert (body["step"], body["objectId"], body["city"]) == ("PreTokenIssuance", claims["sub"], "Bonn")
    assert body["identities"] == [LOCAL]
    assert len(api.received) == 1  # not when a refresh token is redeemed
    fresh = claims_of(refreshed["id_token"])
    assert (fresh["sub"], fresh["city"], fresh["extension_Points"]) == (claims["sub"], "Ulm", 7)
    user = await traveller.served.engine.users.find(claims["sub"])
    assert user.attributes["city"] == "Bonn"
    assert "Ulm" not in user.attributes.values()


async def test_it_is_called_at_every_sign_in_also_when_the_session_answers(travel, api):
    traveller = await travel(api.settings + BEFORE_TOKEN)
    api.answer = {**GO, "city": "Ulm"}
    await traveller.claims(await signed_up(traveller))
    api.answer = {**GO, "city": "Jena"}
    again = await traveller.claims(await traveller.start())
    api.answer = GO
    plain = await traveller.claims(await traveller.start())

    assert (again["city"], plain["city"]) == ("Jena", "Bonn")
    assert [body["city"] for body in api.received] == ["Bonn", "Bonn", "Bonn"]


async def test_a_block_page_before_the_token_has_no_effect(travel, api):
    traveller = await travel(api.settings + BEFORE_TOKEN)
    api.says("ShowBlockPage", "No.", city="Ulm")

    assert (await traveller.claims(await signed_up(traveller)))["city"] == "Bonn"


BROKEN_BEFORE_TOKEN = [
    (500, b"", "AADB2C90075: The claims exchange 'PreSendClaimsRestful' specified in step"),
    (401, b"", "AADB2C90027: Basic credentials specified for 'PreSendClaimsRestful' are invalid"),
    (200, b'{"action":"Allow"}', "AADB2C90261: The claims exchange 'PreSendClaimsRestful' specified in step"),
    (200, b'{"action":"Continue","city":{"a":1}}', "AADB2C90261: The claims exchange 'PreSendClaimsRestful'"),
    (
        400,
        b'{"version":"1.0.0","action":"ValidationError","status":400,"userMessage":"x"}',
        "AADB2C90075: The claims exchange 'PreSendClaimsRestful' specified in step",
    ),
]


async def test_a_broken_answer_makes_no_token(travel, api):
    traveller = await travel(api.settings + BEFORE_TOKEN)
    await traveller.claims(await signed_up(traveller))
    for status, answer, text in BROKEN_BEFORE_TOKEN:
        api.status, api.answer = status, answer
        end = await traveller.start()

        assert isinstance(end, Redirect)
        assert end.parameters["error"] == "server_error"
        assert end.parameters["error_description"].startswith(text)
        assert "code" not in end.parameters


# --- what stays behind ----------------------------------------------------------------------------------


async def test_two_tries_and_their_end_are_in_the_audit_trail(travel, api):
    traveller = await travel(api.settings + BEFORE_USER + "\n[calls]\ntimeout_s = 0.3\n")
    api.delay_s = 2.0
    _, refused = await sent(traveller)
    api.delay_s = 0.0
    await signed_up(traveller)

    good, bad = await rows(traveller)
    assert (refused.error_code, len(api.received)) == ("AADB2C90162", 3)
    assert (bad.target, bad.detail["numberOfAttempts"], bad.detail["outcome"]) == (
        "PreUserWriteRestful",
        "2",
        "timeout",
    )
    assert (good.detail["numberOfAttempts"], good.detail["outcome"], good.actor) == ("1", "ok", CLIENT)
    assert good.detail["policy"] == "B2C_1_flow"


async def test_no_secret_is_in_logs_records_pages_or_the_audit_trail(travel, api, caplog):
    caplog.set_level(logging.DEBUG)
    traveller = await travel(api.settings + BEFORE_USER)
    shown = []
    for status, answer in ((500, b"x"), (403, b""), (200, {**GO, "action": PASSWORD + CODE}), (200, GO)):
        api.status, api.answer = status, answer
        page, found = await sent(traveller)
        shown += [page.html, found.message]
    api.says("ShowBlockPage", f"You sent {PASSWORD} and {CODE}.")
    page, _ = await sent(await travel())
    engine = traveller.served.engine
    await asyncio.sleep(0.6)
    for summary in await engine.traces.journeys(50):
        shown += [str(entry) for entry in await engine.traces.journey(summary.journey_id)]
    shown += [str(row) for row in await engine.audit.list(200)]

    text = "\n".join([*shown, caplog.text])
    assert "PreUserWriteRestful" in text
    assert PASSWORD not in text
    assert OF_ADA not in text
    assert CODE not in text
