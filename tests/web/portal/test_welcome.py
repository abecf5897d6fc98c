"""One-time links: they make an administrator or set a password, once, and for an hour."""

from __future__ import annotations

import pytest
import pytest_asyncio
from portal_browser import PortalBrowser

from journeyman.management.links import Invitation, OneTimeLinks, Purpose
from journeyman.web.portal.build import first_link
from journeyman.web.portal.welcome import WINDOW

PASSWORD = "Analytical-1843"
FIELDS = {"name": "Ada Lovelace", "email": "ada@contoso.com", "password": PASSWORD, "again": PASSWORD}


@pytest_asyncio.fixture
async def empty(deploy):
    return await deploy(server='mode = "production"')


@pytest.fixture
def browser(empty, http):
    return PortalBrowser(empty, http)


async def token_of(site):
    return (await first_link(site.engine)).partition("link=")[2]


async def test_the_first_administrator_is_made_by_the_link_and_signs_in(browser, empty):
    token = await token_of(empty)
    page = await browser.get(f"/portal/welcome?link={token}")
    made = await browser.post("/portal/welcome", {**FIELDS, "link": token})
    opened = await browser.follow(await browser.sign_in("ada@contoso.com", PASSWORD))

    assert "Set up the first administrator" in page.text
    assert (made.status, made.location) == (303, "/portal/sign-in")
    assert (opened.status, "Ada Lovelace" in opened.text) == (200, True)
    assert await first_link(empty.engine) is None


async def test_a_link_works_once(browser, empty):
    token = await token_of(empty)
    await browser.post("/portal/welcome", {**FIELDS, "link": token})
    again = await browser.post("/portal/welcome", {**FIELDS, "email": "eve@contoso.com", "link": token})

    assert (again.status, "This link opens nothing" in again.text) == (403, True)
    assert await empty.engine.console.users.find_by_sign_in_name("eve@contoso.com") is None


async def test_a_link_is_over_after_an_hour(browser, empty):
    token = await token_of(empty)
    empty.clock.advance(minutes=61)

    assert (await browser.get(f"/portal/welcome?link={token}")).status == 403
    assert (await browser.post("/portal/welcome", {**FIELDS, "link": token})).status == 403


async def test_of_two_links_for_the_first_administrator_the_second_is_worth_nothing(browser, empty):
    one, other = await token_of(empty), await token_of(empty)
    await browser.post("/portal/welcome", {**FIELDS, "link": one})

    assert (await browser.post("/portal/welcome", {**FIELDS, "email": "eve@contoso.com", "link": other})).status == 403


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"password": "short", "again": "short"}, "8 to 256 characters"),
        ({"again": "other"}, "The two passwords are not the same."),
        ({"email": "ada"}, "is not an e-mail address"),
        ({"name": " "}, "the name is missing"),
    ],
)
async def test_what_is_wrong_is_told_and_the_link_stays_good(browser, empty, wrong, text):
    token = await token_of(empty)
    refused = await browser.post("/portal/welcome", {**FIELDS, **wrong, "link": token})
    good = await browser.post("/portal/welcome", {**FIELDS, "link": token})

    assert (refused.status, text in refused.text, good.status) == (400, True, 303)
    assert PASSWORD not in refused.text


async def test_a_form_of_another_site_makes_nobody_an_administrator(browser, empty):
    token = await token_of(empty)
    sent = await browser.post("/portal/welcome", {**FIELDS, "link": token}, origin="https://evil.example")

    assert sent.status == 403
    assert await first_link(empty.engine) is not None


async def test_an_invitation_keeps_its_address_and_its_roles(browser, empty):
    links = OneTimeLinks(empty.engine.state, empty.clock)
    invitation = Invitation(Purpose.ADD, "bob@contoso.com", "Bob", ("User.Read.All",), by="ada")
    token = (await links.issue(invitation)).reveal()
    await browser.post("/portal/welcome", {**FIELDS, "email": "eve@contoso.com", "link": token})
    await browser.sign_in("bob@contoso.com", PASSWORD)
    refused = await browser.get("/portal/keys")

    assert refused.status == 403
    assert "TrustFrameworkKeySet.Read.All or TrustFrameworkKeySet.ReadWrite.All" in refused.text


async def test_a_new_password_ends_all_sessions(ada, production, http):
    user = await production.engine.console.users.find_by_sign_in_name("ada@contoso.com")
    links = OneTimeLinks(production.engine.state, production.clock)
    invitation = Invitation(Purpose.RESET, "ada@contoso.com", "Ada", administrator=user.object_id)
    token = (await links.issue(invitation)).reveal()
    fields = {"password": "Difference-1822", "again": "Difference-1822", "link": token}
    done = await PortalBrowser(production, http).post("/portal/welcome", fields)

    assert done.status == 303
    assert (await ada.get("/portal/me")).status == 303
    assert (await ada.sign_in("ada@contoso.com", PASSWORD))["status"] == "400"
    assert (await ada.sign_in("ada@contoso.com", "Difference-1822")).status == 303


async def test_who_tries_many_links_is_told_to_stop(browser, empty):
    assert (await browser.get(f"/portal/welcome?link={'x' * 43}")).status == 403
    for _ in range(20):
        await empty.engine.state.count("portal/links/127.0.0.1", expires_at=empty.clock.now() + WINDOW)

    assert (await browser.get("/portal/welcome?link=x")).status == 429


async def test_a_development_engine_on_this_machine_prints_no_such_link(site):
    assert await first_link(site.engine) is None
