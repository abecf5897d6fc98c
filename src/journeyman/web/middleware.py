"""What every request passes: its host is ours, its body is small, its answer says how to be treated."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES: Final = 256 * 1024
PROBES: Final = frozenset({"/healthz", "/readyz"})


class HostCheck:
    """Serve requests for our own hosts only, so that no answer ever names another origin."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 to a request with a foreign Host; probes are served whatever it is."""
        if scope["type"] == "http" and scope["path"] not in PROBES:
            host = Headers(scope=scope).get("host", "").lower()
            if host not in self._hosts:
                response = PlainTextResponse(
                    "This host name is not served here. Set [server] public_url in journeyman.toml.\n", status_code=400
                )
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """End a request whose body is longer than any form of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 when the body is announced as too long; cut the connection when it becomes too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > BODY_LIMIT_BYTES:
            await PlainTextResponse("The body is too long.\n", status_code=413)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message if received <= BODY_LIMIT_BYTES else {"type": "http.disconnect"}

        await self._app(scope, counted, send)


class StrictTransport:
    """Tell browsers to stay on https when the engine is reached by https."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add Strict-Transport-Security to every answer."""

        async def with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, with_header)
