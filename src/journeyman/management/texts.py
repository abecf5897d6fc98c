"""Texts and URLs of a request: what came in, the same or a refusal that names the member out."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from journeyman.connector.egress import parse_url
from journeyman.connector.errors import EgressRefusedError
from journeyman.management.errors import InvalidError
from journeyman.settings.values import split_url

NAME_LIMIT: Final = 256

# Control characters, lone surrogates, what is no character, and line breaks: XML or a page cannot carry them.
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
# They turn the direction of what follows, so that a name can look like another.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_TO_TRY: Final = "to try an API on this machine map an https origin to it in [egress.map] of journeyman.toml"


def one_line(text: str, member: str, *, limit: int = NAME_LIMIT, empty: bool = False) -> str:
    """Return a text that people see; ``empty`` says whether it may be empty. Raises InvalidError."""
    if not text.strip() and not (empty and not text):
        raise InvalidError(f"{member} is empty", member=member)
    if len(text) > limit:
        raise InvalidError(f"{member} has at most {limit} characters, this one has {len(text)}", member=member)
    if any(unicodedata.category(each) in _REFUSED_CATEGORIES or each in _TURNING for each in text):
        raise InvalidError(f"{member} holds a control character; write it on one line", member=member)
    return text


def https_url(text: str, member: str, *, plain_http: Callable[[str], bool] = lambda _: False) -> str:
    """Return a URL that may be called.

    Args:
        plain_http: whether the origin ``http://host[:port]`` may be called.

    Raises:
        InvalidError: it is not an absolute https URL, or holds a user name, a fragment or a brace; the text
            does not repeat the URL, because one may hold a secret.
    """
    try:
        parts = split_url(text)
    except ValueError as error:
        raise InvalidError(f"{member} {error}", member=member) from None
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise InvalidError(
            f"{member} is no absolute https URL; write one like https://api.example/signup", member=member
        )
    if "@" in parts.netloc:
        raise InvalidError(f"{member} holds a user name or password; name them as credentials", member=member)
    if "#" in text:
        raise InvalidError(
            f"{member} holds a fragment, which no server ever gets; leave out # and the rest", member=member
        )
    if "{" in text or "}" in text:
        raise InvalidError(
            f"{member} holds a brace, which begins a claims resolver; write it as %7B or %7D", member=member
        )
    try:
        parse_url(text)
    except EgressRefusedError as error:
        raise InvalidError(f"{member} cannot be called: {error}", member=member) from None
    if parts.scheme != "https" and not (parts.scheme == "http" and plain_http(_origin(text))):
        raise InvalidError(f"{member} must begin with https://; {_TO_TRY}", member=member)
    return text


def _origin(text: str) -> str:
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.netloc}".lower()
