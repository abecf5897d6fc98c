"""What user flows can be set to, seen by the person and in the token."""

import base64
import json
import re
import socket

import pytest
from tests.user_flows.conftest import EMAIL, PASSWORD, flow, new_password

from journeyman.testing.browser import Page

ATTRIBUTES = """
[[user_attributes]]
name = "Tier"
[[user_attributes]]
name = "Vip"
type = "boolean"
[[user_attributes]]
name = "Visits"
type = "int64"
[[user_attributes]]
name = "Hobbies"
type = "stringCollection"
[[user_attributes]]
name = "Since"
type = "dateTime"
"""
OF_EACH_TYPE = (
    ATTRIBUTES
    + flow(
        "signUpOrSignIn",
        'claims = ["extension_Tier", "extension_Vip", "extension_Visits", "extension_Hobbies", "extension_Since"]',
    )
    + """
[[user_flows.attributes]]
id = "extension_Tier"
input = "dropdownSingleSelect"
options = [{ value = "gold", label = "Gold" }, { value = "silver", label = "Silver", default = true }]
[[user_flows.attributes]]
id = "extension_Vip"
[[user_flows.attributes]]
id = "extension_Visits"
[[user_flows.attributes]]
id = "extension_Hobbies"
options = [{ value = "chess" }, { value = "tennis" }, { value = "music" }]
[[user_flows.attributes]]
id = "extension_Since"
"""
)
GIVEN = {
    "extension_Tier": "gold",
    "extension_Vip": "true",
    "extension_Visits": "12",
    "extension_Hobbies": "chess,music",
    "extension_Since": "2020-02-29",
}
EXPECTED = {
    "extension_Tier": "gold",
    "extension_Vip": True,
    "extension_Visits": 12,
    "extension_Hobbies": ["chess", "music"],
    "extension_Since": 1582934400,  # 2020-02-29T00:00:00Z
}


async def test_custom_attributes_of_each_type_come_back_in_the_token(travel):
    made = await (await travel(OF_EACH_TYPE)).sign_up(**GIVEN)

    found = await (await travel()).sign_in()

    assert {name: made[name] for name in EXPECTED} == EXPECTED
    assert {name: found[name] for name in EXPECTED} == EXPECTED


async def test_each_type_is_asked_for_by_what_suits_it(travel):
    page = await (await travel(OF_EACH_TYPE)).sign_up_page()

    fields = {
        name: kind for kind, name in re.findall(r'"USER_INPUT_TYPE":"(\w+)"[^{]*?"ID":"extension_(\w+)"', page.html)
    }
    assert fields == {
        "Tier": "DropdownSingleSelect",
        "Vip": "RadioSingleSelect",
        "Visits": "TextBox",
        "Hobbies": "CheckboxMultiSelect",
        "Since": "DateTimeDropdown",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("extension_Tier", "platinum"),
        ("extension_Vip", "maybe"),
        ("extension_Visits", "a few"),
        ("extension_Hobbies", "x"),
    ],
)
async def test_what_is_no_option_or_no_value_of_the_type_is_refused(travel, name, value):
    traveller = await travel(OF_EACH_TYPE)
    page = await traveller.sign_up_page()
    await traveller.prove(page)

    answer = await traveller.refused(page, email=EMAIL, **new_password(PASSWORD), **{**GIVEN, name: value})

    assert answer.message == f"{name.removeprefix('extension_')} has invalid input."


async def test_an_attribute_is_required_unless_it_is_optional(travel):
    attributes = 'attributes = [{ id = "givenName" }, { id = "surname", optional = true }]'
    traveller = await travel(flow("signUpOrSignIn", attributes + '\nclaims = ["givenName", "surname"]'))
    page = await traveller.sign_up_page()
    await traveller.prove(page)
    answer = await traveller.refused(page, email=EMAIL, **new_password(PASSWORD))

    claims = await traveller.claims(
        await traveller.submit(page, email=EMAIL, givenName="Ada", **new_password(PASSWORD))
    )

    assert answer.message == "Missing required element: Given Name"
    assert (claims["given_name"], "family_name" in claims) == ("Ada", False)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("displayName", "<b>Ada", "At most 256 characters, without < and >."),
        ("displayName", "x" * 257, "At most 256 characters, without < and >."),
        ("city", "y" * 129, "At most 128 characters."),
        ("extension_Motto", "z" * 257, "At most 256 characters."),
    ],
)
async def test_what_the_directory_would_not_take_is_said_on_the_page(travel, field, value, message):
    attributes = "".join(
        f'{{ id = "{name}", optional = true }}, ' for name in ("displayName", "city", "extension_Motto")
    )
    settings = f"email_verification = false\nattributes = [{attributes}]"
    traveller = await travel('[[user_attributes]]\nname = "Motto"\n' + flow("signUp", settings))
    page = await traveller.start()

    answer = await traveller.refused(page, email=EMAIL, **{field: value}, **new_password(PASSWORD))
    await traveller.claims(await traveller.submit(page, email=EMAIL, **{field: value[3:40]}, **new_password(PASSWORD)))

    assert answer.message == message


async def test_the_label_of_a_flow_wins_over_that_of_the_attribute(travel):
    traveller = await travel(flow("signUpOrSignIn", 'attributes = [{ id = "city", label = "Your town" }]'))

    page = await traveller.sign_up_page()

    assert '"DN":"Your town"' in page.html
    assert '"DN":"City"' not in page.html


async def test_people_with_user_names_prove_an_address_and_can_reset_by_it(travel):
    traveller = await travel(flow("signUpOrSignIn", 'local_accounts = "userName"\nclaims = ["emails"]'))
    page = await traveller.sign_up_page()
    await traveller.prove(page)
    form = {"signInName": "ada.l", "email": EMAIL, **new_password(PASSWORD)}
    made = await traveller.claims(await traveller.submit(page, **form))
    other = await travel()
    discovery = await other.browser.navigate(await other.start(), "forgotPassword")
    await other.prove(discovery, "eve@contoso.com")
    wrong = await other.refused(discovery, signInName="ada.l", email="eve@contoso.com")
    await other.prove(discovery)
    await other.submit(discovery, signInName="ada.l", email=EMAIL)

    claims = await (await travel()).sign_in("ada.l")

    assert page.fields == ("signInName", "email", "newPassword", "reenterPassword")
    assert wrong.message == "An account could not be found for the provided user name and email address."
    assert (claims["sub"], claims["emails"]) == (made["sub"], [EMAIL])


@pytest.mark.parametrize("name", ["-ada", "a b", "ada@contoso.com", "x" * 65])
async def test_a_user_name_that_looks_like_something_else_is_refused(travel, name):
    traveller = await travel(flow("signUp", 'local_accounts = "userName"\nemail_verification = false'))
    page = await traveller.start()

    answer = await traveller.refused(page, signInName=name, email=EMAIL, **new_password(PASSWORD))

    assert answer.message.startswith("A user name begins with a letter or a digit")


async def test_without_verification_no_code_is_asked_for(travel):
    traveller = await travel(flow("signUp", "email_verification = false"))
    page = await traveller.start()

    claims = await traveller.claims(await traveller.submit(page, email=EMAIL, **new_password(PASSWORD)))

    assert claims["tfp"] == "B2C_1_flow"
    assert '"VERIFY":true' not in page.html


@pytest.mark.parametrize(
    ("complexity", "bad", "message", "good"),
    [
        ("simple", "short", "The password must be between 8 and 64 characters.", "onlyletters"),
        (
            "strong",
            "onlyletters",
            "The password must have at least 3 of the following:\na digit\na symbol\nan uppercase letter",
            "Only-letters",
        ),
        ("custom", "Abcdefghij1", "The password must have at least 4 of the following:\na symbol", "Abcdefghij1!"),
        ("custom", "Abcde1!", "The password must be between 10 and 20 characters.", "Abcdefghij1?"),
    ],
)
async def test_the_complexity_of_passwords(travel, complexity, bad, message, good):
    rules = (
        "password_rules = { min_length = 10, max_length = 20, character_classes = 4 }" if complexity == "custom" else ""
    )
    settings = f'password_complexity = "{complexity}"\nemail_verification = false\n{rules}'
    traveller = await travel(flow("signUp", settings))
    page = await traveller.start()

    answer = await traveller.refused(page, email=EMAIL, **new_password(bad))
    await traveller.claims(await traveller.submit(page, email=EMAIL, **new_password(good)))

    lines = answer.message.splitlines()
    assert "\n".join([lines[0], *sorted(lines[1:])]) == message


GERMAN = flow(
    "signUpOrSignIn",
    """
languages = ["en", "de"]
attributes = [
  { id = "city" },
  { id = "jobTitle", input = "dropdownSingleSelect", options = [{ value = "dev", label = "Developer" }, { value = "x" }] },
]
[user_flows.texts.de]
"signuporsignin/heading" = "Willkommen"
button_signin = "Los"
"city.DisplayName" = "Stadt"
"jobTitle.option.dev" = "Entwicklerin"
UserMessageIfMissingRequiredElement = "Es fehlt: {0}"
""",
)


async def test_pages_speak_the_language_that_is_asked_for(travel):
    traveller = await travel(GERMAN)

    german, english = await traveller.start(ui_locales="de"), await traveller.start(ui_locales="fr")
    form = await traveller.sign_up_page(ui_locales="de")

    assert ('<html lang="de"' in german.html, '<html lang="en"' in english.html) == (True, True)
    assert ("Willkommen" in german.html, "Willkommen" in english.html, "Willkommen" in form.html) == (
        True,
        False,
        False,
    )
    assert '"DN":"Stadt"' in form.html
    assert '{"VAL":"dev","DISP":"Entwicklerin"},{"VAL":"x","DISP":"x"}' in form.html


async def test_refusals_speak_it_too(travel):
    traveller = await travel(GERMAN)
    page = await traveller.sign_up_page(ui_locales="de")
    await traveller.prove(page)

    answer = await traveller.refused(page, email=EMAIL, **new_password(PASSWORD))

    assert answer.message == "Es fehlt: Stadt"


async def test_keep_me_signed_in_is_offered_and_counts(travel):
    traveller = await travel(flow("signUpOrSignIn", "session = { keep_signed_in_days = 7 }"))
    await traveller.sign_up()
    other = await travel()
    page = await other.start()
    assert (await other.browser.submit(page, {"signInName": EMAIL, "password": PASSWORD})).accepted

    end = await other.browser.go_on(page, rememberMe="true")

    jar = {cookie.key: cookie["max-age"] or cookie["expires"] for cookie in other.browser._client.cookie_jar}
    assert 'id="rememberMe"' in page.html
    assert "code" in end.parameters
    assert any(name.startswith("x-ms-cpim-sso") and lasting for name, lasting in jar.items())


async def test_a_session_that_is_suppressed_asks_again(travel):
    traveller = await travel(flow("signUpOrSignIn", 'session = { scope = "Suppressed" }'))
    await traveller.sign_up()

    assert isinstance(await traveller.start(), Page)


async def test_tokens_live_as_long_as_the_flow_says(travel):
    lifetimes = "tokens = { access_token_minutes = 7, id_token_minutes = 5, refresh_token_days = 2 }"
    traveller = await travel(flow("signUpOrSignIn", lifetimes))
    page = await traveller.sign_up_page()
    await traveller.prove(page)

    body = await traveller.tokens(await traveller.submit(page, email=EMAIL, **new_password(PASSWORD)))

    payload = body["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["exp"] - claims["iat"] == 300
    assert body["refresh_token_expires_in"] == 172800
    assert body.get("expires_in", body["id_token_expires_in"]) in {300, 420}


async def test_older_applications_find_the_flow_in_acr(travel):
    traveller = await travel(flow("signUpOrSignIn", "legacy_policy_claim = true"))

    claims = await traveller.sign_up()

    assert claims["acr"].lower() == "b2c_1_flow"
    assert "tfp" not in claims


async def test_a_page_template_of_the_tenant_is_used(travel, open_tenant):
    pages = open_tenant.folder / "pages"
    pages.mkdir(parents=True)
    (pages / "up.html").write_text("<!doctype html><title>x</title><h1>Contoso</h1><div id='api'></div>")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = f"http://127.0.0.1:{port}/contoso.onmicrosoft.com/pages/up.html"

    traveller = await travel(flow("signUp", f'pages = {{ localaccountsignup = {{ uri = "{uri}" }} }}'), port=port)

    page = await traveller.start()
    assert "<h1>Contoso</h1>" in page.html
    assert "newPassword" in page.fields
