"""The way through an HTTP proxy: which calls take it, and what may be dialled on it.

A call to https goes through the proxy by ``CONNECT``, so the proxy sees neither the request nor a
credential. Plain http never does. The name of the API is looked up and checked here first; the proxy looks
it up again by itself, so its own rules are the last word on where it connects to.
"""

from __future__ import annotations

from dataclasses import dataclass

from yarl import URL

from journeyman.connector.errors import EgressRefusedError


@dataclass(frozen=True, slots=True)
class Proxy:
    """The proxy that an operator has named; it is never taken from the environment.

    Attributes:
        direct: hosts in lower case that are called without it; ``.example`` stands for every name below it.
    """

    url: URL
    direct: tuple[str, ...] = ()

    def takes(self, url: URL) -> bool:
        """Whether a call to ``url`` goes through the proxy."""
        host = (url.raw_host or "").lower()
        return url.scheme == "https" and not any(_covers(entry, host) for entry in self.direct)


@dataclass(frozen=True, slots=True)
class ProxyOnly:
    """The egress rules of connections to the proxy: to name it is to allow it, on its port and no other."""

    port: int

    def check_address(self, text: str, port: int, host: str) -> None:
        """Let the address of the proxy pass. Raises EgressRefusedError."""
        if port != self.port:
            detail = f"{host} at {text}:{port} is not the proxy"
            raise EgressRefusedError(detail)


def proxy_of(origin: str | None, direct: tuple[str, ...]) -> Proxy | None:
    """Return the proxy of the settings, None when there is none."""
    return None if origin is None else Proxy(URL(origin), direct)


def _covers(entry: str, host: str) -> bool:
    return host.endswith(entry) if entry.startswith(".") else host == entry
