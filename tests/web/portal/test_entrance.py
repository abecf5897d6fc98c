"""Sign-in to the portal through the engine's own OpenID Connect, and what ends a session."""

from __future__ import annotations

import re

import pytest
from portal_browser import PortalBrowser

from journeyman.management.administrators import Administrators
from journeyman.secret import Secret
from journeyman.web.portal.build import portal_link
from journeyman.web.portal.console import WINDOW
from journeyman.web.portal.entrance import safe_back
from journeyman.web.portal.sessions import SessionCookie

PASSWORD = "Analytical-1843"
EMAIL = "ada@contoso.com"


async def test_an_administrator_gets_to_the_page_that_was_asked_for_through_the_authorization_endpoint(
    production, http
):
    browser = PortalBrowser(production, http)
    asked = await browser.get("/portal/journeys")
    authorize = await browser.follow(asked)
    done = await browser.sign_in(EMAIL, PASSWORD, "/portal/journeys")
    page = await browser.follow(done)

    assert "/journeyman._portal/B2C_1A_PortalSignIn/oauth2/v2.0/authorize?" in authorize.location
    assert authorize.parameters["code_challenge_method"] == "S256"
    assert (done.status, done.location) == (303, "/portal/journeys")
    assert (page.status, "No journey yet" in page.text, "Ada" in page.text) == (200, True, True)


async def test_a_sign_in_of_an_administrator_is_in_the_audit_trail_and_in_no_journey(ada, production):
    await production.engine.trace_writer.flush()
    entries = await production.engine.audit.list(5)

    assert ("Sign in to portal", EMAIL) in [(entry.activity, entry.actor) for entry in entries]
    assert await production.engine.traces.journeys(5) == []


async def test_a_wrong_password_is_refused_without_telling_whether_there_is_such_an_account(production, http):
    browser = PortalBrowser(production, http)
    page = await browser.start()
    wrong = await browser.enter(page, EMAIL, "wrong")
    nobody = await browser.enter(page, "nobody@contoso.com", "wrong")

    assert wrong["message"] == nobody["message"] == "The email address or the password is not right."
    assert (await browser.get("/portal/journeys")).status == 303


async def test_an_account_locks_after_ten_wrong_passwords(production, http):
    browser = PortalBrowser(production, http)
    page = await browser.start()
    for _ in range(10):
        await browser.enter(page, EMAIL, "wrong")

    assert (await browser.enter(page, EMAIL, PASSWORD))["status"] == "400"


async def test_one_address_may_not_try_passwords_of_many_accounts(production, http):
    browser = PortalBrowser(production, http)
    page = await browser.start()
    for _ in range(60):
        await production.engine.state.count("portal/sign-in/127.0.0.1", expires_at=production.clock.now() + WINDOW)

    assert (await browser.enter(page, EMAIL, PASSWORD))["message"].startswith("Too many attempts from your address.")


async def test_a_session_id_that_was_planted_is_not_taken_over(production, http):
    browser = PortalBrowser(production, http)
    planted = "p" * 43
    browser.cookies[browser.session_name] = planted
    await browser.sign_in(EMAIL, PASSWORD)

    assert browser.cookies[browser.session_name] != planted
    assert len(browser.cookies[browser.session_name]) == 43


async def test_each_sign_in_makes_a_new_id_and_ends_the_old_session(ada):
    old = ada.cookies[ada.session_name]
    page = await ada.start("/portal/sign-in?again=1&back=/portal/me")
    await ada.enter(page, EMAIL, PASSWORD)
    await ada.confirm(page)
    new, ada.cookies[ada.session_name] = ada.cookies[ada.session_name], old

    assert new != old
    assert (await ada.get("/portal/me")).status == 303


async def test_an_answer_in_another_browser_signs_nobody_in(production, http):
    mallory, victim = PortalBrowser(production, http), PortalBrowser(production, http)
    page = await mallory.start()
    await mallory.enter(page, EMAIL, PASSWORD)
    query = f"csrf_token={page['csrf']}&{mallory._transaction(page)}"
    answer = await mallory.get(f"{page['hosts']['tenant']}/api/{page['api']}/confirmed?{query}")
    reply = await victim.follow(answer)

    assert (reply.status, "You are not signed in" in reply.text) == (400, True)
    assert victim.session_name not in victim.cookies


async def test_an_answer_works_once(production, http):
    browser = PortalBrowser(production, http)
    page = await browser.start()
    await browser.enter(page, EMAIL, PASSWORD)
    query = f"csrf_token={page['csrf']}&{browser._transaction(page)}"
    answer = await browser.get(f"{page['hosts']['tenant']}/api/{page['api']}/confirmed?{query}")
    remembered = browser.cookies[browser.session_name.replace("session", "sign-in")]
    first = await browser.follow(answer)
    browser.cookies[browser.session_name.replace("session", "sign-in")] = remembered

    assert (first.status, (await browser.follow(answer)).status) == (303, 400)


@pytest.mark.parametrize("query", ["", "?code=x&state=y", "?error=access_denied&state=y", "?state=&code="])
async def test_an_answer_that_nobody_has_asked_for_is_refused(production, http, query):
    assert (await PortalBrowser(production, http).get(f"/portal/callback{query}")).status == 400


async def test_a_session_ends_when_nobody_uses_it_and_after_twelve_hours_at_the_latest(ada, production):
    production.clock.advance(minutes=29)
    assert (await ada.get("/portal/me")).status == 200
    production.clock.advance(minutes=31)
    assert (await ada.get("/portal/me")).status == 303
    await ada.sign_in(EMAIL, PASSWORD)
    for _ in range(12 * 3 - 1):
        production.clock.advance(minutes=20)
        assert (await ada.get("/portal/me")).status == 200
    production.clock.advance(minutes=20)

    assert (await ada.get("/portal/me")).status == 303


async def test_what_a_script_asks_does_not_make_a_session_live_on(ada, production):
    for _ in range(3):
        production.clock.advance(minutes=11)
        last = await ada.get("/portal/api/journeys")

    assert (last.status, last.json) == (401, {"error": "signed out"})


async def test_a_sign_out_ends_the_session_on_the_server(ada):
    cookie = ada.cookies[ada.session_name]
    page = await ada.post("/portal/sign-out")
    ada.cookies[ada.session_name] = cookie

    assert "You are signed out" in page.text
    assert (await ada.get("/portal/me")).status == 303


async def test_other_sessions_are_listed_and_ended(ada, production, http):
    other = PortalBrowser(production, http)
    await other.sign_in(EMAIL, PASSWORD)
    listed = await ada.get("/portal/me")
    handle = re.search(r'name="session" value="([^"]+)"', listed.text)[1]
    ended = await ada.post("/portal/me", {"session": handle})

    assert other.cookies[other.session_name] not in listed.text
    assert "The session has ended." in (await ada.follow(ended)).text
    assert (await other.get("/portal/me")).status == 303
    assert (await ada.get("/portal/me")).status == 200


async def test_an_administrator_who_was_removed_is_out_at_once(ada, production):
    administrator = await production.engine.console.users.find_by_sign_in_name(EMAIL)
    await production.engine.console.users.delete(administrator.object_id)

    assert (await ada.get("/portal/journeys")).status == 303


async def test_a_user_of_the_tenant_is_no_administrator(production, http):
    engine = production.engine
    assert await engine.users.find_by_sign_in_name(EMAIL) is None
    assert engine.policies.find("B2C_1A_PortalSignIn") is None
    console = await engine.console.engine()
    assert (console.tenant.id, console.users.tenant_id) != (engine.tenant.id, engine.users.tenant_id)
    assert console.policies.ids() == ("B2C_1A_PortalSignIn",)
    assert [one.name for one in await console.applications.all()] == ["Journeyman portal"]
    assert {key.id for key in console.keys.key_sets()} == {"B2C_1A_TokenSigningKeyContainer"}


async def test_keys_and_codes_of_the_tenant_are_not_those_of_the_portal(production):
    engine, console = production.engine, await production.engine.console.engine()
    ours = {key.kid for one in console.keys.key_sets() for key in one.keys}
    theirs = {key.kid for one in engine.keys.key_sets() for key in one.keys}

    assert ours.isdisjoint(theirs)
    assert console.state is not engine.state


async def test_the_link_of_a_development_engine_opens_a_session_on_this_machine(site, http):
    browser = PortalBrowser(site, http)
    path = portal_link(site.engine).removeprefix(site.origin)
    opened = await browser.get(f"{path}&back=/portal/keys/new")

    assert (opened.status, opened.location) == (303, "/portal/keys/new")
    assert (await browser.follow(opened)).status == 200


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.7"}, {"Forwarded": "for=203.0.113.7"}])
async def test_the_link_opens_nothing_for_what_was_passed_on_from_elsewhere(site, http, headers):
    browser = PortalBrowser(site, http)
    path = portal_link(site.engine).removeprefix(site.origin)

    assert (await browser.get(path, headers=headers)).status == 404
    assert browser.cookies == {}


async def test_a_wrong_link_opens_nothing(site, http):
    for link in ("", "?link=", "?link=x", "?link=%ff"):
        assert (await PortalBrowser(site, http).get(f"/portal/open{link}")).status == 403


async def test_in_production_there_is_no_such_link(production, http):
    path = portal_link(production.engine).removeprefix(production.origin)

    assert (await PortalBrowser(production, http).get(path)).status == 403


@pytest.mark.parametrize(
    "path",
    ["https://evil.example", "//evil.example/portal", "/\\evil.example", "/portalevil", "javascript:1", "", "/other"],
)
def test_the_way_back_stays_in_the_portal(path):
    assert safe_back(path) == "/portal"
    assert safe_back("/portal/users?q=a%20b") == "/portal/users?q=a%20b"


def test_over_https_only_this_host_can_set_the_cookie():
    assert SessionCookie(secure=True, port=443).name == "__Host-journeyman-portal-session"
    assert SessionCookie(secure=False, port=8080).name == "journeyman-portal-session-8080"


async def test_where_the_portal_is_switched_off_there_is_nothing(deploy, http):
    def off(text):
        return text + "\n[portal]\nenabled = false\n"

    site = await deploy(change=off)
    paths = (
        "/portal",
        "/portal/sign-in",
        "/portal/callback",
        "/portal/open",
        "/portal/welcome",
        "/journeyman._portal/x",
    )

    assert [(await PortalBrowser(site, http).get(path)).status for path in paths] == [404] * 6


async def test_the_portal_is_for_the_networks_that_are_named(deploy, http):
    def elsewhere(text):
        return text + '\n[portal]\nallow_from = ["192.0.2.0/24"]\n'

    site = await deploy(change=elsewhere, server='mode = "production"')

    assert (await PortalBrowser(site, http).get("/portal")).status == 404
    assert (await PortalBrowser(site, http).get("/journeyman._portal/B2C_1A_PortalSignIn/v2.0/x")).status == 404


async def test_without_an_administrator_the_sign_in_says_what_to_do(deploy, site, http):
    empty = await deploy(server='mode = "production"')

    assert (
        "one-time link that journeyman up has printed" in (await PortalBrowser(empty, http).get("/portal/sign-in")).text
    )
    assert "Open the link of the terminal" in (await PortalBrowser(site, http).get("/portal/sign-in")).text


async def test_a_browser_under_another_name_is_sent_to_the_public_one(site, http):
    port = site.origin.rpartition(":")[2]
    reply = await PortalBrowser(site, http).get(
        "/portal/sign-in?back=/portal/me", headers={"Host": f"localhost:{port}"}
    )

    assert reply.location == f"{site.origin}/portal/sign-in?back=/portal/me"


async def test_passwords_are_in_no_page_and_no_entry_of_the_audit_trail(ada, production):
    entries = repr(await production.engine.audit.list(50))

    assert PASSWORD not in (await ada.get("/portal/me")).text + entries
    assert Secret(PASSWORD).reveal() not in repr(production.engine.console)


async def test_a_refused_sign_in_is_in_the_audit_trail_without_what_was_typed_in(production, http):
    browser = PortalBrowser(production, http)
    await browser.enter(await browser.start(), "typed@contoso.com", "typed-password")
    entries = [one for one in await production.engine.audit.list(5) if one.activity == "Refuse sign-in to portal"]

    assert [(one.actor, one.target, one.detail) for one in entries] == [("127.0.0.1", "portal", {})]
    assert "typed" not in repr(entries)


async def test_behind_something_that_ends_tls_cookies_are_bound_to_the_host_and_forms_work(deploy, http):
    front = 'mode = "production"\npublic_url = "https://id.contoso.com"\ntrusted_proxies = ["127.0.0.1/32"]'
    site = await deploy(server=front)
    await Administrators(site.engine.console.users, site.engine.audit, site.engine.tenant.id).add(
        EMAIL, "Ada", (), Secret(PASSWORD), site.engine.console.passwords, actor="test"
    )
    browser = PortalBrowser(site, http, behind="https://id.contoso.com")
    await browser.sign_in(EMAIL, PASSWORD)
    await browser.get("/portal/me")
    foreign = await browser.post("/portal/sign-out", origin="http://id.contoso.com")
    out = await browser.post("/portal/sign-out")
    session = next(line for line in browser.set_cookies if line.startswith("__Host-journeyman-portal-session="))

    assert all(part in session for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
    assert "Domain" not in session
    assert (foreign.status, out.status) == (403, 200)


async def test_a_hostile_name_of_an_administrator_runs_nothing(production, http):
    administrators = Administrators(
        production.engine.console.users, production.engine.audit, production.engine.tenant.id
    )
    name = "</a><script>hacked()</script>"
    await administrators.add(
        "eve@contoso.com", name, (), Secret(PASSWORD), production.engine.console.passwords, actor=name
    )
    browser = PortalBrowser(production, http)
    await browser.sign_in("eve@contoso.com", PASSWORD)
    text = (await browser.get("/portal/me")).text + (await browser.get("/portal/audit")).text

    assert "hacked()" in text
    assert "<script>hacked" not in text


async def test_a_role_that_was_taken_away_is_gone_with_the_next_request(ada, production):
    engine = production.engine
    administrators = Administrators(engine.console.users, engine.audit, engine.tenant.id)
    assert (await ada.get("/portal/users")).status == 200
    await administrators.set_roles(await administrators.of_email(EMAIL), ["AuditLog.Read.All"], actor="test")

    assert (await ada.get("/portal/users")).status == 403
    assert (await ada.get("/portal/audit")).status == 200
