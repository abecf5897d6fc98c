"""``/identity/b2cUserFlows``: each row of graph-api.md §4."""

from __future__ import annotations

import asyncio

import pytest

CONNECTOR = {
    "displayName": "Loyalty",
    "targetUrl": "https://api.example/hook",
    "authenticationConfiguration": {
        "@odata.type": "#microsoft.graph.basicAuthentication",
        "username": "user",
        "password": "CANARY-basic",
    },
}
NEW = {"id": "Customer", "userFlowType": "SignUpOrSignIn", "userFlowTypeVersion": 3}
FLOWS = "identity/b2cUserFlows"
FLOW = f"{FLOWS}/B2C_1_Customer"
UNKNOWN = "99999999-2222-3333-4444-555555555555"
DEFAULTS = {
    "x_localAccounts": "email",
    "x_claims": [],
    "x_tokens": {
        "accessTokenMinutes": 60,
        "idTokenMinutes": 60,
        "refreshTokenDays": 14,
        "slidingWindowDays": 90,
    },
    "x_session": {"lifetimeMinutes": 1440, "absolute": False, "scope": "Tenant", "keepSignedInDays": 0},
    "x_passwordComplexity": "strong",
    "x_passwordRules": {"minLength": 8, "maxLength": 64, "characterClasses": 3},
    "x_selfServicePasswordReset": True,
    "x_emailVerification": True,
    "x_javascript": False,
    "x_template": "oceanBlue",
    "x_pages": {},
    "x_languages": [],
    "x_texts": {},
    "x_legacyPolicyClaim": False,
}


async def made(api, **changed) -> str:
    reply = await api("POST", FLOWS, json={**NEW, **changed})
    assert reply.status == 201, reply.json
    return f"{FLOWS}/{reply.json['id']}"


async def connector_of(api) -> str:
    return (await api("POST", "identity/apiConnectors", json=CONNECTOR)).json["id"]


@pytest.mark.parametrize(("version", "name"), [("v1.0", "b2cUserFlows"), ("beta", "b2xUserFlows")])
async def test_a_flow_is_made_read_listed_changed_and_deleted(api, site, version, name):
    place = f"{site.origin}/{version}/identity/{name}"
    created = await api("POST", place, json=NEW)
    one = f"{place}/b2c_1_CUSTOMER"
    read = await api("GET", one)
    listed = await api("GET", f"{place}?$expand=identityProviders")
    change = {"isLanguageCustomizationEnabled": True, "defaultLanguageTag": "fr", "userFlowTypeVersion": 3.0}
    changed = await api("PATCH", one, json=change)
    after = await api("GET", one)
    deleted = await api("DELETE", one)
    gone = await api("GET", one)

    expected = {
        "id": "B2C_1_Customer",
        "userFlowType": "signUpOrSignIn",
        "userFlowTypeVersion": 3,
        "isLanguageCustomizationEnabled": False,
        "defaultLanguageTag": "en",
        "apiConnectorConfiguration": {},
        **DEFAULTS,
    }
    context = f"{site.origin}/{version}/$metadata#identity/{name}/$entity"
    assert (created.status, created.json) == (201, {"@odata.context": context, **expected})
    assert created.headers["Location"] == f"{place}/B2C_1_Customer"
    assert (read.status, read.json) == (200, created.json)
    assert [item["id"] for item in listed.json["value"]] == ["B2C_1_Customer"]
    assert (changed.status, changed.body) == (204, b"")
    assert (after.json["isLanguageCustomizationEnabled"], after.json["defaultLanguageTag"]) == (True, "fr")
    assert (deleted.status, gone.status) == (204, 404)


async def test_a_flow_is_served_as_soon_as_it_is_made_and_not_after_it_is_deleted(api, site, http):
    url = f"{site.origin}/{site.tenant}/B2C_1_Customer/v2.0/.well-known/openid-configuration"
    before = await site.ask(http, "GET", url)
    flow = await made(api)
    served = await site.ask(http, "GET", url)
    await api("DELETE", flow)
    after = await site.ask(http, "GET", url)

    assert (before.status, served.status, after.status) == (404, 200, 404)
    assert served.json["issuer"].endswith("/v2.0/")


async def test_what_graph_does_not_know_of_a_flow_has_members_of_its_own(api):
    settings = {
        "x_localAccounts": "userName",
        "x_claims": ["displayName", "City"],
        "x_tokens": {"accessTokenMinutes": 30, "slidingWindowDays": None},
        "x_session": {"scope": "Application", "keepSignedInDays": 30, "absolute": True},
        "x_passwordComplexity": "custom",
        "x_passwordRules": {"minLength": 12},
        "x_selfServicePasswordReset": False,
        "x_emailVerification": False,
        "x_javascript": True,
        "x_template": "slateGray",
        "x_pages": {"signuporsignin": {"uri": "https://cdn.example/a.html"}},
        "x_languages": ["en", "fr"],
        "x_texts": {"fr": {"heading": "Bonjour <b>"}},
        "x_legacyPolicyClaim": True,
    }
    flow = await made(api, **settings)
    shown = (await api("GET", flow)).json

    assert {name: shown[name] for name in settings} == {
        **settings,
        "x_claims": ["displayName", "city"],
        "x_tokens": {**DEFAULTS["x_tokens"], "accessTokenMinutes": 30, "slidingWindowDays": None},
        "x_session": {**settings["x_session"], "lifetimeMinutes": 1440},
        "x_passwordRules": {"minLength": 12, "maxLength": 64, "characterClasses": 3},
        "x_pages": {"signuporsignin": {"uri": "https://cdn.example/a.html", "layout": ""}},
    }


WRONG = (
    ({}, "userFlowType", "BadRequest"),
    ({**NEW, "id": None}, "id", "BadRequest"),
    ({**NEW, "id": "a b"}, "id", "BadRequest"),
    ({**NEW, "id": "../x"}, "id", "BadRequest"),
    ({**NEW, "id": "<b>"}, "id", "BadRequest"),
    ({**NEW, "id": "B2C_1A_Custom"}, "id", "BadRequest"),
    ({**NEW, "id": "x" * 65}, "id", "BadRequest"),
    ({**NEW, "userFlowType": "signOut"}, "userFlowType", "BadRequest"),
    ({**NEW, "userFlowTypeVersion": None}, "userFlowTypeVersion", "BadRequest"),
    ({**NEW, "userFlowTypeVersion": 0}, "userFlowTypeVersion", "BadRequest"),
    ({**NEW, "defaultLanguageTag": "<x>"}, "defaultLanguageTag", "BadRequest"),
    ({**NEW, "isLanguageCustomizationEnabled": "yes"}, "isLanguageCustomizationEnabled", "BadRequest"),
    ({**NEW, "identityProviders": [{"id": "Nobody"}]}, "identityProviders/0", "BadRequest"),
    ({**NEW, "identityProviders": [{}]}, "identityProviders/0/id", "BadRequest"),
    ({**NEW, "x_claims": ["nothing"]}, "x_claims/0", "BadRequest"),
    ({**NEW, "x_claims": ["city", "CITY"]}, "x_claims", "AADB2C99022"),
    ({**NEW, "x_tokens": {"accessTokenMinutes": 1}}, "x_tokens/accessTokenMinutes", "BadRequest"),
    ({**NEW, "x_tokens": {"accessTokenMinutes": True}}, "x_tokens/accessTokenMinutes", "BadRequest"),
    ({**NEW, "x_session": {"scope": "World"}}, "x_session/scope", "BadRequest"),
    ({**NEW, "x_passwordRules": {"minLength": 9}}, "x_passwordRules", "BadRequest"),
    ({**NEW, "x_template": "../x"}, "x_template", "BadRequest"),
    (
        {**NEW, "x_pages": {"signuporsignin": {"uri": "javascript:alert(1)"}}},
        "x_pages/signuporsignin/uri",
        "BadRequest",
    ),
    ({**NEW, "x_pages": {"signuporsignin": {"layout": "<x>"}}}, "x_pages/signuporsignin/layout", "BadRequest"),
    ({**NEW, "x_texts": {"fr": {"heading": "a\u0007"}}}, "x_texts/fr/heading", "BadRequest"),
    ({**NEW, "x_localAccounts": "none"}, "x_localAccounts", "BadRequest"),
    ({**NEW, "x_languages": ["en"] * 300}, "x_languages", "BadRequest"),
    ({**NEW, "x_pages": {f"p{n}": {} for n in range(60)}}, "x_pages", "BadRequest"),
    ({**NEW, "userAttributeAssignments": [{}]}, "userAttributeAssignments/0/userAttribute", "BadRequest"),
    (
        {**NEW, "apiConnectorConfiguration": {"preTokenIssuance": {"@odata.id": "http://[/x"}}},
        "apiConnectorConfiguration/preTokenIssuance/@odata.id",
        "BadRequest",
    ),
    (
        {**NEW, "apiConnectorConfiguration": {"postFederationSignup": {"@odata.id": UNKNOWN}}},
        "apiConnectorConfiguration/postFederationSignup",
        "BadRequest",
    ),
    (
        {**NEW, "apiConnectorConfiguration": {"preTokenIssuance": {"@odata.id": "https://x/identity/users/1"}}},
        "apiConnectorConfiguration/preTokenIssuance/@odata.id",
        "BadRequest",
    ),
)


async def test_a_wrong_member_is_named_and_nothing_is_stored(api, site, problem):
    for body, target, code in WRONG:
        reply = await api("POST", FLOWS, json=body)

        error = problem(reply)
        assert (reply.status, error.get("target"), error["code"]) == (400, target, code), body
    assert site.engine.identity.user_flows == ()


async def test_a_second_flow_of_one_id_is_refused(api, problem):
    await made(api)
    again = await api("POST", FLOWS, json={**NEW, "id": "b2c_1_customer"})

    assert (again.status, problem(again)["target"]) == (409, "id")


async def test_what_a_flow_keeps_for_good_does_not_change(api, problem):
    flow = await made(api)
    for body, target in (
        ({"userFlowType": "signIn"}, "userFlowType"),
        ({"userFlowTypeVersion": 1}, "userFlowTypeVersion"),
        ({"id": "B2C_1_other"}, "id"),
    ):
        reply = await api("PATCH", flow, json=body)

        assert (reply.status, problem(reply)["target"], problem(reply)["code"]) == (400, target, "AADB2C99014")
    same = await api("PATCH", flow, json=NEW | {"id": "B2C_1_Customer"})
    assert same.status == 204


ADDRESSES = (
    "https://graph.microsoft.com/beta/identity/apiConnectors/{id}/",
    "{origin}/v1.0/identity/apiConnectors/{id}",
    "identity/apiconnectors/{id}",
    "/identity/apiConnectors('{id}')",
    "{id}",
)


async def test_a_connector_is_bound_by_any_form_of_its_address_and_unbound_by_nothing(api, site):
    flow, connector = await made(api), await connector_of(api)
    step = f"{flow}/apiConnectorConfiguration/POSTATTRIBUTECOLLECTION/%24ref"
    for address in ADDRESSES:
        body = {"@odata.id": address.format(origin=site.origin, id=connector)}
        bound = await api("PUT", step, json=body)
        calls = {**site.engine.identity.user_flows[0].connectors}
        unbound = await api("PUT", step, json={})

        assert (bound.status, bound.body, unbound.status) == (204, b"", 204)
        assert [*calls.values()] == [connector]
        assert site.engine.identity.user_flows[0].connectors == {}


async def test_the_connectors_of_a_flow_are_shown_as_far_as_they_are_asked_for(api):
    flow, connector = await made(api), await connector_of(api)
    configuration = f"{flow}/apiConnectorConfiguration"
    await api("PUT", f"{configuration}/postAttributeCollection/$ref", json={"@odata.id": connector})
    expanded = await api("GET", f"{configuration}?%24expand=postFederationSignup,postAttributeCollection")
    everything, plain = await api("GET", f"{configuration}?$expand=*"), await api("GET", configuration)
    unbound = await api("GET", f"{configuration}/preTokenIssuance")

    shown = expanded.json["postAttributeCollection"]
    assert (shown["id"], shown["authenticationConfiguration"]["password"]) == (connector, "******")
    assert expanded.json["postFederationSignup"] is None
    assert set(everything.json) - set(expanded.json) == {"preTokenIssuance"}
    assert (set(plain.json), unbound.status) == ({"@odata.context"}, 404)


async def test_a_flow_is_made_with_its_connectors_and_a_bound_connector_stays(api, problem, site):
    connector = await connector_of(api)
    bound = {"postAttributeCollection": {"@odata.id": connector}, "preTokenIssuance": None}
    flow = await made(api, apiConnectorConfiguration=bound)
    step = f"{flow}/apiConnectorConfiguration/postAttributeCollection"
    of_step, reference = await api("GET", step), await api("GET", f"{step}/$ref")
    kept = await api("DELETE", f"identity/apiConnectors/{connector}")
    unbound = await api("DELETE", f"{step}/$ref")
    deleted = await api("DELETE", f"identity/apiConnectors/{connector}")

    assert of_step.json["displayName"] == "Loyalty"
    assert reference.json["@odata.id"] == f"{site.origin}/v1.0/identity/apiConnectors/{connector}"
    assert kept.status == 409
    assert "B2C_1_Customer" in problem(kept)["message"]
    assert (unbound.status, deleted.status) == (204, 204)


async def test_a_certificate_is_uploaded_to_the_connector_of_a_step(api, employ, problem):
    flow, connector = await made(api), await connector_of(api)
    step = f"{flow}/apiConnectorConfiguration/preTokenIssuance"
    body = {"pkcs12Value": "bm8gUEZY", "password": ""}
    nobody = await api("POST", f"{step}/uploadClientCertificate", json=body)
    await api("PUT", f"{step}/$ref", json={"@odata.id": connector})
    basic = await api("POST", f"{step}/uploadClientCertificate", json=body)
    flows_only = await employ("IdentityUserFlow.ReadWrite.All")

    assert (nobody.status, basic.status) == (404, 400)
    assert "proves itself by no client certificate" in problem(basic)["message"]
    assert (await flows_only("POST", f"{step}/uploadClientCertificate", json=body)).status == 403


async def test_a_connector_is_bound_only_where_the_kind_of_flow_has_the_step(api, problem):
    connector = await connector_of(api)
    flow = await made(api, id="In", userFlowType="signIn")
    reset = await made(api, id="Reset", userFlowType="passwordReset")
    body = {"@odata.id": connector}
    token = await api("PUT", f"{flow}/apiConnectorConfiguration/preTokenIssuance/$ref", json=body)
    sign_up = await api("PUT", f"{flow}/apiConnectorConfiguration/postAttributeCollection/$ref", json=body)
    never = await api("PUT", f"{reset}/apiConnectorConfiguration/preTokenIssuance/$ref", json=body)
    nothing = await api("PUT", f"{flow}/apiConnectorConfiguration/sendEmail/$ref", json=body)
    unknown = await api("PUT", f"{flow}/apiConnectorConfiguration/preTokenIssuance/$ref", json={"@odata.id": UNKNOWN})

    assert [reply.status for reply in (token, sign_up, never, nothing, unknown)] == [204, 400, 400, 404, 404]
    assert problem(sign_up)["target"] == "apiConnectorConfiguration/postAttributeCollection"
    assert "preTokenIssuance" in problem(sign_up)["message"]
    assert "none" in problem(never)["message"]


async def test_attributes_are_assigned_read_ordered_changed_and_taken_out(api, site):
    await api("POST", "identity/userFlowAttributes", json={"displayName": "Shoe", "dataType": "string"})
    assignments = f"{await made(api)}/userAttributeAssignments"
    city = {"userAttribute": {"id": "City"}, "userInputType": "TextBox", "isOptional": False}
    shoe = {
        "userAttribute": {"id": "extension_Shoe"},
        "displayName": "Shoe size",
        "isOptional": True,
        "userInputType": "dropdownSingleSelect",
        "userAttributeValues": [{"name": "Small", "value": "s", "isDefault": True}, {"value": "l"}],
    }
    first, second = await api("POST", assignments, json=city), await api("POST", assignments, json=shoe)
    order = await api("GET", f"{assignments}/getOrder()")
    turned = {"newAssignmentOrder": {"order": order.json["order"][::-1]}}
    set_order = await api("POST", f"{assignments}/setOrder", json=turned)
    listed = await api("GET", f"{assignments}?$expand=userAttribute")
    changed = await api("PATCH", f"{assignments}/city", json={"displayName": "Town", "isOptional": True})
    one = await api("GET", f"{assignments}/CITY")
    attribute = await api("GET", f"{assignments}/City/userAttribute")
    gone = await api("DELETE", second.headers["Location"])
    left = await api("GET", f"{assignments}/getOrder")

    name = second.json["id"]
    assert (first.status, second.status) == (201, 201)
    assert second.headers["Location"] == f"{site.origin}/v1.0/{assignments}/{name}"
    assert {n: second.json[n] for n in ("displayName", "isOptional", "userInputType", "userAttributeValues")} == {
        "displayName": "Shoe size",
        "isOptional": True,
        "userInputType": "dropdownSingleSelect",
        "userAttributeValues": [
            {"name": "Small", "value": "s", "isDefault": True},
            {"name": "l", "value": "l", "isDefault": False},
        ],
    }
    assert (order.json["order"], set_order.status) == (["City", name], 204)
    assert [item["id"] for item in listed.json["value"]] == [name, "City"]
    assert listed.json["value"][0]["userAttribute"]["dataType"] == "string"
    assert (changed.status, one.json["displayName"], one.json["isOptional"]) == (204, "Town", True)
    assert (gone.status, left.json["order"], attribute.json["displayName"]) == (204, ["City"], "City")


async def test_a_flow_that_edits_profiles_always_has_an_attribute(api, problem):
    flow = await made(api, id="Edit", userFlowType="profileUpdate")
    first = await api("GET", f"{flow}/userAttributeAssignments/getOrder")
    emptied = await api("DELETE", f"{flow}/userAttributeAssignments/displayName")

    assert first.json["order"] == ["DisplayName"]
    assert (emptied.status, problem(emptied)["code"]) == (400, "AADB2C99021")


async def test_a_flow_is_made_with_what_it_collects(api):
    assignments = [{"userAttribute": {"id": "city"}, "isOptional": True}, {"userAttribute": {"id": "state"}}]
    flow = await made(api, userAttributeAssignments=assignments)
    listed = await api("GET", f"{flow}/userAttributeAssignments")

    assert [(each["id"], each["isOptional"]) for each in listed.json["value"]] == [("City", True), ("State", False)]


async def test_a_wrong_assignment_is_refused_by_its_member(api, problem):
    assignments = f"{await made(api)}/userAttributeAssignments"
    city = {"userAttribute": {"id": "city"}}
    await api("POST", assignments, json=city)
    state = {"userAttribute": {"id": "state"}}
    for method, path, body, status, target in (
        ("POST", "", {}, 400, "userAttribute"),
        ("POST", "", {"userAttribute": {}}, 400, "userAttribute/id"),
        ("POST", "", {"userAttribute": {"id": "nothing"}}, 400, "userAttribute/id"),
        ("POST", "", {"userAttribute": {"id": "objectId"}}, 400, "userInputType"),
        ("POST", "", city, 409, "userAttribute/id"),
        ("POST", "", {**state, "userInputType": "slider"}, 400, "userInputType"),
        ("POST", "", {**state, "userInputType": "radioSingleSelect"}, 400, "userInputType"),
        ("POST", "", {**state, "displayName": "a\u0000"}, 400, "displayName"),
        ("POST", "", {**state, "userAttributeValues": [{}]}, 400, "userAttributeValues/0/value"),
        ("POST", "", {**state, "userAttributeValues": [{"value": "a,b"}]}, 400, "userAttributeValues/value"),
        ("POST", "", {**state, "userAttributeValues": [{"value": "a"}, {"value": "A"}]}, 400, "userAttributeValues"),
        ("POST", "", {**state, "userAttributeValues": [{"value": "a"}] * 300}, 400, "userAttributeValues"),
        ("PATCH", "/city", {"userInputType": "checkboxMultiSelect"}, 400, "userInputType"),
        ("PATCH", "/state", {}, 404, None),
        ("DELETE", "/state", None, 404, None),
        ("POST", "/setOrder", {}, 400, "newAssignmentOrder"),
        ("POST", "/setOrder", {"newAssignmentOrder": {}}, 400, "newAssignmentOrder/order"),
        ("POST", "/setOrder", {"newAssignmentOrder": {"order": ["city", "city"]}}, 400, "newAssignmentOrder/order"),
    ):
        reply = await api(method, assignments + path, json=body)

        error = problem(reply)
        assert (reply.status, error.get("target")) == (status, target), (path, body, error)


async def test_assignments_of_many_writers_at_once_are_all_kept(api):
    assignments = f"{await made(api)}/userAttributeAssignments"
    names = ["City", "State", "Country", "JobTitle", "PostalCode"]
    replies = await asyncio.gather(*(api("POST", assignments, json={"userAttribute": {"id": name}}) for name in names))
    order = await api("GET", f"{assignments}/getOrder()")

    assert [reply.status for reply in replies] == [201] * 5
    assert sorted(order.json["order"]) == sorted(names)


async def test_a_used_attribute_stays(api, problem):
    await api("POST", "identity/userFlowAttributes", json={"displayName": "Shoe", "dataType": "string"})
    flow = await made(api, x_claims=["extension_Shoe"])
    kept = await api("DELETE", "identity/userFlowAttributes/extension_Shoe")
    await api("PATCH", flow, json={"x_claims": []})
    deleted = await api("DELETE", "identity/userFlowAttributes/extension_Shoe")

    assert (kept.status, deleted.status) == (409, 204)
    assert "B2C_1_Customer" in problem(kept)["message"]


async def test_who_may_only_read_reads_and_nobody_else(employ, api):
    flow = await made(api)
    reader, other = await employ("IdentityUserFlow.Read.All"), await employ("APIConnectors.ReadWrite.All")

    assert (await reader("GET", flow)).status == 200
    for reply in (
        await reader("POST", FLOWS, json=NEW),
        await reader("PATCH", flow, json={}),
        await reader("DELETE", flow),
        await reader("PUT", f"{flow}/apiConnectorConfiguration/preTokenIssuance/$ref", json={}),
        await reader("POST", f"{flow}/userAttributeAssignments", json={}),
        await reader("POST", f"{flow}/userAttributeAssignments/setOrder", json={}),
        await other("GET", f"{FLOWS}/unknown"),
        await other("GET", f"{flow}/apiConnectorConfiguration"),
    ):
        assert reply.status == 403
