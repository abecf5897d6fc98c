"""Every kind of user flow, run over HTTP."""

from dataclasses import replace

import pytest
from tests.user_flows.conftest import CLIENT, EMAIL, PASSWORD, claims_of, flow, new_password

from journeyman.testing.browser import Page, PageError

NAMED = 'claims = ["displayName", "emails", "objectId", "newUser"]\nattributes = [{ id = "displayName" }]'
SIGN_UP_OR_SIGN_IN = flow("signUpOrSignIn", NAMED)


async def test_sign_up_proves_the_address_makes_the_account_and_signs_in(travel):
    traveller = await travel(SIGN_UP_OR_SIGN_IN)

    claims = await traveller.sign_up(displayName="Ada")

    user = await traveller.served.engine.users.find(claims["sub"])
    assert (claims["name"], claims["emails"], claims["newUser"]) == ("Ada", [EMAIL], True)
    assert claims["oid"] == claims["sub"] == user.object_id
    assert (claims["tfp"], "acr" in claims, "idp" in claims) == ("B2C_1_flow", False, False)


async def test_without_the_code_of_the_mail_there_is_no_account(travel):
    traveller = await travel(SIGN_UP_OR_SIGN_IN)
    page = await traveller.sign_up_page()

    answer = await traveller.refused(page, email=EMAIL, displayName="Ada", **new_password(PASSWORD))

    assert answer.message == "Claim not verified: Email Address"


async def test_who_comes_back_signs_in_and_is_not_new(travel):
    made = await (await travel(SIGN_UP_OR_SIGN_IN)).sign_up(displayName="Ada")

    claims = await (await travel()).sign_in()

    assert claims["sub"] == made["sub"]
    assert "newUser" not in claims


async def test_an_address_has_one_account(travel):
    await (await travel(SIGN_UP_OR_SIGN_IN)).sign_up(displayName="Ada")
    other = await travel()
    page = await other.sign_up_page()
    await other.prove(page)

    answer = await other.refused(page, email=EMAIL, displayName="Eve", **new_password(PASSWORD))

    assert answer.message == "A user with the specified ID already exists. Please choose a different one."


async def test_a_forgotten_password_is_replaced_inside_the_page_and_leads_on(travel):
    made = await (await travel(SIGN_UP_OR_SIGN_IN)).sign_up(displayName="Ada")
    traveller = await travel()
    discovery = await traveller.browser.navigate(await traveller.start(), "forgotPassword")
    await traveller.prove(discovery)
    page = await traveller.submit(discovery, email=EMAIL)

    claims = await traveller.claims(await traveller.submit(page, **new_password("An0ther-one")))

    assert page.fields == ("newPassword", "reenterPassword")
    assert claims["sub"] == made["sub"]
    assert (await (await travel()).sign_in(password="An0ther-one"))["sub"] == made["sub"]


async def test_without_self_service_the_link_ends_in_the_code_that_applications_know(travel):
    traveller = await travel(flow("signIn", "self_service_password_reset = false"))

    end = await traveller.browser.navigate(await traveller.start(), "forgotPassword")

    assert end.parameters["error"] == "access_denied"
    assert end.parameters["error_description"].startswith("AADB2C90118")


async def test_a_second_authorize_in_one_browser_needs_no_page(travel):
    traveller = await travel(SIGN_UP_OR_SIGN_IN)
    made = await traveller.sign_up(displayName="Ada")

    claims = await traveller.claims(await traveller.start())

    assert claims["sub"] == made["sub"]
    assert "newUser" not in claims


async def test_a_sign_in_flow_offers_no_sign_up(travel):
    await (await travel(SIGN_UP_OR_SIGN_IN + flow("signIn", NAMED, id="B2C_1_in"))).sign_up(displayName="Ada")
    traveller = await travel(policy="B2C_1_in")
    page = await traveller.start()

    claims = await traveller.claims(await traveller.submit(page, signInName=EMAIL, password=PASSWORD))

    assert "createAccount" not in page.html
    assert (claims["name"], claims["tfp"]) == ("Ada", "B2C_1_in")
    with pytest.raises(PageError):
        await traveller.browser.navigate(page, "unified", local="signup")


async def test_a_sign_up_flow_begins_with_its_form(travel):
    traveller = await travel(flow("signUp", NAMED))
    page = await traveller.start()
    await traveller.prove(page)

    claims = await traveller.claims(
        await traveller.submit(page, email=EMAIL, displayName="A", **new_password(PASSWORD))
    )

    assert page.fields == ("email", "newPassword", "reenterPassword", "displayName")
    assert claims["newUser"] is True


async def test_a_profile_is_edited_after_the_sign_in_and_can_be_emptied(travel):
    edit = flow(
        "profileUpdate",
        NAMED.replace("]\n", ', "city"]\n', 1).replace("}]", '}, { id = "city", optional = true }]'),
        id="B2C_1_edit",
    )
    made = await (await travel(SIGN_UP_OR_SIGN_IN + edit)).sign_up(displayName="Ada")
    traveller = await travel(policy="B2C_1_edit")
    page = await traveller.submit(await traveller.start(), signInName=EMAIL, password=PASSWORD)
    first = await traveller.claims(await traveller.submit(page, displayName="Ada L.", city="London"))
    again = await traveller.start()

    second = await traveller.claims(await traveller.submit(again, displayName="Ada L.", city=""))

    assert '"PRE":"Ada"' in page.html
    assert (first["sub"], first["name"], first["city"]) == (made["sub"], "Ada L.", "London")
    assert (second["name"], "city" in second) == ("Ada L.", False)


async def test_a_password_reset_flow_needs_the_address_of_an_account(travel):
    made = await (await travel(SIGN_UP_OR_SIGN_IN + flow("passwordReset", id="B2C_1_reset"))).sign_up(displayName="A")
    traveller = await travel(policy="B2C_1_reset")
    page = await traveller.start()
    await traveller.prove(page, "nobody@contoso.com")
    unknown = await traveller.refused(page, email="nobody@contoso.com")
    await traveller.prove(page)
    form = await traveller.submit(page, email=EMAIL)

    claims = await traveller.claims(await traveller.submit(form, **new_password("An0ther-one")))

    assert unknown.message == "We can't seem to find your account."
    assert claims["sub"] == made["sub"]


async def test_a_resource_owner_flow_takes_name_and_password_at_the_token_endpoint(travel):
    made = await (await travel(SIGN_UP_OR_SIGN_IN + flow("resourceOwner", NAMED, id="B2C_1_ropc"))).sign_up(
        displayName="A"
    )
    traveller = await travel(policy="B2C_1_ropc")
    asked = {"grant_type": "password", "username": EMAIL, "scope": f"openid {CLIENT} offline_access"}

    body = await traveller.ask({**asked, "password": PASSWORD})
    wrong = await traveller.ask({**asked, "password": "no"}, status=400)

    claims = claims_of(body["id_token"])
    assert (claims["sub"], claims["name"], claims["emails"], claims["tfp"]) == (made["sub"], "A", [EMAIL], "B2C_1_ropc")
    assert wrong["error_description"].startswith("AADB2C90225")
    end = await traveller.start()

    assert end.parameters["error"] == "server_error"
    assert "code" not in end.parameters


async def test_a_refreshed_token_has_the_claims_of_now(travel):
    traveller = await travel(SIGN_UP_OR_SIGN_IN)
    page = await traveller.sign_up_page()
    await traveller.prove(page)
    body = await traveller.tokens(
        await traveller.submit(page, email=EMAIL, displayName="Ada", **new_password(PASSWORD))
    )
    edited = await travel(policy="B2C_1_flow")

    fresh = claims_of(
        (await edited.ask({"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}))["id_token"]
    )

    assert (fresh["name"], fresh["emails"]) == ("Ada", [EMAIL])
    assert "newUser" not in fresh


async def test_a_locked_account_gets_no_token(travel):
    traveller = await travel(SIGN_UP_OR_SIGN_IN)
    made = await traveller.sign_up(displayName="Ada")
    users = traveller.served.engine.users
    await users.update(replace(await users.find(made["sub"]), account_enabled=False))

    end = await traveller.start()

    assert end.parameters["error"] == "server_error"
    assert "code" not in end.parameters


async def test_pages_are_those_of_the_flow(travel):
    page = await (await travel(SIGN_UP_OR_SIGN_IN)).start(login_hint=EMAIL)

    assert isinstance(page, Page)
    assert (page.api, page.fields) == ("CombinedSigninAndSignup", ("signInName", "password"))
    assert "claims-provider-selection" not in page.html
    assert f'"PRE":"{EMAIL}"' in page.html


async def test_a_sign_up_flow_with_a_provider_lets_the_person_choose(travel):
    provider = """
[[identity_providers]]
type = "OpenIDConnect"
id = "Fabrikam"
name = "Fabrikam employees"
client_id = "1234"
metadata_url = "https://login.fabrikam.example/.well-known/openid-configuration"
response_type = "id_token"
"""
    traveller = await travel(provider + flow("signUp", 'identity_providers = ["Fabrikam"]'))
    page = await traveller.start()

    form = await traveller.browser.navigate(page, "unified", claimsprovider="LocalAccountSignupExchange")

    assert ">Sign up</h1>" in page.html
    assert [text for text in ("Fabrikam employees", "Sign up with an email address") if text not in page.html] == []
    assert form.fields == ("email", "newPassword", "reenterPassword")
