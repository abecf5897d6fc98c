"""Drive the pages of a journey as a browser without a screen: an authorize request in, pages and answers out.

It speaks the wire protocol of the pages (pages.md §5) with cookies, tokens and redirects, so what passes
here passes a person's browser too, but for scripts and looks.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import aiohttp
from yarl import URL

_SETTINGS: Final = re.compile(r"var SETTINGS = (\{.*?\});", re.DOTALL)
_FIELDS: Final = re.compile(r"var SA_FIELDS = (\{.*?\});", re.DOTALL)
_BLOCKED: Final = re.compile(r'<p class="block-message"[^>]*>(.*?)</p>', re.DOTALL)
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


class PageError(Exception):
    """The engine showed something else than what the driver waited for."""


class BlockedError(PageError):
    """An API has ended the journey with a block page; ``message`` is what it says to the person."""

    def __init__(self, message: str, page: str) -> None:
        super().__init__(f"the journey was ended by a block page: {message}")
        self.message = message
        self.page = page


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a submitted page."""

    accepted: bool
    error_code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a journey."""

    html: str
    settings: Mapping[str, Any]

    @property
    def api(self) -> str:
        """The name of the page's endpoint."""
        return str(self.settings["api"])

    @property
    def fields(self) -> tuple[str, ...]:
        """The claim ids of its fields, in order."""
        found = _FIELDS.search(self.html)
        items = json.loads(found[1])["AttributeFields"] if found else []
        return tuple(item["ID"] for item in items)


@dataclass(frozen=True, slots=True)
class Redirect:
    """The way back to the application."""

    url: str
    parameters: Mapping[str, str]


@dataclass(slots=True)
class Browser:
    """One browser: its cookies, and the engine it talks to.

    Use it as ``async with Browser("http://127.0.0.1:8080") as browser``.
    """

    origin: str
    tls: ssl.SSLContext | None = None
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    _session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the browser."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True, quote_cookie=False), trust_env=False
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the browser."""
        if self._session is not None:
            await self._session.close()

    @property
    def challenge(self) -> str:
        """The PKCE challenge of this browser's verifier."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    async def authorize(self, tenant: str, policy: str, parameters: Mapping[str, str]) -> Page | Redirect:
        """Open the authorize endpoint, with code and PKCE unless ``parameters`` say otherwise."""
        query = {
            "response_type": "code",
            "scope": "openid offline_access",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            "state": "state-of-the-test",
            "nonce": "nonce-of-the-test",
            **parameters,
        }
        return await self.get(f"{self.origin}/{tenant}/{policy}/oauth2/v2.0/authorize?{urlencode(query)}")

    async def get(self, url: str) -> Page | Redirect:
        """Open an address; redirects to the engine itself are followed, those to the application are returned."""
        for _ in range(10):
            async with self._client.get(URL(url, encoded=True), allow_redirects=False, ssl=self._ssl) as response:
                text = await response.text()
                if response.status in {302, 303}:
                    url = urljoin(url, response.headers["Location"])
                    if not url.startswith(f"{self.origin}/"):
                        return _redirect(url)
                    continue
                return _page_or_form(text, response.status)
        message = "too many redirects"
        raise PageError(message)

    async def submit(self, page: Page, fields: Mapping[str, str]) -> Answer:
        """Send the fields of a page."""
        return await self.post(page, "SelfAsserted", {**fields, "request_type": "RESPONSE"})

    async def post(self, page: Page, path: str, form: Mapping[str, str]) -> Answer:
        """Post a form to an endpoint of a page."""
        query = urlencode({"tx": page.settings["transId"], "p": page.settings["hosts"]["policy"]})
        url = f"{self.origin}{page.settings['hosts']['tenant']}/{path}?{query}"
        headers = {"X-CSRF-TOKEN": page.settings["csrf"], "X-Requested-With": "XMLHttpRequest"}
        async with self._client.post(URL(url, encoded=True), data=form, headers=headers, ssl=self._ssl) as response:
            body = await response.json()
        if body["status"] == "200":
            return Answer(accepted=True)
        return Answer(accepted=False, error_code=body["errorCode"], message=body["message"])

    async def go_on(self, page: Page, **extra: str) -> Page | Redirect:
        """Navigate from an accepted page to what comes next."""
        return await self.navigate(page, "confirmed", **extra)

    async def navigate(self, page: Page, action: str, **extra: str) -> Page | Redirect:
        """Follow a link of a page: ``unified`` with ``local="signup"``, ``forgotPassword``, ``cancelled``."""
        settings = page.settings
        query = {**extra, "csrf_token": settings["csrf"], "tx": settings["transId"], "p": settings["hosts"]["policy"]}
        return await self.get(f"{self.origin}{settings['hosts']['tenant']}/api/{page.api}/{action}?{urlencode(query)}")

    async def redeem(self, tenant: str, policy: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
        """Post to the token endpoint; return status and body."""
        url = f"{self.origin}/{tenant}/{policy}/oauth2/v2.0/token"
        async with self._client.post(url, data=form, ssl=self._ssl) as response:
            return response.status, await response.json()

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            message = "the browser is not open: use it as a context manager"
            raise PageError(message)
        return self._session

    @property
    def _ssl(self) -> ssl.SSLContext | bool:
        return self.tls or True


def _page_or_form(text: str, status: int) -> Page | Redirect:
    form = re.search(r'<form id="auto"[^>]*action="([^"]*)"', text)
    if form:
        fields = {html.unescape(name): html.unescape(value) for name, value in _HIDDEN.findall(text)}
        return Redirect(html.unescape(form[1]), fields)
    blocked = _BLOCKED.search(text)
    if blocked is not None:
        raise BlockedError(html.unescape(blocked[1]), text)
    found = _SETTINGS.search(text)
    if found is None or status != 200:
        plain = " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(script|style).*?</\1>", " ", text)).split())
        message = f"HTTP {status}: {plain[:600]}"
        raise PageError(message)
    return Page(text, json.loads(found[1]))


def _redirect(url: str) -> Redirect:
    parts = urlsplit(url)
    return Redirect(url, dict(parse_qsl(parts.query or parts.fragment)))
