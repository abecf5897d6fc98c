"""``…/languages``: the row of graph-api.md §4, and the files of texts of pages.md §10."""

from __future__ import annotations

FLOW = "identity/b2cUserFlows/B2C_1_Customer"
LANGUAGES = f"{FLOW}/languages"
NEW = {"id": "Customer", "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 1}


async def made(api) -> None:
    assert (await api("POST", "identity/b2cUserFlows", json=NEW)).status == 201
    city = {
        "userAttribute": {"id": "city"},
        "displayName": "Town",
        "userInputType": "dropdownSingleSelect",
        "userAttributeValues": [{"name": "Rome", "value": "rome"}],
    }
    assert (await api("POST", f"{FLOW}/userAttributeAssignments", json=city)).status == 201


def text(kind, owner, name, value, *, override=True):
    return {"ElementType": kind, "ElementId": owner, "StringId": name, "Override": override, "Value": value}


async def test_a_language_is_offered_listed_and_taken_out(api, site):
    await made(api)
    first = await api("PUT", f"{LANGUAGES}/fr", json={"id": "fr", "isEnabled": True})
    again = await api("PUT", f"{LANGUAGES}/FR", json={})
    listed = await api("GET", LANGUAGES)
    off = await api("PUT", f"{LANGUAGES}/fr", json={"isEnabled": False})
    gone = await api("GET", f"{LANGUAGES}/fr")
    missing = await api("DELETE", f"{LANGUAGES}/fr")

    assert (first.status, again.status, off.status) == (201, 204, 204)
    assert first.headers["Location"] == f"{site.origin}/v1.0/{LANGUAGES}/fr"
    assert listed.json["value"] == [
        {"id": "en", "displayName": "English", "isEnabled": True},
        {"id": "fr", "displayName": "French", "isEnabled": True},
    ]
    assert (gone.status, missing.status) == (404, 404)


async def test_the_built_in_texts_of_a_page_are_a_file_that_changes_nothing_when_it_is_sent_back(api, site):
    await made(api)
    pages = await api("GET", f"{LANGUAGES}/en/defaultPages")
    file = await api("GET", f"{LANGUAGES}/en/defaultPages/LocalAccountSignup/$value")
    sent = await api("PUT", f"{LANGUAGES}/en/overridesPages/localaccountsignup/$value", json=file.json)
    overridden = await api("GET", f"{LANGUAGES}/en/overridesPages")

    assert "localaccountsignup" in [page["id"] for page in pages.json["value"]]
    assert text("UxElement", None, "button_continue", "Create", override=False) in file.json["LocalizedStrings"]
    assert text("ClaimType", "city", "DisplayName", "Town", override=False) in file.json["LocalizedStrings"]
    assert (sent.status, overridden.json["value"]) == (204, [])
    assert (await api("GET", f"{LANGUAGES}/en/defaultPages/error")).json["id"] == "error"
    assert (await api("GET", f"{LANGUAGES}/en/defaultPages/error/$value")).json == {"LocalizedStrings": []}


async def test_texts_that_override_others_are_kept_shown_and_compiled(api, site):
    await made(api)
    await api("PUT", f"{LANGUAGES}/fr", json={})
    file = {
        "LocalizedStrings": [
            text("UxElement", None, "heading", "Connexion <b>"),
            text("ClaimType", "email", "DisplayName", "Adresse"),
            text("ErrorMessage", None, "UserMessageIfInvalidPassword", "Non."),
            text("Predicate", "LowercaseLetter", "HelpText", "minuscule"),
        ],
        "LocalizedCollections": [
            {
                "ElementType": "ClaimType",
                "ElementId": "city",
                "TargetCollection": "Restriction",
                "Override": True,
                "Items": [{"Name": "Roma", "Value": "rome"}],
            }
        ],
    }
    path = f"{LANGUAGES}/fr/overridesPages/signuporsignin"
    sent = await api("PUT", f"{path}/$value", json=file)
    shown, pages = await api("GET", f"{path}/$value"), await api("GET", f"{LANGUAGES}/fr/overridesPages")
    texts = site.engine.identity.user_flows[0].texts["fr"]

    assert (sent.status, shown.json) == (204, file)
    assert [page["id"] for page in pages.json["value"]] == ["signuporsignin"]
    assert texts["signuporsignin/heading"] == "Connexion <b>"
    assert "B2C_1_Customer".lower() in site.engine.policies.served
    deleted = await api("DELETE", f"{LANGUAGES}/fr")
    assert (deleted.status, site.engine.identity.user_flows[0].texts) == (204, {})


async def test_what_is_no_language_page_or_file_is_refused(api, problem):
    await made(api)
    overrides = f"{LANGUAGES}/en/overridesPages/signuporsignin/$value"
    for method, path, body, status, target in (
        ("PUT", f"{LANGUAGES}/%3Cx%3E", {}, 400, "id"),
        ("GET", f"{LANGUAGES}/fr/defaultPages", None, 404, None),
        ("GET", f"{LANGUAGES}/en/defaultPages/nothing/$value", None, 404, None),
        ("PUT", f"{LANGUAGES}/en/overridesPages/nothing/$value", {}, 404, None),
        ("PUT", overrides, {"LocalizedStrings": {}}, 400, "LocalizedStrings"),
        ("PUT", overrides, {"LocalizedStrings": [{}]}, 400, "LocalizedStrings/0/StringId"),
        ("PUT", overrides, {"LocalizedCollections": [{}]}, 400, "LocalizedCollections/0/ElementId"),
    ):
        reply = await api(method, path, json=body)

        assert (reply.status, problem(reply).get("target")) == (status, target), path
