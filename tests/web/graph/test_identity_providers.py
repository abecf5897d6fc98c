"""``/identity/identityProviders`` and their place in user flows: each row of graph-api.md §4 and §5."""

from __future__ import annotations

import json

import pytest

SOCIAL = {
    "@odata.type": "microsoft.graph.socialIdentityProvider",
    "displayName": "Login with Amazon",
    "identityProviderType": "amazon",
    "clientId": "56433757-cadd-4135-8431-2c9e3fd68ae8",
    "clientSecret": "CANARY-social",
}
OPENID = {
    "@odata.type": "#microsoft.graph.openIdConnectIdentityProvider",
    "displayName": "Login with Contoso",
    "clientId": "client",
    "clientSecret": "CANARY-openid",
    "claimsMapping": {"userId": "myUserId", "givenName": "myGivenName", "displayName": None},
    "domainHint": "mycustomoidc",
    "metadataUrl": "https://mycustomoidc.example/.well-known/openid-configuration",
    "responseMode": "form_post",
    "responseType": "CODE",
    "scope": "openid",
}
APPLE = {
    "@odata.type": "#microsoft.graph.appleManagedIdentityProvider",
    "displayName": "Sign in with Apple",
    "developerId": "UBF8T346G9",
    "serviceId": "com.example.client",
    "keyId": "99P6D879C4",
    "certificateData": "CANARY-apple",
}
PLACE = "identity/identityProviders"


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_a_social_provider_is_made_read_listed_changed_and_deleted(api, site, version):
    place = f"{site.origin}/{version}/{PLACE}"
    created = await api("POST", place, json=SOCIAL)
    one = f"{place}/Amazon-OAUTH"
    read, listed = await api("GET", one), await api("GET", place)
    changed = await api("PATCH", one, json={"displayName": "Amazon", "clientSecret": "******"})
    renamed = (await api("GET", one)).json["displayName"]
    deleted = await api("DELETE", one)
    gone = await api("GET", one)

    expected = {
        "@odata.type": "#microsoft.graph.socialIdentityProvider",
        "id": "Amazon-OAUTH",
        "displayName": "Login with Amazon",
        "identityProviderType": "Amazon",
        "clientId": "56433757-cadd-4135-8431-2c9e3fd68ae8",
        "clientSecret": "******",
        "x_scope": "",
    }
    context = f"{site.origin}/{version}/$metadata#{PLACE}/$entity"
    assert (created.status, created.json) == (201, {"@odata.context": context, **expected})
    assert created.headers["Location"] == one
    assert (read.json, listed.json["value"]) == (created.json, [expected])
    assert (changed.status, renamed, deleted.status, gone.status) == (204, "Amazon", 204, 404)


async def test_providers_of_openid_connect_and_apple_have_their_members(api):
    openid, apple = await api("POST", PLACE, json=OPENID), await api("POST", PLACE, json=APPLE)

    assert openid.json["id"].startswith("OIDC-V1-LoginwithContoso-")
    expected = {
        **OPENID,
        "clientSecret": "******",
        "responseType": "code",
        "claimsMapping": {
            "userId": "myUserId",
            "displayName": None,
            "givenName": "myGivenName",
            "surname": None,
            "email": None,
        },
    }
    assert {name: openid.json[name] for name in OPENID} == expected
    assert {name: apple.json[name] for name in APPLE} == {**APPLE, "certificateData": "******"}
    assert apple.json["id"] == "Apple-Managed-OIDC"


async def test_the_root_collection_has_the_old_names(api):
    old = {"type": "Facebook", "name": "FB", "clientId": "app", "clientSecret": "CANARY-old"}
    created = await api("POST", "identityProviders", json=old)
    changed = await api("PATCH", "identityProviders/Facebook-OAUTH", json={"name": "Face"})
    read = await api("GET", "identityProviders/Facebook-OAUTH")
    current = await api("GET", f"{PLACE}/Facebook-OAUTH")

    assert (created.status, changed.status) == (201, 204)
    kind = "#microsoft.graph.identityProvider"
    shown = {"@odata.type": kind, **old, "id": "Facebook-OAUTH", "name": "Face", "clientSecret": "******"}
    assert {name: read.json[name] for name in shown} == shown
    assert current.json["displayName"] == "Face"


async def test_the_types_are_listed_with_and_without_brackets(api):
    for path in ("availableProviderTypes()", "availableProviderTypes"):
        reply = await api("GET", f"{PLACE}/{path}")

        assert {"Facebook", "Google", "Microsoft", "OpenIDConnect"} <= {*reply.json["value"]}


async def test_a_wrong_member_is_named(api, problem):
    for body, status, target in (
        ({}, 400, "identityProviderType"),
        ({"@odata.type": "#x"}, 400, "@odata.type"),
        ({**SOCIAL, "identityProviderType": "MySpace"}, 400, "identityProviderType"),
        ({**SOCIAL, "identityProviderType": "Twitter"}, 400, "identityProviderType"),
        ({**SOCIAL, "clientId": None}, 400, "clientId"),
        ({**SOCIAL, "clientId": 5}, 400, "clientId"),
        ({**SOCIAL, "clientSecret": None}, 400, "clientSecret"),
        ({**SOCIAL, "clientSecret": "******"}, 400, "clientSecret"),
        ({**SOCIAL, "clientSecret": ""}, 400, "clientSecret"),
        ({**OPENID, "metadataUrl": "https://user:CANARY@x.example"}, 400, "metadataUrl"),
        ({**OPENID, "responseType": "token"}, 400, "responseType"),
        ({**OPENID, "responseMode": "fragment"}, 400, "responseMode"),
        ({**OPENID, "claimsMapping": []}, 400, "claimsMapping"),
        ({**APPLE, "keyId": "x"}, 400, "keyId"),
        ({**APPLE, "certificateData": None}, 400, "certificateData"),
        (SOCIAL, 201, None),
        (SOCIAL, 409, "id"),
    ):
        reply = await api("POST", PLACE, json=body)

        assert reply.status == status, (body, reply.json)
        assert "CANARY" not in reply.text
        if status > 201:
            assert problem(reply)["target"] == target, body


@pytest.mark.parametrize("relation", ["userFlowIdentityProviders", "identityProviders"])
async def test_a_flow_offers_a_provider_and_offers_it_no_longer(api, problem, relation):
    await api("POST", PLACE, json=SOCIAL)
    new = {"id": "In", "userFlowType": "signIn", "userFlowTypeVersion": 1}
    flow = "identity/b2cUserFlows/B2C_1_In"
    await api("POST", "identity/b2cUserFlows", json=new)
    reference = f"{flow}/{relation}/$ref"
    added = await api(
        "POST", reference, json={"@odata.id": "https://graph.microsoft.com/v1.0/identityProviders/Amazon-OAUTH"}
    )
    again = await api("PATCH", reference, json={"@odata.id": f"{PLACE}/amazon-oauth"})
    listed = await api("GET", f"{flow}/{relation}")
    expanded = await api("GET", f"{flow}?$expand={relation}")
    references = await api("GET", reference)
    kept = await api("DELETE", f"{PLACE}/Amazon-OAUTH")
    removed = await api("DELETE", f"{flow}/{relation}/amazon-oauth/$ref")
    unknown = await api("DELETE", f"{flow}/{relation}/amazon-oauth/$ref")
    nobody = await api("POST", reference, json={"@odata.id": f"{PLACE}/Nobody"})
    nothing = await api("POST", reference, json={})

    assert [reply.status for reply in (added, again, removed)] == [204, 204, 204]
    assert [item["id"] for item in listed.json["value"]] == ["Amazon-OAUTH"]
    assert [item["id"] for item in expanded.json[relation]] == ["Amazon-OAUTH"]
    assert references.json["value"][0]["@odata.id"].endswith("/identity/identityProviders/Amazon-OAUTH")
    assert (kept.status, unknown.status, nobody.status, nothing.status) == (409, 404, 404, 400)
    assert "B2C_1_In" in problem(kept)["message"]


async def test_a_flow_that_nobody_could_sign_in_to_is_refused(api, problem):
    await api("POST", PLACE, json=SOCIAL)
    flow = {"id": "In", "userFlowType": "signIn", "userFlowTypeVersion": 1, "x_localAccounts": "none"}
    made = await api("POST", "identity/b2cUserFlows", json={**flow, "identityProviders": [{"id": "amazon-OAUTH"}]})
    emptied = await api("DELETE", "identity/b2cUserFlows/B2C_1_In/identityProviders/Amazon-OAUTH/$ref")

    assert (made.status, emptied.status) == (201, 400)
    assert "no local accounts" in problem(emptied)["message"]


async def test_no_secret_is_in_an_answer_the_audit_trail_or_the_database(api, site):
    answers = [await api("POST", PLACE, json=body) for body in (SOCIAL, OPENID, APPLE)]
    answers += [await api("GET", PLACE), await api("GET", "identityProviders")]
    rows = await site.engine.database.fetch_all("SELECT detail FROM audit UNION ALL SELECT record FROM configuration")
    files = [each.read_bytes() for each in (site.engine.settings.folder / ".journeyman").iterdir() if each.is_file()]

    assert [answer.status for answer in answers] == [201, 201, 201, 200, 200]
    assert "CANARY" not in "".join(answer.text for answer in answers) + json.dumps([tuple(row) for row in rows])
    assert not [content for content in files if b"CANARY" in content]


async def test_who_may_only_read_reads_and_nobody_else(employ):
    reader, other = await employ("IdentityProvider.Read.All"), await employ("IdentityUserFlow.ReadWrite.All")

    assert (await reader("GET", PLACE)).status == 200
    for reply in (
        await reader("POST", PLACE, json=SOCIAL),
        await reader("PATCH", f"{PLACE}/x", json={}),
        await reader("DELETE", f"{PLACE}/x"),
        await other("GET", PLACE),
        await other("GET", "identityProviders"),
    ):
        assert reply.status == 403
