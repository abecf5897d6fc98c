"""Logout: whose session ends, and where the browser may be sent."""

from urllib.parse import quote, urlencode

import pytest

from journeyman.keys.jose import sign_jwt

WEB = "11111111-0000-4000-8000-000000000001"
TYPELESS = "11111111-0000-4000-8000-000000000004"
CALLBACK = "https://app.contoso.com/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def logout(site, http, policy="B2C_1A_Silent", **query):
    return await site.ask(http, "GET", site.url("/oauth2/v2.0/logout", policy) + "?" + urlencode(query))


async def test_without_an_address_a_page_says_that_it_is_done(site, http):
    reply = await logout(site, http)

    assert reply.status == 200
    assert "You are signed out" in reply.text
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("who", [{}, {"client_id": WEB}, {"client_id": WEB, "state": "a&b c"}])
async def test_the_browser_goes_to_a_registered_address(site, http, who):
    reply = await logout(site, http, post_logout_redirect_uri=CALLBACK, **who)

    assert reply.status == 302
    assert reply.location == CALLBACK + ("?state=a%26b+c" if "state" in who else "")


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("https://evil.example/", "AADB2C90006"),
        ("https://app.contoso.com/callback@evil.example", "AADB2C90006"),
        ("https://app.contoso.com/callback?x=y", "AADB2C90006"),
        ("javascript:alert(1)", "AADB2C90006"),
        ("https://spa.contoso.com/\r\nSet-Cookie: a=b", "AADB2C90006"),
        ("//evil.example/", "AADB2C90067"),
        ("/callback", "AADB2C90067"),
        ("https:", "AADB2C90067"),
        ("http://[::1", "AADB2C90067"),
    ],
)
async def test_it_goes_nowhere_else(site, http, uri, code):
    reply = await logout(site, http, post_logout_redirect_uri=uri)

    assert (reply.status, "Location" in reply.headers, code in reply.text) == (400, False, True)


async def test_a_named_client_narrows_the_addresses(site, http):
    other = await logout(site, http, post_logout_redirect_uri="https://spa.contoso.com/", client_id=WEB)
    unknown = await logout(site, http, post_logout_redirect_uri=CALLBACK, client_id="nobody")

    assert (other.status, unknown.status) == (400, 400)


async def test_a_hint_names_the_client_even_when_it_has_expired(site, http):
    hint = (await site.redeem(http)).json["id_token"]
    site.clock.advance(days=3)
    own = await logout(site, http, post_logout_redirect_uri=CALLBACK, id_token_hint=hint)
    other = await logout(site, http, post_logout_redirect_uri="https://spa.contoso.com/", id_token_hint=hint)

    assert own.location == CALLBACK
    assert (other.status, "AADB2C90006" in other.text) == (400, True)


async def test_a_bad_hint_is_refused(site, http):
    hint = (await site.redeem(http)).json["id_token"]
    head, body, signature = hint.split(".")
    forged = f"{head}.{body}.{signature[:-8]}AAAAAAAA"
    for bad, code in ((forged, "AADB2C90239"), ("x", "AADB2C90240"), ("ü.é.x", "AADB2C90240")):
        reply = await logout(site, http, post_logout_redirect_uri=CALLBACK, id_token_hint=bad)

        assert (reply.status, code in reply.text) == (400, True)


@pytest.mark.parametrize("audience", [None, "", ["11111111-0000-4000-8000-000000000001"], 7])
async def test_a_hint_must_be_for_one_application(site, http, audience):
    now = int(site.clock.now().timestamp())
    issuer = f"{site.origin}/11111111-2222-4333-8444-555555555555/v2.0/"
    claims = {"iss": issuer, "aud": audience, "iat": now, "exp": now + 60}
    hint = sign_jwt(site.engine.keys.active("B2C_1A_TokenSigningKeyContainer"), claims)
    reply = await logout(site, http, post_logout_redirect_uri=CALLBACK, id_token_hint=hint)

    assert (reply.status, "AADB2C90237" in reply.text) == (400, True)


async def test_a_policy_may_insist_on_a_hint(site, http):
    reply = await logout(site, http, "B2C_1A_OfApplication", post_logout_redirect_uri=CALLBACK, client_id=WEB)

    assert (reply.status, "AADB2C90272" in reply.text) == (400, True)


async def test_logout_may_be_posted(site, http):
    data = f"post_logout_redirect_uri={quote(CALLBACK)}&state=s"
    reply = await site.ask(http, "POST", site.url("/oauth2/v2.0/logout"), data=data, headers=FORM)

    assert reply.location == CALLBACK + "?state=s"
