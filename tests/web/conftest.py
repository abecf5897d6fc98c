"""Pages to draw, a small server that speaks the page protocol, and a browser to look at them."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, async_playwright
from playwright.async_api import Page as Tab
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from yarl import URL

from journeyman.claims.claim_type import UserInputType
from journeyman.claims.resolvers import Template
from journeyman.claims.restriction import Option
from journeyman.compiler.compiled import ContentDefinition, Metadata, PageType
from journeyman.directory.passwords import PasswordHasher
from journeyman.engine import Engine, open_engine
from journeyman.journey.page import Field, ForgotPasswordLink, Page, PageApi, ProviderOption
from journeyman.settings import load_settings
from journeyman.testing.browser import Browser as Person
from journeyman.web.app import build_app
from journeyman.web.pages.render import render_page
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.pages.static_files import static_routes
from journeyman.web.pages.transaction import Transaction
from journeyman.web.server import bind, server_of
from journeyman.web.server import start as start_server

BASE = "/contoso.onmicrosoft.com/B2C_1A_SignUpOrSignIn"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHROMIUM = shutil.which("chromium")
LAUNCH = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

TRANSACTION = Transaction(
    tenant="contoso.onmicrosoft.com",
    policy="B2C_1A_SignUpOrSignIn",
    tx="StateProperties=eyJUSUQiOiIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDEifQ",
    csrf="dG9rZW4=;2026-03-01T12:00:00Z;c2Vj+/==;eyJPcmNoZXN0cmF0aW9uU3RlcCI6MX0=",
    correlation_id="11111111-2222-3333-4444-555555555555",
    base_path=BASE,
)


def content(page_type: PageType, version: tuple[int, int, int] = (2, 1, 30), **metadata: str) -> ContentDefinition:
    uri = Template(("~/tenant/templates/AzureBlue/unified.cshtml",))
    return ContentDefinition("api.test", page_type, version, contract=True, load_uri=uri, metadata=Metadata(metadata))


@pytest.fixture
def transaction() -> Transaction:
    return TRANSACTION


@pytest.fixture
def content_definition() -> Callable[..., ContentDefinition]:
    return content


@pytest.fixture
def combined_page() -> Page:
    return Page(
        api=PageApi.COMBINED,
        content=content(PageType.UNIFIED_SSP),
        language="en",
        fields=(
            Field("signInName", UserInputType.EMAIL_BOX, "Email Address", required=True, pattern=r"^[^@ ]+@[^@ ]+$"),
            Field("password", UserInputType.PASSWORD, "Password", required=True),
        ),
        options=(ProviderOption("FacebookExchange", "Facebook"), ProviderOption("GoogleExchange", "Google")),
        sign_up=True,
        forgot_password=ForgotPasswordLink.AFTER_LABEL,
        remember_me=True,
    )


@pytest.fixture
def sign_up_page() -> Page:
    return Page(
        api=PageApi.SELF_ASSERTED,
        content=content(PageType.SELF_ASSERTED),
        language="en",
        fields=(
            Field(
                "email", UserInputType.TEXT_BOX, "Email Address", "We send a code to it.", required=True, verify=True
            ),
            Field("newPassword", UserInputType.PASSWORD, "New Password", required=True),
            Field("reenterPassword", UserInputType.PASSWORD, "Confirm New Password", required=True),
            Field("displayName", UserInputType.TEXT_BOX, "Display Name", required=True),
            Field(
                "loyaltyNumber",
                UserInputType.TEXT_BOX,
                "Loyalty number",
                "It is on the back of your card.",
                pattern=r"^[0-9]{6}$",
                pattern_help="A loyalty number has six digits.",
            ),
        ),
    )


@pytest.fixture
def every_control_page() -> Page:
    colours = (Option("Red", "r"), Option("Green", "g", selected=True), Option("Blue", "b"))
    return Page(
        api=PageApi.SELF_ASSERTED,
        content=content(PageType.SELF_ASSERTED),
        language="en",
        fields=(
            Field("city", UserInputType.TEXT_BOX, "City", value="Zürich"),
            Field("otherMail", UserInputType.EMAIL_BOX, "Other mail"),
            Field("birthday", UserInputType.DATE_TIME_DROPDOWN, "Birthday", required=True, value="1985-07-04"),
            Field("anniversary", UserInputType.DATE_TIME_DROPDOWN, "Anniversary"),
            Field("colour", UserInputType.RADIO_SINGLE_SELECT, "Colour", options=colours, required=True),
            Field("country", UserInputType.DROPDOWN_SINGLE_SELECT, "Country", options=colours[:1]),
            Field("topics", UserInputType.CHECKBOX_MULTI_SELECT, "Topics", options=colours, value="r,b"),
            Field("upn", UserInputType.READONLY, "User name", value="ada@contoso.com"),
            Field(
                "terms", UserInputType.PARAGRAPH, "Terms", value='Read the <a href="https://contoso.com/t">terms</a>.'
            ),
        ),
        texts={"button_continue": "Continue"},
    )


# --- the page protocol -----------------------------------------------------------------------------

Answer = Callable[[Mapping[str, str]], Mapping[str, str]]


@dataclass
class Wire:
    """A server that shows one page and writes down what it is told."""

    page: Page
    answer: Answer = field(default=lambda _: {"status": "200"})
    template: str | None = None
    posts: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)

    async def show(self, _: Request) -> Response:
        nonce = new_nonce()
        html = render_page(self.page, TRANSACTION, nonce=nonce, template=self.template)
        security = PageSecurity(nonce, custom_template=self.template is not None)
        return HTMLResponse(html, headers=page_headers(security))

    async def submit(self, request: Request) -> Response:
        posted = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        self.posts.append(posted)
        self.tokens.append(request.headers["x-csrf-token"])
        assert request.query_params["tx"] == TRANSACTION.tx
        return JSONResponse(dict(self.answer(posted)))

    async def move(self, request: Request) -> Response:
        assert request.query_params["csrf_token"] == TRANSACTION.csrf
        extra = [f"{k}={v}" for k, v in request.query_params.items() if k not in {"csrf_token", "tx", "p"}]
        self.moves.append("/".join([request.path_params["api"], request.path_params["action"], *extra]))
        return HTMLResponse("<!DOCTYPE html><title>moved</title><link rel=icon href='data:,'><p>moved", headers={})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/", self.show),
                Route(f"{BASE}/SelfAsserted", self.submit, methods=["POST"]),
                Route(f"{BASE}/api/{{api}}/{{action}}", self.move),
                *static_routes(),
            ]
        )


@pytest.fixture
def serve() -> Iterator[Callable[[Starlette], str]]:
    """Serve an application on a free port of 127.0.0.1 until the test ends; returns its origin."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: Starlette) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def wire() -> type[Wire]:
    return Wire


# --- the browser -------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, chromium_sandbox=False, args=list(LAUNCH)
        )
        yield started
        await started.close()


@dataclass
class Watched:
    """A browser tab, what it complained about and which addresses it asked for."""

    tab: Tab
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Opener = Callable[..., Awaitable[Watched]]


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(browser: Browser) -> AsyncIterator[Opener]:
    """Open an address in a browser of its own: ``await open_tab(url, width=360, dark=True)``."""
    contexts: list[BrowserContext] = []

    async def start(url: str, *, width: int = 1280, dark: bool = False) -> Watched:
        context = await browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", locale="en-US"
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        watched = Watched(await context.new_page())
        watched.tab.on("console", lambda line: watched.complaints.append(f"{line.type}: {line.text}"))
        watched.tab.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.tab.on("request", lambda request: watched.requests.append(request.url))
        await watched.tab.goto(url)
        return watched

    yield start
    for context in contexts:
        await context.close()


CONTRAST = """() => {
    const channel = (value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const parse = (color) => color.match(/[\\d.]+/g).map(Number);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = parse(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] === 1) return color;
        }
        return [255, 255, 255];
    };
    const seen = [...document.querySelectorAll("body *")].filter((element) =>
        element.checkVisibility() && !element.closest("[aria-disabled=true], script, style, option")
        && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
    return seen.map((element) => {
        const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(ground(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return [element.tagName + "." + element.className, Math.round(ratio * 100) / 100];
    });
}"""


@pytest.fixture
def faint_texts() -> Callable[[Tab], Awaitable[list[object]]]:
    """Return the visible texts of a tab whose contrast is below 4.5:1 (WCAG 2.1, 1.4.3)."""

    async def faint(tab: Tab) -> list[object]:
        ratios = await tab.evaluate(CONTRAST)
        assert len(ratios) > 8
        return [pair for pair in ratios if pair[1] < 4.5]

    return faint


# --- a tenant on a server ----------------------------------------------------------------------------

POLICIES = Path(__file__).parent / "tenant" / "policies"
WEB = "11111111-0000-4000-8000-000000000001"
SPA = "11111111-0000-4000-8000-000000000002"
NATIVE = "11111111-0000-4000-8000-000000000003"
TYPELESS = "11111111-0000-4000-8000-000000000004"
API = "11111111-0000-4000-8000-000000000005"
SILENT_API = "11111111-0000-4000-8000-000000000006"
TENANT_ID = "11111111-2222-4333-8444-555555555555"
TENANT = "contoso.onmicrosoft.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TOML = f"""
[tenant]
name = "{TENANT}"
id = "{TENANT_ID}"
[server]
listen = "127.0.0.1:1"
#server#
[policies]
paths = ["policies"]
[settings]
PageUrl = "~/tenant/templates/AzureBlue/unified.cshtml"
[[applications]]
client_id = "{WEB}"
name = "Web app"
type = "web"
redirect_uris = ["https://app.contoso.com/callback"]
allow_implicit = true
permissions = ["https://{TENANT}/api/read"]
[[applications]]
client_id = "{SPA}"
name = "Single-page app"
type = "spa"
redirect_uris = ["https://spa.contoso.com/", "https://spa.contoso.com/silent"]
[[applications]]
client_id = "{NATIVE}"
name = "Native app"
type = "native"
redirect_uris = ["http://localhost/callback", "com.contoso.app://auth"]
permissions = ["https://{TENANT}/api/read"]
[[applications]]
client_id = "{TYPELESS}"
name = "App without a type"
redirect_uris = ["http://127.0.0.1:5000/callback"]
allow_implicit = true
permissions = ["https://{TENANT}/api/read"]
[[applications]]
client_id = "{API}"
name = "API"
identifier_uris = ["https://{TENANT}/api"]
scopes = ["read", "write"]
[[applications]]
client_id = "{SILENT_API}"
name = "API without permissions"
identifier_uris = ["https://{TENANT}/other"]
scopes = ["read"]
"""


@dataclass
class ShiftedClock:
    """The real clock, set ahead: libraries of clients look at the real one."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic_s(self) -> float:
        return time.monotonic() + self.ahead.total_seconds()

    def advance(self, **delta: float) -> None:
        self.ahead += timedelta(**delta)


@dataclass(frozen=True)
class Reply:
    """An answer, with what it says to an application."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @property
    def parameters(self) -> dict[str, str]:
        parts = urlsplit(self.location)
        return dict(parse_qsl(parts.query or parts.fragment, keep_blank_values=True))


@dataclass
class Site:
    """An engine on a real server."""

    engine: Engine
    origin: str
    clock: ShiftedClock
    secret: str
    server: uvicorn.Server
    task: asyncio.Task[None]
    warnings: list[str]
    tenant: str = TENANT
    policy: str = "B2C_1A_SignUpOrSignIn"

    def url(self, path: str, policy: str | None = None) -> str:
        return f"{self.origin}/{self.tenant}/{policy or self.policy}{path}"

    async def ask(self, http: aiohttp.ClientSession, method: str, url: str, **extra: Any) -> Reply:
        """Send one request; nothing is followed."""
        async with http.request(method, URL(url, encoded=True), allow_redirects=False, **extra) as response:
            return Reply(response.status, response.headers, await response.read())

    async def authorize(
        self, http: aiohttp.ClientSession, policy: str = "B2C_1A_Silent", *, method: str = "GET", **changed: str | None
    ) -> Reply:
        """Send an authorization request of the web application; None takes a parameter away."""
        asked: dict[str, str | None] = {
            "client_id": WEB,
            "redirect_uri": "https://app.contoso.com/callback",
            "response_type": "code",
            "scope": "openid offline_access",
            "state": "the state",
            **changed,
        }
        form = urlencode({name: value for name, value in asked.items() if value is not None})
        url = self.url("/oauth2/v2.0/authorize", policy)
        if method == "GET":
            return await self.ask(http, "GET", f"{url}?{form}")
        return await self.ask(http, "POST", url, data=form, headers=FORM)

    async def token(
        self,
        http: aiohttp.ClientSession,
        policy: str = "B2C_1A_Silent",
        headers: Mapping[str, str] | None = None,
        **form: str,
    ) -> Reply:
        """Post to the token endpoint of a policy."""
        url = self.url("/oauth2/v2.0/token", policy)
        return await self.ask(http, "POST", url, data=urlencode(form), headers={**FORM, **(headers or {})})

    async def redeem(self, http: aiohttp.ClientSession, policy: str = "B2C_1A_Silent", **changed: str) -> Reply:
        """Get a code for the web application and redeem it."""
        code = (await self.authorize(http, policy)).parameters["code"]
        form = {"grant_type": "authorization_code", "client_id": WEB, "client_secret": self.secret, "code": code}
        return await self.token(http, policy, **{**form, **changed})

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.task
        await self.engine.close()


Deploy = Callable[..., Awaitable[Site]]


@pytest.fixture(scope="session")
def prepared_tenant(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A tenant folder whose keys were made once, because they are slow to make; and the secret of its web app."""
    folder = tmp_path_factory.mktemp("prepared") / "tenant"
    shutil.copytree(POLICIES, folder / "policies")
    (folder / "journeyman.toml").write_text(TOML, encoding="utf-8")

    async def make() -> str:
        engine = await open_engine(load_settings(folder, environment={}), warn=lambda _: None, passwords=_cheap())
        try:
            await engine.console.engine()
            return (await engine.applications.add_secret(WEB)).reveal()
        finally:
            await engine.close()

    return folder, asyncio.run(make())


async def _deploying(tmp_path: Path, prepared_tenant: tuple[Path, str]) -> AsyncIterator[Deploy]:
    """Serve the tenant: ``site = await deploy()``.

    ``change`` takes the settings' text and returns another; ``prepare`` may write into the folder;
    ``folder`` serves an existing folder again.
    """
    sites: list[Site] = []

    async def start_site(
        *,
        change: Callable[[str], str] = str,
        prepare: Callable[[Path], None] = lambda _: None,
        folder: Path | None = None,
        server: str = "",
        clock: ShiftedClock | None = None,
    ) -> Site:
        path = folder or tmp_path / f"tenant{len(sites)}"
        if folder is None:
            shutil.copytree(prepared_tenant[0], path)
        listener = bind("127.0.0.1", 0)
        port = listener.getsockname()[1]
        text = change(TOML.replace("#server#", server)).replace("{origin}", f"http://127.0.0.1:{port}")
        (path / "journeyman.toml").write_text(text, encoding="utf-8")
        prepare(path)
        settings = load_settings(path, environment={}, listen=f"127.0.0.1:{port}")
        clock = clock or ShiftedClock()
        warnings: list[str] = []
        engine = await open_engine(settings, warn=warnings.append, clock=clock, passwords=_cheap())
        running = server_of(build_app(engine), settings.server)
        task = await start_server(running, listener)
        site = Site(engine, engine.origin, clock, prepared_tenant[1], running, task, warnings)
        sites.append(site)
        return site

    yield start_site
    for site in sites:
        if not site.task.done():
            await site.stop()


@pytest_asyncio.fixture
async def deploy(tmp_path: Path, prepared_tenant: tuple[Path, str]) -> AsyncIterator[Deploy]:
    """Serve the tenant, in the loop of the test."""
    async for start_site in _deploying(tmp_path, prepared_tenant):
        yield start_site


@pytest_asyncio.fixture(loop_scope="session")
async def deploy_for_browser(tmp_path: Path, prepared_tenant: tuple[Path, str]) -> AsyncIterator[Deploy]:
    """Serve the tenant, in the loop of the browser."""
    async for start_site in _deploying(tmp_path, prepared_tenant):
        yield start_site


@pytest_asyncio.fixture
async def site(deploy: Deploy) -> Site:
    return await deploy()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_site(
    tmp_path_factory: pytest.TempPathFactory, prepared_tenant: tuple[Path, str]
) -> AsyncIterator[Site]:
    """One site for many tests, which leave its settings and its clock alone and look at objects of their own only."""
    # Tests that share a site share an address.
    limits = "[management]\nfailures_per_minute = 1000000\nrequests_per_minute = 1000000\n"
    async for start_site in _deploying(tmp_path_factory.mktemp("shared"), prepared_tenant):
        yield await start_site(change=lambda text: text + limits)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_http() -> AsyncIterator[aiohttp.ClientSession]:
    """The client of tests that share a site."""
    # The loop stands still between tests, so an idle connection would be closed just when it is used again.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as session:
        yield session


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps no cookies and follows nothing."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as session:
        yield session


@pytest_asyncio.fixture
async def open_person() -> AsyncIterator[Callable[[Site], Awaitable[Person]]]:
    """Open a browser without a screen: ``person = await open_person(site)``."""
    async with AsyncExitStack() as opened:

        async def start_person(site: Site) -> Person:
            return await opened.enter_async_context(Person(site.origin))

        yield start_person


def _cheap() -> PasswordHasher:
    return PasswordHasher(memory_kib=64, time_cost=1)
