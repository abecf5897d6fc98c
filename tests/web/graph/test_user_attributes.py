"""``/identity/userFlowAttributes``: each row of graph-api.md §5."""

from __future__ import annotations

import asyncio

import pytest

from journeyman.settings.extensions_app import extensions_app_of

NEW = {"displayName": "Shoe", "description": "Size of the shoe", "dataType": "Int64"}


def id_of(site, name: str = "Shoe") -> str:
    return f"extension_{extensions_app_of(site.engine.settings, site.engine.tenant.id).replace('-', '')}_{name}"


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_an_attribute_is_made_read_listed_described_and_deleted(api, site, version):
    place = f"{site.origin}/{version}/identity/userFlowAttributes"
    created = await api("POST", place, json=NEW)
    one = created.headers["Location"]
    read = await api("GET", f"{place}//{created.json['id']}")
    listed = await api("GET", f"{place}?$filter=displayName%20eq%20'shoe'")
    changed = await api("PATCH", one, json={"description": "Other"})
    described = (await api("GET", one)).json["description"]
    deleted = await api("DELETE", one)
    gone = await api("GET", one)

    expected = {
        "@odata.type": "#microsoft.graph.identityCustomUserFlowAttribute",
        "id": id_of(site),
        "displayName": "Shoe",
        "description": "Size of the shoe",
        "userFlowAttributeType": "custom",
        "dataType": "int64",
    }
    context = f"{site.origin}/{version}/$metadata#identity/userFlowAttributes/$entity"
    assert (created.status, created.json) == (201, {"@odata.context": context, **expected})
    assert one == f"{place}/{id_of(site)}"
    assert (read.status, read.json) == (200, created.json)
    assert listed.json["value"] == [expected]
    assert (changed.status, described, deleted.status, gone.status) == (204, "Other", 204, 404)


async def test_built_in_attributes_are_listed_with_the_type_that_the_sdk_looks_for(api):
    listed = await api("GET", "identity/userFlowAttributes")
    city = await api("GET", "identity/userFlowAttributes/City")

    expected = {
        "@odata.type": "#microsoft.graph.identityBuiltInUserFlowAttribute",
        "id": "City",
        "displayName": "City",
        "description": "",
        "userFlowAttributeType": "builtIn",
        "dataType": "string",
    }
    assert expected in listed.json["value"]
    assert {name: city.json[name] for name in expected} == expected


async def test_a_wrong_member_is_named(api, problem):
    place = "identity/userFlowAttributes"
    await api("POST", place, json=NEW)
    shoe = f"{place}/extension_Shoe"
    for method, path, body, status, target, code in (
        ("POST", place, {}, 400, "dataType", "BadRequest"),
        ("POST", place, {**NEW, "dataType": "date"}, 400, "dataType", "BadRequest"),
        ("POST", place, {**NEW, "displayName": "<>"}, 400, "displayName", "BadRequest"),
        ("POST", place, {**NEW, "displayName": None}, 400, "displayName", "BadRequest"),
        ("POST", place, {**NEW, "description": 5}, 400, "description", "BadRequest"),
        ("POST", place, {**NEW, "description": "a\u0000"}, 400, "description", "BadRequest"),
        ("POST", place, NEW, 409, "displayName", "AADB2C90074"),
        ("PATCH", shoe, {"displayName": "x"}, 400, "displayName", "AADB2C99014"),
        ("PATCH", shoe, {"dataType": "string"}, 400, "dataType", "AADB2C99014"),
        ("PATCH", f"{place}/city", {"description": "x"}, 400, None, "AADB2C99014"),
        ("DELETE", f"{place}/city", None, 400, None, "AADB2C99014"),
        ("DELETE", f"{place}/nothing", None, 404, None, "AADB2C90073"),
    ):
        reply = await api(method, path, json=body)

        error = problem(reply)
        assert (reply.status, error.get("target"), error["code"]) == (status, target, code)
    same = await api("PATCH", shoe, json={**NEW, "description": None})
    assert (same.status, (await api("GET", shoe)).json["description"]) == (204, "")


async def test_of_writers_at_once_one_makes_the_attribute(api):
    replies = await asyncio.gather(*(api("POST", "identity/userFlowAttributes", json=NEW) for _ in range(5)))

    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409]


async def test_who_may_only_read_reads_and_nobody_else(employ):
    reader = await employ("IdentityUserFlow.Read.All")
    other = await employ("APIConnectors.ReadWrite.All")

    assert (await reader("GET", "identity/userFlowAttributes/city")).status == 200
    for reply in (
        await reader("POST", "identity/userFlowAttributes", json=NEW),
        await reader("PATCH", "identity/userFlowAttributes/x", json={}),
        await reader("DELETE", "identity/userFlowAttributes/x"),
        await other("GET", "identity/userFlowAttributes"),
    ):
        assert reply.status == 403
