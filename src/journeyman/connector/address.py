"""What an IP address is for: an address in, the rule that denies it out.

Everything that is not a public unicast address is denied. The list follows the IANA special-purpose
address registries; the services of cloud platforms follow the documents of the platforms.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Denial:
    """A rule: the addresses of this network are not called.

    Attributes:
        alone: whether only an exception for this one address opens it, and no wider network: what such an
            address hands out are the credentials of the machine.
    """

    network: Network
    kind: str
    alone: bool = False

    def __str__(self) -> str:
        """Return the name of the rule for the operator."""
        return f"{self.kind}, {self.network}"


METADATA: Final = "cloud metadata"
METADATA_NAMES: Final = frozenset(
    {
        "instance-data",
        "instance-data.ec2.internal",
        "metadata",
        "metadata.azure.internal",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.packet.net",
        "metadata.platformequinix.com",
        "metadata.tencentyun.com",
        "rancher-metadata",
    }
)
"""Names under which machines of a cloud find their own credentials; denied whatever their address is."""


def _rules(*rows: tuple[str, str], alone: bool = False) -> tuple[Denial, ...]:
    return tuple(Denial(ipaddress.ip_network(network), kind, alone) for network, kind in rows)


_DENIED_V4: Final = _rules(
    ("169.254.169.254/32", METADATA),  # AWS, Azure, Google, Oracle, DigitalOcean, OpenStack and more
    ("169.254.170.2/32", METADATA),  # AWS containers
    ("169.254.170.23/32", METADATA),  # AWS pods
    ("169.254.42.42/32", METADATA),  # Scaleway
    ("169.254.0.23/32", METADATA),  # Tencent
    ("100.100.100.200/32", METADATA),  # Alibaba
    ("192.0.0.192/32", METADATA),  # Oracle, the older one
    ("168.63.129.16/32", "a cloud platform's own service"),  # Azure
    alone=True,
) + _rules(
    ("0.0.0.0/8", "unspecified"),
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "shared by carriers"),
    ("127.0.0.0/8", "loopback"),
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
_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_DENIED_V6: Final = _rules(
    ("fd00:ec2::254/128", METADATA),  # AWS
    ("fd00:ec2::23/128", METADATA),  # AWS pods
    ("fd20:ce::254/128", METADATA),  # Google
    ("fd00:42::42/128", METADATA),  # Scaleway
    ("fe80::a9fe:a9fe/128", METADATA),  # OpenStack
    alone=True,
) + _rules(
    ("::/128", "unspecified"),
    ("::1/128", "loopback"),
    ("::/96", "IPv4-compatible"),
    ("::ffff:0:0:0/96", "IPv4-translated"),
    ("64:ff9b:1::/48", "NAT64 of a network"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("fc00::/7", "unique local"),
    ("ff00::/8", "multicast"),
    ("2001::/32", "Teredo"),
    ("2001:db8::/32", "documentation"),
    ("2001::/23", "reserved"),
    ("2002::/16", "6to4"),
    ("3fff::/20", "documentation"),
)
_NOT_GLOBAL: Final = Denial(ipaddress.IPv6Network("::/0"), "reserved")
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})
"""The upper half of an interface identifier whose lower half is an IPv4 address (RFC 5214 §6.1)."""


def denial(address: Address) -> Denial | None:
    """Return the rule that denies an address, None when it is a public unicast address."""
    if isinstance(address, ipaddress.IPv4Address):
        return next((rule for rule in _DENIED_V4 if address in rule.network), None)
    found = next((rule for rule in _DENIED_V6 if address in rule.network), None)
    if found is not None:
        return found
    if address not in _GLOBAL_UNICAST:
        return _NOT_GLOBAL
    if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP:
        return Denial(ipaddress.IPv6Network((int(address), 128)), "ISATAP")
    return None


def embedded_address(address: Address, nat64: Iterable[ipaddress.IPv6Network] = ()) -> Address:
    """Return the IPv4 address that an IPv6 address stands for: mapped (RFC 4291) or by NAT64 (RFC 6052).

    Args:
        nat64: prefixes of a network of its own, besides the well-known one.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    for prefix in (_NAT64, *nat64):
        if address in prefix:
            return _translated(address, prefix.prefixlen)
    return address


def _translated(address: ipaddress.IPv6Address, prefix_length: int) -> ipaddress.IPv4Address:
    """Return what stands behind a NAT64 prefix; bits 64 to 71 are left out, unless the prefix covers them."""
    number, bits = int(address), 128
    if prefix_length < 96:
        number, bits = number >> 64 << 56 | number & (1 << 56) - 1, 120
    return ipaddress.IPv4Address(number >> (bits - prefix_length - 32) & 0xFFFF_FFFF)


def is_own_machine(address: Address) -> bool:
    """Whether an address is loopback; what NAT64 makes of it is the gateway's loopback and not ours."""
    return address.is_loopback or (
        isinstance(address, ipaddress.IPv6Address)
        and address.ipv4_mapped is not None
        and address.ipv4_mapped.is_loopback
    )
