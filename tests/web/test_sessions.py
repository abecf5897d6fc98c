"""Sign-in sessions: whose they are, how far they reach, when they end."""

import pytest

ASKED = {
    "client_id": "11111111-0000-4000-8000-000000000004",
    "redirect_uri": "http://127.0.0.1:5000/callback",
}
NATIVE = {"client_id": "11111111-0000-4000-8000-000000000003", "redirect_uri": "http://localhost/callback"}
PAGE = "CombinedSigninAndSignup"


async def sign_up(site, person, policy, email="ada@contoso.com", *, asked=ASKED, **extra):
    page = await person.authorize(site.tenant, policy, asked)
    return await sign_up_at(person, page, email, **extra)


async def sign_up_at(person, page, email, **extra):
    page = await person.navigate(page, "unified", local="signup", **extra)
    form = {"email": email, "newPassword": "Passw0rd!", "reenterPassword": "Passw0rd!", "displayName": "Ada"}
    assert (await person.submit(page, form)).accepted
    return await person.go_on(page)


async def outcome(site, person, policy, **asked):
    """Return what an authorization request comes to: the name of a page, or the answer's parameters."""
    found = await person.authorize(site.tenant, policy, {**ASKED, **asked})
    return found.parameters if hasattr(found, "parameters") else found.api


def session_cookies(person):
    return {cookie.key: cookie for cookie in person._session.cookie_jar if cookie.key.startswith("x-ms-cpim-sso")}


async def claims(site, person, claims_of, policy, **asked):
    back = await person.authorize(site.tenant, policy, {**ASKED, **asked})
    form = {"grant_type": "authorization_code", "client_id": ASKED["client_id"], "code": back.parameters["code"]}
    _, body = await person.redeem(site.tenant, policy, {**form, "code_verifier": person.verifier})
    return claims_of(body["id_token"])


@pytest.fixture
def claims_of():
    import base64
    import json

    return lambda token: json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


async def test_a_session_of_the_tenant_serves_its_policies_in_silence(site, open_person):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_SignUpOrSignIn")

    assert "code" in await outcome(site, person, "B2C_1A_SignUpOrSignIn")
    assert "code" in await outcome(site, person, "B2C_1A_SignUpOrSignIn", prompt="none")
    assert "code" in await outcome(site, person, "B2C_1A_CustomPage")
    assert await outcome(site, person, "B2C_1A_SignUpOrSignIn", prompt="login") == PAGE


async def test_other_browsers_have_no_session(site, open_person):
    await sign_up(site, await open_person(site), "B2C_1A_SignUpOrSignIn")
    other = await open_person(site)

    assert await outcome(site, other, "B2C_1A_SignUpOrSignIn") == PAGE
    assert (await outcome(site, other, "B2C_1A_SignUpOrSignIn", prompt="none"))["error"] == "interaction_required"


async def test_sessions_reach_as_far_as_their_policy_says(site, open_person):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_OfPolicy")
    await sign_up(site, person, "B2C_1A_OfApplication", "bob@contoso.com")
    await sign_up(site, person, "B2C_1A_NoSession", "eve@contoso.com")

    assert len(session_cookies(person)) == 2
    assert "code" in await outcome(site, person, "B2C_1A_OfPolicy")
    assert await outcome(site, person, "B2C_1A_SignUpOrSignIn") == PAGE
    assert "code" in await outcome(site, person, "B2C_1A_OfApplication")
    assert await outcome(site, person, "B2C_1A_OfApplication", **NATIVE) == PAGE
    assert await outcome(site, person, "B2C_1A_NoSession") == PAGE


async def test_a_session_of_one_policy_opens_nothing_under_the_cookie_of_another(site, open_person):
    weak, strong = await open_person(site), await open_person(site)
    await sign_up(site, weak, "B2C_1A_OfPolicy")
    await sign_up(site, strong, "B2C_1A_SignUpOrSignIn", "bob@contoso.com")
    (stolen,) = session_cookies(weak).values()
    (name,) = session_cookies(strong)
    attacker = await open_person(site)
    attacker._session.cookie_jar.update_cookies({name: stolen.value})

    assert await outcome(site, attacker, "B2C_1A_SignUpOrSignIn") == PAGE


async def test_every_use_gives_the_session_a_new_id_and_the_old_one_a_minute(site, open_person):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_SignUpOrSignIn")
    (first,) = session_cookies(person).values()
    await outcome(site, person, "B2C_1A_SignUpOrSignIn")
    (second,) = session_cookies(person).values()
    late = await open_person(site)
    late._session.cookie_jar.update_cookies({first.key: first.value})
    site.clock.advance(seconds=61)

    assert first.value != second.value
    assert await outcome(site, late, "B2C_1A_SignUpOrSignIn") == PAGE
    assert "code" in await outcome(site, person, "B2C_1A_SignUpOrSignIn")


async def test_a_planted_session_is_not_taken_over(site, open_person):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_SignUpOrSignIn")
    (name,) = session_cookies(person)
    victim = await open_person(site)
    victim._session.cookie_jar.update_cookies({name: "planted-by-somebody-else"})
    await sign_up(site, victim, "B2C_1A_SignUpOrSignIn", "bob@contoso.com")

    assert session_cookies(victim)[name].value != "planted-by-somebody-else"


async def test_a_second_person_at_the_same_browser_takes_nothing_over(site, open_person, claims_of):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_SignUpOrSignIn")
    first = await claims(site, person, claims_of, "B2C_1A_SignUpOrSignIn")
    page = await person.authorize(site.tenant, "B2C_1A_SignUpOrSignIn", {**ASKED, "prompt": "login"})
    await sign_up_at(person, page, "bob@contoso.com")
    second = await claims(site, person, claims_of, "B2C_1A_SignUpOrSignIn")

    assert first["sub"] != second["sub"]


async def test_max_age_asks_again_and_auth_time_says_when(site, open_person, claims_of):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_SignUpOrSignIn")
    first = await claims(site, person, claims_of, "B2C_1A_SignUpOrSignIn")
    site.clock.advance(seconds=100)
    same = await claims(site, person, claims_of, "B2C_1A_SignUpOrSignIn", max_age="10000")

    assert same["auth_time"] == first["auth_time"]
    assert await outcome(site, person, "B2C_1A_SignUpOrSignIn", max_age="1") == PAGE


async def test_a_rolling_session_is_prolonged_and_an_absolute_one_is_not(site, open_person):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_SignUpOrSignIn")
    await sign_up(site, person, "B2C_1A_OfPolicy", "bob@contoso.com")
    site.clock.advance(seconds=600)
    assert "code" in await outcome(site, person, "B2C_1A_OfPolicy")
    site.clock.advance(seconds=310)

    assert await outcome(site, person, "B2C_1A_OfPolicy") == PAGE
    site.clock.advance(hours=20)
    assert "code" in await outcome(site, person, "B2C_1A_SignUpOrSignIn")
    site.clock.advance(hours=20)
    assert "code" in await outcome(site, person, "B2C_1A_SignUpOrSignIn")


async def test_keep_me_signed_in_outlives_the_browser_where_the_policy_allows_it(site, open_person):
    person, forgetful = await open_person(site), await open_person(site)
    await sign_up(site, person, "B2C_1A_OfPolicy", rememberMe="true")
    await sign_up(site, forgetful, "B2C_1A_OfPolicy", "bob@contoso.com")
    await sign_up(site, forgetful, "B2C_1A_SignUpOrSignIn", "eve@contoso.com", rememberMe="true")
    kept = {cookie["max-age"] for cookie in session_cookies(person).values()}
    site.clock.advance(days=20)

    assert kept == {str(30 * 86_400)}
    assert {cookie["max-age"] for cookie in session_cookies(forgetful).values()} == {""}
    assert "code" in await outcome(site, person, "B2C_1A_OfPolicy")


async def test_logout_ends_the_session_of_its_scope(site, open_person):
    person = await open_person(site)
    await sign_up(site, person, "B2C_1A_SignUpOrSignIn")
    await sign_up(site, person, "B2C_1A_OfPolicy", "bob@contoso.com")
    (kept,) = [c for c in session_cookies(person).values() if "code" in await outcome(site, person, "B2C_1A_OfPolicy")][
        :1
    ]
    thief = await open_person(site)
    thief._session.cookie_jar.update_cookies({c.key: c.value for c in session_cookies(person).values()})
    callback = ASKED["redirect_uri"]
    url = f"{site.url('/oauth2/v2.0/logout')}?post_logout_redirect_uri={callback}"
    back = await person.get(url)

    assert back.url == callback
    assert kept.value
    assert await outcome(site, person, "B2C_1A_SignUpOrSignIn") == PAGE
    assert await outcome(site, thief, "B2C_1A_SignUpOrSignIn") == PAGE
    assert "code" in await outcome(site, person, "B2C_1A_OfPolicy")


async def test_logout_where_there_are_no_sessions_is_no_error(site, open_person):
    person = await open_person(site)
    back = await person.get(
        f"{site.url('/oauth2/v2.0/logout', 'B2C_1A_NoSession')}?post_logout_redirect_uri={ASKED['redirect_uri']}"
    )

    assert back.url == ASKED["redirect_uri"]
