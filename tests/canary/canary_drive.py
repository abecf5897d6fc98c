"""Drive one tenant through every failure, in development and in production mode, and keep all that it leaves."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from canary_api import ANSWERS, HostileApi
from canary_search import Canary
from canary_tenant import (
    CLIENT_ID,
    REDIRECT_URI,
    TENANT,
    Engine,
    Exchange,
    Ports,
    Proxy,
    Secrets,
    free_port,
    server_tls,
    write_settings,
    write_tenant,
)

from journeyman.clock import SystemClock
from journeyman.keys.certificate import Purpose, self_signed
from journeyman.testing.browser import Answer, Browser, Page, PageError, Redirect

EMAIL = "ada@canary.example"
SIGN_UP, CALLS, WRONG_KEYS = "B2C_1A_Canary", "B2C_1A_CanaryCalls", "B2C_1A_CanaryWrongKeys"
CALLERS = ("Basic", "Bearer", "ApiKey", "Certificate", "UseToken", "AcquireElsewhere")
BROKEN = ("Refused", "Untrusted", "Nowhere", "Forbidden")
REQUEST = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI}


@dataclass
class Evidence:
    """What one run has left.

    Attributes:
        printed: what commands and processes wrote, by their names.
        outcomes: call and scenario -> how the authorize request ended, by mode.
        issued: canary -> where it may rightly be read: "location", "set-cookie", "page" or "token".
        code: the e-mail codes, which the mailbox alone may hold.
    """

    folder: Path
    planted: list[Canary]
    printed: dict[str, bytes] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    outcomes: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    issued: dict[Canary, str] = field(default_factory=dict)
    codes: list[Canary] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def issue(self, name: str, value: str, place: str) -> None:
        self.issued[Canary(name, value.encode())] = place

    @property
    def canaries(self) -> list[Canary]:
        return [*self.planted, *self.issued]


@dataclass
class Driver:
    """The run while it goes on."""

    engine: Engine
    evidence: Evidence
    secrets: Secrets
    ports: Ports

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.ports.proxy}"

    def browser(self) -> Browser:
        return Browser(self.origin)


async def drive(folder: Path) -> Evidence:
    secrets = Secrets()
    policies = Path(__file__).parent / "policies"
    certificate, _ = write_tenant(folder, secrets, policies)
    ports = Ports(free_port(), free_port(), free_port())
    driver = Driver(Engine(folder, secrets.master_key), Evidence(folder, secrets.canaries(certificate)), secrets, ports)
    api = HostileApi(secrets.acquired)
    async with AsyncExitStack() as opened:
        await _serve(driver, api, opened)
        client_id = await _application(driver)
        await _development(driver, client_id)
        await _production(driver, client_id)
    await _gather(driver, api)
    return driver.evidence


async def _serve(driver: Driver, api: HostileApi, opened: AsyncExitStack) -> None:
    """Start the API, the same with a certificate that nobody trusts, and the proxy in front of the engine."""
    tls, ports = driver.engine.folder / "tls", driver.ports
    stranger = self_signed("CN=stranger", purpose=Purpose.SERVER, names=("127.0.0.1",), now=SystemClock().now())
    (tls / "stranger.pem").write_bytes(stranger.chain_pem() + stranger.key_pem())
    servers = [
        await api.start(server_tls(tls / "api.pem", tls / "ca.pem")),
        await HostileApi(api.acquired).start(server_tls(tls / "stranger.pem")),
        await Proxy(ports.engine, driver.evidence.exchanges).start(ports.proxy),
    ]
    for server in servers:
        opened.callback(server.close)
    ports.api, ports.untrusted = (server.sockets[0].getsockname()[1] for server in servers[:2])


async def _application(driver: Driver) -> str:
    """Make the application as which the engine asks for tokens; its secret is a canary from then on."""
    write_settings(driver.engine.folder, driver.ports, "x", production=False)
    made = json.loads(await driver.engine.run("apps", "add", "Engine", "--json", name="apps add"))
    del driver.engine.printed["apps add"]  # the one place where the client secret is told
    keys = driver.engine.folder / "keys"
    (keys / "B2C_1A_ClientId.txt").write_text(made["client_id"], encoding="utf-8")
    (keys / "B2C_1A_ClientSecret.txt").write_text(made["client_secret"], encoding="utf-8")
    driver.evidence.planted.append(Canary("client secret", made["client_secret"].encode()))
    return str(made["client_id"])


async def _development(driver: Driver, client_id: str) -> None:
    folder = driver.engine.folder
    write_settings(folder, driver.ports, client_id, production=False)
    await driver.engine.run("check", "policies")
    log = folder.parent / "development.log"
    process = await driver.engine.up("development", log, driver.ports.engine)
    try:
        await _sign_up(driver)
        await _sign_in(driver)
        await _token_endpoint(driver, client_id)
        await _calls(driver, "development")
        await _errors(driver)
        await _commands(driver)
        await _missing_key(driver)
        await _portal(driver)
    finally:
        process.terminate()
        await process.wait()
    driver.engine.printed["the log of development"] = log.read_bytes()


async def _production(driver: Driver, client_id: str) -> None:
    folder = driver.engine.folder
    write_settings(folder, driver.ports, client_id, production=True)
    await driver.engine.run("up", name="the refusal of a release in production")
    (folder / "policies" / "WrongKeys.xml").unlink()
    log = folder.parent / "production.log"
    process = await driver.engine.up("production", log, driver.ports.engine)
    try:
        async with driver.browser() as browser:
            page = await _page(browser)
            page = await _next(browser, page, "unified", local="signup")
            await _ask_for_code(driver, browser, page)
        await _sign_in(driver)
        await _calls(driver, "production")
        await _errors(driver)
    finally:
        process.terminate()
        await process.wait()
    driver.engine.printed["the log of production"] = log.read_bytes()


# --- pages -------------------------------------------------------------------------------------------


async def _page(browser: Browser) -> Page:
    page = await browser.authorize(TENANT, SIGN_UP, REQUEST)
    assert isinstance(page, Page), page
    return page


async def _next(browser: Browser, page: Page, action: str, **extra: str) -> Page:
    found = await browser.navigate(page, action, **extra)
    assert isinstance(found, Page), found
    return found


def _saw(driver: Driver, browser: Browser, page: Page) -> None:
    """Note the token of a page and the cookies of a browser as canaries."""
    driver.evidence.issue("csrf token", page.settings["csrf"], "page set-cookie")
    _cookies(driver, browser)


def _cookies(driver: Driver, browser: Browser) -> None:
    for cookie in browser._session.cookie_jar:
        if cookie.value and "csrf" not in cookie.key:
            driver.evidence.issue(f"cookie {cookie.key}", cookie.value, "set-cookie")


async def _ask_for_code(driver: Driver, browser: Browser, page: Page) -> dict[str, str]:
    form = {"request_type": "VERIFICATION_REQUEST", "claim_id": "email", "claim_value": EMAIL}
    driver.evidence.answers.append(await browser.post(page, "SelfAsserted", form))
    return {**form, "request_type": "VALIDATION_REQUEST"}


async def _verify(driver: Driver, browser: Browser, page: Page) -> None:
    form = await _ask_for_code(driver, browser, page)
    messages = json.loads(await driver.engine.run("mailbox", "--json", name="mailbox"))
    del driver.engine.printed["mailbox"]
    code = messages[0]["code"]
    driver.evidence.codes.append(Canary("e-mail code", code.encode(), alone=True))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    driver.evidence.answers.append(await browser.post(page, "SelfAsserted", {**form, "user_input": wrong}))
    assert (await browser.post(page, "SelfAsserted", {**form, "user_input": code})).accepted


async def _sign_up(driver: Driver) -> None:
    secrets = driver.secrets
    async with driver.browser() as browser:
        page = await _page(browser)
        _saw(driver, browser, page)
        wrong = {"signInName": EMAIL, "password": secrets.wrong_password}
        driver.evidence.answers.append(await browser.submit(page, wrong))
        page = await _next(browser, page, "unified", local="signup")
        _saw(driver, browser, page)
        await _verify(driver, browser, page)
        form = {"email": EMAIL, "newPassword": secrets.password, "displayName": "Ada"}
        form["reenterPassword"] = secrets.mistyped_password
        driver.evidence.answers.append(await browser.submit(page, {**form, "scenario": "scenario-ok"}))
        form["reenterPassword"] = secrets.password
        for scenario in (*(name for name in ANSWERS if "200" not in name and name not in {"ok", "mapping"}), "ok"):
            answer = await browser.submit(page, {**form, "scenario": f"scenario-{scenario}"})
            driver.evidence.answers.append(answer)
            assert answer.accepted == (scenario == "ok"), (scenario, answer)
        back = await browser.go_on(page)
        _cookies(driver, browser)
        await _redeem(driver, browser, back)


async def _sign_in(driver: Driver) -> None:
    evidence, secrets = driver.evidence, driver.secrets
    async with driver.browser() as browser:
        page = await _page(browser)
        _saw(driver, browser, page)
        for password in (secrets.wrong_password, secrets.password):
            evidence.answers.append(await browser.submit(page, {"signInName": EMAIL, "password": password}))
        assert evidence.answers[-1].accepted, evidence.answers[-1]
        back = await browser.go_on(page)
        _cookies(driver, browser)
        tokens = await _redeem(driver, browser, back)
        again = await browser.authorize(TENANT, SIGN_UP, REQUEST)
        assert isinstance(again, Redirect), again
        evidence.issue("code", again.parameters["code"], "location")
        _cookies(driver, browser)
        bad = _code_form(browser, again.parameters["code"]) | {"code_verifier": "x" * 50}
        status, _ = await browser.redeem(TENANT, SIGN_UP, bad)
        assert status == 400
        out = f"{driver.origin}/{TENANT}/{SIGN_UP}/oauth2/v2.0/logout?post_logout_redirect_uri={REDIRECT_URI}"
        await browser.get(f"{out}&id_token_hint={tokens['id_token']}")


def _code_form(browser: Browser, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": browser.verifier,
    }


async def _redeem(driver: Driver, browser: Browser, back: Page | Redirect) -> dict[str, str]:
    """Redeem a code, refresh twice, replay all of it."""
    assert isinstance(back, Redirect), back
    assert "code" in back.parameters, back
    evidence, form = driver.evidence, _code_form(browser, back.parameters["code"])
    evidence.issue("code", form["code"], "location")
    status, tokens = await browser.redeem(TENANT, SIGN_UP, form)
    assert status == 200, tokens
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": CLIENT_ID}
    status, renewed = await browser.redeem(TENANT, SIGN_UP, refresh)
    assert status == 200, renewed
    for name, value in [*tokens.items(), *renewed.items()]:
        if name.endswith("_token"):
            evidence.issue(name, _random_part(value), "token")
    assert (await browser.redeem(TENANT, SIGN_UP, form))[0] == 400
    assert (await browser.redeem(TENANT, SIGN_UP, refresh))[0] == 400
    await browser.redeem(TENANT, SIGN_UP, refresh | {"refresh_token": renewed["refresh_token"][:-2]})
    return dict(tokens)


def _random_part(token: str) -> str:
    """Return the signature of a JWT: the beginnings of all tokens are the same, and no secret."""
    return token.rpartition(".")[2]


# --- calls -------------------------------------------------------------------------------------------


async def _calls(driver: Driver, mode: str) -> None:
    outcomes = driver.evidence.outcomes.setdefault(mode, {})
    wanted = [(call, scenario) for scenario in ANSWERS for call in CALLERS if scenario != "mapping" or call == "Basic"]
    for call, scenario in [*wanted, *((name, "ok") for name in BROKEN)]:
        outcomes[f"{call} {scenario}"] = await _call(driver, call, scenario)


async def _call(driver: Driver, call: str, scenario: str) -> str:
    parameters = {**REQUEST, "call": call, "scenario": f"scenario-{scenario}", "password": driver.secrets.parameter}
    async with driver.browser() as browser:
        back = await browser.authorize(TENANT, CALLS, parameters)
    assert isinstance(back, Redirect), back
    if "code" in back.parameters:
        driver.evidence.issue("code", back.parameters["code"], "location")
        return "code"
    return back.parameters["error_description"]


async def _missing_key(driver: Driver) -> None:
    """Delete a key under a running engine, which takes that over within two seconds."""
    await driver.engine.run("keys", "delete", "ApiKey", "--yes", name="keys delete")
    outcomes = driver.evidence.outcomes["development"]
    for _ in range(20):
        outcomes["ApiKey without its key"] = await _call(driver, "ApiKey", "ok")
        if outcomes["ApiKey without its key"] != "code":
            break
        await asyncio.sleep(0.2)


# --- errors and other places --------------------------------------------------------------------------


async def _token_endpoint(driver: Driver, client_id: str) -> None:
    wrong = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": driver.secrets.wrong_client_secret,
        "scope": f"{client_id}/.default",
    }
    async with driver.browser() as browser:
        url = f"{driver.origin}/{TENANT}/oauth2/v2.0/token"
        for form in (wrong, {**wrong, "grant_type": "nothing"}):
            async with browser._session.post(url, data=form) as answer:
                assert answer.status == 400
        await browser.redeem(TENANT, SIGN_UP, wrong)
        await browser.redeem(TENANT, SIGN_UP, {**wrong, "grant_type": "refresh_token", "refresh_token": "x"})


async def _errors(driver: Driver) -> None:
    """Make error pages, some of them with a secret in the request."""
    parameter = driver.secrets.parameter
    async with driver.browser() as browser:
        page = await _page(browser)
        _saw(driver, browser, page)
        tried: list[dict[str, str]] = [
            {**REQUEST, "client_id": "nobody", "password": parameter},
            {**REQUEST, "redirect_uri": "https://evil.example/", "password": parameter},
            {**REQUEST, "scope": "nothing", "password": parameter},
            {**REQUEST, "response_mode": "none", "password": parameter},
        ]
        for parameters in tried:
            await _ignoring(browser.authorize(TENANT, SIGN_UP, parameters))
        await _ignoring(browser.authorize(TENANT, WRONG_KEYS, {**REQUEST, "password": parameter}))
        stale = Page(page.html, {**page.settings, "csrf": "stale"})
        await browser.submit(stale, {"signInName": EMAIL, "password": driver.secrets.password})
        await _ignoring(browser.navigate(page, "nothing"))
    async with driver.browser() as other:
        lost = await other.submit(page, {"signInName": EMAIL, "password": driver.secrets.password})
        assert not lost.accepted


async def _ignoring(opened: Any) -> None:
    try:
        await opened
    except PageError:
        return


async def _commands(driver: Driver) -> None:
    for command in ("trace", "keys list", "keys list --json", "keys show Certificate --json", "apps list", "mailbox"):
        await driver.engine.run(*command.split())
    del driver.engine.printed["the output of mailbox"]


async def _portal(driver: Driver) -> None:
    async with driver.browser() as browser:
        async with browser._session.get(f"{driver.origin}/portal/journeys") as answer:
            assert answer.status == 200
            links = set(re.findall(r'href="(/portal/journeys/[^"]+)"', await answer.text()))
        assert len(links) > 100
        for path in [*links, "/portal/api/journeys", "/metrics"]:
            async with browser._session.get(f"{driver.origin}{path}") as answer:
                await answer.read()


async def _gather(driver: Driver, api: HostileApi) -> None:
    evidence = driver.evidence
    out = await driver.engine.run("trace", "--json")
    evidence.traces = json.loads(out)
    evidence.printed = driver.engine.printed
    evidence.asked = api.asked
    for token in {*api.bearers[:3], *api.bearers[-1:]}:
        if token not in {driver.secrets.acquired, driver.secrets.bearer}:
            evidence.issue("access token that the engine acquired", _random_part(token), "token")
    for path in driver.engine.folder.joinpath(".journeyman").rglob("*"):
        if path.is_file():
            evidence.files[path.name] = path.read_bytes()
