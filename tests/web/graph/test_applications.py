"""Applications, their secrets, service principals and grants over the management API."""

import asyncio
import itertools
from urllib.parse import quote, urlencode

import pytest

from journeyman.management.caller import ROLES

pytestmark = pytest.mark.asyncio(loop_scope="session")
TENANT = "contoso.onmicrosoft.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EXTENSIONS = "b2c-extensions-app. Do not modify. Used by AADB2C for storing user data."
_NUMBER = itertools.count(1)


async def make(manager, **members):
    reply = await manager("POST", "applications", {"displayName": f"App {next(_NUMBER)}"} | members)
    assert reply.status == 201, reply.text
    return reply.json


async def secret_of(api, application, **given):
    body = {"passwordCredential": given} if given else {}
    reply = await api("POST", f"applications/{application['id']}/addPassword", body)
    assert reply.status == 200, reply.text
    return reply.json


async def token(site, http, client_id, secret, scope="https://graph.microsoft.com/.default"):
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": scope}
    url = f"{site.origin}/{TENANT}/oauth2/v2.0/token"
    return await site.ask(http, "POST", url, data=urlencode(form), headers=FORM)


async def test_what_was_sent_is_given_back(shared_api, shared_site):
    body = {
        "displayName": "Given back",
        "signInAudience": "AzureADMyOrg",
        "identifierUris": [f"https://{TENANT}/given-back"],
        "web": {
            "redirectUris": ["https://app.example/cb"],
            "logoutUrl": "https://app.example/out",
            "implicitGrantSettings": {"enableIdTokenIssuance": True, "enableAccessTokenIssuance": False},
        },
        "spa": {"redirectUris": ["https://spa.example/"]},
        "publicClient": {"redirectUris": ["com.example.app://auth"]},
        "requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": []}],
        "tags": ["one"],
    }
    made = await shared_api("POST", "applications", body)
    read = await shared_api("GET", f"applications/{made.json['id']}")

    assert made.headers["Location"] == f"{shared_site.origin}/v1.0/applications/{made.json['id']}"
    assert read.json == made.json
    assert {name: read.json[name] for name in body if name != "web"} == {k: v for k, v in body.items() if k != "web"}
    assert read.json["web"] == body["web"] | {"homePageUrl": None}
    assert read.json["passwordCredentials"] == []


async def test_the_applications_of_every_tenant_are_found_as_clients_look_for_them(shared_api, shared_site):
    for name in ("IdentityExperienceFramework", "ProxyIdentityExperienceFramework", EXTENSIONS):
        condition = quote(f"startsWith(displayName,'{name}')")
        exact = await shared_api("GET", f"/beta/applications?$filter={condition}")
        assert [one["displayName"] for one in exact.json["value"]] == [name]
        assert exact.json["value"][0]["appId"] != exact.json["value"][0]["id"]
    assert exact.json["value"][0]["appId"] == shared_site.engine.tenant.extensions_app


async def test_an_application_is_named_by_its_client_id_too(shared_api):
    made = await make(shared_api)
    by_key = await shared_api("GET", f"applications(appId='{made['appId'].upper()}')?$select=id,displayName")
    changed = await shared_api("PATCH", f"applications(appId='{made['appId']}')", {"notes": "seen"})
    deleted = await shared_api("DELETE", f"applications(appId='{made['appId']}')")

    assert by_key.json["id"] == made["id"]
    assert "appId" not in by_key.json
    assert (changed.status, deleted.status) == (204, 204)
    assert (await shared_api("GET", f"applications/{made['id']}")).status == 404


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"displayName": ""}, "displayName"),
        ({"displayName": ["x"]}, "displayName"),
        ({"web": {"redirectUris": ["http://app.example/cb"]}}, "web/redirectUris/0"),
        ({"web": {"redirectUris": ["https://ok.example/", "https://*.example/"]}}, "web/redirectUris/1"),
        ({"spa": {"redirectUris": "https://spa.example/"}}, "spa/redirectUris"),
        ({"publicClient": {"redirectUris": ["javascript:alert(1)"]}}, "publicClient/redirectUris/0"),
        ({"web": {"logoutUrl": "javascript:alert(1)"}}, "web/logoutUrl"),
        ({"identifierUris": ["ftp://x/y"]}, "identifierUris/0"),
        ({"api": {"oauth2PermissionScopes": [{"id": "x", "value": "read"}]}}, "api/oauth2PermissionScopes/0/id"),
        ({"api": {"oauth2PermissionScopes": [{"value": "two words"}]}}, "api/oauth2PermissionScopes/0/value"),
        ({"api": {"oauth2PermissionScopes": [{}]}}, "api/oauth2PermissionScopes/0/value"),
        ({"api": []}, "api"),
    ],
)
async def test_a_wrong_member_is_named(shared_api, problem, members, named):
    reply = await shared_api("POST", "applications", {"displayName": "Wrong"} | members)

    assert (reply.status, problem(reply)["target"]) == (400, named)
    assert named in problem(reply)["message"]


async def test_an_identifier_uri_belongs_to_one_application(shared_api, problem):
    reply = await shared_api(
        "POST", "applications", {"displayName": "Twice", "identifierUris": [f"https://{TENANT}/API"]}
    )

    assert (reply.status, problem(reply)["target"]) == (409, "identifierUris")


async def test_a_secret_is_shown_once_and_counts_at_once(shared_api, shared_site, shared_http):
    made = await make(shared_api)
    added = await secret_of(shared_api, made, displayName="ci")
    read = (await shared_api("GET", f"applications/{made['id']}")).json
    reply = await token(shared_site, shared_http, made["appId"], added["secretText"])
    refused = await shared_site.ask(
        shared_http,
        "GET",
        f"{shared_site.origin}/v1.0/domains",
        headers={"Authorization": f"Bearer {reply.json['access_token']}"},
    )

    assert (added["hint"], added["displayName"]) == (added["secretText"][:3], "ci")
    assert added["endDateTime"][:4] == str(int(added["startDateTime"][:4]) + 2)
    assert read["passwordCredentials"] == [
        {name: value for name, value in added.items() if name[0] != "@"} | {"secretText": None}
    ]
    assert (reply.status, refused.status) == (200, 403)


async def test_a_removed_secret_opens_nothing_and_the_others_still_do(shared_api, shared_site, shared_http):
    made = await make(shared_api)
    first, second = await asyncio.gather(secret_of(shared_api, made), secret_of(shared_api, made))
    place = f"applications/{made['id']}/removePassword"
    removed = await shared_api("POST", place, {"keyId": first["keyId"]})
    statuses = [
        (await token(shared_site, shared_http, made["appId"], one["secretText"])).status for one in (first, second)
    ]

    assert (removed.status, statuses) == (204, [400, 200])
    assert (await shared_api("POST", place, {"keyId": first["keyId"]})).status == 404
    assert (await shared_api("POST", place, {})).status == 400


async def test_secrets_added_at_the_same_time_are_all_good(shared_api, shared_site, shared_http):
    made = await make(shared_api)
    secrets = await asyncio.gather(*(secret_of(shared_api, made) for _ in range(8)))
    replies = [await token(shared_site, shared_http, made["appId"], one["secretText"]) for one in secrets]

    assert [reply.status for reply in replies] == [200] * 8
    assert len({one["keyId"] for one in secrets}) == 8


async def test_a_secret_needs_no_body(shared_api):
    made = await make(shared_api)
    reply = await shared_api("POST", f"applications/{made['id']}/addPassword")

    assert (reply.status, reply.json["displayName"]) == (200, None)


async def test_the_dates_of_a_secret_are_kept(shared_api, problem):
    made = await make(shared_api)
    good = await secret_of(shared_api, made, startDateTime="2026-01-01T00:00:00Z", endDateTime="2099-01-01T00:00:00Z")
    bad = await shared_api(
        "POST",
        f"applications/{made['id']}/addPassword",
        {"passwordCredential": {"endDateTime": "2020-01-01T00:00:00Z"}},
    )

    assert (good["startDateTime"], good["endDateTime"]) == ("2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z")
    assert (bad.status, problem(bad)["target"]) == (400, "passwordCredential/endDateTime")


async def test_who_may_change_applications_gets_no_secret_for_a_stronger_one(shared_employ, problem):
    weak, strong = await shared_employ("Application.ReadWrite.All"), await shared_employ(*ROLES)
    place = f"applications(appId='{strong.client_id}')"
    replies = [
        await weak("POST", f"{place}/addPassword", {}),
        await weak("PATCH", place, {"displayName": "Mine"}),
        await weak("DELETE", place),
    ]

    assert [(one.status, problem(one)["code"]) for one in replies] == [(403, "Authorization_RequestDenied")] * 3


async def test_a_declared_application_is_changed_in_its_file(shared_api, problem):
    place = "applications(appId='11111111-0000-4000-8000-000000000001')"
    read = await shared_api("GET", place)
    replies = [await shared_api("PATCH", place, {"displayName": "x"}), await shared_api("DELETE", place)]

    assert read.json["displayName"] == "Web app"
    assert [one.status for one in replies] == [409, 409]
    assert all("journeyman.toml" in problem(one)["message"] for one in replies)


async def test_an_application_signs_people_in(shared_api, shared_site, shared_http):
    made = await make(
        shared_api,
        web={"redirectUris": ["https://made.example/cb"], "implicitGrantSettings": {"enableIdTokenIssuance": True}},
    )
    reply = await shared_site.authorize(
        shared_http, client_id=made["appId"], redirect_uri="https://made.example/cb", scope="openid"
    )
    secret = (await secret_of(shared_api, made))["secretText"]
    redeemed = await shared_site.token(
        shared_http,
        grant_type="authorization_code",
        client_id=made["appId"],
        client_secret=secret,
        code=reply.parameters["code"],
        redirect_uri="https://made.example/cb",
    )

    assert reply.location.startswith("https://made.example/cb?")
    assert "id_token" in redeemed.json


async def test_a_grant_gives_the_scopes_of_an_api(shared_api, shared_site, shared_http, claims_of):
    scopes = [{"value": "read", "isEnabled": True}, {"value": "off", "isEnabled": False}]
    api = await make(shared_api, identifierUris=[f"https://{TENANT}/granted"], api={"oauth2PermissionScopes": scopes})
    client = await make(shared_api)
    secret = (await secret_of(shared_api, client))["secretText"]
    principals = [
        (await shared_api("POST", "servicePrincipals", {"appId": one["appId"]})).json["id"] for one in (client, api)
    ]
    scope = f"https://{TENANT}/granted/.default"
    before = await token(shared_site, shared_http, client["appId"], secret, scope)
    grant = {"clientId": principals[0], "consentType": "AllPrincipals", "resourceId": principals[1], "scope": "read"}
    made = await shared_api("POST", "oauth2PermissionGrants", grant)
    after = await token(shared_site, shared_http, client["appId"], secret, scope)

    assert (before.status, made.status) == (400, 201)
    assert claims_of(after.json["access_token"])["scp"] == "read"
    assert (await shared_api("DELETE", f"oauth2PermissionGrants/{made.json['id']}")).status == 204
    assert (await token(shared_site, shared_http, client["appId"], secret, scope)).status == 400


async def test_grants_are_listed_changed_and_checked(shared_api, problem):
    client = await make(shared_api)
    found = await shared_api("GET", f"servicePrincipals?$filter=appId%20eq%20'{client['appId']}'")
    graph = await shared_api("GET", "servicePrincipals(appId='00000003-0000-0000-c000-000000000000')")
    body = {"clientId": found.json["value"][0]["id"], "resourceId": graph.json["id"], "scope": "openid offline_access"}
    made = await shared_api("POST", "oauth2PermissionGrants", body)
    place = f"oauth2PermissionGrants/{made.json['id']}"
    await shared_api("PATCH", place, {"scope": "openid"})
    wrong = await shared_api("POST", "oauth2PermissionGrants", body | {"scope": "everything"})
    unknown = await shared_api("POST", "oauth2PermissionGrants", body | {"resourceId": "nobody"})

    assert (await shared_api("GET", place)).json["scope"] == "openid"
    assert (wrong.status, problem(wrong)["target"]) == (400, "scope")
    assert (unknown.status, problem(unknown)["target"]) == (400, "resourceId")


async def test_a_change_of_another_version_is_412(shared_api):
    made = await shared_api("POST", "applications", {"displayName": "Versions"})
    place, etag = f"applications/{made.json['id']}", made.headers["ETag"]
    first = await shared_api("PATCH", place, {"notes": "1"}, headers={"If-Match": etag})
    second = await shared_api("PATCH", place, {"notes": "2"}, headers={"If-Match": etag})

    assert (first.status, second.status) == (204, 412)


async def test_the_path_that_does_not_exist_is_404(shared_api):
    made = await make(shared_api)

    assert (await shared_api("POST", f"/beta/applications/{made['id']}/aadPassword", {})).status == 404


async def test_changes_are_in_the_audit_trail(shared_api, shared_site):
    made = await make(shared_api)
    secret = await secret_of(shared_api, made)
    await shared_api("DELETE", f"applications/{made['id']}")
    entries = await shared_site.engine.audit.list(10, target=made["appId"])

    assert [one.activity for one in entries] == ["Delete application", "Add client secret", "Add application"]
    assert secret["secretText"] not in str(entries)


async def test_custom_attributes_are_made_at_the_extensions_application(shared_api, shared_site, problem):
    app_id = shared_site.engine.tenant.extensions_app
    found = await shared_api("GET", f"applications(appId='{app_id}')")
    place = f"applications/{found.json['id']}/extensionProperties"
    made = await shared_api("POST", place, {"name": "Points", "dataType": "integer", "targetObjects": ["User"]})
    listed = await shared_api("GET", place)
    flows = await shared_api("GET", f"identity/userFlowAttributes/{made.json['name']}")

    assert (made.status, made.json["name"]) == (201, f"extension_{app_id.replace('-', '')}_Points")
    assert made.json["id"] in [one["id"] for one in listed.json["value"]]
    assert flows.json["dataType"] == "int64"
    assert (await shared_api("DELETE", f"{place}/{made.json['id']}")).status == 204
    assert problem(await shared_api("POST", place, {"name": "x", "dataType": "Binary"}))["target"] == "dataType"


async def test_other_applications_have_no_custom_attributes(shared_api):
    made = await make(shared_api)
    place = f"applications/{made['id']}/extensionProperties"

    assert (await shared_api("GET", place)).json["value"] == []
    assert (await shared_api("POST", place, {"name": "x", "dataType": "String"})).status == 404


async def test_the_audit_log_is_read_with_its_own_role(shared_employ):
    manager = await shared_employ("Application.ReadWrite.All", "AuditLog.Read.All")
    made = await make(manager)
    condition = quote(f"targetResources/any(t:t/id eq '{made['appId']}')")
    reply = await manager("GET", f"auditLogs/directoryAudits?$filter={condition}")
    (entry,) = reply.json["value"]

    assert (entry["activityDisplayName"], entry["result"]) == ("Add application", "success")
    assert entry["initiatedBy"]["app"]["displayName"] == f"application {manager.client_id} Manager"
    assert {"key": "name", "value": made["displayName"]} in entry["additionalDetails"]


async def test_what_every_tenant_has_is_stored_when_it_is_changed_and_cannot_be_deleted(shared_api, problem):
    found = await shared_api("GET", "applications?$filter=displayName%20eq%20'ProxyIdentityExperienceFramework'")
    (proxy,) = found.json["value"]
    place = f"applications/{proxy['id']}"
    refused = await shared_api("DELETE", place)
    changed = await shared_api("PATCH", place, {"publicClient": {"redirectUris": ["https://contoso.b2clogin.com/x"]}})
    read = await shared_api("GET", place)

    assert (refused.status, "cannot be deleted" in problem(refused)["message"]) == (409, True)
    assert (changed.status, read.json["appId"]) == (204, proxy["appId"])
    assert read.json["publicClient"]["redirectUris"] == ["https://contoso.b2clogin.com/x"]
    assert (await shared_api("DELETE", place)).status == 204
    assert (await shared_api("GET", place)).json["publicClient"]["redirectUris"] == []


async def test_an_application_is_bounded(shared_api, problem):
    made = await make(shared_api)
    notes = {"info": {f"n{number}": "x" * 1000 for number in range(140)}}
    reply = await shared_api("PATCH", f"applications/{made['id']}", notes)

    assert (reply.status, "larger than" in problem(reply)["message"]) == (400, True)


async def test_platforms_are_cleared_and_scopes_switched_off(shared_api):
    scopes = [{"value": "read"}, {"value": "write"}]
    made = await make(
        shared_api, spa={"redirectUris": ["https://spa.example/"]}, api={"oauth2PermissionScopes": scopes}
    )
    place = f"applications/{made['id']}"
    changed = {"spa": None, "api": {"oauth2PermissionScopes": None}, "identifierUris": None, "web": {"logoutUrl": None}}
    reply = await shared_api("PATCH", place, changed)
    read = (await shared_api("GET", place)).json
    twice = {"api": {"oauth2PermissionScopes": [{"value": "read"}, {"value": "read"}]}}

    assert (reply.status, read["spa"]["redirectUris"]) == (204, [])
    assert all(len(one["id"]) == 36 for one in made["api"]["oauth2PermissionScopes"])
    assert (await shared_api("PATCH", place, twice)).status == 400
