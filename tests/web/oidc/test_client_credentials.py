"""Tokens for applications themselves, at the policy and at the tenant."""

import pytest

WEB = "11111111-0000-4000-8000-000000000001"
NATIVE = "11111111-0000-4000-8000-000000000003"
TYPELESS = "11111111-0000-4000-8000-000000000004"
API = "11111111-0000-4000-8000-000000000005"
TENANT_ID = "11111111-2222-4333-8444-555555555555"
SCOPE = "https://contoso.onmicrosoft.com/api/.default"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def ask(site, http, *, policy="B2C_1A_Silent", headers=None, **form):
    form = {"grant_type": "client_credentials", "scope": SCOPE, **form}
    if policy:
        return await site.token(http, policy, headers=headers, **form)
    from urllib.parse import urlencode

    url = f"{site.origin}/{site.tenant}/oauth2/v2.0/token"
    return await site.ask(http, "POST", url, data=urlencode(form), headers={**FORM, **(headers or {})})


async def test_a_policy_gives_an_application_a_token_for_an_api(site, http, claims_of):
    reply = await ask(site, http, client_id=WEB, client_secret=site.secret)
    claims = claims_of(reply.json["access_token"])

    assert set(reply.json) == {"access_token", "token_type", "not_before", "expires_in", "expires_on", "resource"}
    assert (reply.json["token_type"], reply.json["expires_in"], reply.json["resource"]) == ("Bearer", 3600, API)
    assert (claims["aud"], claims["sub"], claims["azp"], claims["tfp"]) == (API, WEB, WEB, "B2C_1A_Silent")
    assert claims["iss"] == f"{site.origin}/{TENANT_ID}/v2.0/"
    assert (claims["scp"], claims["roles"], claims["ver"], claims["tid"]) == ("read", ["read"], "2.0", TENANT_ID)


async def test_the_lifetime_is_that_of_the_issuer(site, http, claims_of):
    reply = await ask(site, http, policy="B2C_1A_Tfp", client_id=WEB, client_secret=site.secret)
    claims = claims_of(reply.json["access_token"])

    assert (reply.json["expires_in"], claims["exp"] - claims["iat"]) == (600, 600)


@pytest.mark.parametrize("policy", ["B2C_1A_Silent", ""])
async def test_an_application_may_ask_for_itself(site, http, claims_of, policy):
    reply = await ask(site, http, policy=policy, client_id=WEB, client_secret=site.secret, scope=f"{WEB}/.default")

    assert claims_of(reply.json["access_token"])["aud"] == WEB


async def test_the_tenant_has_an_issuer_of_its_own(site, http, claims_of):
    reply = await ask(site, http, policy="", client_id=WEB, client_secret=site.secret)
    document = await site.ask(http, "GET", f"{site.origin}/{site.tenant}/v2.0/.well-known/openid-configuration")

    claims = claims_of(reply.json["access_token"])
    assert claims["iss"] == document.json["issuer"] == f"{site.origin}/{TENANT_ID}/v2.0"
    assert "tfp" not in claims


@pytest.mark.parametrize("policy", ["B2C_1A_Silent", ""])
@pytest.mark.parametrize("client_id", [NATIVE, TYPELESS])
async def test_who_has_no_secret_gets_no_token(site, http, basic, policy, client_id):
    replies = [
        await ask(site, http, policy=policy, client_id=client_id),
        await ask(site, http, policy=policy, headers=basic(client_id, "")),
        await ask(site, http, policy=policy, client_id=client_id, headers={"Authorization": "Bearer x"}),
    ]

    assert [(reply.status, reply.json["error"]) for reply in replies] == [(400, "invalid_client")] * 3


@pytest.mark.parametrize(
    ("form", "error", "code"),
    [
        ({"client_secret": "wrong"}, "invalid_client", "AADB2C90081"),
        ({"scope": ""}, "invalid_request", "AADB2C90010"),
        ({"scope": "openid"}, "invalid_scope", "AADB2C90117"),
        ({"scope": "https://contoso.onmicrosoft.com/api/read"}, "invalid_scope", "AADB2C90117"),
        ({"scope": "https://contoso.onmicrosoft.com/other/.default"}, "unauthorized_client", "AADB2C90205"),
        ({"grant_type": "banana"}, "unsupported_grant_type", "AADB2C90086"),
        ({"grant_type": ""}, "invalid_request", "AADB2C90083"),
    ],
)
async def test_refusals_at_the_tenant(site, http, form, error, code):
    form = {"client_id": WEB, "client_secret": site.secret, **form}
    reply = await ask(site, http, policy="", **form)

    assert (reply.status, reply.json["error"]) == (400, error)
    assert reply.json["error_description"].startswith(f"{code}: ")
    assert set(reply.json) == {"error", "error_description"}


async def test_the_tenants_endpoint_is_for_posts(site, http):
    reply = await site.ask(http, "GET", f"{site.origin}/{site.tenant}/oauth2/v2.0/token")

    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


async def test_the_policy_may_stand_in_the_form(site, http, claims_of):
    own = await ask(site, http, policy="", client_id=WEB, client_secret=site.secret, p="b2c_1a_silent")
    nobody = await ask(site, http, policy="", client_id=WEB, client_secret=site.secret, p="B2C_1A_Nothing")

    assert claims_of(own.json["access_token"])["tfp"] == "B2C_1A_Silent"
    assert nobody.status == 404


async def test_basic_is_what_the_policies_of_the_service_send(site, http, basic):
    reply = await ask(site, http, policy="", headers=basic(WEB, site.secret))

    assert reply.status == 200


async def test_the_tenant_takes_a_secret_that_header_and_form_both_say_as_deployment_tools_send_it(site, http, basic):
    header = basic(WEB, site.secret)
    same = await ask(site, http, policy="", headers=header, client_id=WEB, client_secret=site.secret)
    other = await ask(site, http, policy="", headers=header, client_id=WEB, client_secret=f"{site.secret}x")
    policy = await ask(site, http, headers=header, client_id=WEB, client_secret=site.secret)

    assert same.status == 200
    assert (other.json["error"], policy.json["error"]) == ("invalid_request", "invalid_request")
