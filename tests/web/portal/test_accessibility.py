"""Every page of the portal by the rules of axe-core, on wide and narrow screens, light and dark; a new page is found by itself."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from portal_browser import PortalBrowser

from journeyman.directory.user import EMAIL_ADDRESS, User, local_identity
from journeyman.keys.creation import secret_key
from journeyman.trace.records import CallRecord, Entry, Exchange, StepRecord, Verdict
from journeyman.web.portal.areas import portal_areas
from journeyman.web.portal.build import portal_link

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FOLDER = Path(__file__).parent / "axe"
WITHOUT_AREA = ("/portal/me", "/portal/sign-in", "/portal/welcome?link=x", "/portal/open?link=x", "/portal/nothing")
NOT_LINKED = {"/portal/connectors/{id}/certificate", "/portal/connectors/{id}/test", "/portal/flows/{id}/run"}
EMBEDDED = {"/portal/flows/{id}/previews/{number}"}
"""Pages to which nothing leads in the tenant of this test; pages of journeys that are shown inside of ours."""

MADE = {
    "/portal/connectors/new": {
        "proof": "basic",
        "displayName": "Loyalty API",
        "targetUrl": "https://api.example/check",
        "username": "ada",
        "password": "x",
    },
    "/portal/attributes/new": {"displayName": "Loyalty Number", "dataType": "int64"},
    "/portal/providers/new": {"type": "Google", "displayName": "Google", "clientId": "abc.apps", "clientSecret": "x"},
    "/portal/flows/new": {
        "type": "signUpOrSignIn",
        "id": "SignIn",
        "localAccounts": "email",
        "collect": ["displayName", "city"],
        "return": ["objectId", "city"],
    },
}
"""Form -> what is typed in."""

LINK = re.compile(r'href="(/portal[^"]*)"')
RULES = "axe.run(document, {resultTypes: ['violations'], runOnly: %s}).then(found => found.violations.map(one => [one.id, one.nodes.map(n => n.html.slice(0, 160))]))"
SOAK = bool(os.environ.get("JOURNEYMAN_SOAK"))
CONTRAST = json.dumps({"type": "rule", "values": ["color-contrast"]})
ALL = json.dumps(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The program of axe-core, installed from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("NOT TESTED: npm is missing, so the accessibility of the portal cannot be checked by axe-core")
    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / name, folder)
    command = [npm, "ci", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"NOT TESTED: axe-core cannot be installed from npm: {done.stderr[-300:]}")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest_asyncio.fixture(loop_scope="session")
async def filled(deploy_for_browser):
    """A tenant in which every kind of page has something to show."""
    site = await deploy_for_browser()
    engine, now = site.engine, site.engine.clock.now()
    for name in ("ada", "grace"):
        identity = local_identity(EMAIL_ADDRESS, f"{name}@contoso.com")
        await engine.users.create(User("", now, {"displayname": name.title()}, (identity,), password_hash="x"))
    await engine.applications.add("Shop", redirect_uris=("https://shop.contoso.com/callback",))
    await engine.key_store.create("B2C_1A_Rest", [secret_key("secret", use="sig", now=now)])
    exchange = Exchange("POST", "https://api.example/", (("Accept", "*/*"),), "{}", 401, "Unauthorized")
    failed = CallRecord("REST", "1", "Basic", "api.example", Verdict.CREDENTIAL_REFUSED, 1, 1.0, exchange, next="Look.")
    records = (
        StepRecord("start"),
        StepRecord("page", claims={"email": "a***"}),
        failed,
        StepRecord("error", detail="no"),
    )
    engine.trace(Entry("j-1", "c", "contoso", "B2C_1A_SignUp", "app", now, record) for record in records)
    await engine.trace_writer.flush()
    await engine.keys.refresh()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as http:
        await fill_by_forms(PortalBrowser(site, http))
    return site


async def fill_by_forms(portal):
    """Make what is made in the portal itself."""
    await portal.open_link()
    for path, fields in MADE.items():
        made = await portal.post(path, fields, multipart=True)
        assert made.status == 303, made.text
    for name in ("Silent.xml", "NoSession.xml"):
        policy = (portal.site.engine.settings.folder / "policies" / name).read_bytes()
        uploaded = await portal.post("/portal/policies/upload", {"xml": ""}, files=[("file", name, policy)])
        assert uploaded.status == 303, uploaded.text


def patterns(engine):
    """Return every registered page that is read, as (path, expression)."""
    pages = [page for area in portal_areas(engine) for page in area.pages]
    paths = dict.fromkeys(page.path for page in pages if page.method == "GET" and not page.by_script)
    return [(path, re.compile(re.sub(r"\{[a-z_]+(:path)?\}", "[^/]+", path) + r"(\?.*)?")) for path in paths]


async def pages_of(tab, site):
    """Return one address for each registered page: those without parameters, and what they link to; None for downloads."""
    known = patterns(site.engine)
    found: dict[str, str | None] = {}
    seen: set[str] = set()
    visits: Counter[str] = Counter()
    waiting = [path for path, _ in known if "{" not in path]
    while waiting:
        path = waiting.pop(0)
        plain = path.partition("?")[0]
        pattern = plain if plain in dict(known) else next((name for name, one in known if one.fullmatch(path)), plain)
        # Several of a kind are looked at, because not every one has every link.
        if path in seen or visits[pattern] >= (8 if pattern.endswith("}") else 1):
            continue
        seen.add(path)
        visits[pattern] += 1
        answer = await tab.request.get(site.origin + path)
        is_page = answer.headers["content-type"].startswith("text/html")
        found.setdefault(pattern, path if is_page else None)
        waiting += [html.unescape(link) for link in LINK.findall(await answer.text())] if is_page else []
    return found


def own(found):
    """Return the addresses of pages that are ours."""
    return [path for pattern, path in found.items() if path and pattern not in EMBEDDED]


async def problems_of(tab, site, axe, paths):
    """Return what is wrong with pages, each looked at on a wide and on a narrow screen."""
    problems = []
    for path in paths:
        await tab.set_viewport_size({"width": 1280, "height": 800})
        await tab.goto(site.origin + path)
        await tab.evaluate(axe)
        problems += [(path, *one) for one in await tab.evaluate(RULES % ALL)]
        await tab.set_viewport_size({"width": 360, "height": 800})
        if (wide := await tab.evaluate("document.documentElement.scrollWidth")) > 360:
            problems.append((path, "wider than the screen", wide))
    return problems


async def test_every_page_keeps_the_rules_and_fits_a_narrow_screen(filled, axe, open_tab):
    watched = await open_tab(portal_link(filled.engine))
    found = await pages_of(watched.tab, filled)
    paths = [*own(found), *WITHOUT_AREA]
    tabs = [watched.tab, *[await watched.tab.context.new_page() for _ in range(2)]]
    shares = [problems_of(tab, filled, axe, paths[number :: len(tabs)]) for number, tab in enumerate(tabs)]

    assert [one for share in await asyncio.gather(*shares) for one in share] == []
    assert {path for path, _ in patterns(filled.engine)} - found.keys() <= NOT_LINKED


@pytest.mark.slow
async def test_texts_can_be_read_in_the_dark(filled, axe, open_tab):
    watched = await open_tab(portal_link(filled.engine), dark=True)
    problems = []
    paths = own(await pages_of(watched.tab, filled))
    for path in paths if SOAK else paths[:3]:
        await watched.tab.goto(filled.origin + path)
        await watched.tab.evaluate(axe)
        problems += [(path, *one) for one in await watched.tab.evaluate(RULES % CONTRAST)]

    assert problems == []
