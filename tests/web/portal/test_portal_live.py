"""The portal in a real browser: the first start, the sign-in, keyboard and narrow screens."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import expect

from journeyman.web.portal.build import first_link, portal_link

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "Analytical-1843"


@pytest_asyncio.fixture(loop_scope="session")
async def production(deploy_for_browser):
    return await deploy_for_browser(server='mode = "production"')


async def set_up(tab, site):
    await tab.goto(await first_link(site.engine))
    await tab.get_by_label("Your name").fill("Ada Lovelace")
    await tab.get_by_label("E-mail address").fill("ada@contoso.com")
    await tab.get_by_label("Password", exact=True).fill(PASSWORD)
    await tab.get_by_label("Password again").fill(PASSWORD)
    await tab.get_by_role("button", name="Set up").click()


async def sign_in(tab, password=PASSWORD):
    await tab.get_by_label("Email address").fill("ada@contoso.com")
    await tab.get_by_label("Password").fill(password)
    await tab.get_by_role("button", name="Sign in").click()


async def test_from_the_first_link_to_the_portal_and_out_again(production, open_tab):
    watched = await open_tab(f"{production.origin}/healthz")
    tab = watched.tab
    await set_up(tab, production)
    await sign_in(tab, "wrong")
    await expect(tab.get_by_text("The email address or the password is not right.")).to_be_visible()
    await sign_in(tab)
    await expect(tab.get_by_role("heading", name="Overview")).to_be_visible()
    await expect(tab.get_by_role("link", name="Ada Lovelace")).to_be_visible()
    await tab.get_by_role("button", name="Sign out").click()
    await expect(tab.get_by_role("heading", name="You are signed out")).to_be_visible()
    await tab.goto(f"{production.origin}/portal/users")

    await expect(tab.get_by_role("heading", name="Sign in to the portal")).to_be_visible()
    assert [url for url in watched.requests if not url.startswith(production.origin)] == []


async def test_a_dangerous_act_asks_for_the_password_again_and_comes_back(production, open_tab):
    tab = (await open_tab(f"{production.origin}/healthz")).tab
    await set_up(tab, production)
    await sign_in(tab)
    await expect(tab.get_by_role("heading", name="Overview")).to_be_visible()
    production.clock.advance(minutes=11)
    await tab.goto(f"{production.origin}/portal/users/new")
    await expect(tab.get_by_label("Email address")).to_have_value("ada@contoso.com")
    await sign_in(tab)

    await expect(tab.get_by_role("heading", name="Add a user")).to_be_visible()


async def test_the_portal_works_by_keyboard(deploy_for_browser, open_tab):
    site = await deploy_for_browser()
    tab = (await open_tab(portal_link(site.engine))).tab
    await tab.keyboard.press("Tab")
    await expect(tab.get_by_role("link", name="Skip to the content")).to_be_focused()
    await tab.keyboard.press("Enter")

    await expect(tab.locator("main#live")).to_be_focused()


async def test_on_a_narrow_screen_the_areas_are_a_menu(deploy_for_browser, open_tab):
    site = await deploy_for_browser()
    tab = (await open_tab(portal_link(site.engine), width=360)).tab
    areas = tab.get_by_role("navigation", name="Areas")
    await expect(areas).to_be_hidden()
    await tab.get_by_role("button", name="Menu").click()
    await expect(areas).to_be_visible()
    await areas.get_by_role("link", name="Users").click()

    await expect(tab.get_by_role("heading", name="Users")).to_be_visible()


async def test_a_secret_can_be_copied_and_a_form_is_sent_once(deploy_for_browser, open_tab):
    site = await deploy_for_browser()
    tab = (await open_tab(f"{portal_link(site.engine)}&back=/portal/users/new")).tab
    await tab.get_by_label("Name", exact=True).fill("Ada")
    await tab.get_by_label("E-mail address or user name").fill("ada@contoso.com")
    await tab.get_by_role("button", name="Add").dblclick()
    await expect(tab.get_by_label("The password of Ada")).to_have_attribute("readonly", "")
    await tab.get_by_role("button", name="Copy").click()

    await expect(tab.locator("[data-copy]")).to_have_text("Copied")
    assert await site.engine.users.count() == 1
