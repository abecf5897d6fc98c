"""The starter pack LocalAccounts, unchanged, through the real pages: every journey that it has."""

from __future__ import annotations

import base64
import json

import pytest

from journeyman.testing.browser import Browser, Page, Redirect

pytestmark = pytest.mark.corpus

EMAIL, SECRET = "ada@contoso.com", "Canary-pass-1"
NAMES = {"displayName": "Ada Lovelace", "givenName": "Ada", "surName": "Lovelace"}
PACK = "B2C_1A_signup_signin"


def claims_in(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


async def verify(served, browser, page, email=EMAIL):
    """Ask for the code of the page, read it in the mailbox and enter it."""
    form = {"request_type": "VERIFICATION_REQUEST", "claim_id": "email", "claim_value": email}
    assert (await browser.post(page, "SelfAsserted", form)).accepted
    newest = (await served.engine.mailbox.list())[0].message
    assert newest.to == email
    form |= {"request_type": "VALIDATION_REQUEST", "user_input": newest.code}
    assert (await browser.post(page, "SelfAsserted", form)).accepted
    return newest.code


def sign_up_form(**changes):
    return {"email": EMAIL, "newPassword": SECRET, "reenterPassword": SECRET, **NAMES, **changes}


async def sign_up(served, browser, policy):
    page = await browser.authorize(served.tenant, policy, served.request)
    page = await browser.navigate(page, "unified", local="signup")
    await verify(served, browser, page)
    answer = await browser.submit(page, sign_up_form())
    assert answer.accepted, answer
    return await browser.go_on(page)


async def sign_in(served, browser, policy, password=SECRET):
    page = await browser.authorize(served.tenant, policy, served.request)
    answer = await browser.submit(page, {"signInName": EMAIL, "password": password})
    assert answer.accepted, answer
    return await browser.go_on(page)


async def redeem(served, browser, policy, back):
    assert isinstance(back, Redirect), back
    form = {
        "grant_type": "authorization_code",
        "code": back.parameters["code"],
        "client_id": served.client_id,
        "redirect_uri": served.redirect_uri,
        "code_verifier": browser.verifier,
    }
    status, body = await browser.redeem(served.tenant, policy, form)
    assert status == 200, body
    return body


async def test_sign_up_calls_the_protected_api_and_its_claim_reaches_the_token(starter_pack, rest_api, serve_tenant):
    served = await serve_tenant(starter_pack, settings=rest_api.settings)
    async with Browser(served.origin) as browser:
        tokens = await redeem(served, browser, "B2C_1A_Loyalty", await sign_up(served, browser, "B2C_1A_Loyalty"))

    claims = claims_in(tokens["id_token"])
    assert rest_api.received == [{"email": EMAIL, "name": "Ada Lovelace"}]
    assert (claims["name"], claims["email"], claims["loyaltyTier"]) == ("Ada Lovelace", EMAIL, "gold")
    assert claims["sub"] == (await served.engine.users.find_by_sign_in_name(EMAIL)).object_id


async def test_what_the_api_refuses_is_shown_and_may_be_corrected(starter_pack, rest_api, serve_tenant):
    served = await serve_tenant(starter_pack, settings=rest_api.settings)
    rest_api.refusal = "We do not know this name."
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, "B2C_1A_Loyalty", served.request)
        page = await browser.navigate(page, "unified", local="signup")
        await verify(served, browser, page)
        refused = await browser.submit(page, sign_up_form())
        rest_api.refusal = ""
        accepted = await browser.submit(page, sign_up_form())

    assert (refused.accepted, refused.message) == (False, "We do not know this name.")
    assert accepted.accepted


async def test_an_address_that_was_not_verified_signs_nobody_up(starter_pack, rest_api, serve_tenant):
    served = await serve_tenant(starter_pack)
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, PACK, served.request)
        page = await browser.navigate(page, "unified", local="signup")
        never = await browser.submit(page, sign_up_form())
        await verify(served, browser, page)
        other = await browser.submit(page, sign_up_form(email="eve@contoso.com"))

    assert (never.message, other.message) == ("Claim not verified: Email Address",) * 2
    assert await served.engine.users.find_by_sign_in_name("eve@contoso.com") is None


async def test_sign_in_single_sign_on_profile_edit_and_refresh(starter_pack, serve_tenant):
    served = await serve_tenant(starter_pack)
    async with Browser(served.origin) as browser:
        await sign_up(served, browser, PACK)
    async with Browser(served.origin) as browser:
        tokens = await redeem(served, browser, PACK, await sign_in(served, browser, PACK))
        again = await browser.authorize(served.tenant, PACK, served.request)
        edit = await browser.authorize(served.tenant, "B2C_1A_ProfileEdit", served.request)
        assert isinstance(edit, Page)
        assert (await browser.submit(edit, {"givenName": "Augusta", "surname": "King"})).accepted
        edited = await browser.go_on(edit)
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": served.client_id}
        status, refreshed = await browser.redeem(served.tenant, PACK, form)

    assert isinstance(again, Redirect)
    assert "code" in again.parameters
    assert "code" in edited.parameters
    assert status == 200
    assert claims_in(tokens["id_token"])["name"] == "Ada Lovelace"
    assert (await served.engine.users.find_by_sign_in_name(EMAIL)).attributes["givenname"] == "Augusta"
    assert claims_in(refreshed["id_token"])["sub"] == claims_in(tokens["id_token"])["sub"]


async def test_password_reset_takes_the_new_password_and_revokes_refresh_tokens(starter_pack, serve_tenant, clock):
    served = await serve_tenant(starter_pack, clock=clock)
    async with Browser(served.origin) as browser:
        tokens = await redeem(served, browser, PACK, await sign_up(served, browser, PACK))
    clock.turn(minutes=10)
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, "B2C_1A_PasswordReset", served.request)
        await verify(served, browser, page)
        assert (await browser.submit(page, {"email": EMAIL})).accepted
        page = await browser.go_on(page)
        changed = {"newPassword": "Canary-pass-2", "reenterPassword": "Canary-pass-2"}
        assert (await browser.submit(page, changed)).accepted
        back = await browser.go_on(page)
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": served.client_id}
        status, body = await browser.redeem(served.tenant, PACK, form)
    async with Browser(served.origin) as browser:
        renewed = await sign_in(served, browser, PACK, "Canary-pass-2")

    assert "code" in back.parameters
    assert "code" in renewed.parameters
    assert (status, body["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"signInName": "ada", "password": SECRET}, "Please enter a valid Email Address"),
        ({"signInName": "", "password": SECRET}, "Please enter your Email Address"),
        ({"signInName": EMAIL, "password": ""}, "Please enter your password"),
        ({"signInName": "nobody@contoso.com", "password": SECRET}, "We can't seem to find your account."),
    ],
)
async def test_a_sign_in_is_refused_in_the_words_of_the_page(starter_pack, serve_tenant, form, message):
    served = await serve_tenant(starter_pack)
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, PACK, served.request)

        answer = await browser.submit(page, form)

    assert (answer.accepted, answer.message) == (False, message)


async def test_a_journey_survives_a_restart_of_the_process_between_two_steps(starter_pack, rest_api, serve_tenant):
    first = await serve_tenant(starter_pack, settings=rest_api.settings)
    port = int(first.origin.rsplit(":", 1)[1])
    async with Browser(first.origin) as browser:
        page = await browser.authorize(first.tenant, "B2C_1A_Loyalty", first.request)
        page = await browser.navigate(page, "unified", local="signup")
        await verify(first, browser, page)
        await first.stop()
        second = await serve_tenant(port=port)
        assert (await browser.submit(page, sign_up_form())).accepted
        await second.stop()
        third = await serve_tenant(port=port)
        back = await browser.go_on(page)
        tokens = await redeem(third, browser, "B2C_1A_Loyalty", back)

    assert claims_in(tokens["id_token"])["loyaltyTier"] == "gold"


async def test_no_secret_is_in_the_database_the_trace_or_the_log(starter_pack, rest_api, serve_tenant, caplog, capfd):
    served = await serve_tenant(starter_pack, settings=rest_api.settings)
    async with Browser(served.origin) as browser:
        code, refusals = await _every_refusal(served, rest_api, browser)
        tokens = await redeem(served, browser, "B2C_1A_Loyalty", await sign_in(served, browser, "B2C_1A_Loyalty"))
    await served.engine.trace_writer.flush()
    traces = repr([await served.engine.traces.journey(one.journey_id) for one in await served.engine.traces.journeys()])
    folder = served.engine.settings.folder / ".journeyman"
    data = b"".join(path.read_bytes() for path in folder.iterdir())
    told = caplog.text + "".join(capfd.readouterr()) + traces

    assert refusals == 6
    assert "REST-Loyalty" in traces
    for canary in ("Canary-pass-1", "Canary-wrong", "Canary-basic-secret", tokens["refresh_token"]):
        assert canary not in told, told[max(0, told.index(canary) - 400) : told.index(canary) + 200]
        assert canary.encode() not in data
    assert code not in told


async def _every_refusal(served, rest_api, browser):
    """Sign in and up in every wrong way and then in the right one; return the code and the number of refusals."""
    page = await browser.authorize(served.tenant, "B2C_1A_Loyalty", served.request)
    wrong = [await browser.submit(page, {"signInName": EMAIL, "password": "Canary-wrong-0"})]
    page = await browser.navigate(page, "unified", local="signup")
    wrong.append(await browser.submit(page, sign_up_form()))
    code = await verify(served, browser, page)
    wrong.append(await browser.submit(page, sign_up_form(reenterPassword="Canary-wrong-1")))
    wrong.append(await browser.submit(page, sign_up_form(newPassword="canary", reenterPassword="canary")))
    rest_api.refusal = f"You sent {SECRET}."
    wrong.append(await browser.submit(page, sign_up_form()))
    rest_api.refusal = ""
    assert (await browser.submit(page, sign_up_form())).accepted
    await browser.go_on(page)
    async with Browser(served.origin) as other:
        page = await other.authorize(served.tenant, "B2C_1A_Loyalty", served.request)
        wrong.append(await other.submit(page, {"signInName": EMAIL, "password": "Canary-wrong-2"}))
    browser._session.cookie_jar.clear()
    return code, sum(not answer.accepted for answer in wrong)
