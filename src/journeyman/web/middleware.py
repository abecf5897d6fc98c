"""What every request passes: its host is ours, its size is bounded, its answer says how to be treated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT_BYTES: Final = 256 * 1024
ADDRESS_LIMIT_BYTES: Final = 48 * 1024
PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})


class DefaultHeaders:
    """Give every answer the headers that it has not set itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the missing headers."""

        async def with_defaults(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_defaults)


class HostCheck:
    """Serve requests for our own hosts only, so that no answer ever names another origin."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 to a request with a foreign Host; probes are served whatever it is, and metrics look at it themselves."""
        if scope["type"] == "http" and scope["path"] not in PROBES:
            named = [host.lower() for host in Headers(scope=scope).getlist("host")]
            if len(named) != 1 or named[0] not in self._hosts:
                text = "This host name is not served here; [server] public_url in journeyman.toml says which one is.\n"
                await PlainTextResponse(text, status_code=400)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SizeLimit:
    """End a request whose address or body is longer than any of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 414 or 413 to what is announced as too long; cut the connection when it becomes too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope["query_string"]) + len(scope["path"]) > ADDRESS_LIMIT_BYTES:
            await PlainTextResponse("The address is too long.\n", status_code=414)(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not (announced.isdecimal() and len(announced) < 10 and int(announced) <= BODY_LIMIT_BYTES):
            await PlainTextResponse("The body is too long.\n", status_code=413)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message if received <= BODY_LIMIT_BYTES else {"type": "http.disconnect"}

        await self._app(scope, counted, send)
