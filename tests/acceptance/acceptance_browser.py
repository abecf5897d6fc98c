"""An HTTP client of our own: one request at a time, cookies kept, redirects not followed unless they stay."""

from __future__ import annotations

import base64
import hashlib
import html
import http.client
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

VERIFIER = "a-code-verifier-that-is-long-enough-for-everybody-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.text)

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return next((value for name, value in self.headers if name.lower() == "location"), "")

    @property
    def cookies(self) -> list[str]:
        """The Set-Cookie headers."""
        return [value for name, value in self.headers if name.lower() == "set-cookie"]

    @property
    def answer(self) -> dict[str, str]:
        """The parameters that the application gets: from the query, the fragment or the posted form."""
        if self.status == 200:
            found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', self.text)
            return {html.unescape(name): html.unescape(value) for name, value in found}
        parts = urlsplit(self.location)
        return dict(parse_qsl(parts.query or parts.fragment))

    @property
    def settings(self) -> dict[str, Any]:
        """``SETTINGS`` of a page."""
        found = re.search(r"var SETTINGS = (\{.*?\});", self.text, re.DOTALL)
        assert found is not None, (self.status, self.location, self.text[:2000])
        return dict(json.loads(found[1]))


def request(method: str, url: str, body: str | None = None, headers: dict[str, str] | None = None) -> Reply:
    """Send one request; nothing is followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=15)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.getheaders(), response.read().decode())
    finally:
        connection.close()


def get(url: str, **headers: str) -> Reply:
    """Get an address."""
    return request("GET", url, headers=headers)


def post(url: str, form: dict[str, str], **headers: str) -> Reply:
    """Post a form."""
    return request("POST", url, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded", **headers})


def decoded(token: str, part: int = 1) -> dict[str, Any]:
    """Return the claims of a JWT, or its header (part 0), not verified."""
    text = token.split(".")[part]
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


@dataclass
class Browser:
    """Cookies and the address of the engine; ``host`` is the Host header when it differs from that address."""

    origin: str
    tenant: str
    host: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Reply:
        """Send a request with the cookies, and keep the new ones."""
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.host:
            headers["Host"] = self.host
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        reply = request(method, self.origin + path, None if form is None else urlencode(form), headers)
        for cookie in reply.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    def authorize(self, policy: str, **parameters: str) -> Reply:
        """Ask for a token; code with PKCE unless said otherwise."""
        query = {
            "client_id": "22222222-2222-3333-4444-555555555555",
            "redirect_uri": "http://127.0.0.1:5000/callback",
            "response_type": "code",
            "scope": "openid offline_access",
            "nonce": "a-nonce",
            "state": "a-state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **parameters,
        }
        return self.send("GET", f"/{self.tenant}/{policy}/oauth2/v2.0/authorize?{urlencode(query)}")

    def id_token(self, policy: str, **parameters: str) -> dict[str, Any]:
        """Return the claims of the id_token of a journey without a page."""
        reply = self.authorize(policy, response_type="id_token", **parameters)
        assert "id_token" in reply.answer, (reply.status, reply.answer, reply.text[:500])
        return decoded(reply.answer["id_token"])

    def submit(self, page: Reply, **fields: str) -> dict[str, str]:
        """Send the fields of a page."""
        settings = page.settings
        query = urlencode({"tx": settings["transId"], "p": settings["hosts"]["policy"]})
        headers = {"X-CSRF-TOKEN": settings["csrf"], "X-Requested-With": "XMLHttpRequest"}
        path = f"{settings['hosts']['tenant']}/SelfAsserted?{query}"
        reply = self.send("POST", path, {"request_type": "RESPONSE", **fields}, **headers)
        assert reply.status == 200, (reply.status, reply.text)
        return dict(reply.json)

    def follow(self, page: Reply, action: str = "confirmed", **extra: str) -> Reply:
        """Follow a link of a page."""
        settings = page.settings
        query = {**extra, "csrf_token": settings["csrf"], "tx": settings["transId"], "p": settings["hosts"]["policy"]}
        return self.send("GET", f"{settings['hosts']['tenant']}/api/{settings['api']}/{action}?{urlencode(query)}")

    def redeem(self, policy: str, **form: str) -> Reply:
        """Post to the token endpoint of a policy, as the public client unless said otherwise."""
        known = {"client_id": "22222222-2222-3333-4444-555555555555", "redirect_uri": "http://127.0.0.1:5000/callback"}
        return self.send("POST", f"/{self.tenant}/{policy}/oauth2/v2.0/token", {**known, **form})

    def redeem_code(self, policy: str, code: str) -> Reply:
        """Redeem a code with the verifier."""
        return self.redeem(policy, grant_type="authorization_code", code=code, code_verifier=VERIFIER)
