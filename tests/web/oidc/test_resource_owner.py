"""The password grant: which application and policy may use it, what it gives, and how little a refusal tells."""

from dataclasses import replace
from urllib.parse import urlencode

import aiohttp
import pytest

from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.user import User, local_identity
from journeyman.secret import Secret

TENANT = "contoso.onmicrosoft.com"
NATIVE = "11111111-2222-3333-4444-555555555501"
WITHOUT_IMPLICIT = "11111111-2222-3333-4444-555555555502"
WEB = "11111111-2222-3333-4444-555555555503"
SPA = "11111111-2222-3333-4444-555555555504"
SETTINGS = f"""
[[applications]]
client_id = "{NATIVE}"
name = "Phone"
type = "native"
allow_implicit = true

[[applications]]
client_id = "{WITHOUT_IMPLICIT}"
name = "Phone without implicit"
type = "native"

[[applications]]
client_id = "{WEB}"
name = "Web"
type = "web"
redirect_uris = ["https://contoso.com/"]
allow_implicit = true

[[applications]]
client_id = "{SPA}"
name = "Browser"
type = "spa"
redirect_uris = ["https://contoso.com/"]
allow_implicit = true
"""
CREDENTIALS = {"username": "ann@contoso.com", "password": "Canary-pass-1"}
INPUTS = (
    'logonIdentifier PartnerClaimType="username" Required="true" DefaultValue="{OIDC:Username}"',
    'password Required="true" DefaultValue="{OIDC:Password}"',
    'grant_type DefaultValue="password"',
)
CLAIMS = ("logonIdentifier", "password", "grant_type", "displayName", "campaign", "signInNames.emailAddress")


@pytest.fixture
def ropc(xml):
    """Write a policy whose first step checks the password; ``more`` stands before SendClaims."""

    def write(*more, inputs=INPUTS, id="B2C_1A_ROPC", profiles=()):
        check = xml.profile(
            "CheckPassword", "OpenIdConnect", inputs=inputs, outputs=('objectId PartnerClaimType="oid"',)
        )
        read = xml.profile(
            "ReadUser",
            "directory",
            {"Operation": "Read"},
            inputs=('objectId Required="true"',),
            outputs=("displayName",),
        )
        return xml.policy(
            xml.step(Check="CheckPassword"),
            xml.step(Read="ReadUser"),
            *more,
            claims=tuple(xml.claim(name) for name in CLAIMS),
            profiles=(check, read, *profiles),
            outputs=(
                'objectId PartnerClaimType="sub"',
                "displayName",
                'campaign DefaultValue="{OAUTH-KV:campaign}" AlwaysUseDefaultValue="true"',
            ),
            id=id,
        )

    return write


@pytest.fixture
async def served(serve_tenant, ropc, xml, clock):
    page = xml.profile("Ask", "page", outputs=("displayName",))
    asking = ropc(xml.step(Ask="Ask"), id="B2C_1A_Asks", profiles=(page,))
    silent = xml.policy(outputs=('objectId PartnerClaimType="sub" DefaultValue="u"',), id="B2C_1A_Silent")
    incomplete = ropc(inputs=INPUTS[1:], id="B2C_1A_Incomplete")
    files = {"ropc.xml": ropc(), "asks.xml": asking, "silent.xml": silent, "incomplete.xml": incomplete}
    return await serve_tenant(files, settings=SETTINGS, clock=clock)


@pytest.fixture
async def user(served, clock):
    hashed = await PasswordHasher(memory_kib=64, time_cost=1).hash(Secret(CREDENTIALS["password"]))
    return await served.engine.users.create(
        User(
            "22222222-2222-3333-4444-555555555555",
            clock.now(),
            attributes={"displayname": "Ann"},
            identities=(local_identity("emailAddress", CREDENTIALS["username"]),),
            password_hash=hashed,
        )
    )


async def ask(served, policy="B2C_1A_ROPC", **form):
    url = f"{served.origin}/{TENANT}/{policy}/oauth2/v2.0/token"
    body = {"grant_type": "password", "client_id": NATIVE, "scope": f"openid {NATIVE} offline_access", **CREDENTIALS}
    data = {name: value for name, value in {**body, **form}.items() if value is not None}
    async with aiohttp.ClientSession(trust_env=False) as client, client.post(url, data=data) as response:
        return response.status, await response.json()


async def refusal(served, policy="B2C_1A_ROPC", **form):
    """Return error and code; every refusal is a 400."""
    status, body = await ask(served, policy, **form)
    assert (status, set(body)) == (400, {"error", "error_description"})
    return body["error"], body["error_description"].partition(":")[0]


async def test_good_credentials_give_all_three_tokens(served, user, claims_of):
    status, body = await ask(served, campaign="Spring")

    claims = claims_of(body["id_token"])
    assert status == 200
    assert (body["token_type"], body["scope"]) == ("Bearer", f"openid {NATIVE} offline_access")
    assert body["refresh_token"]
    assert (claims["sub"], claims["displayName"], claims["campaign"]) == (user.object_id, "Ann", "Spring")
    assert claims_of(body["access_token"])["aud"] == NATIVE
    assert claims["auth_time"] == claims["iat"]
    assert "nonce" not in claims


async def test_the_response_type_says_which_tokens(served, user):
    wanted = {
        "id_token": {"id_token"},
        "token": {"access_token"},
        "token id_token": {"id_token", "access_token"},
        "": {"id_token", "access_token"},
    }
    for response_type, members in wanted.items():
        _, body = await ask(served, response_type=response_type)

        assert body.keys() & {"id_token", "access_token"} == members


async def test_the_refresh_token_of_a_password_grant_is_redeemed_like_any_other(served, user, claims_of):
    _, body = await ask(served)
    again = {"username": None, "password": None, "refresh_token": body["refresh_token"]}
    status, renewed = await ask(served, grant_type="refresh_token", **again)

    assert status == 200
    assert claims_of(renewed["id_token"])["sub"] == user.object_id


async def test_wrong_credentials_are_one_answer_whatever_is_wrong(served, user):
    wrong = ({"password": "nope"}, {"username": "eve@contoso.com"}, {"username": "\x00"}, {"password": "x" * 10_000})
    for form in wrong:
        assert await refusal(served, **form) == ("access_denied", "AADB2C90225")


async def test_a_disabled_account_and_a_locked_one_answer_like_a_wrong_password(served, user):
    for _ in range(10):
        assert await refusal(served, password="nope") == ("access_denied", "AADB2C90225")
    assert await refusal(served) == ("access_denied", "AADB2C90225")

    await served.engine.users.update(replace(user, account_enabled=False))
    assert await refusal(served, password="nope") == ("access_denied", "AADB2C90225")


WRONG_REQUESTS = [
    ({"client_id": WITHOUT_IMPLICIT}, ("unauthorized_client", "AADB2C90057")),
    ({"client_id": SPA}, ("unauthorized_client", "AADB2C90224")),
    ({"client_id": WEB}, ("invalid_client", "AADB2C90079")),
    ({"client_id": WEB, "client_secret": "wrong"}, ("invalid_client", "AADB2C90081")),
    ({"client_secret": "x"}, ("invalid_request", "AADB2C90084")),
    ({"client_id": "33333333-0000-0000-0000-000000000000"}, ("invalid_client", "AADB2C90081")),
    ({"client_id": None}, ("invalid_request", "AADB2C90083")),
    ({"username": None}, ("invalid_request", "AADB2C90083")),
    ({"password": ""}, ("invalid_request", "AADB2C90083")),
    ({"response_type": "code"}, ("unsupported_response_type", "AADB2C90013")),
    ({"scope": "https://contoso.onmicrosoft.com/other/read"}, ("invalid_scope", "AADB2C90117")),
]


async def test_what_is_wrong_with_a_request_is_told(served, user):
    assert [await refusal(served, **form) for form, _ in WRONG_REQUESTS] == [expected for _, expected in WRONG_REQUESTS]


async def test_an_application_with_a_secret_is_no_public_client_even_when_it_shows_it(served, user):
    secret = (await served.engine.applications.add_secret(WEB)).reveal()

    assert await refusal(served, client_id=WEB, client_secret=secret) == ("unauthorized_client", "AADB2C90224")


async def test_a_policy_that_takes_no_password_refuses_the_grant(served, user):
    for policy in ("B2C_1A_Silent", "B2C_1A_Incomplete"):
        assert await refusal(served, policy) == ("server_error", "AADB2C99015")


async def test_a_journey_that_wants_a_page_is_an_error_and_never_html(served, user):
    assert await refusal(served, "B2C_1A_Asks") == ("interaction_required", "AADB2C90077")


async def test_credentials_in_an_authorization_request_sign_nobody_in(served, user):
    query = urlencode(
        {"client_id": NATIVE, "response_type": "id_token", "scope": "openid", "nonce": "n", **CREDENTIALS}
    )
    url = f"{served.origin}/{TENANT}/B2C_1A_ROPC/oauth2/v2.0/authorize?{query}"
    async with aiohttp.ClientSession(trust_env=False) as client, client.get(url, allow_redirects=False) as response:
        text = await response.text()

    assert "id_token=" not in response.headers.get("Location", "")
    assert "eyJ" not in text


async def test_the_password_is_nowhere_afterwards(served, user):
    await ask(served)
    await refusal(served, password="Canary-wrong-2")
    await served.engine.trace_writer.flush()

    found = [path for path in served.engine.settings.folder.rglob("*") if path.is_file() and _holds(path)]
    assert found == []


def _holds(path):
    data = path.read_bytes()
    return b"Canary-pass-1" in data or b"Canary-wrong-2" in data


async def test_discovery_names_the_grant_and_the_user_realm_of_msal_does_not_exist(served):
    url = f"{served.origin}/{TENANT}/B2C_1A_ROPC/v2.0/.well-known/openid-configuration"
    async with aiohttp.ClientSession(trust_env=False) as client:
        async with client.get(url) as response:
            document = await response.json()
        async with client.get(f"{served.origin}/common/userrealm/ann@contoso.com?api-version=1.0") as realm:
            status = realm.status

    assert "password" in document["grant_types_supported"]
    assert status == 404
