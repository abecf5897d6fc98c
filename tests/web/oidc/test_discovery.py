"""Discovery documents and key sets: what clients read before they send anybody anywhere."""

import pytest

TENANT_ID = "11111111-2222-4333-8444-555555555555"
DOCUMENT = "/v2.0/.well-known/openid-configuration"


async def test_the_document_names_the_policy_in_lower_case(site, http):
    reply = await site.ask(http, "GET", site.url(DOCUMENT, "B2C_1A_Silent"))
    base = f"{site.origin}/contoso.onmicrosoft.com/b2c_1a_silent"

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Cache-Control"] == "public, max-age=60"
    assert list(reply.json)[:5] == [
        "issuer", "authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri",
    ]  # fmt: skip
    assert [reply.json[name] for name in list(reply.json)[1:5]] == [
        f"{base}/oauth2/v2.0/authorize",
        f"{base}/oauth2/v2.0/token",
        f"{base}/oauth2/v2.0/logout",
        f"{base}/discovery/v2.0/keys",
    ]
    assert reply.json["response_modes_supported"] == ["query", "fragment", "form_post"]
    assert reply.json["request_uri_parameter_supported"] is False
    assert reply.json["code_challenge_methods_supported"] == ["S256", "plain"]
    assert {"sub", "name", "tid", "acr"} <= set(reply.json["claims_supported"])
    assert "userinfo_endpoint" not in reply.json


@pytest.mark.parametrize(
    "path",
    [
        "/contoso.onmicrosoft.com/B2C_1A_Silent",
        "/CONTOSO.onmicrosoft.com/b2c_1a_SILENT",
        "/tfp/contoso.onmicrosoft.com/B2C_1A_Silent",
    ],
)
async def test_every_spelling_of_an_address_gives_the_same_bytes(site, http, path):
    usual = await site.ask(http, "GET", site.url(DOCUMENT, "B2C_1A_Silent"))
    reply = await site.ask(http, "GET", f"{site.origin}{path}/V2.0/.WELL-KNOWN/OpenId-Configuration/")
    twice = await site.ask(http, "GET", f"{site.origin}{path}{DOCUMENT}?p=B2C_1A_Silent")

    assert reply.body == usual.body == twice.body


async def test_the_policy_in_the_query_stays_there(site, http):
    reply = await site.ask(http, "GET", f"{site.origin}/{TENANT_ID}{DOCUMENT}?p=B2C_1A_Silent")

    assert reply.json["token_endpoint"] == f"{site.origin}/{TENANT_ID}/oauth2/v2.0/token?p=b2c_1a_silent"
    assert reply.json["jwks_uri"] == f"{site.origin}/{TENANT_ID}/discovery/v2.0/keys?p=b2c_1a_silent"


async def test_an_issuer_with_the_policy_in_it_leads_to_its_document(site, http):
    reply = await site.ask(http, "GET", site.url(DOCUMENT, "B2C_1A_Tfp"))
    found = await site.ask(http, "GET", reply.json["issuer"] + ".well-known/openid-configuration")

    assert reply.json["issuer"] == f"{site.origin}/tfp/{TENANT_ID}/b2c_1a_tfp/v2.0/"
    assert found.json["issuer"] == reply.json["issuer"]


async def test_issuer_of_document_and_of_every_token_are_the_same(site, http, claims_of):
    for policy in ("B2C_1A_Silent", "B2C_1A_Tfp"):
        document = (await site.ask(http, "GET", site.url(DOCUMENT, policy))).json
        tokens = (await site.redeem(http, policy)).json
        implicit = await site.authorize(http, policy, response_type="id_token", nonce="n")

        issued = [tokens["id_token"], tokens["access_token"], implicit.parameters["id_token"]]
        assert {claims_of(token)["iss"] for token in issued} == {document["issuer"]}


async def test_the_public_url_alone_makes_the_issuer(deploy, http, claims_of):
    site = await deploy(server='public_url = "https://login.contoso.com"')
    local = f"http://127.0.0.1:{site.engine.settings.server.port}"
    path = f"/{site.tenant}/B2C_1A_Silent{DOCUMENT}"
    headers = {"Host": "login.contoso.com", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    named = await site.ask(http, "GET", local + path, headers=headers)
    by_address = await site.ask(http, "GET", local + path)

    assert named.json["issuer"] == f"https://login.contoso.com/{TENANT_ID}/v2.0/"
    assert named.body == by_address.body


async def test_the_tenants_document_names_its_token_endpoint(site, http):
    reply = await site.ask(http, "GET", f"{site.origin}/{site.tenant}{DOCUMENT}")

    assert reply.json["token_endpoint"] == f"{site.origin}/contoso.onmicrosoft.com/oauth2/v2.0/token"
    assert reply.json["issuer"] == f"{site.origin}/{TENANT_ID}/v2.0"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


async def test_keys_are_published_with_activation_and_without_secrets(site, http, header_of):
    document = (await site.ask(http, "GET", site.url(DOCUMENT, "B2C_1A_Silent"))).json
    first = await site.ask(http, "GET", document["jwks_uri"])
    second = await site.ask(http, "GET", document["jwks_uri"])
    token = (await site.redeem(http)).json["id_token"]

    assert first.body == second.body
    (key,) = first.json["keys"]
    assert set(key) == {"kid", "nbf", "use", "kty", "alg", "e", "n"}
    assert (key["use"], key["kty"], len(key["kid"])) == ("sig", "RSA", 43)
    assert header_of(token)["kid"] == key["kid"]


async def test_the_tenants_keys_sign_the_tenants_tokens(site, http, header_of):
    keys = (await site.ask(http, "GET", f"{site.origin}/{site.tenant}/discovery/v2.0/keys")).json["keys"]
    reply = await site.ask(
        http,
        "POST",
        f"{site.origin}/{site.tenant}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": "11111111-0000-4000-8000-000000000001",
            "client_secret": site.secret,
            "scope": "https://contoso.onmicrosoft.com/api/.default",
        },
    )

    assert header_of(reply.json["access_token"])["kid"] in {key["kid"] for key in keys}


async def test_documents_may_be_read_from_any_page(site, http):
    for path in (DOCUMENT, "/discovery/v2.0/keys"):
        reply = await site.ask(http, "OPTIONS", site.url(path), headers={"Origin": "https://any.example"})
        head = await site.ask(http, "HEAD", site.url(path))

        assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (204, "*")
        assert "GET" in reply.headers["Access-Control-Allow-Methods"]
        assert (head.status, head.body) == (200, b"")


async def test_a_missing_signing_key_is_an_error_of_the_service_and_no_crash(site, http):
    code = (await site.authorize(http)).parameters["code"]
    await site.engine.key_store.delete("B2C_1A_TokenSigningKeyContainer")
    await site.engine.keys.refresh()
    keys = await site.ask(http, "GET", site.url("/discovery/v2.0/keys", "B2C_1A_Silent"))
    form = {"grant_type": "authorization_code", "client_id": "11111111-0000-4000-8000-000000000001"}
    token = await site.token(http, client_secret=site.secret, code=code, **form)
    back = await site.authorize(http)

    assert (keys.status, "AADB2C90130" in keys.text) == (500, True)
    assert (token.status, token.json["error"]) == (400, "server_error")
    assert token.json["error_description"].startswith("AADB2C90130: ")
    assert back.parameters["error"] == "server_error"
    assert back.parameters["error_description"].startswith("AADB2C90130: ")
