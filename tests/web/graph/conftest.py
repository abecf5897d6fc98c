"""Management tokens of a tenant on a real server."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from journeyman.management.caller import ROLES

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GRAPH = "https://graph.microsoft.com"


class Manager:
    """An application with roles, and its token."""

    def __init__(self, site, http, client_id: str, secret: str) -> None:
        self.site, self.http = site, http
        self.client_id, self.secret = client_id, secret
        self.token = ""

    async def sign_in(self, *, scope: str = f"{GRAPH}/.default") -> Any:
        """Get a token by client credentials."""
        form = {"grant_type": "client_credentials", "scope": scope}
        form |= {"client_id": self.client_id, "client_secret": self.secret}
        url = f"{self.site.origin}/{self.site.tenant}/oauth2/v2.0/token"
        reply = await self.site.ask(self.http, "POST", url, data=urlencode(form), headers=FORM)
        if reply.status == 200:
            self.token = reply.json["access_token"]
        return reply

    async def __call__(self, method: str, path: str, json: Any = None, **extra: Any) -> Any:
        """Send a request; ``path`` begins with the version or is one of v1.0."""
        address = path if path.startswith(("/", "http")) else f"/v1.0/{path}"
        url = address if address.startswith("http") else self.site.origin + address
        headers = {"Authorization": f"Bearer {self.token}", **extra.pop("headers", {})}
        if json is not None:
            extra["json"] = json
        return await self.site.ask(self.http, method, url, headers=headers, **extra)


Employ = Callable[..., Awaitable[Manager]]


@pytest.fixture
def employ(site, http) -> Employ:
    """Make an application with roles and sign it in: ``api = await employ("User.Read.All")``."""

    async def made(*roles: str, at: Any = None, sign_in: bool = True) -> Manager:
        return await _employed(at or site, http, roles, sign_in=sign_in)

    return made


async def _employed(site, http, roles: tuple[str, ...], *, sign_in: bool = True) -> Manager:
    application, secret = await site.engine.applications.add("Manager", roles=roles)
    manager = Manager(site, http, application.client_id, secret.reveal())
    if sign_in:
        await manager.sign_in()
    return manager


@pytest.fixture
async def api(employ) -> Manager:
    """An application with every role."""
    return await employ(*ROLES)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_api(shared_site, shared_http) -> Manager:
    """An application with every role at the site that tests share; they run with ``loop_scope="session"``."""
    return await _employed(shared_site, shared_http, tuple(ROLES))


@pytest.fixture(scope="session")
def shared_employ(shared_site, shared_http) -> Employ:
    """Make an application with roles at the site that tests share, and sign it in."""

    async def made(*roles: str, sign_in: bool = True) -> Manager:
        return await _employed(shared_site, shared_http, roles, sign_in=sign_in)

    return made


def error_of(reply: Any) -> Mapping[str, Any]:
    assert reply.headers["Content-Type"] == "application/json"
    error = reply.json["error"]
    assert error["message"]
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    return error


@pytest.fixture
def problem() -> Callable[[Any], Mapping[str, Any]]:
    """Return the error of an answer, its envelope checked."""
    return error_of


@pytest.fixture
def claims_of() -> Callable[[str], Mapping[str, Any]]:
    """Return the claims of a token; nothing is verified."""

    def read(token: str) -> Mapping[str, Any]:
        body = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))

    return read
