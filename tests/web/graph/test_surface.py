"""The order of the refusals, the conventions of addresses, what every answer carries."""

import pytest


async def test_who_sends_no_token_is_told_how_to_sign_in(site, http, problem):
    reply = await site.ask(http, "GET", f"{site.origin}/v1.0/domains")

    assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert problem(reply)["code"] == "InvalidAuthenticationToken"


async def test_a_caller_reads_the_domain_and_the_organization(api, site):
    domains, organization = await api("GET", "domains"), await api("GET", "organization")

    assert domains.json["value"][0]["id"] == "contoso.onmicrosoft.com"
    assert domains.json["@odata.context"] == f"{site.origin}/v1.0/$metadata#domains"
    assert organization.json["value"][0]["id"] == site.engine.tenant.id


@pytest.mark.parametrize(
    "path",
    [
        "/v1.0/domains/contoso.onmicrosoft.com",
        "/beta/domains/contoso.onmicrosoft.com",
        "/V1.0/DOMAINS/CONTOSO.onmicrosoft.com",
        "/v1.0/domains/contoso.onmicrosoft.com/",
        "/v1.0//domains//contoso.onmicrosoft.com",
        "//v1.0/domains/contoso.onmicrosoft.com",
        "/v1.0/domains('contoso.onmicrosoft.com')",
        "/v1.0/domains(%27contoso.onmicrosoft.com%27)",
        "/v1.0/domains/contoso%2Eonmicrosoft.com",
        "/v1.0/contoso.onmicrosoft.com/domains/contoso.onmicrosoft.com",
        "/beta/11111111-2222-4333-8444-555555555555/domains/contoso.onmicrosoft.com",
        "/v1.0/myorganization/domains/contoso.onmicrosoft.com",
        "/v1.0/domains/contoso.onmicrosoft.com?$select=id&%24top=1&unknown=1",
    ],
)
async def test_an_address_may_be_written_in_many_ways(api, path):
    reply = await api("GET", path)

    assert (reply.status, reply.json["id"]) == (200, "contoso.onmicrosoft.com")


async def test_percent_encoding_is_undone_once(api, problem):
    reply = await api("GET", "/v1.0/domains/contoso%252Eonmicrosoft.com")

    assert reply.status == 404
    assert problem(reply)["code"] == "Request_ResourceNotFound"


async def test_another_tenant_is_not_served_by_its_name(api, problem):
    reply = await api("GET", "/v1.0/fabrikam.onmicrosoft.com/domains")

    assert (reply.status, problem(reply)["code"]) == (404, "ResourceNotFound")


@pytest.mark.parametrize("path", ["/v1.0/nothing", "/v1.0", "/beta/", "/v1.0/domains/x/y", "/v1.0/$metadata"])
async def test_an_unknown_address_is_404(api, problem, path):
    reply = await api("GET", path)

    assert (reply.status, problem(reply)["code"]) == (404, "ResourceNotFound")


async def test_a_method_that_is_not_served_is_405(api, problem):
    reply = await api("POST", "domains", json={})

    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "POST is not served" in problem(reply)["message"]


async def test_head_and_options_are_answered_without_a_body(api, site, http):
    head = await api("HEAD", "domains")
    options = await site.ask(http, "OPTIONS", f"{site.origin}/v1.0/domains")

    assert (head.status, head.body) == (200, b"")
    assert (options.status, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    "path", ["/v1.0/domains/%ff", "/v1.0/domains/a%00b", "/v1.0/domains?$top=many", "/v1.0/domains?x=%ff"]
)
async def test_an_address_that_cannot_be_read_is_400(api, problem, path):
    reply = await api("GET", path)

    assert reply.status == 400
    assert problem(reply)["code"] == "BadRequest"


async def test_the_request_id_of_the_client_is_echoed(api, problem):
    good = await api("GET", "domains", headers={"client-request-id": "mine-1"})
    bad = await api("GET", "nothing", headers={"client-request-id": "mine-2"})

    assert good.headers["client-request-id"] == "mine-1"
    assert problem(bad)["innerError"]["client-request-id"] == "mine-2"
    assert problem(bad)["innerError"]["request-id"] == bad.headers["request-id"]


async def test_a_request_id_that_could_not_stand_in_a_header_is_replaced(api):
    reply = await api("GET", "domains", headers={"client-request-id": "x" * 200})

    assert reply.headers["client-request-id"] == reply.headers["request-id"]


async def test_an_application_without_roles_may_nothing(employ, problem):
    api = await employ()
    reply = await api("GET", "domains")

    assert (reply.status, problem(reply)["code"]) == (403, "Authorization_RequestDenied")


async def test_the_document_is_published_for_everybody(site, http):
    reply = await site.ask(http, "GET", f"{site.origin}/v1.0/openapi.json")

    assert reply.json["openapi"] == "3.1.0"
    assert reply.json["servers"] == [{"url": f"{site.origin}/v1.0"}]
    assert "/domains/{id}" in reply.json["paths"]


async def test_a_store_that_cannot_be_read_is_503_and_the_log_says_why(deploy, http, employ, problem, caplog):
    site = await deploy()
    api = await employ("User.Read.All", at=site)
    assert (await api("GET", "users")).status == 200
    await site.engine.database.execute("ALTER TABLE users RENAME TO elsewhere")
    reply = await api("GET", "users")

    assert (reply.status, reply.headers["Retry-After"]) == (503, "1")
    assert "elsewhere" not in reply.text
    assert f"request {problem(reply)['innerError']['request-id']} failed: JM5001" in caplog.text
