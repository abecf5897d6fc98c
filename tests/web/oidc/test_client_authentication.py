"""Clients of the token endpoint: Basic or form, raw or encoded, public or confidential."""

from urllib.parse import quote_plus

import pytest

from journeyman.applications.application import Application
from journeyman.settings import ApplicationType
from journeyman.web.oidc.client_authentication import _spa_origins

WEB = "11111111-0000-4000-8000-000000000001"
TYPELESS = "11111111-0000-4000-8000-000000000004"


async def redeem(site, http, headers, **form):
    code = (await site.authorize(http)).parameters["code"]
    return await site.token(http, grant_type="authorization_code", code=code, headers=headers, **form)


async def test_the_secret_may_come_by_basic(site, http, basic):
    assert (await redeem(site, http, basic(WEB, site.secret))).status == 200
    assert (await redeem(site, http, basic(WEB, site.secret), client_id=WEB)).status == 200


class OddSecrets:
    """The registry of an engine, but for one application whose secret has odd characters."""

    def __init__(self, registry, secret):
        self.registry = registry
        self.secret = secret

    async def check_secret(self, client_id, presented):
        return presented.reveal() == self.secret

    def __getattr__(self, name):
        return getattr(self.registry, name)


@pytest.mark.parametrize("secret", ["a+b %41/=~:é", "100%", "plain"])
async def test_basic_is_read_form_encoded_and_as_it_stands(site, http, basic, secret):
    site.engine.applications = OddSecrets(site.engine.applications, secret)

    assert (await redeem(site, http, basic(WEB, quote_plus(secret)))).status == 200
    assert (await redeem(site, http, basic(WEB, secret))).status == 200
    assert (await redeem(site, http, basic(WEB, secret + "x"))).status == 400


@pytest.mark.parametrize(
    ("header", "form", "error"),
    [
        ("Basic !!!", {}, "invalid_client"),
        ("Basic", {}, "invalid_client"),
        ("Basic /w==", {}, "invalid_client"),
        ("Basic bm8tY29sb24=", {}, "invalid_client"),
        ("Bearer x", {"client_id": WEB}, "invalid_client"),
    ],
)
async def test_a_broken_header_proves_nothing(site, http, header, form, error):
    reply = await redeem(site, http, {"Authorization": header}, **form)

    assert (reply.status, reply.json["error"]) == (400, error)
    assert "WWW-Authenticate" not in reply.headers


async def test_header_and_form_must_not_contradict_each_other(site, http, basic):
    other = await redeem(site, http, basic(WEB, site.secret), client_id=TYPELESS)
    twice = await redeem(site, http, basic(WEB, site.secret), client_id=WEB, client_secret=site.secret)

    assert (other.json["error"], twice.json["error"]) == ("invalid_request", "invalid_request")


async def test_each_of_several_secrets_is_good(site, http):
    second = (await site.engine.applications.add_secret(WEB)).reveal()

    assert (await site.redeem(http, client_secret=second)).status == 200
    assert (await site.redeem(http)).status == 200


async def test_an_application_without_a_type_is_confidential_once_it_has_a_secret(site, http):
    asked = {"client_id": TYPELESS, "redirect_uri": "http://127.0.0.1:5000/callback"}
    secret = (await site.engine.applications.add_secret(TYPELESS)).reveal()
    codes = [(await site.authorize(http, **asked)).parameters["code"] for _ in range(2)]
    form = {"grant_type": "authorization_code", "client_id": TYPELESS}
    without = await site.token(http, code=codes[0], **form)
    proven = await site.token(http, code=codes[1], client_secret=secret, **form)

    assert without.json["error_description"].startswith("AADB2C90079: ")
    assert proven.status == 200


def test_origins_are_written_as_browsers_do():
    uris = ("https://Spa.Contoso.com:443/a", "http://localhost:3000/", "http://localhost:80/b")
    application = Application("id", "SPA", type=ApplicationType.SPA, redirect_uris=uris)

    assert _spa_origins([application]) == {"https://spa.contoso.com", "http://localhost:3000", "http://localhost"}
