"""The address of the person's browser: the peer, or what a trusted proxy says."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request


def client_address(request: Request, trusted_proxies: tuple[str, ...]) -> str:
    """Return the address of the client.

    X-Forwarded-For is read from its right end, and only as far as its hops are trusted proxies.
    """
    peer = request.client.host if request.client else ""
    networks = [ipaddress.ip_network(network) for network in trusted_proxies]
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    address = peer
    while hops and _inside(address, networks):
        address = hops.pop()
    return address if _parse(address) else peer


def _inside(address: str, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
