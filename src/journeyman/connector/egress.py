"""Which addresses may be called: a URL or a dialled address in, nothing or a refusal out.

Everything that is not a public unicast address is denied. The check runs on the address that is
dialled, on every try, so a name that changes its address between look-up and connection gains nothing.

Source: rest-connectors.md §7; the deny list follows the IANA special-purpose address registries.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from yarl import URL

from journeyman.connector.errors import EgressRefusedError
from journeyman.errors import SettingsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DENIED_V4: Final = tuple(
    (ipaddress.IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud platform's own service"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_DENIED_V6: Final = tuple(
    (ipaddress.IPv6Network(network), kind)
    for network, kind in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fe80::/10", "link-local"),
        ("fc00::/7", "unique local"),
        ("ff00::/8", "multicast"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    )
)
_LAST_LABEL_IS_A_NUMBER: Final = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?$")
_HOST: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?", re.ASCII)
_FORBIDDEN_IN_URL: Final = re.compile(r"[\x00-\x20\x7f\\]")


@dataclass(frozen=True, slots=True)
class AllowedNetwork:
    """An exception: these addresses at this one port."""

    network: Network
    port: int


@dataclass(frozen=True, slots=True)
class Egress:
    """What may be called.

    Attributes:
        allowed: exceptions of the operator.
        loopback: whether the own machine may be called: development mode.
    """

    allowed: tuple[AllowedNetwork, ...] = ()
    loopback: bool = False

    def check_address(self, text: str, port: int, host: str) -> None:
        """Refuse an address that may not be dialled.

        Args:
            text: the address as the resolver or the URL gave it.
            host: the name under which it was found, for the refusal.

        Raises:
            EgressRefusedError: the address is denied; the text for the operator has the line that would allow it.
        """
        try:
            address = embedded_address(ipaddress.ip_address(text.partition("%")[0]))
        except ValueError:
            detail = f"{host}: the resolver gave something that is not an address"
            raise EgressRefusedError(detail) from None
        kind = _denied_kind(address)
        if not kind or (self.loopback and address.is_loopback) or self._excepted(address, port):
            return
        line = f'allow = ["{address}/{address.max_prefixlen}:{port}"]'
        at = str(address) if host == text else f"{host} is {address}"
        detail = f"{at} ({kind}) and may not be called; to allow it, put {line} under [egress] in journeyman.toml"
        raise EgressRefusedError(detail)

    def _excepted(self, address: Address, port: int) -> bool:
        return any(port == rule.port and address in rule.network for rule in self.allowed)


def egress_of(allow: Iterable[str], *, loopback: bool) -> Egress:
    """Read the exceptions of the settings, each ``CIDR:port``.

    Raises:
        SettingsError: an entry is something else.
    """
    return Egress(tuple(_allowed(entry) for entry in allow), loopback)


def check_url(url: URL) -> None:
    """Refuse a URL whose form alone is reason enough, and an address in it that is written in disguise.

    Raises:
        EgressRefusedError: the scheme is not http or https, there is a user name, the host is missing,
            or the host is a number that is no plain address.
    """
    if url.scheme not in {"http", "https"}:
        detail = f"the scheme {url.scheme!r} may not be called; only https and http are"
        raise EgressRefusedError(detail)
    if url.raw_user is not None or url.raw_password is not None:
        detail = "the URL holds a user name or password; use AuthenticationType Basic with two policy keys"
        raise EgressRefusedError(detail)
    host = url.raw_host or ""
    if not _plain_host(host) or not url.port:
        detail = "the host or port of the URL is not valid"
        raise EgressRefusedError(detail)


def parse_url(text: str) -> URL:
    """Read an absolute URL as it is written, without changing its path or query.

    Raises:
        EgressRefusedError: it is not an absolute URL that may be called.
    """
    invalid = "the URL is not valid"
    if _FORBIDDEN_IN_URL.search(text):
        raise EgressRefusedError(invalid)
    try:
        url = URL(text, encoded=True)
        port = url.port
    except ValueError:
        raise EgressRefusedError(invalid) from None
    if not url.absolute or not port:
        raise EgressRefusedError(invalid)
    check_url(url)
    return url


def literal_address(host: str) -> str | None:
    """Return the address that a host is, None when the host is a name."""
    try:
        return str(ipaddress.ip_address(host.rstrip(".")))
    except ValueError:
        return None


def embedded_address(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for: mapped (RFC 4291) or by NAT64 (RFC 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _denied_kind(address: Address) -> str:
    """Return why an address is denied, "" when it is a public unicast address."""
    if isinstance(address, ipaddress.IPv4Address):
        return next((kind for network, kind in _DENIED_V4 if address in network), "")
    found = next((kind for network, kind in _DENIED_V6 if address in network), "")
    return found or ("" if address in _GLOBAL_UNICAST else "reserved")


def _plain_host(host: str) -> bool:
    if ":" in host:
        return "%" not in host and literal_address(host) is not None
    if _LAST_LABEL_IS_A_NUMBER.search(host):
        return literal_address(host) is not None
    return len(host) <= 253 and _HOST.fullmatch(host) is not None and ".." not in host


def _allowed(entry: str) -> AllowedNetwork:
    cidr, _, port = entry.rpartition(":")
    try:
        network = ipaddress.ip_network(cidr.replace("[", "").replace("]", ""))
        number = int(port) if port.isascii() and port.isdigit() else 0
    except ValueError as error:
        detail = f"[egress] allow: {entry!r} is not CIDR:port, for instance 10.1.2.0/24:443 ({error})"
        raise SettingsError(detail) from error
    if not 1 <= number <= 65_535:
        detail = f"[egress] allow: {entry!r} needs one port from 1 to 65535, for instance 10.1.2.0/24:443"
        raise SettingsError(detail)
    return AllowedNetwork(network, number)
