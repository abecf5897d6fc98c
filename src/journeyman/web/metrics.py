"""``/metrics``: who may read it, and that nobody else learns that it is there."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from journeyman.web.client_address import client_address

TEXT_FORMAT: Final = "text/plain; version=0.0.4; charset=utf-8"


class Page(Protocol):
    """What is read."""

    def page(self) -> bytes:
        """Return it in the text format of Prometheus."""
        ...


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def metrics_endpoint(
    metrics: Page, allowed: Sequence[str], trusted_proxies: tuple[str, ...], hosts: frozenset[str]
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint.

    Args:
        allowed: the networks that may read it.
        trusted_proxies: those whose X-Forwarded-For is believed.
        hosts: the values of Host that are ours; an address is one, too: Prometheus asks pods by it, and a foreign
            page that lets its name resolve to us cannot write one.
    """
    networks = [ipaddress.ip_network(network) for network in allowed]

    async def read(request: Request) -> Response:
        if not (_is_ours(request, hosts) and _may_read(request, networks, trusted_proxies)):
            return PlainTextResponse("Not found.\n", status_code=404)
        return Response(metrics.page(), media_type=TEXT_FORMAT)

    return read


def _may_read(request: Request, networks: Sequence[Network], trusted_proxies: tuple[str, ...]) -> bool:
    address = client_address(request, trusted_proxies)
    peer = request.client.host if request.client else ""
    forwarded = {"x-forwarded-for", "forwarded"}.intersection(request.headers)
    if forwarded and address == peer:
        # Something in front sends this on for somebody, and nothing says that its word counts.
        return False
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _is_ours(request: Request, hosts: frozenset[str]) -> bool:
    named = request.headers.getlist("host")
    if len(named) != 1:
        return False
    if named[0].lower() in hosts:
        return True
    try:
        ipaddress.ip_address(urlsplit(f"//{named[0]}").hostname or "")
    except ValueError:
        return False
    return True
