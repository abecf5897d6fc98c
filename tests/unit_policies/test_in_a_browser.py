"""A few of the unit-test policies in headless Chromium, as their authors run them: type, click, read."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect
from playwright.async_api import Page as Tab
from policy_walk import CLIENT_ID, REDIRECT_URI, TENANT, claims_in

pytestmark = [pytest.mark.corpus, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CHROMIUM = shutil.which("chromium")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=["--disable-gpu"]
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser: Browser) -> AsyncIterator[Tab]:
    """A browser tab for which the application is a page without content."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.route(f"{REDIRECT_URI}**", lambda route: route.fulfill(body="<title>application</title>"))
    yield page
    await context.close()


async def open_policy(tab: Tab, origin: str, policy: str) -> None:
    query = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "id_token", "scope": "openid"}
    await tab.goto(f"{origin}/{TENANT}/B2C_1A_{policy}/oauth2/v2.0/authorize?{urlencode({**query, 'nonce': 'n'})}")


async def go_on(tab: Tab) -> None:
    """Click the button once the script of the page is there."""
    await tab.wait_for_load_state("load")
    await tab.click("#continue")


async def token_of(tab: Tab) -> dict[str, object]:
    """Wait for the application and return the claims of the token that it got in the fragment."""
    await expect(tab).to_have_title("application", timeout=20_000)
    return claims_in(dict(parse_qsl(urlsplit(tab.url).fragment))["id_token"])


async def test_every_input_type_is_filled_by_hand(tab, unit_policies, tmp_path: Path):
    await open_policy(tab, unit_policies.origin, "Claim_UserInputTypes_All")
    await tab.fill("#PasswordType", "Canary-pass-9")
    await tab.fill("#EmailBoxType", "ann@contoso.com")
    await tab.fill("#TextBoxType", "text")
    await tab.select_option("#DropdownSingleSelectType", "new-york")
    await tab.get_by_label("English").check()
    await tab.get_by_label("Spanish").check()
    await tab.get_by_label("Orange").check()
    for part, value in {"day": "3", "month": "2", "year": "2001"}.items():
        await tab.select_option(f"#DateTimeDropdownType_{part}", value)
    await tab.screenshot(path=tmp_path / "controls.png", full_page=True)
    await expect(tab.get_by_text("The cat is a domestic species")).to_be_visible()
    await go_on(tab)

    token = await token_of(tab)
    assert token["CheckboxMultiSelectType"] == "English,Spanish"
    assert (token["RadioSingleSelectType"], token["DateTimeDropdownType"]) == ("Orange", "2001-02-03")
    assert (token["DropdownSingleSelectType"], token["EmailBoxType"]) == ("new-york", "ann@contoso.com")


async def test_a_refusal_stands_on_the_page_until_it_is_corrected(tab, unit_policies):
    await open_policy(tab, unit_policies.origin, "CT_AssertNumber")
    await tab.select_option("#typeOfTransformation", "Equal")
    await go_on(tab)
    await expect(tab.get_by_text("The assertion failed!")).to_be_visible()
    await tab.fill("#int1", "21")
    await go_on(tab)
    await expect(tab.locator("#result")).to_have_value("False", timeout=20_000)
    await go_on(tab)

    assert (await token_of(tab))["int1"] == 21


async def test_a_mask_hides_what_the_token_has(tab, unit_policies):
    await open_policy(tab, unit_policies.origin, "Claim_Mask_Simple")
    await go_on(tab)
    await expect(tab.locator("#outputPhoneNumber3")).to_have_value("###-###-##90", timeout=20_000)
    hidden = await tab.locator("#outputPhoneNumber3").evaluate("field => field.outerHTML")
    await go_on(tab)

    assert "+1123456" not in hidden
    assert (await token_of(tab))["outputPhoneNumber3"] == "+11234567890"
