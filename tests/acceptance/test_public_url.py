"""``public_url`` may differ from listen."""

from __future__ import annotations

import pytest
from acceptance_browser import decoded, get
from acceptance_folder import TENANT
from acceptance_policy import accounts, call

PUBLIC = "https://login.contoso.example"
HOST = "login.contoso.example"
API = "https://api.contoso.example"


@pytest.fixture(scope="module")
def up(home, api):
    home.write(
        f'[egress.map]\n"{API}" = "{api.origin}"\n',
        server=f'public_url = "{PUBLIC}"',
        plain=call("Plain", f"{API}/ok/plain"),
        users=accounts("B2C_1A_Users", f"{API}/ok/check"),
    )
    return home.up()


@pytest.fixture
def browser(up):
    found = up.browser()
    found.host = HOST
    return found


def discovery(up, host):
    return get(f"{up.origin}/{TENANT}/B2C_1A_Plain/v2.0/.well-known/openid-configuration", Host=host)


def test_public_url_alone_gives_the_origin_of_issuer_and_endpoints(up):
    document = discovery(up, HOST).json

    for name in ("issuer", "authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri"):
        assert document[name].startswith(f"{PUBLIC}/"), name


def test_public_url_gives_the_issuer_of_a_token(up, browser):
    assert browser.id_token("B2C_1A_Plain")["iss"] == discovery(up, HOST).json["issuer"]


def test_cookies_are_secure_when_public_url_is_https(browser):
    reply = browser.authorize("B2C_1A_Users")

    assert reply.cookies
    assert all("secure" in cookie.lower() for cookie in reply.cookies)


def test_a_foreign_host_is_not_served(up):
    assert discovery(up, "evil.example").status == 400


def test_readyz_answers_whatever_the_host_is(up):
    assert get(f"{up.origin}/readyz", Host="evil.example").status == 200


def test_a_journey_works_behind_the_public_url(browser):
    page = browser.follow(browser.authorize("B2C_1A_Users"), "unified", local="signup")
    form = {"email": "ada@example.com", "newPassword": "Pass-word-1", "displayName": "Ada", "number": "7"}

    assert browser.submit(page, **form) == {"status": "200"}
    tokens = browser.redeem_code("B2C_1A_Users", browser.follow(page).answer["code"])
    assert decoded(tokens.json["id_token"])["iss"].startswith(PUBLIC)


def test_the_platform_document_names_the_public_url(up):
    document = get(f"{up.origin}/{TENANT}/v2.0/.well-known/openid-configuration", Host=HOST).json

    assert document["token_endpoint"] == f"{PUBLIC}/{TENANT}/oauth2/v2.0/token"
