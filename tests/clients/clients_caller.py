"""An application that calls the management API: made by the command line, signed in by client credentials."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from acceptance_folder import TENANT, Folder

GRAPH = "https://graph.microsoft.com"
ALL_ROLES = (
    "APIConnectors.ReadWrite.All",
    "IdentityUserFlow.ReadWrite.All",
    "IdentityProvider.ReadWrite.All",
    "TrustFrameworkKeySet.ReadWrite.All",
    "Policy.ReadWrite.TrustFramework",
    "User.ReadWrite.All",
    "Application.ReadWrite.All",
    "AuditLog.Read.All",
)
API = "https://api.clients.example"
"""What the policies of the tests call; the egress map leads to a server of ours."""
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """What came back."""

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
    def error(self) -> Mapping[str, Any]:
        """The error of the envelope, whose form is checked."""
        assert self.headers["content-type"].startswith("application/json"), self
        error = self.json["error"]
        assert error["code"], self
        assert error["message"], self
        assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
        return dict(error)


def ask(method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request exactly as it is written; the path is not touched."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        target = url.split(parts.netloc, 1)[1]
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None or method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


@dataclass
class Caller:
    """An application and its token."""

    origin: str
    client_id: str
    secret: str = field(repr=False)
    tenant: str = TENANT
    token: str = field(default="", repr=False)

    def sign_in(self, *, secret: str | None = None) -> Answer:
        """Ask for a token by client credentials."""
        form = {"grant_type": "client_credentials", "scope": f"{GRAPH}/.default"}
        form |= {"client_id": self.client_id, "client_secret": self.secret if secret is None else secret}
        url = f"{self.origin}/{self.tenant}/oauth2/v2.0/token"
        answer = ask("POST", url, urlencode(form).encode(), {"Content-Type": FORM})
        if answer.status == 200:
            self.token = answer.json["access_token"]
        return answer

    def __call__(
        self, method: str, path: str, json: Any = None, *, body: bytes | str | None = None, **headers: str
    ) -> Answer:
        """Send a request; ``path`` begins with ``/`` or is one of v1.0; ``If_Match="x"`` is a header."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if json is not None:
            body, sent["Content-Type"] = encoded(json), "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = self.origin + (path if path.startswith("/") else f"/v1.0/{path}")
        return ask(method, url, body.encode() if isinstance(body, str) else body, sent)


def encoded(value: Any) -> bytes:
    """Return the JSON of a value."""
    return json.dumps(value).encode()


def hire(home: Folder, *roles: str, name: str = "Manager", origin: str = "") -> Caller:
    """Make an application as the documents say and sign it in at what runs from the folder."""
    wanted = [argument for role in roles for argument in ("--role", role)]
    made = home.run("apps", "add", name, *wanted, "--json")
    assert made.code == 0, made.err
    caller = Caller(origin or home.started[-1].origin, made.json["client_id"], made.json["client_secret"])
    if not origin or origin == home.started[-1].origin:
        answer = caller.sign_in()
        assert answer.status == 200, answer
    return caller


def until(true: Callable[[], bool], *, within_s: float) -> bool:
    """Whether something becomes true within a time; it is asked at least once."""
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True


def user(mail: str, **more: Any) -> dict[str, Any]:
    """Return the body with which scripts create a local account."""
    return {
        "displayName": mail.partition("@")[0],
        "identities": [{"signInType": "emailAddress", "issuer": TENANT, "issuerAssignedId": mail}],
        "passwordProfile": {"password": "Canary-user-Pass1", "forceChangePasswordNextSignIn": False},
        "passwordPolicies": "DisablePasswordExpiration",
        **more,
    }
