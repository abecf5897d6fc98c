"""A compact JWS in, its verified claims out (RFC 7515, RFC 8725).

The algorithm comes from the configuration and the key from the configured source. Nothing in the token can bring or
name a key elsewhere: a header with ``jwk``, ``jku``, ``x5u``, ``x5c``, ``crit``, ``b64`` or ``zip`` is refused.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import OrderedDict
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

_MAX_KEPT: Final = 1_024
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


class VerifiedTokens:
    """Tokens whose signature was good, by their hash; a client sends the same one for an hour.

    What a token says of times, audience and rights is looked at anew each time, and the key too: when the issuer's keys were
    fetched again, the signature is verified again.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, tuple[_Header, VerificationKey, Mapping[str, object]]] = OrderedDict()

    async def claims(self, token: str, keys: KeySource, algorithms: Sequence[str]) -> Mapping[str, object]:
        """Return the claims of a token whose signature is good. Raises TokenError."""
        digest = hashlib.sha256(token.encode("ascii", "replace")).digest()
        kept = self._kept.get(digest)
        if kept is not None:
            header, key, claims = kept
            if await keys.find(header.key_id, header.algorithm) is key:
                return claims
            # Another request with the same token may have been here meanwhile.
            self._kept.pop(digest, None)
        header, key, claims = await _verified(token, keys, algorithms)
        self._kept[digest] = (header, key, claims)
        while len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return claims


async def _verified(
    token: str, keys: KeySource, algorithms: Sequence[str]
) -> tuple[_Header, VerificationKey, Mapping[str, object]]:
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
        return header, key, read_object(verified.payload or b"")
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
