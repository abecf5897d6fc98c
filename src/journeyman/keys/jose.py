"""Signed tokens: claims and a key in, a JWT out; and back.

Signing stands on ``cryptography`` directly, because the key is parsed already; a signature of RSA-2048
costs about a third of a millisecond. Only RS256 is made and accepted.
Source: RFC 7515, RFC 7519; protocol.md §2.2, §8.1, §12.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import base64url, base64url_number
from journeyman.keys.keyset import Key, KeySet
from journeyman.service_codes import service_error

ALGORITHM: Final = "RS256"

_TOKEN_LIMIT_BYTES: Final = 64 * 1024
_SKEW_S: Final = 300
_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say; None is not looked at.

    ``expired`` accepts a token after its end, as hints at logout are.
    """

    issuers: Collection[str] | None = None
    audiences: Collection[str] | None = None
    expired: bool = False


ANY: Final = Expected()


def sign_jwt(key: Key, claims: Mapping[str, Any], header: Mapping[str, str] | None = None) -> str:
    """Return the claims as a JWT signed with RS256.

    Args:
        key: an RSA key with its private part.
        claims: JSON values; numbers must be finite.
        header: further header parameters, ``typ`` for one; ``alg`` and ``kid`` always come from the key.

    Raises:
        KeyStoreError: AADB2C90178, the key has no private part.
    """
    if key.private_key is None:
        raise KeyStoreError(f"AADB2C90178: The signing key '{key.kid}' has no private key.")
    parameters = {"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"} | dict(header or {})
    parameters |= {"alg": ALGORITHM, "kid": key.kid}
    signed = f"{_part(parameters)}.{_part(claims)}"
    return f"{signed}.{base64url(key.private_key.sign(signed.encode(), _PADDING, _HASH))}"


def public_jwks(key_set: KeySet, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return what is published of a signing key set: its good RSA keys, the active one first, then by activation.

    ``nbf`` of a key without activation date is the time at which it was added. Secrets are never in it.
    """
    good = key_set.good(now)
    active = key_set.active(now) if any(key.active(now) for key in good) else None
    ordered = sorted(good, key=lambda key: (key is not active, _activation(key), key.sequence))
    return {"keys": [_public_jwk(key, public_key) for key, public_key in _rsa_keys(ordered)]}


def verify_jwt(token: str, key_set: KeySet, now: datetime, expected: Expected = ANY) -> Mapping[str, Any]:
    """Check a token that this engine has signed, by all keys of the set that are not disabled; return its claims.

    Raises:
        ServiceError: AADB2C90240 malformed, 90239 signature, 90238 issuer, 90237 audience, 90235 expired.
    """
    if len(token) > _TOKEN_LIMIT_BYTES or not token.isascii() or token.count(".") != 2:
        raise service_error(90240)
    keys = [_verification_key(key, public_key) for key, public_key in _rsa_keys(key_set.keys) if key.usable]
    try:
        claims = jwt.decode(token, jwk.KeySet([*keys]), algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise service_error(90239) from error
    _check(claims, now.timestamp(), expected)
    return claims


def _check(claims: Mapping[str, Any], now_s: float, expected: Expected) -> None:
    if expected.issuers is not None and not _among(claims.get("iss"), expected.issuers):
        raise service_error(90238)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.audiences is not None and not any(_among(value, expected.audiences) for value in audiences):
        raise service_error(90237)
    if _seconds(claims, "nbf", default=0) > now_s + _SKEW_S:
        raise service_error(90240)
    if not expected.expired and _seconds(claims, "exp") <= now_s:
        raise service_error(90235)


def _among(value: object, accepted: Collection[str]) -> bool:
    return isinstance(value, str) and value in accepted


def _seconds(claims: Mapping[str, Any], name: str, default: int | None = None) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise service_error(90240)
    return value


def _rsa_keys(keys: Iterable[Key]) -> list[tuple[Key, RSAPublicKey]]:
    return [(key, key.public_key) for key in keys if key.public_key is not None]


def _verification_key(key: Key, public_key: RSAPublicKey) -> jwk.RSAKey:
    return jwk.RSAKey.import_key(public_key, {"kid": key.kid, "alg": ALGORITHM})


def _public_jwk(key: Key, public_key: RSAPublicKey) -> dict[str, Any]:
    numbers = public_key.public_numbers()
    members: dict[str, Any] = {
        "kid": key.kid,
        "nbf": int(_activation(key).timestamp()),
        "use": "sig",
        "kty": "RSA",
        "alg": ALGORITHM,
        "e": base64url_number(numbers.e),
        "n": base64url_number(numbers.n),
    }
    if key.certificates:
        members["x5c"] = [base64.b64encode(c.public_bytes(Encoding.DER)).decode() for c in key.certificates]
        # RFC 7517 §4.8 defines x5t by SHA-1; it names the certificate and protects nothing.
        members["x5t"] = base64url(key.certificates[0].fingerprint(SHA1()))  # noqa: S303
    return members


def _activation(key: Key) -> datetime:
    return key.not_before or key.added_at


def _part(value: Mapping[str, Any]) -> str:
    return base64url(json.dumps(dict(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode())
