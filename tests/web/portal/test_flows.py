"""The pages of user flows over HTTP."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from journeyman.applications.application import Application
from journeyman.management.caller import Right
from journeyman.settings.identity import ConnectorStep
from journeyman.settings.model import ApplicationType
from journeyman.web.portal.flows import authorize_url, flows_area

BASE = "/portal/flows"
WEB = "11111111-0000-4000-8000-000000000001"


async def create(portal, **fields):
    await portal.get(f"{BASE}/new")
    sent = {
        "type": "signUpOrSignIn",
        "id": "SignIn",
        "localAccounts": "email",
        "collect": ["displayName", "city"],
        "return": ["objectId", "city"],
    }
    return await portal.post(f"{BASE}/new", {**sent, **fields})


@pytest.fixture
async def flow(portal):
    """The page of a user flow."""
    return (await create(portal)).location


def etag_of(page):
    return page.text.partition('name="etag" value="')[2].partition('"')[0].replace("&#34;", '"')


async def test_without_a_flow_the_page_says_what_one_is(portal):
    assert "No user flow yet" in (await portal.get(BASE)).text


async def test_a_flow_is_served_when_its_page_appears(portal, site):
    reply = await create(portal)
    page = await portal.follow(reply)

    assert (reply.status, reply.location) == (303, f"{BASE}/B2C_1_SignIn")
    assert ">served<" in page.text
    assert site.engine.policies.find("B2C_1_SignIn") is not None


@pytest.mark.parametrize("kind", ["signUp", "signIn", "profileUpdate", "passwordReset", "resourceOwner"])
async def test_every_kind_can_be_made(portal, kind, site):
    form = await portal.get(f"{BASE}/new?type={kind}")
    reply = await create(portal, type=kind, collect=["city"] if kind in {"signUp", "profileUpdate"} else [])

    assert form.status == 200
    assert reply.status == 303, reply.text
    assert site.engine.policies.find("B2C_1_SignIn") is not None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "two words"}, "id has 1 to 64 letters"),
        ({"id": "<script>"}, "id has 1 to 64 letters"),
        ({"id": "B2C_1A_x"}, "custom policies"),
        ({"type": "x"}, "choose one of those on the form"),
        ({"collect": ["nothing"]}, "there is no user attribute"),
    ],
)
async def test_a_wrong_field_is_refused_in_words_and_nothing_is_stored(portal, site, fields, said):
    reply = await create(portal, **fields)

    assert reply.status == 400
    assert said in reply.text
    assert "<script>" not in reply.text
    assert site.engine.identity.user_flows == ()


async def test_run_now_sends_the_browser_into_the_flow_as_an_application_would(portal, flow, site):
    page = await portal.get(flow)
    (uri,) = {one for one in page.text.split('"') if one.startswith(f"{WEB} https://app.")}

    reply = await portal.get(f"{flow}/run?application={uri.replace(' ', '%20')}&language=de")
    query = parse_qs(urlsplit(reply.location).query)

    assert reply.status == 303
    assert reply.location.startswith(f"{site.origin}/contoso.onmicrosoft.com/B2C_1_SignIn/oauth2/v2.0/authorize?")
    assert (query["client_id"], query["redirect_uri"], query["ui_locales"]) == (
        [WEB],
        ["https://app.contoso.com/callback"],
        ["de"],
    )


@pytest.mark.parametrize("choice", ["", "x", f"{WEB} https://evil.example/", "%3Cscript%3E"])
async def test_run_now_goes_to_registered_applications_only(portal, flow, choice):
    assert (await portal.get(f"{flow}/run?application={choice.replace(' ', '%20')}")).status == 400


async def test_attributes_are_changed_and_served(portal, flow, site):
    page = await portal.get(f"{flow}/attributes")

    reply = await portal.post(
        f"{flow}/attributes",
        {
            "etag": etag_of(page),
            "collect": ["city", "country"],
            "place-country": "1",
            "place-city": "2",
            "return": ["country"],
        },
    )

    (now,) = site.engine.identity.user_flows
    assert reply.status == 303
    assert [one.attribute for one in now.attributes] == ["country", "city"]
    assert now.claims == ("country",)


async def test_one_attribute_gets_a_label_a_field_and_options(portal, flow, site):
    await portal.get(f"{flow}/attributes/city")
    reply = await portal.post(
        f"{flow}/attributes/city",
        {"displayName": "Town <b>", "inputType": "dropdownSingleSelect", "options": "*ulm = Ulm\nbonn = Bonn"},
    )
    page = await portal.get(f"{flow}/attributes/city")

    (now,) = site.engine.identity.user_flows
    found = next(one for one in now.attributes if one.attribute == "city")
    assert reply.status == 303
    assert (found.display_name, [one.value for one in found.options]) == ("Town <b>", ["ulm", "bonn"])
    assert "*ulm = Ulm" in page.text
    assert "Town <b>" not in page.text


async def test_properties_are_changed_and_wrong_ones_marked(portal, flow, site):
    page = await portal.get(f"{flow}/properties")
    sent = {
        "etag": etag_of(page),
        "localAccounts": "userName",
        "passwordComplexity": "custom",
        "minLength": "12",
        "maxLength": "64",
        "characterClasses": "2",
        "accessTokenMinutes": "5",
        "idTokenMinutes": "60",
        "refreshTokenDays": "14",
        "slidingWindowDays": "90",
        "lifetimeMinutes": "60",
        "scope": "Policy",
        "keepSignedInDays": "7",
    }

    wrong = await portal.post(f"{flow}/properties", {**sent, "accessTokenMinutes": "4"})
    right = await portal.post(f"{flow}/properties", sent)

    (now,) = site.engine.identity.user_flows
    assert (wrong.status, right.status) == (400, 303)
    assert 'id="accessTokenMinutes"' in wrong.text
    assert 'aria-invalid="true"' in wrong.text
    assert (now.password_rules.min_length, now.tokens.access_token_minutes, now.session.scope) == (12, 5, "Policy")
    assert now.tokens.sliding_window_days is None


async def test_a_change_upon_what_somebody_else_has_changed_is_refused(portal, flow):
    page = await portal.get(f"{flow}/attributes")
    sent = {"etag": etag_of(page), "collect": ["city"], "return": []}
    await portal.post(f"{flow}/attributes", sent)

    assert (await portal.post(f"{flow}/attributes", {**sent, "collect": ["country"]})).status == 412


async def test_an_unknown_connector_is_refused(portal, flow, site):
    page = await portal.get(f"{flow}/connectors")
    reply = await portal.post(
        f"{flow}/connectors", {"etag": etag_of(page), ConnectorStep.POST_ATTRIBUTE_COLLECTION.value: "nothing"}
    )

    assert reply.status == 400
    assert "there is no API connector" in reply.text
    assert site.engine.identity.user_flows[0].connectors == {}


async def test_the_pages_of_a_flow_can_be_looked_at_and_do_nothing(portal, flow):
    listed = await portal.get(f"{flow}/previews")
    pages = [await portal.get(f"{flow}/previews/{number}") for number in range(listed.text.count(f"{flow}/previews/"))]

    policies = [page.headers["Content-Security-Policy"] for page in pages]
    assert len(pages) >= 2
    assert [page.status for page in pages] == [200] * len(pages)
    assert any("Sign up now" in page.text for page in pages)
    assert any("City" in page.text for page in pages)
    assert all({"connect-src 'none'", "form-action 'none'"} <= set(one.split("; ")) for one in policies)
    assert (await portal.get(f"{flow}/previews/99")).status == 404
    assert (await portal.get(f"{flow}/previews/x")).status == 404


async def test_a_flow_is_shown_and_exported_as_a_policy(portal, flow, site):
    page = await portal.get(f"{flow}/xml")
    file = await portal.get(f"{flow}/download")

    assert "PolicyId=&#34;B2C_1_SignIn&#34;" in page.text
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.text.encode() == site.engine.policies.entry("B2C_1_SignIn").text.data


async def test_a_flow_is_deleted_by_its_name_only(portal, flow, site):
    await portal.get(f"{flow}/delete")
    wrong = await portal.post(f"{flow}/delete", {"confirm": "SignIn"})
    right = await portal.post(f"{flow}/delete", {"confirm": "B2C_1_SignIn"})

    assert (wrong.status, right.status) == (400, 303)
    assert site.engine.policies.find("B2C_1_SignIn") is None


@pytest.mark.parametrize(
    "part",
    ["", "/properties", "/attributes", "/connectors", "/pages", "/previews", "/previews/0", "/xml", "/run", "/delete"],
)
async def test_what_is_not_there_is_not_found(portal, part):
    assert (await portal.get(f"{BASE}/B2C_1_None{part}")).status == 404


def test_an_application_without_the_implicit_grant_gets_a_code_with_pkce():
    application = Application("app", "App", ApplicationType.SPA, ("https://a.example/",))

    query = parse_qs(urlsplit(authorize_url("https://x", application, "https://a.example/")).query)

    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43


def test_only_who_may_change_flows_can_send_forms(site):
    posts = {page.right for page in flows_area(site.engine).pages if page.method == "POST"}

    assert posts == {Right.WRITE_USER_FLOWS}
