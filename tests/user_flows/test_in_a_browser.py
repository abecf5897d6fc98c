"""The main user flow in headless Chromium, as a person goes through it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import async_playwright, expect
from tests.user_flows.conftest import CALLBACK, CLIENT, EMAIL, TENANT, Traveller, claims_of, flow

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")
SETTINGS = '\n[[user_attributes]]\nname = "Hobbies"\ntype = "stringCollection"\n' + flow(
    "signUpOrSignIn",
    """
claims = ["displayName", "city", "emails", "newUser", "extension_Hobbies"]
attributes = [
  { id = "displayName" },
  { id = "city", input = "dropdownSingleSelect", options = [{ value = "LON", label = "London" }, { value = "PAR", label = "Paris" }] },
  { id = "extension_Hobbies", optional = true, options = [{ value = "chess" }, { value = "music" }] },
]
""",
)


@pytest.fixture
async def tab() -> AsyncIterator[Tab]:
    """A browser tab for which the application is a page without content."""
    if CHROMIUM is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=["--disable-gpu"]
        )
        page = await (await browser.new_context(locale="en-US")).new_page()
        page.set_default_timeout(20_000)
        await page.route(f"{CALLBACK}**", lambda route: route.fulfill(body="<title>application</title>"))
        yield page
        await browser.close()


async def open_flow(tab: Tab, traveller: Traveller) -> None:
    asked = {"client_id": CLIENT, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid", "state": "s"}
    challenge = {"code_challenge": traveller.browser.challenge, "code_challenge_method": "S256"}
    query = urlencode({**asked, **challenge})
    await tab.goto(f"{traveller.served.origin}/{TENANT}/B2C_1_flow/oauth2/v2.0/authorize?{query}")


async def prove_address(tab: Tab, traveller: Traveller) -> None:
    await tab.locator("#email").wait_for()
    await tab.wait_for_load_state("load")
    await tab.fill("#email", EMAIL)
    await tab.get_by_role("button", name="Send verification code").click()
    await expect(tab.get_by_text("Verification code has been sent")).to_be_visible(timeout=20_000)
    await tab.fill("#email_ver_input", (await traveller.served.engine.mailbox.list())[0].message.code)
    await tab.get_by_role("button", name="Verify code").click()
    await expect(tab.get_by_text("E-mail address verified")).to_be_visible(timeout=20_000)


async def claims_at_the_end(tab: Tab, traveller: Traveller):
    await expect(tab).to_have_title("application", timeout=20_000)
    code = dict(parse_qsl(urlsplit(tab.url).query))["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": traveller.browser.verifier}
    return claims_of((await traveller.ask(form))["id_token"])


async def enter(tab: Tab, password: str) -> None:
    await tab.fill("#newPassword", password)
    await tab.fill("#reenterPassword", password)
    await tab.click("#continue")


async def sign_up(tab: Tab, traveller: Traveller):
    await open_flow(tab, traveller)
    await tab.click("#createAccount")
    await prove_address(tab, traveller)
    await tab.fill("#displayName", "Ada")
    await tab.select_option("#city", "PAR")
    await tab.get_by_label("music").check()
    await enter(tab, "weak")
    await expect(tab.get_by_text("The password must be between 8 and 64 characters.").first).to_be_visible(
        timeout=20_000
    )
    await enter(tab, "Passw0rd!")
    return await claims_at_the_end(tab, traveller)


async def test_a_person_signs_up_comes_back_and_replaces_a_password(travel, tab):
    traveller = await travel(SETTINGS)
    made = await sign_up(tab, traveller)
    await tab.context.clear_cookies()
    await open_flow(tab, traveller)
    await tab.click("#forgotPassword")
    await prove_address(tab, traveller)
    await tab.click("#continue")
    await tab.locator("#newPassword").wait_for()
    await tab.wait_for_load_state("load")
    await enter(tab, "An0ther-one")

    found = await claims_at_the_end(tab, traveller)

    assert (made["name"], made["city"], made["extension_Hobbies"], made["newUser"]) == ("Ada", "PAR", ["music"], True)
    assert (found["sub"], found["emails"], "newUser" in found) == (made["sub"], [EMAIL], False)
    assert (await (await travel()).sign_in(password="An0ther-one"))["sub"] == made["sub"]
