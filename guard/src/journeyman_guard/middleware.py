"""The guard in front of an ASGI application; what is not listed is refused."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from journeyman_guard.asgi import ASGIApp, Receive, Scope, Send
from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import Refused, forbidden
from journeyman_guard.request import GuardRequest, request_of_scope
from journeyman_guard.routes import compile_routes, find_check

CALLER: Final = "journeyman_guard.caller"
_BODY: Final = b'{"error":"unauthorized"}'
_POLICY_VIOLATION: Final = 1008

_log: Final = logging.getLogger("journeyman_guard")


class GuardMiddleware:
    """Let a request through to ``app`` only when the check of its route accepts it.

    Every refusal has the same body; the exact cause goes to the logger ``journeyman_guard``. WebSockets are refused:
    a policy lists HTTP routes.

    Args:
        policy: ``"METHOD /path/{name}"`` -> check.
    """

    def __init__(self, app: ASGIApp, policy: Mapping[str, Check]) -> None:
        self._app = app
        self._routes = compile_routes(policy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await self._app(scope, receive, send)
            case "websocket":
                await receive()
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            case kind:
                raise ValueError(f"an ASGI scope of type {kind!r} cannot be guarded")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = request_of_scope(scope)
        try:
            caller = await self._check(request, scope.get("raw_path") or b"")
        except Refused as refusal:
            log_refusal(request, refusal)
            await _send_refusal(send, refusal)
            return
        await self._app({**scope, CALLER: caller}, receive, send)

    async def _check(self, request: GuardRequest, raw_path: bytes) -> Caller:
        check = find_check(self._routes, request.method, request.path, raw_path)
        if check is None:
            raise forbidden("no check is set for this route")
        return await check.check(request)


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """Return who calls, inside the application. Raises LookupError when no guard stands before it."""
    caller: Caller | None = scope.get(CALLER)
    if caller is None:
        raise LookupError("this request did not pass a GuardMiddleware")
    return caller


def log_refusal(request: GuardRequest, refusal: Refused) -> None:
    """Write the exact cause into the owner's log; nothing of the headers and the query goes there."""
    _log.warning(
        "refused %s %s from %s with %d: %s",
        ascii(request.method[:16])[1:-1],
        ascii(request.path[:200])[1:-1],
        request.source,
        refusal.status,
        refusal.reason,
    )


async def _send_refusal(send: Send, refusal: Refused) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_BODY)).encode("ascii")),
        (b"cache-control", b"no-store"),
    ]
    headers += [(b"www-authenticate", challenge.encode("ascii")) for challenge in refusal.challenges]
    status = HTTPStatus(refusal.status)
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})
