"""Serve the application: a bound socket and an ASGI application in, a running HTTP server out."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from journeyman.errors import SettingsError
from journeyman.settings import ServerSettings

GRACE_S: Final = 5
"""How long requests under way may take after the signal to end; the whole stop stays below 10 s."""

POLL_S: Final = 0.005


class Server(uvicorn.Server):
    """Uvicorn, but for its signal handlers: several servers of one process end together."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # theirs is a generator
        """Leave the signals alone."""
        return nullcontext()


def bind(host: str, port: int) -> socket.socket:
    """Bind a listen address. Raises SettingsError when it is taken or is not of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        detail = (
            f"the address {host}:{port} {reason}; end the other program or choose another one with "
            "--listen 127.0.0.1:PORT"
        )
        raise SettingsError(detail) from error
    return listener


def server_of(app: ASGIApp, settings: ServerSettings) -> Server:
    """Make a server; ``serve(sockets=[...])`` runs it until ``should_exit``."""
    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=GRACE_S,
    )
    return Server(config)


async def start(server: uvicorn.Server, listener: socket.socket) -> asyncio.Task[None]:
    """Start a server and return its task once it accepts connections."""
    task = asyncio.create_task(server.serve(sockets=[listener]), name="journeyman-server")
    # Uvicorn has no event to wait for, only the flag.
    while not server.started and not task.done():  # noqa: ASYNC110
        await asyncio.sleep(POLL_S)
    if task.done():
        task.result()
    return task


@contextmanager
def ending_signals() -> Iterator[asyncio.Event]:
    """Turn SIGINT and SIGTERM into an event; enter it before anybody is told that they may send one."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        yield ended
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def run_until(
    ended: asyncio.Event, servers: Iterable[uvicorn.Server], tasks: Iterable[asyncio.Task[None]]
) -> None:
    """Wait for the event, or for a server to end, then end all servers."""
    running = list(tasks)
    for task in running:
        task.add_done_callback(lambda _: ended.set())
    await ended.wait()
    await end_servers(servers, running)


async def end_servers(servers: Iterable[uvicorn.Server], tasks: Iterable[asyncio.Task[None]]) -> None:
    """End servers and wait until the requests under way are answered."""
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*tasks)
