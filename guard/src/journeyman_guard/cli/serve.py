"""``journeyman-guard serve``: the guard as a reverse proxy."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from journeyman_guard.cli.terminal import DONE, note
from journeyman_guard.configuration.load import load_file
from journeyman_guard.configuration.server import ServeSettings, require_upstream, split_address
from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.guard import Guard
from journeyman_guard.middleware import GuardMiddleware


def run_options(options: argparse.Namespace) -> int:
    """Serve until a signal ends it. Raises MisconfiguredError."""
    found = load_file(options.config)
    settings = _with_options(found.serve, options)
    log_to_stderr()
    asyncio.run(_serve(found.guard, settings))
    return DONE


def _with_options(settings: ServeSettings, options: argparse.Namespace) -> ServeSettings:
    names = ("listen", "upstream", "certificate", "key", "client_ca", "metrics")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    settings = replace(settings, **given)
    if settings.upstream is None:
        raise MisconfiguredError("where is the API behind? give --upstream URL, or serve.upstream in the file")
    require_upstream(settings.upstream)
    if (settings.certificate is None) != (settings.key is None):
        raise MisconfiguredError("--certificate and --key belong together")
    if settings.client_ca is not None and settings.certificate is None:
        raise MisconfiguredError("client certificates need TLS: give --certificate and --key")
    _require_protected(settings)
    return settings


def _require_protected(settings: ServeSettings) -> None:
    host, _ = split_address(settings.listen)
    if settings.certificate is None and host not in ("127.0.0.1", "::1", "localhost"):
        raise MisconfiguredError(
            f"credentials would travel in clear text to {settings.listen}; give --certificate and --key, or listen on 127.0.0.1"
        )


async def _serve(guard: Guard, settings: ServeSettings) -> None:
    servers = need("journeyman_guard.proxy.server", "serve")
    forward = need("journeyman_guard.proxy.forward", "serve")
    forwarder = forward.Forwarder(
        settings.upstream,
        tls=settings.certificate is not None,
        timeout_s=settings.timeout_s,
        limit_bytes=settings.limit_bytes,
    )
    tls = _tls(settings.certificate, settings.key, settings.client_ca)
    server = servers.server_of(GuardMiddleware(forwarder, guard), tls)
    listener = servers.bind(settings.listen)
    served = [(server, listener), *metrics_server(guard, settings.metrics)]
    scheme = "https" if tls else "http"
    note(f"serving {scheme}://{servers.address_of(listener)} in front of {settings.upstream}")
    await servers.run_servers(served, before=forwarder.open, after=forwarder.close)


def _tls(certificate: Path | None, key: Path | None, client_ca: Path | None) -> dict[str, object]:
    if certificate is None or key is None:
        return {}
    tls_config = need("journeyman_guard.uvicorn_tls", "serve").tls_config
    try:
        return dict(tls_config(certificate, key, client_ca))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MisconfiguredError(f"{certificate}, {key} or the client authority cannot be used: {reason}") from error


def metrics_server(guard: Guard, address: str | None) -> list[tuple[object, object]]:
    """Return a server of the counters and its listener; nothing without an address."""
    if address is None:
        return []
    servers = need("journeyman_guard.proxy.server", "serve")
    listener = servers.bind(address)
    note(f"counters at http://{servers.address_of(listener)}/metrics")
    return [(servers.server_of(servers.metrics_application(guard.metrics), {}), listener)]


def need(module: str, extra: str) -> Any:  # noqa: ANN401  # a module
    """Import a module of an extra. Raises MisconfiguredError that says how to install it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MisconfiguredError(
            f"{error.name} is missing; install it with: pip install 'journeyman-guard[{extra}]'"
        ) from error


def log_to_stderr() -> None:
    """Write the causes of refusals to standard error, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("journeyman_guard")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
