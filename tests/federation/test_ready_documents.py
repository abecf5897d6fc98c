"""Ready identity providers for which no server of others runs here: answers as their documentation shows them."""

from __future__ import annotations

import base64

import pytest
from aiohttp import web
from tests.federation.conftest import SECRET, Person, authorize_url, parameters_of
from tests.federation.flow_tenants import flow_tenant as flow_tenant  # noqa: PLC0414  # a fixture
from tests.federation.hostile import CLIENT, KEY, hostile_provider
from tests.federation.test_sign_in import id_token_of

from journeyman.settings.identity import IdentityProvider, IdentitySettings, UserFlow, UserFlowType
from journeyman.settings.provider_types import provider_type

TOKENS = {"access_token": "at", "expires_in": 7200, "refresh_token": "rt"}
DOCUMENTS = {
    "Facebook": {
        "/oauth/access_token": {**TOKENS, "token_type": "bearer"},
        "/me": {"id": "10151", "name": "Ada L.", "first_name": "Ada", "last_name": "L.", "email": "ada@fb.example"},
    },
    "QQ": {"/oauth2.0/token": TOKENS, "/oauth2.0/me": {"client_id": CLIENT, "openid": "QQ-OPENID"}},
    "WeChat": {
        "/sns/oauth2/access_token": {**TOKENS, "openid": "o6", "scope": "snsapi_login", "unionid": "u6"},
        "/sns/userinfo": {"openid": "o6", "nickname": "Ada", "sex": 0, "unionid": "u6"},
    },
    "Weibo": {
        "/oauth2/access_token": {
            "access_token": "at",
            "expires_in": 157679999,
            "remind_in": "157679999",
            "uid": "1404",
        },
        "/2/users/show.json": {"id": 1404, "idstr": "1404", "screen_name": "Ada", "name": "Ada"},
    },
    "Apple": {"/auth/keys": {"keys": [KEY.as_dict(private=False)]}},
}
USERS = {
    "Facebook": ("facebook.com", "10151", "Ada L."),
    "QQ": ("qq.com", "QQ-OPENID", None),
    "WeChat": ("wechat.com", "u6", "Ada"),
    "Weibo": ("weibo.com", "1404", "Ada"),
    "Apple": ("https://appleid.apple.com", "ada", None),
}
HOSTS = (
    "graph.facebook.com",
    "graph.qq.com",
    "api.weixin.qq.com",
    "api.weibo.com",
    "appleid.apple.com",
)


@pytest.fixture
async def stage(flow_tenant):
    """A tenant that offers all of them; their hosts are one server here."""
    async with hostile_provider() as provider:
        providers = tuple(
            IdentityProvider(provider_type(kind).id, kind, "", CLIENT, "B2C_1A_Secret") for kind in DOCUMENTS
        )
        ids = tuple(each.id for each in providers)
        claims = ("displayName", "identityProvider")
        flow = UserFlow("B2C_1_susi", UserFlowType.SIGN_UP_OR_SIGN_IN, identity_providers=ids, claims=claims)
        mapped = "".join(f'"https://{host}" = "{provider.origin}"\n' for host in HOSTS)
        served = await flow_tenant(
            "contoso",
            IdentitySettings(user_flows=(flow,), identity_providers=providers),
            files={"keys/B2C_1A_Secret.txt": SECRET},
            more=f"[egress.map]\n{mapped}",
        )
        yield served, provider


def answering(documents):
    return {path: lambda _, found=found: web.json_response(found) for path, found in documents.items()}


async def came_back(served, provider, kind, documents=None):
    """Go to the provider, come back with a code; return the address of the application and what was asked."""
    provider.reset()
    provider.answers |= answering(documents or DOCUMENTS[kind])
    provider.claims = {"iss": "https://appleid.apple.com"}
    async with Person() as person:
        hint = provider_type(kind).domain
        start = authorize_url(served, "B2C_1_susi", response_type="id_token", nonce="n", domain_hint=hint)
        away, _ = await person.open(start, until="https://")
        sent = parameters_of(away)
        provider.nonce = sent.get("nonce", "")
        form = {"state": sent["state"], "code": "c0de"}
        url, _ = await person.open(served.callback, until=served.redirect_uri, form=form)
    return url, away, provider.asked


async def test_a_person_gets_an_account_under_the_issuer_of_the_provider(stage):
    served, provider = stage
    names, codes = {}, {}
    for kind in DOCUMENTS:
        url, away, asked = await came_back(served, provider, kind)
        names[kind] = id_token_of(url).get("name")
        codes[kind] = [form["code"] for _, form in asked if "code" in form]
        assert SECRET not in away

    found = {each for account in await served.engine.users.page() for each in account.identities}
    assert {(each.issuer, base64.b64decode(each.value).decode()) for each in found} == {
        each[:2] for each in USERS.values()
    }
    assert codes == {kind: ["c0de"] for kind in DOCUMENTS}
    assert {kind: names[kind] for kind, user in USERS.items() if user[2]} == {
        kind: user[2] for kind, user in USERS.items() if user[2]
    }


async def test_an_error_that_wechat_reports_with_status_200_signs_nobody_in(stage):
    served, provider = stage
    wrong = {"/sns/oauth2/access_token": {"errcode": 40029, "errmsg": "invalid code"}}
    url, _, _ = await came_back(served, provider, "WeChat", wrong)

    assert parameters_of(url)["error"] == "server_error"
    assert "40029" in parameters_of(url)["error_description"]
