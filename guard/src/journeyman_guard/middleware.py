"""The guard in front of an ASGI application; what is not listed is refused."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from journeyman_guard.asgi import ASGIApp, Receive, Scope, Send
from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import Refused
from journeyman_guard.guard import BODY, Guard, guard_of, refusal_headers
from journeyman_guard.request import request_of_scope

CALLER: Final = "journeyman_guard.caller"
_POLICY_VIOLATION: Final = 1008


class GuardMiddleware:
    """Let a request through to ``app`` only when the check of its route accepts it.

    Every refusal has the same body; the exact cause goes to the logger ``journeyman_guard``. WebSockets are refused:
    a policy lists HTTP routes.

    Args:
        policy: a ``Guard``, or ``"METHOD /path/{name}"`` -> check.
    """

    def __init__(self, app: ASGIApp, policy: Guard | Mapping[str, Check]) -> None:
        self._app = app
        self.guard = guard_of(policy)

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
        arrived = request_of_scope(scope)
        request = self.guard.proxies.believed(arrived)
        try:
            caller = await self.guard.admit(request)
        except Refused as refusal:
            await send_refusal(send, refusal)
            return
        inner = {**scope, CALLER: caller}
        if request.headers is not arrived.headers:
            inner["headers"] = list(request.headers)
        await self._app(inner, receive, send)


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """Return who calls, inside the application. Raises LookupError when no guard stands before it."""
    caller: Caller | None = scope.get(CALLER)
    if caller is None:
        raise LookupError("this request did not pass a GuardMiddleware")
    return caller


async def send_refusal(send: Send, refusal: Refused) -> None:
    """Send the one answer that every refusal has."""
    headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in refusal_headers(refusal)]
    status = HTTPStatus(refusal.status)
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})
