"""The host of a URL: its text in, what is dialled for it or a refusal out.

A host is a name of ASCII letters, digits, hyphens, underscores and dots, or an address in its one plain
form. A name of other letters is written in Punycode by IDNA; a name that IDNA would change into another
one (full-width digits, other dots, upper case of other scripts) is refused, because it does not say where it leads.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final

from yarl import URL

from journeyman.connector.errors import EgressRefusedError

_LAST_LABEL_IS_A_NUMBER: Final = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?$")
_HOST: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?", re.ASCII)
_AUTHORITY: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<host>[^/?#\[\]@:\\\s]+)(?=[:/?#]|$)")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NAME_LIMIT: Final = 253
_LABEL_LIMIT: Final = 63  # RFC 1035 §2.3.4
_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def check_host(host: str) -> None:
    """Refuse a host that is neither a name nor a plain address.

    Raises:
        EgressRefusedError: with the name of the rule.
    """
    if ":" in host:
        if "%" in host or literal_address(host) is None:
            detail = "the host of the URL is not a plain IPv6 address (rule: host)"
            raise EgressRefusedError(detail)
    elif _LAST_LABEL_IS_A_NUMBER.search(host):
        if literal_address(host) is None:
            detail = (
                "the host of the URL is a number that is not a plain IPv4 address; decimal, octal, hexadecimal "
                "and short forms are not called (rule: number)"
            )
            raise EgressRefusedError(detail)
    elif not _is_name(host):
        detail = "the host or port of the URL is not valid (rule: host)"
        raise EgressRefusedError(detail)


def literal_address(host: str) -> str | None:
    """Return the address that a host is, None when the host is a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def with_ascii_host(text: str) -> str:
    """Return a URL with its host in Punycode; all else stays as it is.

    Raises:
        EgressRefusedError: IDNA refuses the name, or it would change it into another one, or the text is not Unicode.
    """
    if _LONE_SURROGATE.search(text):
        detail = "the URL is not valid (rule: url)"
        raise EgressRefusedError(detail)
    found = _AUTHORITY.match(text)
    if found is None or found["host"].isascii():
        return text
    host = found["host"].translate(_ASCII_LOWER)
    try:
        encoded = URL.build(scheme="https", host=host)
        raw_host = encoded.raw_host if encoded.host == host and _is_of_letters(host) else None
    except ValueError:
        raw_host = None
    if raw_host is None:
        detail = "the host of the URL is not a name in the form that IDNA gives it; write it in Punycode (rule: idn)"
        raise EgressRefusedError(detail)
    return f"{found['scheme']}{raw_host}{text[found.end() :]}"


def _is_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return (
        len(host) <= _NAME_LIMIT
        and _HOST.fullmatch(host) is not None
        and all(0 < len(label) <= _LABEL_LIMIT for label in labels)
    )


def _is_of_letters(host: str) -> bool:
    """Whether a name has only letters, marks and digits; the older IDNA, which the library falls back to, takes more."""
    return all(
        label and unicodedata.category(label[0])[0] in "LN" and all(map(_is_of_a_name, label))
        for label in host.split(".")
    )


def _is_of_a_name(character: str) -> bool:
    return character in "-_" or unicodedata.category(character)[0] in "LMN"
