"""An ID token in, its claims out: signature, issuer, audience, time and nonce checked.

Source: OpenID Connect Core §3.1.3.7; technical-profiles.md §18.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from journeyman.providers.federation.exchange import refused

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
SKEW_S: Final = 300
LIMIT_BYTES: Final = 64 * 1024
WHAT: Final = "id_token"


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself, to find the key by; nothing else may be believed."""

    key_id: str | None
    issuer: str
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExpectedToken:
    """What a token must say.

    Attributes:
        issuer: the exact issuer, or None when one of ``issuer_prefixes`` decides.
        client_id: who we are; ``azp`` must say so when the token names several audiences.
    """

    audience: str
    client_id: str
    nonce: str
    issuer: str | None
    issuer_prefixes: tuple[str, ...] = ()


def peek(token: str) -> Unverified:
    """Read the key id and the issuer of a token that is not verified yet. Raises ServiceError when it is none."""
    if len(token) > LIMIT_BYTES or token.count(".") != 2:
        raise refused(f"{WHAT}: it is no signed token", None)
    header, claims = (_part(part) for part in token.split(".")[:2])
    key_id = header.get("kid")
    audience = claims.get("aud")
    audiences = tuple(map(str, audience if isinstance(audience, list) else [audience]))
    return Unverified(key_id if isinstance(key_id, str) else None, str(claims.get("iss", "")), audiences)


def verify(token: str, keys: KeySet, expected: ExpectedToken, now_s: float) -> Mapping[str, Any]:
    """Check a token and return its claims. Raises ServiceError, AADB2C90273, with what is wrong."""
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise refused(f"{WHAT}: the signature does not hold", None) from error
    for wrong, holds in (
        ("issuer", _issuer_holds(claims.get("iss"), expected)),
        ("audience", _audience_holds(claims, expected)),
        ("lifetime", _time_holds(claims, now_s)),
        ("nonce", _same(claims.get("nonce"), expected.nonce)),
        ("subject", isinstance(claims.get("sub"), str) and bool(claims["sub"])),
    ):
        if not holds:
            raise refused(f"{WHAT}: the {wrong} is wrong", None)
    return claims


def issuer_allowed(issuer: str, prefixes: Iterable[str]) -> bool:
    """Whether an issuer begins as one of the prefixes says and is of the same host.

    ``https://idp.example`` must not let ``https://idp.example.evil.example`` in; that is this project's decision.
    """
    return any(issuer.startswith(prefix) and _host(issuer) == _host(prefix) for prefix in prefixes)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _issuer_holds(issuer: object, expected: ExpectedToken) -> bool:
    if not isinstance(issuer, str) or not issuer:
        return False
    if expected.issuer_prefixes:
        return issuer_allowed(issuer, expected.issuer_prefixes)
    return expected.issuer is not None and _same(issuer, expected.issuer)


def _audience_holds(claims: Mapping[str, Any], expected: ExpectedToken) -> bool:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.audience not in audiences:
        return False
    party = claims.get("azp")
    return party == expected.client_id if len(audiences) > 1 else party in {None, expected.client_id}


def _time_holds(claims: Mapping[str, Any], now_s: float) -> bool:
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not isinstance(begins, int | float):
        return False
    return expires > now_s - SKEW_S and begins <= now_s + SKEW_S


def _same(value: object, expected: str) -> bool:
    return isinstance(value, str) and hmac.compare_digest(value.encode(), expected.encode())


def _part(text: str) -> Mapping[str, Any]:
    try:
        part = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        part = None
    if not isinstance(part, dict):
        raise refused(f"{WHAT}: it is no signed token", None)
    return part
