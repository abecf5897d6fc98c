"""Refresh journeys and accounts: who may go on, and with which claims."""

from dataclasses import replace

import pytest

ASKED = {
    "client_id": "11111111-0000-4000-8000-000000000004",
    "redirect_uri": "http://127.0.0.1:5000/callback",
}
SIGN_UP = {"newPassword": "Passw0rd!", "reenterPassword": "Passw0rd!", "displayName": "Ada"}
# With a refresh journey, and without one.
POLICIES = ["B2C_1A_SignUpOrSignIn", "B2C_1A_OfPolicy"]


@pytest.fixture
def signed_up(site, open_person, claims_of):
    """Sign somebody up; return the browser, the token answer and the claims of the id token."""

    async def sign_up(policy):
        person = await open_person(site)
        page = await person.authorize(site.tenant, policy, {**ASKED, "ui_locales": "de"})
        page = await person.navigate(page, "unified", local="signup")
        assert (await person.submit(page, {**SIGN_UP, "email": "ada@contoso.com"})).accepted
        code = (await person.go_on(page)).parameters["code"]
        form = {"grant_type": "authorization_code", "client_id": ASKED["client_id"], "code": code}
        status, body = await person.redeem(site.tenant, policy, {**form, "code_verifier": person.verifier})
        assert status == 200
        return person, body, claims_of(body["id_token"])

    return sign_up


async def refresh(site, person, policy, body):
    form = {"grant_type": "refresh_token", "client_id": ASKED["client_id"], "refresh_token": body["refresh_token"]}
    status, answer = await person.redeem(site.tenant, policy, form)
    return status, answer.get("error"), answer.get("error_description", "").partition(":")[0], answer


@pytest.mark.parametrize(("policy", "name"), [("B2C_1A_SignUpOrSignIn", "Lovelace"), ("B2C_1A_OfPolicy", "Ada")])
async def test_a_journey_brings_new_claims_and_without_one_the_old_ones_stay(site, signed_up, claims_of, policy, name):
    person, body, claims = await signed_up(policy)
    user = await site.engine.users.find(claims["sub"])
    await site.engine.users.update(replace(user, attributes={**user.attributes, "displayname": "Lovelace"}))
    status, _, _, answer = await refresh(site, person, policy, body)
    fresh = claims_of(answer["id_token"])

    assert status == 200
    assert (fresh["name"], fresh["sub"], fresh["auth_time"]) == (name, claims["sub"], claims["auth_time"])


@pytest.mark.parametrize("policy", POLICIES)
async def test_an_account_that_is_gone_ends_its_grants(site, signed_up, policy):
    person, body, claims = await signed_up(policy)
    await site.engine.users.delete(claims["sub"])

    assert (await refresh(site, person, policy, body))[:3] == (400, "invalid_grant", "AADB2C90128")


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_locked_account_ends_its_grants(site, signed_up, policy):
    person, body, claims = await signed_up(policy)
    user = await site.engine.users.find(claims["sub"])
    await site.engine.users.update(replace(user, account_enabled=False))

    assert (await refresh(site, person, policy, body))[:3] == (400, "invalid_grant", "AADB2C90129")


@pytest.mark.parametrize("policy", POLICIES)
async def test_signing_out_everywhere_ends_older_grants(site, signed_up, policy):
    person, body, claims = await signed_up(policy)
    site.clock.advance(minutes=10)
    user = await site.engine.users.find(claims["sub"])
    await site.engine.users.update(replace(user, refresh_tokens_valid_from=site.clock.now()))

    assert (await refresh(site, person, policy, body))[:3] == (400, "invalid_grant", "AADB2C90129")


async def test_a_refresh_journey_has_no_browser_to_show_a_page_to(site, signed_up):
    person, body, _ = await signed_up("B2C_1A_PageOnRefresh")

    assert (await refresh(site, person, "B2C_1A_PageOnRefresh", body))[:3] == (400, "server_error", "AADB2C90085")


async def test_a_refresh_leaves_a_trace(site, signed_up):
    person, body, _ = await signed_up("B2C_1A_SignUpOrSignIn")
    await refresh(site, person, "B2C_1A_SignUpOrSignIn", body)
    await site.engine.trace_writer.close()
    summaries = await site.engine.traces.journeys(10)

    assert len({summary.journey_id for summary in summaries}) == 2
    assert "RefreshTokenReadAndSetup" in {profile for summary in summaries for profile in summary.profiles}
