"""Client libraries as they are, against a real server with a real certificate."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from pathlib import Path

import jwt
import msal
import pytest
import pytest_asyncio
import requests
import trustme
from joserfc import jwk
from joserfc import jwt as jose

from journeyman.testing.browser import Browser

WEB = "11111111-0000-4000-8000-000000000001"
NATIVE = "11111111-0000-4000-8000-000000000003"
API = "11111111-0000-4000-8000-000000000005"
TENANT_ID = "11111111-2222-4333-8444-555555555555"
READ = "https://contoso.onmicrosoft.com/api/read"
SIGN_UP = {
    "email": "ada@contoso.com",
    "newPassword": "Passw0rd!",
    "reenterPassword": "Passw0rd!",
    "displayName": "Ada",
}


@dataclass
class Secured:
    """The tenant behind a certificate of an authority of its own."""

    site: object
    authority: Path
    context: ssl.SSLContext

    def url(self, policy):
        return f"{self.site.origin}/{self.site.tenant}/{policy}"


@pytest_asyncio.fixture
async def secured(deploy, tmp_path):
    ca = trustme.CA()
    authority = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(authority)

    def prepare(folder):
        certificate = ca.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "server.key")
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(folder / "server.pem", append=True)

    site = await deploy(prepare=prepare, server='tls_certificate = "server.pem"\ntls_key = "server.key"')
    context = ssl.create_default_context(cafile=str(authority))
    return Secured(site, authority, context)


@pytest.fixture
def http_client(secured):
    """The client that MSAL uses; variables of the environment would win over ``verify=``."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(secured.authority)
        yield session


async def sign_up(secured, url):
    """Open an address of a client in a browser, sign up, and return what the client gets back."""
    async with Browser(secured.site.origin, tls=secured.context) as person:
        page = await person.get(url)
        page = await person.navigate(page, "unified", local="signup")
        assert (await person.submit(page, SIGN_UP)).accepted
        return dict((await person.go_on(page)).parameters)


async def verified(secured, token, *, audience, policy):
    """Check a token as an API does, once with each library; return its claims."""
    base = secured.url(policy)

    def by_pyjwt():
        keys = jwt.PyJWKClient(f"{base}/discovery/v2.0/keys", ssl_context=secured.context)
        key = keys.get_signing_key_from_jwt(token)
        issuer = f"{secured.site.origin}/{TENANT_ID}/v2.0/"
        return jwt.decode(token, key, algorithms=["RS256"], audience=audience, issuer=issuer), keys.fetch_data()

    claims, document = await asyncio.to_thread(by_pyjwt)
    again = jose.decode(token, jwk.KeySet.import_key_set(document), algorithms=["RS256"])
    jose.JWTClaimsRegistry(aud={"essential": True, "value": audience}).validate(again.claims)
    assert again.claims == claims
    return claims


async def test_msal_signs_a_person_in_and_refreshes(secured, http_client):
    authority = secured.url("B2C_1A_SignUpOrSignIn")

    def client():
        return msal.PublicClientApplication(NATIVE, authority=authority, http_client=http_client)

    app = await asyncio.to_thread(client)
    flow = await asyncio.to_thread(
        app.initiate_auth_code_flow, [READ], redirect_uri="http://localhost/callback", response_mode="form_post"
    )
    back = await sign_up(secured, flow["auth_uri"])
    result = await asyncio.to_thread(app.acquire_token_by_auth_code_flow, flow, back)
    (account,) = app.get_accounts()
    fresh = await asyncio.to_thread(app.acquire_token_silent_with_error, [READ], account, force_refresh=True)

    assert "error" not in result
    assert "error" not in fresh
    claims = await verified(secured, fresh["access_token"], audience=API, policy="B2C_1A_SignUpOrSignIn")
    assert (claims["scp"], claims["azp"], claims["name"]) == ("read", NATIVE, "Ada")
    assert account["home_account_id"] == f"{claims['sub']}-b2c_1a_signuporsignin.{TENANT_ID}"
    await verified(secured, result["id_token"], audience=NATIVE, policy="B2C_1A_SignUpOrSignIn")


async def test_msal_with_a_secret_signs_a_person_in(secured, http_client):
    def client():
        return msal.ConfidentialClientApplication(
            WEB,
            authority=secured.url("B2C_1A_Silent"),
            client_credential=secured.site.secret,
            http_client=http_client,
        )

    app = await asyncio.to_thread(client)
    flow = await asyncio.to_thread(
        app.initiate_auth_code_flow, [], redirect_uri="https://app.contoso.com/callback", response_mode="form_post"
    )
    async with Browser(secured.site.origin, tls=secured.context) as person:
        back = dict((await person.get(flow["auth_uri"])).parameters)
    result = await asyncio.to_thread(app.acquire_token_by_auth_code_flow, flow, back)

    assert "error" not in result
    assert result["id_token_claims"]["name"] == "Ada"


@pytest.mark.parametrize("path", ["B2C_1A_Silent", ""])
async def test_msal_gets_a_token_for_the_application_itself(secured, http_client, path):
    base = f"{secured.site.origin}/{secured.site.tenant}"

    def acquire():
        app = msal.ConfidentialClientApplication(
            WEB,
            authority=f"{base}/{path}".rstrip("/"),
            client_credential=secured.site.secret,
            http_client=http_client,
            instance_discovery=False,
        )
        return app.acquire_token_for_client(["https://contoso.onmicrosoft.com/api/.default"])

    result = await asyncio.to_thread(acquire)

    assert "error" not in result
    claims = jwt.decode(result["access_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["roles"]) == (API, ["read"])


async def test_a_wrong_secret_is_told_to_msal(secured, http_client):
    def acquire():
        app = msal.ConfidentialClientApplication(
            WEB, authority=secured.url("B2C_1A_Silent"), client_credential="wrong", http_client=http_client
        )
        return app.acquire_token_for_client(["https://contoso.onmicrosoft.com/api/.default"])

    result = await asyncio.to_thread(acquire)

    assert result["error"] == "invalid_client"
    assert result["error_description"].startswith("AADB2C90081: ")


async def test_the_addresses_of_the_document_are_https(secured, http):
    url = f"{secured.url('B2C_1A_Silent')}/v2.0/.well-known/openid-configuration"
    reply = await secured.site.ask(http, "GET", url, ssl=secured.context)

    addresses = [value for name, value in json.loads(reply.body).items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 4
    assert all(address.startswith("https://127.0.0.1:") for address in addresses)
