"""Serve the application: a bound socket and an ASGI application in, a running HTTP server out."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from journeyman.errors import SettingsError
from journeyman.settings import ServerSettings

GRACE_S: Final = 5
"""How long requests under way may take after the signal to end; the whole stop stays below 10 s."""


def bind(settings: ServerSettings) -> socket.socket:
    """Bind the listen address. Raises SettingsError when it is taken or is not of this machine."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        reason = "is in use" if error.errno in {48, 98} else f"cannot be used ({error.strerror})"
        detail = (
            f"the address {settings.host}:{settings.port} {reason}; end the other program or choose another one with "
            "--listen 127.0.0.1:PORT"
        )
        raise SettingsError(detail) from error
    return listener


def server_of(app: ASGIApp, settings: ServerSettings) -> uvicorn.Server:
    """Make a server; ``serve(sockets=[...])`` runs it until SIGINT, SIGTERM or ``should_exit``."""
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
    return uvicorn.Server(config)


async def started(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    """Wait until the server accepts connections or has failed to."""
    while not server.started and not task.done():
        await asyncio.sleep(0.005)
    if task.done():
        task.result()
