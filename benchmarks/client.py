"""What the measured servers are asked: bare requests, tokens, whole sign-ins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.server import HOST, PASSWORD, user_name
from benchmarks.tenant import APP_CLIENT_ID, REDIRECT_URI, SERVICE_CLIENT_ID, TENANT
from journeyman.testing.browser import Browser, Page, Redirect

AT_ONCE = 8
PARAMETERS = {"client_id": APP_CLIENT_ID, "redirect_uri": REDIRECT_URI}


async def at_once(count: int, one: Callable[[int], Awaitable[object]]) -> None:
    """Do ``count`` operations, eight at a time."""
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(worker() for _ in range(min(AT_ONCE, count))))


async def post(session: aiohttp.ClientSession, url: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """Post a form and return the JSON of the answer, which must be 200."""
    async with session.post(url, data=form) as response:
        body: Mapping[str, Any] = await response.json()
    if response.status != 200:
        raise RuntimeError(f"{url} answered {response.status}: {body}")
    return body


async def get(session: aiohttp.ClientSession, url: str) -> None:
    """Get a document, which must be 200."""
    async with session.get(url) as response:
        await response.read()
    if response.status != 200:
        raise RuntimeError(f"{url} answered {response.status}")


@dataclass(slots=True)
class Client:
    """A client of a measured engine; ``secret`` is the one of the service application."""

    port: int
    policy: str
    secret: str
    session: aiohttp.ClientSession
    signed_in: Browser | None = None
    codes: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """The engine."""
        return f"http://{HOST}:{self.port}"

    @property
    def token_url(self) -> str:
        """The token endpoint of the policy."""
        return f"{self.origin}/{TENANT}/{self.policy}/oauth2/v2.0/token"

    async def client_credentials(self, _number: int = 0) -> None:
        """Ask the tenant's token endpoint for a token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": SERVICE_CLIENT_ID,
            "client_secret": self.secret,
            "scope": f"{SERVICE_CLIENT_ID}/.default",
        }
        await post(self.session, f"{self.origin}/{TENANT}/oauth2/v2.0/token", form)

    async def sign_in(self, number: int) -> Mapping[str, Any]:
        """Go through a whole sign-in in a new browser: four requests, the last one redeems the code."""
        async with Browser(self.origin) as browser:
            return await self._redeemed(browser, await self._code(browser, number))

    async def open_session(self) -> None:
        """Sign in in a browser that is kept."""
        self.signed_in = await Browser(self.origin).__aenter__()
        await self._code(self.signed_in, 0)

    async def close_session(self) -> None:
        """Close that browser."""
        if self.signed_in is not None:
            await self.signed_in.__aexit__(None, None, None)

    async def collect_codes(self, count: int) -> None:
        """Fetch codes with the session, without a page."""
        self.codes = [await self.code_by_session() for _ in range(count)]

    async def code_by_session(self) -> str:
        """Return a code that the session gives without a page."""
        if self.signed_in is None:
            raise RuntimeError("nobody is signed in")
        return _code_of(await self.signed_in.authorize(TENANT, self.policy, PARAMETERS))

    async def redeem_code(self, _number: int = 0) -> Mapping[str, Any]:
        """Redeem one of the collected codes."""
        if self.signed_in is None:
            raise RuntimeError("nobody is signed in")
        form = self._code_form(self.signed_in, self.codes.pop())
        return await post(self.session, self.token_url, form)

    async def refresh(self, token: str) -> Mapping[str, Any]:
        """Redeem a refresh token."""
        form = {"grant_type": "refresh_token", "client_id": APP_CLIENT_ID, "refresh_token": token}
        return await post(self.session, self.token_url, form)

    async def documents(self) -> None:
        """Read the discovery document and the published keys."""
        base = f"{self.origin}/{TENANT}/{self.policy}"
        await get(self.session, f"{base}/v2.0/.well-known/openid-configuration")
        await get(self.session, f"{base}/discovery/v2.0/keys")

    async def _code(self, browser: Browser, number: int) -> str:
        page = await browser.authorize(TENANT, self.policy, PARAMETERS)
        if isinstance(page, Redirect):
            raise RuntimeError(f"no page came: {page.parameters}")
        answer = await browser.submit(page, {"signInName": user_name(number), "password": PASSWORD})
        if not answer.accepted:
            raise RuntimeError(f"the sign-in was refused: {answer.message}")
        return _code_of(await browser.go_on(page))

    async def _redeemed(self, browser: Browser, code: str) -> Mapping[str, Any]:
        _, body = await browser.redeem(TENANT, self.policy, self._code_form(browser, code))
        if "id_token" not in body:
            raise RuntimeError(f"the code was not redeemed: {body}")
        return body

    @staticmethod
    def _code_form(browser: Browser, code: str) -> Mapping[str, str]:
        return {
            "grant_type": "authorization_code",
            "client_id": APP_CLIENT_ID,
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": browser.verifier,
        }


def _code_of(answer: Page | Redirect) -> str:
    if isinstance(answer, Page) or "code" not in answer.parameters:
        raise RuntimeError("the journey ended without a code")
    return answer.parameters["code"]


def session() -> aiohttp.ClientSession:
    """Return a session without cookies."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
