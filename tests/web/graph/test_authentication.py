"""Which tokens count, for how long, and how often one may ask."""

import base64
import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from journeyman.keys.creation import generate_rsa
from journeyman.keys.jose import sign_jwt

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TENANT = "contoso.onmicrosoft.com"
WEB = "11111111-0000-4000-8000-000000000001"


def changed(token, part, **members):
    """Return a token with other members in one of its parts; the signature stays."""
    parts = token.split(".")
    text = base64.urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4))
    parts[part] = base64.urlsafe_b64encode(json.dumps(json.loads(text) | members).encode()).rstrip(b"=").decode()
    return ".".join(parts)


async def status(site, http, token):
    headers = {"Authorization": f"Bearer {token}"}
    return (await site.ask(http, "GET", f"{site.origin}/v1.0/organization", headers=headers)).status


async def token_for(site, http, path="/oauth2/v2.0/token", **form):
    url = f"{site.origin}/{TENANT}{path}"
    data = urlencode({"grant_type": "client_credentials", **form})
    return await site.ask(http, "POST", url, data=data, headers=FORM)


@pytest.mark.parametrize(
    "scope",
    ["https://graph.microsoft.com/.default", "{origin}/.default", "00000003-0000-0000-c000-000000000000/.default"],
)
async def test_a_token_names_tenant_roles_and_the_audience_that_was_asked_for(employ, site, claims_of, scope):
    api = await employ("User.Read.All", sign_in=False)
    reply = await api.sign_in(scope=scope.format(origin=site.origin))
    claims = claims_of(api.token)

    assert f"{claims['aud']}/.default" == scope.format(origin=site.origin)
    assert (claims["tid"], claims["roles"], claims["azp"]) == (site.engine.tenant.id, ["User.Read.All"], api.client_id)
    assert (reply.json["expires_in"], claims["exp"] - claims["iat"]) == (3600, 3600)
    assert (await api("GET", "organization")).status == 200


async def test_an_audience_of_the_settings_is_given(deploy, http, employ):
    site = await deploy(change=lambda text: text + '[management]\naudiences = ["https://graph.contoso.example/"]\n')
    api = await employ("User.Read.All", at=site, sign_in=False)

    assert (await api.sign_in(scope="https://graph.contoso.example/.default")).status == 200
    assert (await api("GET", "organization")).status == 200
    assert (await api.sign_in(scope="https://graph.other.example/.default")).status == 400


async def test_the_first_version_of_the_endpoint_takes_a_resource(employ, site, http, problem):
    api = await employ("User.Read.All", sign_in=False)
    credentials = {"client_id": api.client_id, "client_secret": api.secret}
    resource = {"resource": "https://graph.microsoft.com/", "scope": "https://graph.windows.net/anything"}
    reply = await token_for(site, http, "/oauth2/token", **credentials, **resource)
    without = await token_for(site, http, "/oauth2/token", **credentials)

    assert (reply.json["expires_in"], reply.json["resource"]) == ("3600", "https://graph.microsoft.com")
    assert await status(site, http, reply.json["access_token"]) == 200
    assert (without.status, "resource" in without.json["error_description"]) == (400, True)


async def test_tokens_of_any_other_kind_are_refused(employ, site, http):
    api = await employ("User.Read.All")
    good = api.token
    own = await token_for(
        site, http, client_id=api.client_id, client_secret=api.secret, scope=f"{api.client_id}/.default"
    )
    of_policy = await token_for(
        site,
        http,
        "/B2C_1A_Silent/oauth2/v2.0/token",
        client_id=api.client_id,
        client_secret=api.secret,
        scope=f"{api.client_id}/.default",
    )
    redeemed = await site.redeem(http)
    bad = [
        "", "x", "a.b.c", "a.b", good[:-2], f"{good}x",
        f"{good.rpartition('.')[0]}.",
        changed(good, 0, alg="none"), changed(good, 0, alg="HS256"), changed(good, 0, kid="other"),
        changed(good, 1, roles=["User.ReadWrite.All"]), changed(good, 1, exp=4102444800), changed(good, 1, tid="other"),
        own.json["access_token"], of_policy.json["access_token"], redeemed.json["id_token"],
        redeemed.json["access_token"], "x" * 70_000 + ".y.z",
    ]  # fmt: skip

    assert await status(site, http, good) == 200
    assert [await status(site, http, token) for token in bad[:-1]] == [401] * (len(bad) - 1)


async def test_a_token_of_our_key_must_say_everything_right(employ, site, http, claims_of):
    api = await employ("User.Read.All")
    claims, engine = dict(claims_of(api.token)), site.engine
    key = engine.keys.active(engine.platform_signing_key)
    wrong = [
        {"tid": "22222222-2222-4333-8444-555555555555"},
        {"iss": f"{site.origin}/22222222-2222-4333-8444-555555555555/v2.0"},
        {"aud": "https://graph.windows.net"},
        {"aud": None},
        {"tfp": "B2C_1A_Silent"},
        {"azp": "22222222-2222-4333-8444-555555555555"},
        {"azp": 7},
        {"exp": claims["iat"] - 1},
        {"exp": None},
        {"nbf": claims["iat"] + 4000},
    ]
    foreign = generate_rsa(use="sig", now=engine.clock.now())

    assert await status(site, http, sign_jwt(key, claims)) == 200
    assert [await status(site, http, sign_jwt(key, claims | one)) for one in wrong] == [401] * len(wrong)
    assert await status(site, http, sign_jwt(foreign, claims, {"kid": key.kid})) == 401


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "bearer  ", "Token x", "Bearerx"])
async def test_another_header_is_refused(shared_site, shared_http, header):
    reply = await shared_site.ask(
        shared_http, "GET", f"{shared_site.origin}/v1.0/domains", headers={"Authorization": header}
    )

    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_token_ends_when_it_says_also_one_that_was_seen_before(deploy, http, employ):
    site = await deploy(change=lambda text: text + "[management]\ntoken_lifetime_s = 2\n")
    api = await employ("User.Read.All", at=site)
    seen = [(await api("GET", "organization")).status]
    site.clock.advance(seconds=3)
    seen.append((await api("GET", "organization")).status)

    assert seen == [200, 401]


async def test_tokens_count_after_a_restart(deploy, http, employ):
    async def start(folder=None):
        site = await deploy(server='public_url = "http://login.contoso.example"', folder=folder)
        site.origin = f"http://127.0.0.1:{site.engine.settings.server.port}"
        return site

    first = await start()
    api = await employ("User.Read.All", at=first)
    await first.stop()
    second = await start(first.engine.settings.folder)

    assert await status(second, http, api.token) == 200


async def test_a_role_that_was_taken_away_is_gone_at_once_and_so_is_a_removed_application(employ, site):
    api = await employ("User.Read.All", "Application.Read.All")
    application = await site.engine.applications.get(api.client_id)
    changes = site.engine.applications.changes("test")
    before = (await api("GET", "users")).status
    fewer = await changes.replace(application, replace(application, roles=("Application.Read.All",)))
    after = [(await api("GET", place)).status for place in ("users", "applications")]
    await changes.delete(fewer)

    assert (before, after) == (200, [403, 200])
    assert (await api("GET", "applications")).status == 401


async def test_a_caller_that_asks_too_often_is_told_when_to_come_back(deploy, http, employ, problem):
    site = await deploy(change=lambda text: text + "[management]\nrequests_per_minute = 3\n")
    api = await employ("User.Read.All", at=site)
    replies = [await api("GET", "organization") for _ in range(4)]
    site.clock.advance(seconds=20)

    assert [one.status for one in replies] == [200, 200, 200, 429]
    assert (problem(replies[3])["code"], replies[3].headers["Retry-After"]) == ("TooManyRequests", "20")
    assert (await api("GET", "organization")).status == 200


async def test_who_sends_bad_tokens_is_slowed_down_and_good_ones_that_are_known_pass(deploy, http, employ):
    site = await deploy(change=lambda text: text + "[management]\nfailures_per_minute = 3\n")
    api, other = await employ("User.Read.All", at=site), await employ("User.Read.All", at=site)
    assert (await api("GET", "organization")).status == 200
    bad = [await status(site, http, f"a.b.{number}") for number in range(5)]

    assert bad == [401, 401, 401, 429, 429]
    assert (await api("GET", "organization")).status == 200
    assert (await other("GET", "organization")).status == 429


async def test_who_guesses_client_secrets_is_slowed_down(deploy, http, employ):
    site = await deploy(change=lambda text: text + "[management]\nfailures_per_minute = 3\n")
    api, other = await employ("User.Read.All", at=site), await employ("User.Read.All", at=site)
    guesses = [
        await token_for(site, http, client_id=api.client_id, client_secret=f"wrong{number}", scope="x/.default")
        for number in range(4)
    ]
    right = await api.sign_in()
    site.clock.advance(seconds=21)

    assert [one.status for one in guesses] == [400, 400, 400, 429]
    assert (right.status, right.headers["Retry-After"]) == (429, "20")
    assert (await other.sign_in()).status == 200
    assert (await api.sign_in()).status == 200
