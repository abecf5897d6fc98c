"""The ways to a bearer: the token of an identity provider, a password, a refresh token; each used at an API.

The API is the user endpoint of an OAuth 2.0 server of others, or one that is told the tenant's keys.
"""

from __future__ import annotations

import json

import aiohttp
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet
from tests.federation.conftest import SECRET, Person, authorize_url
from tests.federation.test_records import calls_of
from tests.federation.test_sign_in import SETTINGS, TENANT, callback_at, free_port, id_token_of

from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.user import User, local_identity
from journeyman.secret import Secret
from journeyman.testing.browser import Browser

NATIVE = "11111111-1111-4111-8111-111111111111"
BASIC = (
    '<CryptographicKeys><Key Id="BasicAuthenticationUsername" StorageReferenceId="B2C_1A_ClientId" />'
    '<Key Id="BasicAuthenticationPassword" StorageReferenceId="B2C_1A_ClientSecret" /></CryptographicKeys>'
)
KEYS = {"keys/B2C_1A_ClientId.txt": "web", "keys/B2C_1A_ClientSecret.txt": SECRET}
CLAIMS = (
    "grant_type",
    "scope",
    "clientId",
    "username",
    "password",
    "bearerToken",
    "refreshToken",
    "displayName",
    "email",
)
PASSWORD = "Canary-pass-1"


def token_profile(xml, id, url, *inputs, outputs, basic=True):
    """A REST profile that asks a token endpoint as a form."""
    metadata = {"ServiceUrl": url, "AuthenticationType": "Basic" if basic else "None", "SendClaimsIn": "Form"}
    text = xml.profile(id, "rest", metadata, inputs=inputs, outputs=outputs)
    return text.replace("<InputClaims>", f"{BASIC}<InputClaims>", 1) if basic else text


def by_password(xml, url, *more, basic=True):
    grant = 'grant_type DefaultValue="password" AlwaysUseDefaultValue="true"'
    who = ('username DefaultValue="ann@contoso.com"', f'password DefaultValue="{more[0]}"')
    outputs = ('bearerToken PartnerClaimType="access_token"', 'refreshToken PartnerClaimType="refresh_token"')
    return token_profile(xml, "REST-ByPassword", url, grant, *who, *more[1:], outputs=outputs, basic=basic)


def by_refresh_token(xml, url, *more, basic=True):
    grant = 'grant_type DefaultValue="refresh_token" AlwaysUseDefaultValue="true"'
    token = 'refreshToken PartnerClaimType="refresh_token" Required="true"'
    outputs = ('bearerToken PartnerClaimType="access_token"',)
    return token_profile(xml, "REST-ByRefreshToken", url, grant, token, *more, outputs=outputs, basic=basic)


def consumer(xml, url, claim="bearerToken"):
    metadata = {
        "ServiceUrl": url,
        "AuthenticationType": "Bearer",
        "UseClaimAsBearerToken": claim,
        "SendClaimsIn": "Header",
    }
    return xml.profile("REST-Use", "rest", metadata, inputs=(claim,), outputs=('displayName PartnerClaimType="name"',))


def silent(xml, *profiles):
    """A policy without a page: first the profiles that acquire, then the one that uses."""
    names = [text.split('Id="')[1].split('"')[0] for text in profiles]
    return xml.policy(
        *(xml.step(**{f"E{number}": name}) for number, name in enumerate(names)),
        claims=tuple(xml.claim(name) for name in CLAIMS),
        profiles=profiles,
        outputs=('displayName DefaultValue="nobody"', 'objectId PartnerClaimType="sub" DefaultValue="u"'),
    )


@pytest.fixture
def oauth2_server(programs, oauth2_program):
    """Start the OAuth 2.0 server; return its origin."""

    def start(*redirect_uris):
        return f"http://127.0.0.1:{programs.start(oauth2_program, json.dumps(redirect_uris), SECRET)}"

    return start


async def name_in_token(served):
    async with Browser(served.origin) as browser:
        answer = await browser.authorize(
            served.tenant, "B2C_1A_Test", {**served.request, "response_type": "id_token", "nonce": "n"}
        )
    return id_token_of(f"http://x/?id_token={answer.parameters['id_token']}")["displayName"]


async def test_the_token_of_an_identity_provider_is_the_bearer_of_a_rest_profile(xml, serve_tenant, oauth2_server):
    port = free_port()
    server = oauth2_server(callback_at(port))
    metadata = {
        "client_id": "web",
        "authorization_endpoint": f"{server}/authorize",
        "AccessTokenEndpoint": f"{server}/token",
        "ClaimsEndpoint": f"{server}/v2/userinfo",
        "BearerTokenTransmissionMethod": "AuthorizationHeader",
        "IncludeClaimResolvingInClaimsHandling": "true",
    }
    outputs = (
        'issuerUserId PartnerClaimType="sub"',
        'identityProviderAccessToken DefaultValue="{oauth2:access_token}"',
    )
    secret = (
        '<CryptographicKeys><Key Id="client_secret" StorageReferenceId="B2C_1A_ClientSecret" /></CryptographicKeys>'
    )
    provider = xml.profile("Provider", "OAuth2", metadata, outputs=outputs).replace(
        "<OutputClaims>", f"{secret}<OutputClaims>"
    )
    policy = xml.policy(
        xml.step(Provider="Provider"),
        xml.step(Use="REST-Use"),
        claims=tuple(xml.claim(name) for name in ("issuerUserId", "identityProviderAccessToken", "displayName")),
        profiles=(provider, consumer(xml, f"{server}/user", "identityProviderAccessToken")),
        outputs=('issuerUserId PartnerClaimType="sub"', "displayName"),
    )
    served = await serve_tenant({"policy.xml": policy, **KEYS}, settings=SETTINGS, port=port)
    async with Person() as person:
        start = authorize_url(served, response_type="id_token", nonce="n")
        url, page = await person.open(start, until=served.redirect_uri)
        url, _ = await person.sign_in(url, page, "grace", until=served.redirect_uri)

    assert id_token_of(url)["displayName"] == "grace Hub"
    *_, used = await calls_of(served.engine)
    assert (used.profile_id, used.credential, used.exchange.status) == (
        "REST-Use", ("claim identityProviderAccessToken",), 200,
    )  # fmt: skip


async def test_a_rest_profile_acquires_a_bearer_by_a_password(xml, serve_tenant, oauth2_server):
    server = oauth2_server("http://127.0.0.1:1/cb")
    files = {
        "policy.xml": silent(xml, by_password(xml, f"{server}/token", "any"), consumer(xml, f"{server}/user")),
        **KEYS,
    }
    served = await serve_tenant(files, settings=SETTINGS)

    assert await name_in_token(served) == "ann@contoso.com Hub"


async def test_a_rest_profile_redeems_a_refresh_token_for_a_bearer(xml, serve_tenant, oauth2_server):
    server = oauth2_server("http://127.0.0.1:1/cb")
    token = f"{server}/token"
    profiles = (by_password(xml, token, "any"), by_refresh_token(xml, token), consumer(xml, f"{server}/user"))
    served = await serve_tenant({"policy.xml": silent(xml, *profiles), **KEYS}, settings=SETTINGS)

    assert await name_in_token(served) == "ann@contoso.com Hub"
    first, second, used = await calls_of(served.engine)
    assert [each.profile_id for each in (first, second, used)] == ["REST-ByPassword", "REST-ByRefreshToken", "REST-Use"]
    # The keyed hash of the secret tells one token from another.
    assert first.claims_in["bearerToken"] != second.claims_in["bearerToken"]
    assert first.claims_in["refreshToken"] == second.claims_out["refreshToken"]


async def test_a_refused_refresh_token_ends_the_journey_and_is_not_repeated(xml, serve_tenant, oauth2_server):
    server = oauth2_server("http://127.0.0.1:1/cb")
    known = token_profile(
        xml, "REST-ByRefreshToken", f"{server}/token",
        'grant_type DefaultValue="refresh_token"', 'refreshToken PartnerClaimType="refresh_token" DefaultValue="Canary-stale"',
        outputs=('bearerToken PartnerClaimType="access_token"',),
    )  # fmt: skip
    served = await serve_tenant({"policy.xml": silent(xml, known), **KEYS}, settings=SETTINGS)
    async with Browser(served.origin) as browser:
        answer = await browser.authorize(served.tenant, "B2C_1A_Test", served.request)

    assert answer.parameters["error"] == "server_error"
    assert "Canary-stale" not in repr([answer, await calls_of(served.engine)])


# --- the token endpoint of the tenant itself -------------------------------------------------------


@pytest.fixture
async def own_api():
    """An API that believes the keys which a test tells it, and remembers who called."""

    class Api:
        keys, callers, origin = None, [], ""

        async def handle(self, request):
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme != "Bearer":
                raise web.HTTPUnauthorized
            async with aiohttp.ClientSession(trust_env=False) as client, client.get(self.keys) as answer:
                keys = KeySet.import_key_set(await answer.json())
            claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
            self.callers.append(claims)
            return web.json_response({"name": claims["name"]})

    api = Api()
    api.callers = []
    application = web.Application()
    application.router.add_get("/me", api.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


def password_policy(xml):
    """The relying party of the password grant."""
    inputs = (
        'username Required="true" DefaultValue="{OIDC:Username}"',
        'password Required="true" DefaultValue="{OIDC:Password}"',
        'grant_type DefaultValue="password"',
    )
    check = xml.profile("CheckPassword", "OpenIdConnect", inputs=inputs, outputs=('objectId PartnerClaimType="oid"',))
    read = xml.profile(
        "ReadUser", "directory", {"Operation": "Read"}, inputs=('objectId Required="true"',), outputs=("displayName",)
    )
    return xml.policy(
        xml.step(Check="CheckPassword"),
        xml.step(Read="ReadUser"),
        claims=tuple(xml.claim(name) for name in ("username", "password", "grant_type", "displayName")),
        profiles=(check, read),
        outputs=('objectId PartnerClaimType="sub"', 'displayName PartnerClaimType="name"'),
        id="B2C_1A_ROPC",
    )


async def with_ann(served):
    hashed = await PasswordHasher(memory_kib=64, time_cost=1).hash(Secret(PASSWORD))
    user = User(
        "22222222-2222-3333-4444-555555555555",
        served.engine.clock.now(),
        attributes={"displayname": "Ann"},
        identities=(local_identity("emailAddress", "ann@contoso.com"),),
        password_hash=hashed,
    )
    return await served.engine.users.create(user)


@pytest.mark.parametrize("renewed", [False, True])
async def test_the_own_token_endpoint_gives_a_bearer_by_password_and_by_refresh_token(
    xml, serve_tenant, own_api, renewed
):
    port = free_port()
    token = f"http://127.0.0.1:{port}/{TENANT}/B2C_1A_ROPC/oauth2/v2.0/token"
    own_api.keys = f"http://127.0.0.1:{port}/{TENANT}/B2C_1A_ROPC/discovery/v2.0/keys"
    client = f'clientId PartnerClaimType="client_id" DefaultValue="{NATIVE}"'
    scope = f'scope DefaultValue="openid {NATIVE} offline_access"'
    acquire = [by_password(xml, token, PASSWORD, client, scope, basic=False)]
    acquire += [by_refresh_token(xml, token, client, basic=False)] if renewed else []
    files = {
        "ropc.xml": password_policy(xml),
        "policy.xml": silent(xml, *acquire, consumer(xml, f"{own_api.origin}/me")),
    }
    served = await serve_tenant(files, settings=SETTINGS, port=port)
    ann = await with_ann(served)

    assert await name_in_token(served) == "Ann"
    (claims,) = own_api.callers
    assert (claims["aud"], claims["sub"]) == (NATIVE, ann.object_id)
    assert PASSWORD not in repr(await calls_of(served.engine))
