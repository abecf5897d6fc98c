"""The sections ``[serve]`` and ``[authz]`` of ``guard.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from journeyman_guard.configuration.table import Table
from journeyman_guard.errors import MisconfiguredError

MODES: Final = ("nginx", "traefik", "envoy")
LISTEN: Final = "127.0.0.1:8443"
LISTEN_AUTHZ: Final = "127.0.0.1:9191"


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How the reverse proxy listens and whom it asks.

    Attributes:
        client_ca: authorities of client certificates; without it none is asked for.
        metrics: where the counters can be read; nowhere unless given.
        limit_bytes: the largest body of a request.
    """

    listen: str = LISTEN
    upstream: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    metrics: str | None = None
    timeout_s: int = 30
    limit_bytes: int = 10_485_760


@dataclass(frozen=True, slots=True)
class AuthzSettings:
    """How the proxy in front asks.

    Attributes:
        mode: which headers name the request; see ``MODES``.
    """

    listen: str = LISTEN_AUTHZ
    mode: str = "nginx"
    metrics: str | None = None


def read_serve(table: Table) -> ServeSettings:
    """Read ``[serve]``. Raises MisconfiguredError."""
    settings = ServeSettings(
        listen=_address(table, "listen", LISTEN),
        upstream=table.optional_text("upstream"),
        certificate=table.path("certificate"),
        key=table.path("key"),
        client_ca=table.path("client_ca"),
        metrics=_optional_address(table, "metrics"),
        timeout_s=table.number("timeout_s", 30),
        limit_bytes=table.number("limit_bytes", 10_485_760),
    )
    table.require_nothing_else()
    if settings.upstream is not None:
        require_upstream(settings.upstream)
    if (settings.certificate is None) != (settings.key is None):
        raise table.wrong("key", "certificate and key belong together")
    if settings.client_ca is not None and settings.certificate is None:
        raise table.wrong("client_ca", "client certificates need TLS: give certificate and key")
    if settings.timeout_s < 1 or settings.limit_bytes < 0:
        raise table.wrong("timeout_s", "the limits are positive")
    return settings


def read_authz(table: Table) -> AuthzSettings:
    """Read ``[authz]``. Raises MisconfiguredError."""
    settings = AuthzSettings(
        listen=_address(table, "listen", LISTEN_AUTHZ),
        mode=table.text("mode", "nginx"),
        metrics=_optional_address(table, "metrics"),
    )
    table.require_nothing_else()
    if settings.mode not in MODES:
        raise table.wrong("mode", f"is one of {', '.join(MODES)}")
    return settings


def require_upstream(url: str) -> None:
    """Raise MisconfiguredError when a URL is not an origin to which requests can be passed on."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username is not None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise MisconfiguredError("the upstream is an origin such as http://127.0.0.1:7071, without path and user")


def split_address(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``; an IPv6 address stands in brackets. Raises MisconfiguredError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not port.isascii() or int(port) > 65_535:
        raise MisconfiguredError(f"{text!r} is not HOST:PORT, for example 127.0.0.1:8443")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _address(table: Table, key: str, default: str) -> str:
    value = table.text(key, default)
    try:
        split_address(value)
    except MisconfiguredError as error:
        raise table.wrong(key, str(error)) from error
    return value


def _optional_address(table: Table, key: str) -> str | None:
    return _address(table, key, "") if table.has(key) else table.optional_text(key)
