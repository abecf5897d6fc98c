"""The Authorization header of RFC 9110 §11.6.2, read without tolerance.

One field line, a scheme in any case, spaces, one token68. Everything else, also what some servers repair, is refused:
two parties that read the same header differently are how a request gets past one of them.
"""

from __future__ import annotations

import re
from typing import Final

from journeyman_guard.errors import MisconfiguredError, unauthorized
from journeyman_guard.request import GuardRequest

LIMIT_BYTES: Final = 16_384

_CREDENTIALS: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +([A-Za-z0-9\-._~+/]+=*)")


def read_authorization(request: GuardRequest, scheme: str, *, missing: str, invalid: str) -> str:
    """Return the credentials after ``scheme``.

    Args:
        missing: the challenge when there is no such header.
        invalid: the challenge when there is one that cannot be right.

    Raises:
        Refused: the header is absent, repeated, malformed, too long or of another scheme.
    """
    values = request.header_values("authorization")
    if not values:
        raise unauthorized("there is no Authorization header", missing, attempt=False)
    if len(values) > 1:
        raise unauthorized("there are several Authorization headers", invalid)
    if len(values[0]) > LIMIT_BYTES:
        raise unauthorized("the Authorization header is too long", invalid)
    match = _CREDENTIALS.fullmatch(values[0])
    if match is None:
        raise unauthorized("the Authorization header is malformed", invalid)
    if match[1].lower() != scheme.lower().encode("ascii"):
        raise unauthorized(f"the scheme of the Authorization header is not {scheme}", missing)
    return match[2].decode("ascii")


def require_realm(realm: str) -> None:
    """Raise MisconfiguredError when ``realm`` does not fit into a quoted string."""
    if not realm or not realm.isascii() or not realm.isprintable() or '"' in realm or "\\" in realm:
        raise MisconfiguredError("a realm is printable ASCII without quotes and backslashes")
