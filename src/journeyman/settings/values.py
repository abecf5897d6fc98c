"""Single values of ``journeyman.toml``: text in, the checked and normalised value out.

Every function raises ValueError with a text that says what is wrong and what to write. No text
repeats a URL, because one may hold a password.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

import idna

E = TypeVar("E", bound=Enum)

_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*\.?")
_TENANT_NAME: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_POLICY_KEY: Final = re.compile(r"B2C_1A_[A-Za-z0-9_-]{1,120}", re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_ORIGIN_HELP: Final = "write scheme://host or scheme://host:port with http or https, for example https://127.0.0.1:7071"


def guid(text: str) -> str:
    """Return a GUID in lower case."""
    lower = text.strip().lower()
    if not _GUID.fullmatch(lower):
        raise ValueError("is not a GUID; write one like 11111111-2222-3333-4444-555555555555")
    return lower


def tenant_name(text: str) -> str:
    """Return a tenant name; it is a segment of every address, so it looks like a host name."""
    if len(text) > 253 or not _TENANT_NAME.fullmatch(text):
        raise ValueError("is not a tenant name; write one like contoso.onmicrosoft.com")
    return text


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port; an IPv6 host has no brackets."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    @property
    def unspecified(self) -> bool:
        """Whether it stands for all interfaces."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104  # recognised here, not bound

    def origin(self, scheme: str) -> str:
        """Return the origin under which this machine reaches it."""
        host = "127.0.0.1" if self.unspecified else self.host
        return _join(scheme, host, self.port)


def listen_address(text: str) -> Address:
    """Return the parts of ``HOST:PORT``."""
    remedy = "is not HOST:PORT with a port from 1 to 65535; write one like 127.0.0.1:8080 or [::1]:8080"
    host, separator, port_text = text.strip().rpartition(":")
    if not separator or not re.fullmatch(r"[0-9]{1,5}", port_text) or not 1 <= int(port_text) <= 65535:
        raise ValueError(remedy)
    bracketed = host.startswith("[") and host.endswith("]")
    if bracketed != (":" in host):
        raise ValueError(remedy)
    try:
        return Address(_host(host.strip("[]")), int(port_text))
    except ValueError as error:
        raise ValueError(remedy) from error


def origin(text: str) -> str:
    """Return ``scheme://host[:port]`` in lower case, IDNA-encoded, without a default port."""
    parts = split_url(text)
    extra = parts.path not in {"", "/"} or "?" in text or "#" in text or "@" in parts.netloc
    if parts.scheme not in _DEFAULT_PORTS or extra:
        raise ValueError(f"is not an origin; {_ORIGIN_HELP}")
    try:
        port = parts.port
        return _join(
            parts.scheme, _host(parts.hostname or ""), port if port is not None else _DEFAULT_PORTS[parts.scheme]
        )
    except ValueError as error:
        raise ValueError(f"is not an origin; {_ORIGIN_HELP}") from error


def map_origin(text: str) -> str:
    """Return an origin of the egress map: as ``origin``, without even a final slash."""
    if text.endswith("/"):
        raise ValueError("has a path; leave out the final slash")
    return origin(text)


def proxy_origin(text: str) -> str:
    """Return the origin of a proxy; TLS goes through it from end to end, so that the way to it is plain http."""
    if "@" in text:
        raise ValueError("holds a user name or password; name a proxy that asks for none")
    found = origin(text)
    if not found.startswith("http:"):
        raise ValueError("is not http://host:port; calls to https stay encrypted from end to end on the way through it")
    return found


def direct_host(text: str) -> str:
    """Return a host in lower case; ``.example`` stands for every name below it."""
    try:
        return "." + _host(text[1:]) if text.startswith(".") else _host(text.strip("[]"))
    except ValueError:
        raise ValueError("is not a host; write one like api.example, .example or 10.1.2.3") from None


def pin(text: str) -> str:
    """Return the pin of a public key in its one spelling, ``sha256/BASE64``."""
    kind, separator, value = text.strip().partition("/")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if kind.lower() != "sha256" or not separator or len(digest) != 32:
        raise ValueError("is not sha256/ and 44 characters of base64")
    return f"sha256/{base64.b64encode(digest).decode()}"


def token_url(text: str) -> str:
    """Return the absolute URL of a token endpoint."""
    parts = split_url(text)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.fragment:
        raise ValueError("is not the URL of a token endpoint; write one like https://login.example/oauth2/v2.0/token")
    if "@" in parts.netloc:
        raise ValueError("holds a user name or password; name client_id and key instead")
    return text


def policy_key(text: str) -> str:
    """Return the id of a policy key."""
    if not _POLICY_KEY.fullmatch(text):
        raise ValueError(
            "is not the name of a policy key; write one like B2C_1A_ApiClientSecret, never the secret itself"
        )
    return text


def printable_text(text: str) -> str:
    """Return a text that may stand in a form: not empty, without control characters."""
    if not text.strip() or len(text) > 2048 or not text.isprintable():
        raise ValueError("is empty, too long or holds a control character; write it on one line")
    return text


def one_of(values: type[E]) -> Callable[[str], E]:
    """Return what reads a value of an enumeration."""

    def read(text: str) -> E:
        known = {str(each.value): each for each in values}
        if text not in known:
            raise ValueError(f"is not known; write one of {', '.join(map(repr, known))}")
        return known[text]

    return read


def network(text: str) -> str:
    """Return a network in CIDR notation; a single address is a network of its own."""
    try:
        return str(ipaddress.ip_network(text.strip()))
    except ValueError:
        raise ValueError(f"is not a network; {_network_help(text)}") from None


def nat64_prefix(text: str) -> str:
    """Return an IPv6 prefix of one of the lengths of RFC 6052 §2.2."""
    help_text = "is not a NAT64 prefix; write an IPv6 network of length 32, 40, 48, 56, 64 or 96"
    try:
        found = ipaddress.IPv6Network(text.strip())
    except ValueError:
        raise ValueError(help_text) from None
    if found.prefixlen not in {32, 40, 48, 56, 64, 96}:
        raise ValueError(help_text)
    return str(found)


def egress_exception(text: str) -> str:
    """Return ``CIDR:port`` or ``host CIDR:port``; the brackets of an IPv6 network may be written or left out."""
    host, space, rest = text.strip().rpartition(" ")
    if space:
        return f"{_exception_host(host.strip())} {_exception_network(rest)}"
    return _exception_network(rest)


def _exception_host(text: str) -> str:
    host = text.lower().rstrip(".")
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", host) or host.replace(".", "").isdigit():
        raise ValueError("begins with something that is not a host name; write one like api.internal 10.1.2.3/32:443")
    return host


def _exception_network(text: str) -> str:
    cidr, _, port_text = text.rpartition(":")
    cidr = re.sub(r"[\[\]]", "", cidr)
    if "/" not in cidr or not re.fullmatch(r"[0-9]{1,5}", port_text) or not 1 <= int(port_text) <= 65535:
        raise ValueError("is not CIDR:port; write one like 10.1.2.0/24:443 or 127.0.0.1/32:7071")
    try:
        found = ipaddress.ip_network(cidr)
    except ValueError:
        raise ValueError(f"has no valid network; {_network_help(cidr)}") from None
    if found.prefixlen == 0:
        raise ValueError("opens every address; name the narrowest network that holds the API")
    return f"{found}:{int(port_text)}"


def is_loopback(host: str) -> bool:
    """Whether a host name or an address without brackets is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_url(text: str) -> SplitResult:
    """Split a URL that holds no blank, control character or backslash; such ones are read differently by others."""
    if re.search(r"[\x00-\x20\x7f\\]", text) or len(text) > 2048:
        raise ValueError("is not a URL; leave out blanks, control characters and backslashes")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL; write one like https://app.example/callback") from None
    return parts


def _network_help(text: str) -> str:
    try:
        return f"did you mean {ipaddress.ip_network(text.strip(), strict=False)}?"
    except ValueError:
        return "write one like 10.1.2.0/24 or fd00::/8"


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    host = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode()
    if len(host) > 253 or not _HOST.fullmatch(host):
        raise ValueError("is not a host")
    return host


def _join(scheme: str, host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{shown}:{port}"
