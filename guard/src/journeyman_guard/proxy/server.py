"""Run an application of the guard until a signal ends it, with its counters on a listener of their own."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final

import uvicorn

from journeyman_guard.asgi import ASGIApp, Receive, Scope, Send
from journeyman_guard.configuration.server import split_address
from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.metrics import GuardMetrics

GRACE_S: Final = 8
Announce = Callable[[str], None]
Hook = Callable[[], Awaitable[None]]


def bind(address: str) -> socket.socket:
    """Listen on ``HOST:PORT``. Raises MisconfiguredError."""
    host, port = split_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise MisconfiguredError(f"cannot listen on {address}: {error.strerror}") from error


def address_of(listener: socket.socket) -> str:
    """Return ``HOST:PORT`` of a listener."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def server_of(app: ASGIApp, tls: Mapping[str, object]) -> uvicorn.Server:
    """Return a server that believes no header about its peer."""
    settings: dict[str, object] = {
        "loop": "none",
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_graceful_shutdown": GRACE_S,
        **tls,
    }
    return _Server(uvicorn.Config(app, **settings))  # type: ignore[arg-type]  # uvicorn's own keyword arguments


class _Server(uvicorn.Server):
    """Uvicorn, but for its signal handlers: several servers of one process end together."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # theirs is a generator
        """Leave the signals alone."""
        return nullcontext()


async def run_servers(
    served: list[tuple[uvicorn.Server, socket.socket]], *, before: Hook | None = None, after: Hook | None = None
) -> None:
    """Serve until SIGINT or SIGTERM; requests in flight are finished."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if before is not None:
        await before()
    tasks = [asyncio.create_task(server.serve(sockets=[listener])) for server, listener in served]
    waiting = asyncio.create_task(ended.wait())
    try:
        await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for server, _ in served:
            server.should_exit = True
        waiting.cancel()
        await asyncio.gather(*tasks)
        with suppress(asyncio.CancelledError):
            await waiting
        if after is not None:
            await after()


def metrics_application(metrics: GuardMetrics) -> ASGIApp:
    """Return an application that shows the counters at ``/metrics`` and ``/healthz``."""

    async def show(scope: Scope, _receive: Receive, send: Send) -> None:
        bodies = {"/metrics": metrics.text(), "/healthz": "ok\n"}
        found = scope["type"] == "http" and scope["method"] == "GET" and bodies.get(scope["path"])
        body = (found or "not found\n").encode()
        headers = [(b"content-type", b"text/plain; version=0.0.4"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return show
