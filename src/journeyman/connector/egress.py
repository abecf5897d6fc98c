"""Which addresses may be called: a URL or a dialled address in, nothing or a refusal out.

Everything that is not a public unicast address is denied. The check runs on the address that is
dialled, on every try, so a name that changes its address between look-up and connection gains nothing.

Source: rest-connectors.md §7. That the addresses of cloud metadata open only one by one, and that their
names stay closed whatever they resolve to, are this project's decisions.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from yarl import URL

from journeyman.connector.address import (
    METADATA,
    METADATA_NAMES,
    Address,
    Network,
    denial,
    embedded_address,
    is_own_machine,
)
from journeyman.connector.errors import EgressRefusedError
from journeyman.connector.host_name import check_host, with_ascii_host
from journeyman.errors import SettingsError

_FORBIDDEN_IN_URL: Final = re.compile(r"[\x00-\x20\x7f\\]")
_WITH_USERINFO: Final = (
    "the URL holds a user name or password; use AuthenticationType Basic with two policy keys (rule: userinfo)"
)
_USERINFO: Final = re.compile(r"[^/?#]*//[^/?#]*@")
_AUTHORITY: Final = re.compile(r"[^:/?#]+://(\[[^\[\]]*\]|[^\[\]:/?#]*)(:[0-9]{1,5})?(?=[/?#]|$)")


@dataclass(frozen=True, slots=True)
class AllowedNetwork:
    """An exception: these addresses at this one port, and where a host is named only under that name."""

    network: Network
    port: int
    host: str = ""

    def opens(self, address: Address, port: int, host: str, *, alone: bool) -> bool:
        """Whether it opens an address; ``alone``: only a network of that one address does."""
        return (
            port == self.port
            and address in self.network
            and self.host in {"", host}
            and (not alone or self.network.num_addresses == 1)
        )


@dataclass(frozen=True, slots=True)
class Egress:
    """What may be called.

    Attributes:
        allowed: exceptions of the operator.
        loopback: whether the own machine may be called: development mode.
        nat64: the prefixes by which the network around us translates to IPv4.
    """

    allowed: tuple[AllowedNetwork, ...] = ()
    loopback: bool = False
    nat64: tuple[ipaddress.IPv6Network, ...] = ()

    def check_address(self, text: str, port: int, host: str) -> None:
        """Refuse an address that may not be dialled.

        Args:
            text: the address as the resolver or the URL gave it.
            host: the name under which it was found; the address itself where there was no name.

        Raises:
            EgressRefusedError: the address is denied; the text for the operator names the rule and has the
                line that would allow it.
        """
        try:
            dialled = ipaddress.ip_address(text)
        except ValueError:
            detail = f"{host}: the resolver gave something that is not an address (rule: answer)"
            raise EgressRefusedError(detail) from None
        if isinstance(dialled, ipaddress.IPv6Address) and dialled.scope_id is not None:
            detail = f"{host} is {text}, an address of one network card, and may not be called (rule: zone)"
            raise EgressRefusedError(detail)
        name = "" if host == text else host.lower().rstrip(".")
        address = embedded_address(dialled, self.nat64)
        kind, alone = _denied(address, name)
        if not kind or self._excepted(address, port, name, alone=alone):
            return
        if self.loopback and is_own_machine(dialled) and name not in METADATA_NAMES:
            return
        raise _refusal(address, port, name, kind)

    def _excepted(self, address: Address, port: int, name: str, *, alone: bool) -> bool:
        return any(rule.opens(address, port, name, alone=alone) for rule in self.allowed)


def egress_of(allow: Iterable[str], *, loopback: bool, nat64: Iterable[str] = ()) -> Egress:
    """Read the exceptions of the settings, each ``CIDR:port`` or ``host CIDR:port``, and the prefixes of NAT64.

    Raises:
        SettingsError: an entry is something else.
    """
    prefixes = tuple(ipaddress.IPv6Network(prefix) for prefix in nat64)
    return Egress(tuple(_allowed(entry) for entry in allow), loopback, prefixes)


def check_url(url: URL) -> None:
    """Refuse a URL whose form alone is reason enough, and an address in it that is written in disguise.

    Raises:
        EgressRefusedError: the scheme is not http or https, there is a user name, the host is missing,
            or the host is a number that is no plain address.
    """
    if url.scheme not in {"http", "https"}:
        detail = f"the scheme {url.scheme!r} may not be called; only https and http are (rule: scheme)"
        raise EgressRefusedError(detail)
    if url.raw_user is not None or url.raw_password is not None:
        raise EgressRefusedError(_WITH_USERINFO)
    check_host(url.raw_host or "")
    if not url.port:
        detail = "the host or port of the URL is not valid (rule: host)"
        raise EgressRefusedError(detail)


def parse_url(text: str) -> URL:
    """Read an absolute URL as it is written, without changing its path or query; its host becomes Punycode.

    Raises:
        EgressRefusedError: it is not an absolute URL that may be called.
    """
    invalid = "the URL is not valid (rule: url)"
    if _FORBIDDEN_IN_URL.search(text):
        raise EgressRefusedError(invalid)
    if _USERINFO.match(text):
        # Also an empty one, which the library does not report.
        raise EgressRefusedError(_WITH_USERINFO)
    text = with_ascii_host(text)
    if not _AUTHORITY.match(text):
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


def _denied(address: Address, name: str) -> tuple[str, bool]:
    """Return the rule that denies an address found under a name, "" when none does, and whether it opens only alone."""
    if name in METADATA_NAMES:
        return f"{METADATA}, {name}", True
    rule = denial(address)
    return (str(rule), rule.alone) if rule is not None else ("", False)


def _refusal(address: Address, port: int, name: str, rule: str) -> EgressRefusedError:
    line = f'allow = ["{name}{" " if name else ""}{address}/{address.max_prefixlen}:{port}"]'
    at = f"{name} is {address} and" if name else str(address)
    detail = f"{at} may not be called (rule: {rule}); to allow it, put {line} under [egress] in journeyman.toml"
    return EgressRefusedError(detail)


def _allowed(entry: str) -> AllowedNetwork:
    host, _, rest = entry.strip().rpartition(" ")
    cidr, _, port = rest.rpartition(":")
    try:
        network = ipaddress.ip_network(cidr.replace("[", "").replace("]", ""))
        number = int(port) if port.isascii() and port.isdigit() else 0
    except ValueError as error:
        detail = f"[egress] allow: {entry!r} is not CIDR:port, for instance 10.1.2.0/24:443 ({error})"
        raise SettingsError(detail) from error
    if not 1 <= number <= 65_535:
        detail = f"[egress] allow: {entry!r} needs one port from 1 to 65535, for instance 10.1.2.0/24:443"
        raise SettingsError(detail)
    return AllowedNetwork(network, number, host.strip().lower().rstrip("."))
