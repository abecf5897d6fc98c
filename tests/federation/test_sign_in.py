"""Sign-in at a certified OpenID provider and at another tenant of ours, over real HTTP, from authorize to token."""

from __future__ import annotations

import base64
import json
import shutil
import socket

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey
from playwright.async_api import async_playwright
from tests.federation.conftest import SECRET, Person, authorize_url, parameters_of

TENANT = "contoso.onmicrosoft.com"
OUTPUTS = (
    'issuerUserId PartnerClaimType="sub"',
    'displayName PartnerClaimType="name"',
    'email PartnerClaimType="email"',
    'identityProvider DefaultValue="idp.example" AlwaysUseDefaultValue="true"',
    'hasToken DefaultValue="{oauth2:token_type}" AlwaysUseDefaultValue="true"',
)


@pytest.fixture(scope="module")
def signing_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def id_token_of(url):
    payload = parameters_of(url)["id_token"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def callback_at(port):
    return f"http://127.0.0.1:{port}/{TENANT}/oauth2/authresp"


def public_jwk(key):
    jwk = RSAKey.import_key(key)
    return {**jwk.as_dict(private=False), "kid": jwk.thumbprint()}


def private_jwks(key):
    jwk = RSAKey.import_key(key)
    return json.dumps({"keys": [{**jwk.as_dict(private=True), "kid": jwk.thumbprint(), "use": "sig"}]})


def openid(provider, client, **extra):
    return {
        "METADATA": provider.metadata,
        "client_id": client,
        "scope": "openid profile email",
        "response_types": "code",
        "ClaimsEndpoint": f"{provider.origin}/me",
        "BearerTokenTransmissionMethod": "AuthorizationHeader",
        **extra,
    }


def policy(xml, protocol, metadata, keys, **extra):
    profile = xml.profile(
        "Provider",
        protocol,
        {"IncludeClaimResolvingInClaimsHandling": "true", **metadata},
        outputs=OUTPUTS,
        session="SM-External",
        **extra,
    ).replace("<OutputClaims>", f"<CryptographicKeys>{keys}</CryptographicKeys><OutputClaims>", 1)
    manager = (
        '<TechnicalProfile Id="SM-External"><DisplayName>S</DisplayName><Protocol Name="Proprietary" '
        'Handler="Web.TPEngine.SSO.ExternalLoginSSOSessionProvider" /></TechnicalProfile>'
    )
    names = ("issuerUserId", "displayName", "email", "identityProvider", "hasToken")
    return xml.policy(
        xml.step(ProviderExchange="Provider"),
        claims=tuple(xml.claim(name) for name in names),
        profiles=(profile, manager),
        outputs=('issuerUserId PartnerClaimType="sub"', *names[1:]),
    )


SECRET_KEY = '<Key Id="client_secret" StorageReferenceId="B2C_1A_ProviderSecret" />'
ASSERTION_KEY = '<Key Id="assertion_signing_key" StorageReferenceId="B2C_1A_Assertion" />'
SETTINGS = "\nallow_implicit = true\n"


async def signed_in(served, provider, name="ada"):
    async with Person() as person:
        url, page = await person.open(
            authorize_url(served, response_type="id_token", nonce="n"), until=served.redirect_uri
        )
        assert url.startswith(provider.origin), page
        url, page = await person.sign_in(url, page, name, until=served.redirect_uri)
        assert url.startswith(served.redirect_uri), page
        return id_token_of(url), person.visited


@pytest.mark.parametrize(
    ("client", "method", "keys"),
    [
        ("web-post", "", SECRET_KEY),
        ("web-basic", "client_secret_basic", SECRET_KEY),
        ("web-key", "private_key_jwt", ASSERTION_KEY),
    ],
)
async def test_a_person_of_an_openid_provider_signs_in_by_code(
    xml, serve_tenant, start_provider, signing_key, client, method, keys
):
    port = free_port()
    provider = start_provider([callback_at(port)], public_jwk(signing_key))
    metadata = openid(provider, client, response_mode="query")
    metadata |= {"token_endpoint_auth_method": method} if method else {}
    files = {
        "policy.xml": policy(xml, "OpenIdConnect", metadata, keys),
        "keys/B2C_1A_ProviderSecret.txt": SECRET,
        "keys/B2C_1A_Assertion.jwks": private_jwks(signing_key),
    }
    served = await serve_tenant(files, settings=SETTINGS, port=port)

    claims, visited = await signed_in(served, provider)

    assert (claims["sub"], claims["displayName"], claims["email"]) == ("ada", "Ada Lovelace", "ada@idp.example")
    assert (claims["identityProvider"], claims["hasToken"]) == ("idp.example", "Bearer")
    assert "code_challenge=" in visited[1]
    assert not any(SECRET in url for url in visited)


async def test_an_oauth2_profile_reads_the_claims_endpoint_with_the_access_token(
    xml, serve_tenant, start_provider, signing_key
):
    port = free_port()
    provider = start_provider([callback_at(port)], public_jwk(signing_key))
    metadata = {
        "client_id": "web-post",
        "authorization_endpoint": f"{provider.origin}/auth",
        "AccessTokenEndpoint": f"{provider.origin}/token",
        "ClaimsEndpoint": f"{provider.origin}/me",
        "BearerTokenTransmissionMethod": "AuthorizationHeader",
        "scope": "openid profile email",
    }
    files = {"policy.xml": policy(xml, "OAuth2", metadata, SECRET_KEY), "keys/B2C_1A_ProviderSecret.txt": SECRET}
    served = await serve_tenant(files, settings=SETTINGS, port=port)

    claims, _ = await signed_in(served, provider, "grace")

    assert (claims["sub"], claims["email"]) == ("grace", "grace@idp.example")


@pytest.mark.browser
async def test_an_answer_by_a_form_from_another_site_reaches_the_browser_that_began(
    xml, serve_tenant, start_provider, signing_key
):
    """Over plain http Chromium sends no cookie of ours with the form of another site."""
    if shutil.which("chromium") is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    port = free_port()
    provider = start_provider([callback_at(port)], public_jwk(signing_key), host="localhost")
    files = {
        "policy.xml": policy(xml, "OpenIdConnect", openid(provider, "web-post"), SECRET_KEY),
        "keys/B2C_1A_ProviderSecret.txt": SECRET,
    }
    served = await serve_tenant(files, settings=SETTINGS, port=port)

    visited = await in_chromium(authorize_url(served, response_type="id_token", nonce="n"), served.redirect_uri)

    assert id_token_of(visited[-1])["email"] == "ada@idp.example"
    assert not any("code=" in url for url in visited if "authresp" in url)


async def in_chromium(start, until):
    """Sign in at the provider as a person does; return the addresses of the main frame."""
    visited = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False, args=["--disable-quic"]
        )
        tab = await browser.new_page()
        tab.on("request", lambda request: visited.append(request.url) if request.is_navigation_request() else None)
        await tab.goto(start)
        await tab.fill("[name=login]", "ada")
        await tab.fill("[name=password]", "any")
        await tab.click("[type=submit]")
        async with tab.expect_request(lambda request: request.url.startswith(until)) as back:
            await tab.click("[type=submit]")
        answered = await (await back.value).redirected_from.response()
        visited.append(await answered.header_value("location"))
        await browser.close()
    return visited
