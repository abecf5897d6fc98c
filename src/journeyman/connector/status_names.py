"""HTTP status codes as texts of the real service name them: .NET's ``HttpStatusCode``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

_OTHERS: Final = {
    203: "NonAuthoritativeInformation",
    413: "RequestEntityTooLarge",
    414: "RequestUriTooLong",
    416: "RequestedRangeNotSatisfiable",
    418: "418",
    422: "UnprocessableEntity",
    505: "HttpVersionNotSupported",
}

# Newer releases of Python follow RFC 9110, which has given these statuses other phrases.
_PHRASES: Final = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}


def status_name(status: int) -> str:
    """Return ``NotFound`` for 404; the number itself where .NET has no name."""
    known = _OTHERS.get(status)
    if known is not None:
        return known
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        return str(status)
    return "OK" if phrase == "OK" else "".join(word.capitalize() for word in phrase.replace("-", " ").split())


def status_phrase(status: int, sent: str) -> str:
    """Return the reason phrase that was sent if it is fit to show, else the standard one."""
    if 0 < len(sent) <= 64 and sent.isascii() and sent.isprintable():
        return sent
    if status in _PHRASES:
        return _PHRASES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
