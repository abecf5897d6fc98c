"""What stands in front of the API: a client certificate and an address from the headers of a named proxy, of nobody else.

A header such as ``X-ARR-ClientCert`` says what the proxy saw in the TLS handshake. Whoever else can reach the API can write
the same header, so it counts only from the addresses named here. From everyone else it is taken off before the application
sees it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.forwarded_certificate import FORMS, ForwardedCertificateError
from journeyman_guard.request import GuardRequest

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

SPOOFABLE: Final = frozenset(
    {
        b"client-cert",
        b"client-cert-chain",
        b"ssl-client-cert",
        b"ssl-client-issuer-dn",
        b"ssl-client-subject-dn",
        b"ssl-client-verify",
        b"x-arr-clientcert",
        b"x-client-cert",
        b"x-forwarded-client-cert",
        b"x-forwarded-tls-client-cert",
        b"x-guard-caller",
        b"x-ssl-client-cert",
    }
)
"""Headers that only a proxy may set; applications take them for the truth."""

# Azure App Service writes the port behind the address.
_WITH_PORT: Final = re.compile(r"\A(?:([0-9.]+):[0-9]+|\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?)\Z")


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies whose word counts.

    Attributes:
        networks: their addresses, for example ``10.1.2.3`` or ``10.1.2.0/24``.
        certificate_header: the one header in which they hand the client certificate on, out of ``FORMS``.
        forwarded_for: whether they write the caller's address into ``X-Forwarded-For``.
    """

    networks: tuple[Network, ...] = ()
    certificate_header: str | None = None
    forwarded_for: bool = True

    def __post_init__(self) -> None:
        if self.certificate_header is None:
            return
        if self.certificate_header.lower() not in FORMS:
            raise MisconfiguredError(f"the header of a client certificate is one of {', '.join(FORMS)}")
        if not self.networks:
            raise MisconfiguredError("a certificate header counts only from named proxies; name their addresses")

    def believed(self, request: GuardRequest) -> GuardRequest:
        """Return the request with what a named proxy says of it, and without what nobody may say."""
        if not self.networks or not self.trusts(request.source):
            headers = without_spoofable(request.headers)
            return request if headers is request.headers else replace(request, headers=headers)
        if self.certificate_header is None:
            return replace(request, headers=without_spoofable(request.headers), source=self._source(request))
        return self._with_certificate(request, self.certificate_header.lower())

    def trusts(self, address: str) -> bool:
        """Return whether a peer is one of the named proxies."""
        parsed = _address(address)
        return parsed is not None and any(parsed in network for network in self.networks)

    def _with_certificate(self, request: GuardRequest, header: str) -> GuardRequest:
        kept = tuple(
            pair for pair in request.headers if not _is_spoofable(pair[0]) or pair[0].lower() == header.encode()
        )
        certificates: tuple[str, ...] = ()
        error: str | None = None
        try:
            certificates = FORMS[header](request)
        except ForwardedCertificateError as refused:
            error = str(refused)
        return replace(
            request,
            headers=kept,
            client_certificates=certificates,
            client_certificate_error=error,
            source=self._source(request),
        )

    def _source(self, request: GuardRequest) -> str:
        """Return the last address that no named proxy has; the ones before it can be invented."""
        if not self.forwarded_for:
            return request.source
        listed = b",".join(request.header_values("x-forwarded-for")).decode("latin-1")
        for text in reversed([part.strip() for part in listed.split(",") if part.strip()]):
            bare = _WITH_PORT.sub(r"\1\2", text)
            address = _address(bare)
            if address is None:
                return request.source
            if not self.trusts(bare):
                return str(address)
        return request.source


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses and networks. Raises MisconfiguredError, also for one that holds every address."""
    networks: list[Network] = []
    for text in texts:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            raise MisconfiguredError(f"{text!r} is not an address or a network such as 10.1.2.0/24") from error
        if network.prefixlen == 0:
            raise MisconfiguredError(f"{text} is every address; name the proxies")
        networks.append(network)
    return tuple(networks)


def without_spoofable(headers: Headers) -> Headers:
    """Return the headers without those that only a proxy may set; the same object when there is none."""
    names = [name for name, _ in headers]
    joined = b"".join(names)
    # Most requests have none, and that must be cheap to see.
    if SPOOFABLE.isdisjoint(names) and b"_" not in joined and joined == joined.lower():
        return headers
    kept = tuple(pair for pair in headers if not _is_spoofable(pair[0]))
    return headers if len(kept) == len(headers) else kept


def _is_spoofable(name: bytes) -> bool:
    # CGI and WSGI read an underscore and a hyphen as the same.
    return name in SPOOFABLE or name.lower().replace(b"_", b"-") in SPOOFABLE


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
