"""A compact JWS in, its verified claims out (RFC 7515, RFC 8725).

The algorithm comes from the configuration and the key from the configured source. Nothing in the token can bring or
name a key elsewhere: a header with ``jwk``, ``jku``, ``x5u``, ``x5c``, ``crit``, ``b64`` or ``zip`` is refused.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from journeyman_guard.errors import TokenError
from journeyman_guard.strict_json import read_object

VerificationKey: TypeAlias = RSAKey | ECKey

KEY_TYPES: Final[Mapping[str, str]] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}
"""The algorithms that can be configured, and the type of key each needs."""

_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_FORBIDDEN: Final = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "cty", "enc", "epk"})
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})


class KeySource(Protocol):
    """Find the key that verifies a token."""

    async def find(self, key_id: str | None, algorithm: str) -> VerificationKey | None:
        """Return the key, or None when there is none that fits both."""
        ...


@dataclass(frozen=True, slots=True)
class _Header:
    algorithm: str
    key_id: str | None


async def verified_claims(token: str, keys: KeySource, algorithms: Sequence[str]) -> Mapping[str, object]:
    """Return the claims of a token whose signature is good. Raises TokenError."""
    header = _read_header(token, algorithms)
    key = await keys.find(header.key_id, header.algorithm)
    if key is None:
        raise TokenError("the token names no known key")
    if key.key_type != KEY_TYPES[header.algorithm]:
        raise TokenError("the key does not fit the algorithm of the token")
    try:
        verified = jws.deserialize_compact(token, key, algorithms=[header.algorithm])
    except (JoseError, ValueError):
        raise TokenError("the signature of the token is wrong") from None
    try:
        return read_object(verified.payload or b"")
    except ValueError:
        raise TokenError("the claims of the token are not a JSON object") from None


def _read_header(token: str, algorithms: Sequence[str]) -> _Header:
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise TokenError("the token is not a signed JWT")
    try:
        header = read_object(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except ValueError:
        raise TokenError("the header of the token is not a JSON object") from None
    if _FORBIDDEN & header.keys():
        raise TokenError("the header of the token has a member that is not accepted")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise TokenError("the token is of another type than JWT")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise TokenError("the algorithm of the token is not accepted")
    key_id = header.get("kid")
    if key_id is not None and not isinstance(key_id, str):
        raise TokenError("the key id of the token is not a string")
    return _Header(algorithm, key_id)
