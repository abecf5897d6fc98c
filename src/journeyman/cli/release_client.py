"""The management API of a Journeyman elsewhere: releases in and out over HTTPS, with a token of its own.

Credentials come from environment variables, never from arguments. Redirects are not followed, proxies of the
environment not used, and plain HTTP goes to this machine only.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from journeyman.configuration.releases import NOTHING, Difference, Release
from journeyman.errors import JourneymanError, SettingsError
from journeyman.management.releases import Plan, Problem
from journeyman.policy.load import PolicyText
from journeyman.secret import Secret
from journeyman.settings.values import is_loopback
from journeyman.trace.printable import printable

CLIENT_ID: Final = "JOURNEYMAN_CLIENT_ID"
CLIENT_SECRET: Final = "JOURNEYMAN_CLIENT_SECRET"  # noqa: S105 - the name of a variable

_TIMEOUT_S: Final = 120
_ANSWER_LIMIT_BYTES: Final = 64 * 1024 * 1024
_RELEASES: Final = "/beta/trustFramework/releases"
_SCOPE: Final = "https://graph.microsoft.com/.default"
_TENANT_LIMIT: Final = 200


class RemoteError(JourneymanError):
    """The other side cannot be reached, or refuses."""

    code = "JM6022"


@dataclass(frozen=True, slots=True)
class Server:
    """A server and how its certificate is checked."""

    origin: str
    context: ssl.SSLContext | None

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Send one request. Raises RemoteError when there is no answer; an answer with an error is one."""
        connection = self._connection()
        try:
            connection.request(method, path, body=body, headers={"Accept": "application/json", **(headers or {})})
            answer = connection.getresponse()
            content = answer.read(_ANSWER_LIMIT_BYTES + 1)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
            detail = f"{self.origin}: TLS failed: {reason}; name the authority of its certificate with --trust"
            raise RemoteError(detail) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", "") or type(error).__name__
            raise RemoteError(f"{self.origin} cannot be reached: {reason}; correct --to, or start it") from None
        finally:
            connection.close()
        if len(content) > _ANSWER_LIMIT_BYTES:
            raise RemoteError(f"{self.origin} answered with more than {_ANSWER_LIMIT_BYTES} bytes")
        return answer.status, content

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.origin)
        host, port = parts.hostname or "", parts.port
        if self.context is None:
            return http.client.HTTPConnection(host, port, timeout=_TIMEOUT_S)
        return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT_S, context=self.context)


@dataclass(frozen=True, slots=True)
class RemoteReleases:
    """The releases of a tenant over the management API."""

    name: str
    server: Server
    token: Secret

    async def plan(self, texts: Sequence[PolicyText]) -> Plan:
        """Return what a release of these policies would change."""
        return _plan(await self._json("POST", f"{_RELEASES}/plan", {"policies": _policies(texts)}), texts)

    async def publish(self, texts: Sequence[PolicyText], *, note: str, after: int) -> Release | None:
        """Publish a release upon release ``after``."""
        body = {"policies": _policies(texts), "note": note, "after": after}
        return _published(await self._json("POST", _RELEASES, body))

    async def roll_back(self, number: int, *, note: str, after: int) -> Release | None:
        """Publish an older release again."""
        return _published(await self._json("POST", f"{_RELEASES}/{number}/rollback", {"note": note, "after": after}))

    async def list(self) -> tuple[Release, ...]:
        """Return the releases, newest first."""
        answer = await self._json("GET", f"{_RELEASES}?$top=999", None)
        return tuple(_release(one) for one in _array(answer, "value"))

    async def get(self, number: int) -> Release:
        """Return one release."""
        return NOTHING if number == 0 else _release(await self._json("GET", f"{_RELEASES}/{number}", None))

    async def text(self, number: int, policy_id: str) -> bytes:
        """Return the text of a policy in a release."""
        return await self._bytes("GET", f"{_RELEASES}/{number}/policies/{quote(policy_id, safe='')}/$value", None)

    async def _json(self, method: str, path: str, body: Mapping[str, object] | None) -> Mapping[str, Any]:
        return _object(self.server.origin, await self._bytes(method, path, body))

    async def _bytes(self, method: str, path: str, body: Mapping[str, object] | None) -> bytes:
        headers = {"Authorization": f"Bearer {self.token.reveal()}"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        status, content = await asyncio.to_thread(self.server.request, method, path, data, headers)
        if status >= http.client.MULTIPLE_CHOICES:
            raise _refused(self.server.origin, status, content)
        return content


async def remote_releases(url: str, tenant: str, trust: Path | None, environment: Mapping[str, str]) -> RemoteReleases:
    """Sign in at a server and return its releases.

    Raises:
        SettingsError: the URL is none, it names no tenant and ``tenant`` is "", or a variable is missing.
        RemoteError: the server cannot be reached or refuses the credentials.
    """
    server, named = _server(url, trust)
    name = named or tenant
    if not name:
        raise SettingsError(f"--to {url}: say which tenant: {url.rstrip('/')}/contoso.onmicrosoft.com")
    credentials = {variable: environment.get(variable, "").strip() for variable in (CLIENT_ID, CLIENT_SECRET)}
    for variable, value in credentials.items():
        if not value:
            raise SettingsError(
                f"{variable} is not set; `journeyman apps add deploy --role Policy.ReadWrite.TrustFramework` "
                "on the server makes what belongs there"
            )
    token = await asyncio.to_thread(_token, server, name, credentials[CLIENT_ID], Secret(credentials[CLIENT_SECRET]))
    return RemoteReleases(f"{name} at {server.origin}", server, token)


def _server(url: str, trust: Path | None) -> tuple[Server, str]:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise SettingsError(f"--to {url[:200]!r} is no address; write https://host/tenant") from None
    tenant = parts.path.strip("/")
    odd = parts.query or parts.fragment or "@" in parts.netloc or "/" in tenant or len(tenant) > _TENANT_LIMIT
    if parts.scheme not in {"https", "http"} or not host or odd or not url.isascii() or not url.isprintable():
        raise SettingsError(f"--to {url[:200]!r} is no address of a tenant; write https://host/tenant")
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(f"--to {url[:200]!r} would send the secret in clear; write https://")
    origin = f"{parts.scheme}://{parts.netloc}"
    return Server(origin, None if parts.scheme == "http" else _context(trust)), tenant


def _context(trust: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=trust)
    except (OSError, ssl.SSLError):
        raise SettingsError(f"--trust {trust} holds no certificate in PEM; name the file of the authority") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _token(server: Server, tenant: str, client_id: str, secret: Secret) -> Secret:
    form = {"grant_type": "client_credentials", "scope": _SCOPE, "client_id": client_id}
    body = urlencode({**form, "client_secret": secret.reveal()}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, content = server.request("POST", f"/{quote(tenant, safe='')}/oauth2/v2.0/token", body, headers)
    if status == http.client.NOT_FOUND:
        raise RemoteError(f"{server.origin} has no tenant {tenant!r}; correct --to")
    answer = _object(server.origin, content)
    token = answer.get("access_token")
    if status != http.client.OK or not isinstance(token, str):
        reason = answer.get("error_description") or answer.get("error") or f"status {status}"
        raise RemoteError(f"{server.origin} gives no token for {CLIENT_ID}: {_line(reason)}")
    return Secret(token)


def _refused(origin: str, status: int, content: bytes) -> RemoteError:
    if http.client.MULTIPLE_CHOICES <= status < http.client.BAD_REQUEST:
        return RemoteError(f"{origin} redirects, which is not followed; correct --to")
    try:
        error = _object(origin, content)["error"]
        text = f"{error['code']}: {error['message']}"
    except (RemoteError, KeyError, TypeError):
        text = "it says nothing that Journeyman would say; correct --to"
    return RemoteError(f"{origin} refused with {status}: {_line(text)}")


def _line(text: object) -> str:
    return printable(" ".join(str(text).split()))[:2000]


def _object(origin: str, content: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise RemoteError(f"{origin} does not answer as Journeyman does; correct --to")
    return value


def _policies(texts: Sequence[PolicyText]) -> list[dict[str, str]]:
    return [{"name": text.name, "content": base64.b64encode(text.data).decode()} for text in texts]


# --- what the server says, checked: another version may answer otherwise ---------------------------------------


def _published(answer: Mapping[str, Any]) -> Release | None:
    return None if answer.get("release") is None else _release(answer["release"])


def _release(value: object) -> Release:
    try:
        return Release(
            number=int(_member(value, "number")),
            at=datetime.fromisoformat(str(_member(value, "createdDateTime"))),
            actor=_line(_member(value, "actor")),
            note=_line(_member(value, "note")),
            manifest={_line(one["id"]): str(one["sha256"]) for one in _member(value, "policies")},
        )
    except (KeyError, TypeError, ValueError):
        raise _other_version() from None


def _plan(answer: Mapping[str, Any], texts: Sequence[PolicyText]) -> Plan:
    try:
        found = Difference(*(tuple(map(_line, answer[name])) for name in ("added", "changed", "removed", "unchanged")))
        problems, breaks = (tuple(map(_problem, answer[name])) for name in ("problems", "breaks"))
        shadows = {str(name): str(file) for name, file in answer.get("shadows", {}).items()}
        sent = {text.name: text.data for text in texts}
        names = {str(policy_id): str(name) for policy_id, name in answer["names"].items()}
        by_id = {policy_id: sent[name] for policy_id, name in names.items()}
        return Plan(int(answer["after"]), found, by_id, names, problems, breaks, shadows)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _other_version() from None


def _problem(one: Mapping[str, Any]) -> Problem:
    policy_id, name, code, message, remedy = (
        _line(one.get(member, "")) for member in ("policyId", "name", "code", "message", "help")
    )
    return Problem(policy_id, name, code, message, remedy, int(one.get("line", 0)), int(one.get("column", 0)))


def _array(answer: Mapping[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    if not isinstance(found, list):
        raise _other_version()
    return found


def _member(value: object, name: str) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        raise TypeError
    return value[name]


def _other_version() -> RemoteError:
    return RemoteError("the server answers otherwise than this version expects; use the same version on both sides")
