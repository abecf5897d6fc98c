"""The block page of an API as a person meets it: a declared user flow, a real API, a real browser."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import expect
from tests.user_flows.connected_api import PASSWORD, start
from tests.web.conftest import CONTRAST

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

APP = "11111111-0000-4000-8000-000000000004"
MESSAGE = "<b>You</b> need an invitation to sign up.\nAsk your team for one: <script>alert(1)</script>"
LONG = "Averyveryverylongwordthatdoesnotfitonanarrowscreen" * 3
FLOW = """
[[user_flows]]
id = "B2C_1_flow"
type = "signUp"
email_verification = false
attributes = [{ id = "city", optional = true }]
[user_flows.connectors]
postAttributeCollection = "Check"
"""


def with_key(folder):
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / "B2C_1A_Check.txt").write_text(PASSWORD, encoding="utf-8")


@pytest_asyncio.fixture(loop_scope="session")
async def blocked(tmp_path, deploy_for_browser, open_tab):
    """Sign up and be sent away: ``tab, site, api = await blocked(message, dark=True)``."""
    api, runner = await start(tmp_path)
    site = await deploy_for_browser(
        change=lambda text: text + api.settings + FLOW,
        prepare=with_key,
    )

    async def sign_up(message=MESSAGE, **view):
        api.says("ShowBlockPage", message)
        asked = {
            "client_id": APP,
            "redirect_uri": "http://127.0.0.1:5000/callback",
            "response_type": "id_token",
            "response_mode": "form_post",
            "scope": "openid",
            "nonce": "n",
        }
        watched = await open_tab(f"{site.url('/oauth2/v2.0/authorize', 'B2C_1_flow')}?{urlencode(asked)}", **view)
        tab = watched.tab
        await tab.fill("#email", "ada@contoso.com")
        await tab.fill("#newPassword", "Passw0rd!")
        await tab.fill("#reenterPassword", "Passw0rd!")
        await tab.click("#continue")
        await expect(tab.locator(".block-message")).to_be_visible()
        return watched, site, api

    yield sign_up
    await runner.cleanup()


async def test_the_message_is_read_and_nothing_in_it_runs(blocked):
    watched, site, _ = await blocked()
    tab = watched.tab

    await expect(tab.locator("h1")).to_have_text("You cannot continue")
    assert await tab.locator(".block-message").inner_text() == MESSAGE
    assert await tab.title() == "You cannot continue · Contoso"
    assert await tab.locator("main, [role=main]").count() == 1
    assert await tab.locator("form, script, input, a").count() == 0
    assert watched.complaints == []
    assert await site.engine.users.count() == 0


async def test_reload_and_the_back_button_bring_nothing_back(blocked):
    watched, site, api = await blocked()
    tab = watched.tab
    ended = tab.url
    await tab.reload()
    await expect(tab.locator(".block-message")).to_contain_text("need an invitation")
    await tab.go_back()
    assert await tab.locator("#continue").count() == 0
    await tab.goto(ended)
    await expect(tab.locator(".block-message")).to_contain_text("need an invitation")

    assert len(api.received) == 1
    assert await site.engine.users.count() == 0


async def test_it_can_be_read_in_light_and_dark_and_on_narrow_screens(blocked):
    for dark, width in ((False, 1280), (True, 320)):
        watched, _, _ = await blocked(f"{MESSAGE}\n{LONG}", dark=dark, width=width)
        ratios = await watched.tab.evaluate(CONTRAST)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

        assert [pair for pair in ratios if pair[1] < 4.5] == []
        assert len(ratios) >= 3
        assert await watched.tab.evaluate(wide) <= 0
