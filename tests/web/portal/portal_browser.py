"""A browser as far as the portal goes: it keeps cookies, sends its origin and the token of the last form."""

from __future__ import annotations

import json
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import aiohttp

from journeyman.web.portal.build import portal_link

SETTINGS = re.compile(r"var SETTINGS = (\{.*?\});", re.DOTALL)
FORM = re.compile(r'name="csrf" value="([^"]*)"')


class PortalBrowser:
    def __init__(self, site, http, *, behind=""):
        """Make a browser; ``behind`` is the public origin of something in front of the engine."""
        self.site, self.http = site, http
        self.origin = behind or site.origin
        self.address = f"http://127.0.0.1:{site.engine.settings.server.port}"
        self.always = {"Host": urlsplit(behind).netloc} if behind else {}
        self.set_cookies: list[str] = []
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    @property
    def session_name(self):
        return f"journeyman-portal-session-{self.site.engine.settings.server.port}"

    async def open_link(self):
        """Sign in by the link of a development engine."""
        reply = await self.get(portal_link(self.site.engine).removeprefix(self.site.origin))
        assert reply.status == 303, reply.text
        await self.get("/portal/me")

    async def get(self, path, headers=None):
        return await self._send("GET", path, headers or {})

    async def post(self, path, fields=None, *, origin=None, token=None, files=(), multipart=False, headers=None):
        """Send a form; the token is that of the page that was loaded last."""
        pairs = {"csrf": self.csrf if token is None else token, **(fields or {})}
        form = aiohttp.FormData(default_to_multipart=multipart or bool(files))
        for name, value in pairs.items():
            for one in value if isinstance(value, list | tuple) else [value]:
                form.add_field(name, one)
        for name, file_name, content in files:
            form.add_field(name, content, filename=file_name)
        sent = {"Origin": origin or self.origin, **(headers or {})}
        return await self._send("POST", path, sent, data=form)

    async def follow(self, reply):
        """Go where an answer sends the browser."""
        return await self.get(reply.location.removeprefix(self.origin))

    async def _send(self, method, path, headers, **extra):
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**self.always, **({"Cookie": cookie} if cookie else {}), **headers}
        reply = await self.site.ask(self.http, method, f"{self.address}{path}", headers=sent, **extra)
        for line in reply.headers.getall("Set-Cookie", []):
            self.set_cookies.append(line)
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        if reply.headers.get("Content-Type", "").startswith("text/html") and (found := FORM.search(reply.text)):
            self.csrf = found[1]
        return reply

    # --- the sign-in ---------------------------------------------------------------------------------

    async def sign_in(self, email, password, path="/portal"):
        """Go to a page, through the sign-in; return the answer of the callback, or the refusal of the page."""
        page = await self.start(path)
        answer = await self.enter(page, email, password)
        if answer["status"] != "200":
            return answer
        return await self.confirm(page)

    async def start(self, path="/portal"):
        """Ask for a page and follow to the page of the sign-in."""
        reply = await self.get(path)
        while reply.status in {302, 303}:
            reply = await self.follow(reply)
        assert reply.status == 200, reply.text
        return json.loads(SETTINGS.search(reply.text)[1])

    async def enter(self, settings, email, password):
        """Send the page of the sign-in."""
        form = urlencode({"signInName": email, "password": password, "request_type": "RESPONSE"})
        headers = {"X-CSRF-TOKEN": settings["csrf"], "Content-Type": "application/x-www-form-urlencoded"}
        path = f"{settings['hosts']['tenant']}/SelfAsserted?{self._transaction(settings)}"
        return (await self._send("POST", path, headers, data=form)).json

    async def confirm(self, settings):
        """Go on from an accepted page to the callback of the portal."""
        query = f"csrf_token={settings['csrf']}&{self._transaction(settings)}"
        path = f"{settings['hosts']['tenant']}/api/{settings['api']}/confirmed?{query}"
        return await self.follow(await self.get(path))

    def _transaction(self, settings):
        return urlencode({"tx": settings["transId"], "p": settings["hosts"]["policy"]})
