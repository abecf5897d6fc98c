"""Accounts over the management API."""

import asyncio
import itertools
from urllib.parse import quote

import pytest

from journeyman.directory.read import read
from journeyman.management.caller import caller_of
from journeyman.management.users import Users
from journeyman.secret import Secret
from journeyman.web.graph.filters import parse_filter

pytestmark = pytest.mark.asyncio(loop_scope="session")
TENANT = "contoso.onmicrosoft.com"
PASSWORD = "Correct-Horse-7"
_NUMBER = itertools.count(1)


def body(**members):
    mail = f"ada{next(_NUMBER)}@example.com"
    local = {"signInType": "emailAddress", "issuer": TENANT, "issuerAssignedId": mail}
    return {
        "displayName": "Ada Lovelace",
        "identities": [local],
        "passwordProfile": {"password": PASSWORD, "forceChangePasswordNextSignIn": False},
        "passwordPolicies": "DisablePasswordExpiration",
    } | members


def extension(site, name):
    return f"extension_{site.engine.tenant.extensions_app.replace('-', '')}_{name}"


async def make(api, **members):
    reply = await api("POST", "users", body(**members))
    assert reply.status == 201, reply.text
    return reply.json


async def test_a_created_user_can_be_read_and_can_sign_in(shared_api, shared_site):
    reply = await shared_api("POST", "users", body(givenName="Ada", mobilePhone="+1 555 0100"))
    user = reply.json
    read = await shared_api("GET", f"users/{user['id']}")

    assert reply.headers["Location"] == f"{shared_site.origin}/v1.0/users/{user['id']}"
    assert read.json == user
    assert (user["givenName"], user["mobilePhone"], user["accountEnabled"]) == ("Ada", "+1 555 0100", True)
    assert user["passwordProfile"] is None
    assert user["@odata.context"] == f"{shared_site.origin}/v1.0/$metadata#users/$entity"
    stored = await shared_site.engine.users.find(user["id"])
    assert await shared_site.engine.passwords.verify(stored.password_hash, Secret(PASSWORD))


async def test_a_user_is_found_by_principal_name_in_any_case(shared_api):
    user = await make(shared_api, userPrincipalName=f"grace@{TENANT}")
    by_name = await shared_api("GET", f"users/GRACE@{TENANT}")
    by_key = await shared_api("GET", f"users('grace%40{TENANT}')")

    assert by_name.json["id"] == by_key.json["id"] == user["id"]


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"displayName": None}, "displayName"),
        ({"displayName": 7}, "displayName"),
        ({"displayName": "<b>"}, "displayName"),
        ({"identities": []}, "identities"),
        ({"identities": {}}, "identities"),
        ({"identities": [{"signInType": "emailAddress", "issuer": TENANT}]}, "identities/0/issuerAssignedId"),
        (
            {"identities": [{"signInType": "emailAddress", "issuer": "other.example", "issuerAssignedId": "a@b.c"}]},
            "identities/0/issuer",
        ),
        (
            {"identities": [{"signInType": "emailAddress", "issuer": TENANT, "issuerAssignedId": "no address"}]},
            "identities/0/issuerAssignedId",
        ),
        ({"passwordProfile": None}, "passwordProfile/password"),
        ({"passwordProfile": {"password": "short"}}, "passwordProfile/password"),
        ({"passwordProfile": {"password": 12345678}}, "passwordProfile/password"),
        ({"passwordPolicies": "Nothing"}, "passwordPolicies"),
        ({"accountEnabled": "true"}, "accountEnabled"),
        ({"userPrincipalName": "ada@elsewhere.example"}, "userPrincipalName"),
        ({"otherMails": "ada@example.com"}, "otherMails"),
        ({"otherMails": ["a@b.c", 1]}, "otherMails/1"),
        ({"city": "x" * 129}, "city"),
        ({"usageLocation": "CHE"}, "usageLocation"),
    ],
)
async def test_a_wrong_member_is_named_and_nothing_is_stored(shared_api, problem, members, named):
    reply = await shared_api("POST", "users", body(**members))

    assert reply.status == 400
    assert problem(reply)["target"] == named
    assert named in problem(reply)["message"]
    assert PASSWORD not in reply.text


async def test_a_second_user_of_an_identity_is_409(shared_api, problem):
    first = body()
    await shared_api("POST", "users", first)
    again = await shared_api("POST", "users", first)

    assert again.status == 409
    assert problem(again)["code"] == "Request_MultipleObjectsWithSameKeyValue"


async def test_a_user_is_changed_and_null_clears(shared_api):
    user = await make(shared_api, city="Bern", otherMails=["a@example.com"])
    place = f"users/{user['id']}"
    reply = await shared_api(
        "PATCH", place, {"city": None, "otherMails": [], "surname": "King", "accountEnabled": False}
    )
    read = (await shared_api("GET", place)).json

    assert (reply.status, reply.body) == (204, b"")
    assert (read["city"], read["otherMails"], read["surname"], read["accountEnabled"]) == (None, [], "King", False)
    assert read["displayName"] == "Ada Lovelace"


async def test_what_was_read_can_be_sent_back(shared_api):
    user = await make(shared_api, surname="Byron")
    place = f"users/{user['id']}"
    reply = await shared_api("PATCH", place, user)

    assert reply.status == 204
    assert (await shared_api("GET", place)).json == user


@pytest.mark.parametrize("name", ["id", "createdDateTime"])
async def test_what_is_read_only_is_named(shared_api, problem, name):
    user = await make(shared_api)
    reply = await shared_api("PATCH", f"users/{user['id']}", {name: "2020-01-01T00:00:00Z"})

    assert (reply.status, problem(reply)["target"]) == (400, name)


async def test_identities_are_replaced_and_federated_ones_are_shown_plain(shared_api, shared_site):
    user = await make(shared_api)
    google = {"signInType": "federated", "issuer": "google.com", "issuerAssignedId": "1234567890"}
    place = f"users/{user['id']}"
    await shared_api("PATCH", place, {"identities": [*user["identities"], google]})
    read = (await shared_api("GET", place)).json
    stored = await shared_site.engine.users.find_federated("google.com", "MTIzNDU2Nzg5MA==")

    assert google in read["identities"]
    assert stored.object_id == user["id"]
    assert (await shared_api("PATCH", place, {"identities": read["identities"]})).status == 204
    assert (await shared_api("GET", place)).json["identities"] == read["identities"]


async def test_extension_attributes_are_shown_only_when_selected(shared_api, shared_site):
    name = extension(shared_site, "LoyaltyNumber")
    user = await make(shared_api, **{name: "4711"})
    place = f"users/{user['id']}"
    selected = (await shared_api("GET", f"{place}?$select=id,{name}")).json

    assert name not in user
    assert {key: value for key, value in selected.items() if key[0] != "@"} == {"id": user["id"], name: "4711"}
    assert (await shared_api("PATCH", place, {name: None})).status == 204
    assert name not in (await shared_api("GET", f"{place}?$select={name}")).json


async def test_a_policy_sees_the_extension_attribute_without_the_application(shared_api, shared_site):
    user = await make(shared_api, **{extension(shared_site, "Level"): 7})

    assert read(await shared_site.engine.users.find(user["id"]), "extension_level") == 7


@pytest.mark.parametrize(
    "condition",
    [
        "identities/any(c:c/issuerAssignedId eq '{mail}' and c/issuer eq 'contoso.onmicrosoft.com')",
        "identities/any(id:id/issuer eq 'CONTOSO.onmicrosoft.com' and id/issuerAssignedId eq '{MAIL}')",
        "identities/any(c:c/issuerAssignedId eq '{mail}')",
        "userPrincipalName eq '{upn}'",
        "mail eq '{mail}'",
        "startswith(mail,'{mail}')",
        "startsWith(displayName,'Who is {id}')",
        "id eq '{id}'",
        "id in ('{id}')",
        "displayName eq 'Who is {id}' and accountEnabled eq true",
        "otherMails/any(x:x eq '{mail}') or displayName eq 'nobody'",
        "not (displayName ne 'who is {id}')",
    ],
)
async def test_users_are_found_by_conditions(shared_api, condition):
    user = await make(shared_api)
    mail = user["identities"][0]["issuerAssignedId"]
    await shared_api(
        "PATCH", f"users/{user['id']}", {"mail": mail, "otherMails": [mail], "displayName": f"Who is {user['id']}"}
    )
    text = condition.format(mail=mail, MAIL=mail.upper(), upn=user["userPrincipalName"], id=user["id"])
    found = await shared_api("GET", f"users?%24filter={quote(text)}&$count=true&$select=id")

    assert [one["id"] for one in found.json["value"]] == [user["id"]]
    assert found.json["@odata.count"] == 1


@pytest.mark.parametrize("condition", ["nothing eq 1", "displayName", "displayName eq 'x", "(" * 40 + "id eq 'x'"])
async def test_a_condition_that_cannot_be_read_is_refused(shared_api, problem, condition):
    reply = await shared_api("GET", f"users?$filter={quote(condition)}")

    assert (reply.status, problem(reply)["target"]) == (400, "$filter")


async def test_a_search_is_refused_and_not_answered_with_everybody(shared_api, problem):
    reply = await shared_api("GET", 'users?$search="displayName:Ada"')

    assert (reply.status, problem(reply)["target"]) == (400, "$search")


async def test_pages_hold_every_user_once(shared_api):
    made = {(await make(shared_api, jobTitle="paged"))["id"] for _ in range(5)}
    url, seen, pages = "users?$top=2&$filter=jobTitle%20eq%20'paged'&$select=id", [], 0
    while url:
        reply = await shared_api("GET", url)
        seen += [one["id"] for one in reply.json["value"]]
        url, pages = reply.json.get("@odata.nextLink"), pages + 1

    assert (sorted(seen), pages) == (sorted(made), 3)


async def test_users_can_be_put_in_order(shared_api):
    for name in ("b", "c", "a"):
        await make(shared_api, displayName=name, jobTitle="ordered")
    condition = quote("jobTitle eq 'ordered'")
    reply = await shared_api("GET", f"users?$filter={condition}&$orderby=displayName desc&$top=2".replace(" ", "%20"))
    rest = await shared_api("GET", reply.json["@odata.nextLink"])

    assert [one["displayName"] for one in reply.json["value"] + rest.json["value"]] == ["c", "b", "a"]


async def test_users_are_counted(shared_api):
    await make(shared_api, jobTitle="counted")
    reply = await shared_api("GET", "users/$count?$filter=jobTitle%20eq%20'counted'")

    assert (reply.text, reply.headers["Content-Type"]) == ("1", "text/plain; charset=utf-8")
    assert int((await shared_api("GET", "users/$count")).text) >= 1


async def test_a_deleted_user_is_gone(shared_api, problem):
    place = f"users/{(await make(shared_api))['id']}"
    first, second = await shared_api("DELETE", place), await shared_api("GET", place)

    assert (first.status, second.status) == (204, 404)
    assert problem(second)["code"] == "Request_ResourceNotFound"
    assert (await shared_api("DELETE", place)).status == 404


async def test_a_change_of_another_version_is_412(shared_api, problem):
    made = await shared_api("POST", "users", body())
    place, etag = f"users/{made.json['id']}", made.headers["ETag"]
    good = await shared_api("PATCH", place, {"city": "Bern"}, headers={"If-Match": etag})
    stale = [
        await shared_api(method, place, {"city": "Basel"}, headers={"If-Match": etag}) for method in ("PATCH", "DELETE")
    ]

    assert good.status == 204
    assert [(one.status, problem(one)["code"]) for one in stale] == [(412, "PreconditionFailed")] * 2


async def test_changes_at_the_same_time_are_all_kept(shared_api):
    place = f"users/{(await make(shared_api))['id']}"
    names = ("city", "state", "country", "department")
    replies = await asyncio.gather(*(shared_api("PATCH", place, {name: "x"}) for name in names))
    read = (await shared_api("GET", place)).json

    done = {name for name, reply in zip(names, replies, strict=True) if reply.status == 204}
    assert {name for name in names if read[name] == "x"} == done
    assert {reply.status for reply in replies} <= {204, 409}


async def test_a_new_password_ends_earlier_sessions(shared_api, shared_site):
    user = await make(shared_api)
    await shared_api("PATCH", f"users/{user['id']}", {"passwordProfile": {"password": "Battery-Staple-8"}})
    stored = await shared_site.engine.users.find(user["id"])
    ended = await shared_api("POST", f"users/{user['id']}/revokeSignInSessions")

    assert stored.refresh_tokens_valid_from is not None
    assert ended.json["value"] is True


async def test_changes_are_in_the_audit_trail_without_values(shared_api, shared_site):
    user = await make(shared_api)
    await shared_api("PATCH", f"users/{user['id']}", {"city": "Zanzibar"})
    await shared_api("DELETE", f"users/{user['id']}")
    entries = await shared_site.engine.audit.list(10, target=user["id"])

    assert [one.activity for one in entries] == ["Delete user", "Update user", "Add user"]
    assert entries[1].detail == {"changed": "city"}
    assert all(one.actor == f"application {shared_api.client_id} Manager" for one in entries)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", "x", 7),
        ("boolean", True, "true"),
        ("int64", 7, "7"),
        ("int64", -1, True),
        ("stringCollection", ["a", "b"], "a"),
        ("dateTime", "2026-01-02T03:04:05Z", "yesterday"),
        ("string", "y", "z" * 257),
    ],
)
async def test_a_known_attribute_takes_values_of_its_type(shared_api, problem, kind, good, bad):
    name = f"Typed{next(_NUMBER)}"
    made = await shared_api("POST", "identity/userFlowAttributes", {"displayName": name, "dataType": kind})
    user = await make(shared_api, **{made.json["id"]: good})
    read = await shared_api("GET", f"users/{user['id']}?$select={made.json['id']}")
    refused = await shared_api("PATCH", f"users/{user['id']}", {made.json["id"]: bad})

    assert read.json[made.json["id"]] == good
    assert (refused.status, problem(refused)["target"]) == (400, made.json["id"])


@pytest.mark.parametrize(
    ("members", "named"),
    [
        (
            {"identities": [{"signInType": "federated", "issuer": TENANT, "issuerAssignedId": "1"}]},
            "identities/0/issuer",
        ),
        ({"identities": [{"signInType": "a b", "issuer": TENANT, "issuerAssignedId": "1"}]}, "identities/0/signInType"),
        (
            {
                "identities": [
                    {"signInType": "userName", "issuer": TENANT, "issuerAssignedId": f"n{n}"} for n in range(11)
                ]
            },
            "identities",
        ),
        (
            {"identities": [{"signInType": "userName", "issuer": TENANT, "issuerAssignedId": "same"}] * 2},
            "identities",
        ),
        ({"otherMails": ["x" * 257]}, "otherMails"),
        ({"userPrincipalName": f"@{TENANT}"}, "userPrincipalName"),
        ({"userPrincipalName": f"a b@{TENANT}"}, "userPrincipalName"),
    ],
)
async def test_identities_that_cannot_be_are_named(shared_api, problem, members, named):
    reply = await shared_api("POST", "users", body(**members))

    assert (reply.status, problem(reply)["target"]) == (400, named)


async def test_a_user_of_another_issuer_needs_no_password_and_is_found_by_it(shared_api):
    google = {"signInType": "federated", "issuer": "google.com", "issuerAssignedId": "only-there"}
    made = await shared_api("POST", "users", {"displayName": "Ada", "identities": [google]})
    condition = "identities/any(c:c/issuerAssignedId eq 'only-there' and c/issuer eq 'google.com')"
    found = await shared_api("GET", f"users?$filter={quote(condition)}")

    assert made.status == 201
    assert [one["id"] for one in found.json["value"]] == [made.json["id"]]


async def test_the_principal_name_may_stand_among_the_identities(shared_api):
    named = {"signInType": "userPrincipalName", "issuer": TENANT, "issuerAssignedId": f"turing@{TENANT}"}
    made = await make(shared_api, identities=[named])
    condition = f"identities/any(c:c/signInType eq 'userPrincipalName' and c/issuerAssignedId eq 'turing@{TENANT}')"
    found = await shared_api("GET", f"users?$filter={quote(condition)}")

    assert (made["userPrincipalName"], made["identities"]) == (f"turing@{TENANT}", [named])
    assert [one["id"] for one in found.json["value"]] == [made["id"]]


async def test_a_user_has_at_most_a_hundred_extension_attributes(shared_api, shared_site):
    many = {extension(shared_site, f"Many{number}"): "x" for number in range(101)}
    reply = await shared_api("POST", "users", body(**many))

    assert reply.status == 400
    assert (await shared_api("POST", "users", body(**dict(list(many.items())[:100])))).status == 201


async def test_an_answer_looks_at_a_bounded_number_of_users(shared_api, shared_site):
    engine = shared_site.engine
    users = Users(engine.users, engine.passwords, engine.clock, looked_at=2)
    caller = caller_of("test", frozenset({"User.Read.All"}))
    made = await make(shared_api, employeeId="bounded")
    condition, after, seen, pages = parse_filter("employeeId eq 'bounded'"), "", [], 0
    while pages == 0 or after:
        page = await users.page(caller, condition, after=after)
        after, pages = page.next_after, pages + 1
        seen += [one.object_id for one in page.users]

    assert seen == [made["id"]]
    assert pages > 1
