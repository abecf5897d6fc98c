"""A JWK Set with private members in, keys out.

Source: RFC 7517, RFC 7518 §6; policy-keys.md §1, §3 and §8 for what is refused. A key that names no
``use`` is for signatures unless its ``key_ops`` say otherwise: this project's decision.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import UPLOAD_LIMIT_BYTES, Lifetime, oct_key, refuse_size, rsa_key
from journeyman.keys.keyset import Key

Jwk = Mapping[str, Any]

_KEYS_LIMIT: Final = 100
_KID_LIMIT: Final = 256
_LAST_SECOND: Final = 253402300799  # 9999-12-31T23:59:59Z
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")
_CRT: Final = ("p", "q", "dp", "dq", "qi")
_ENCRYPTING: Final = frozenset({"encrypt", "decrypt", "wrapKey", "unwrapKey"})


def keys_from_jwks(data: bytes, *, now: datetime) -> tuple[Key, ...]:
    """Return the keys of a JWK Set in its order; ``kid``, ``nbf`` and ``exp`` are kept, expired keys too.

    Raises:
        KeyStoreError: it is no JWK Set, or one of its keys cannot be used; the message names the position.
    """
    if len(data) > UPLOAD_LIMIT_BYTES:
        raise KeyStoreError(f"a JWK Set has at most {UPLOAD_LIMIT_BYTES} bytes, this one has {len(data)}")
    keys = tuple(_numbered(index, entry, now) for index, entry in enumerate(_entries(data), start=1))
    refuse_mixture(keys)
    return keys


def key_from_jwk(jwk: Jwk, *, now: datetime) -> Key:
    """Return one key. Raises KeyStoreError when a member is missing or wrong; never quotes a value."""
    kid, use = _kid(jwk), _use(jwk)
    lifetime = Lifetime(_date(jwk, "nbf"), _date(jwk, "exp"))
    match jwk.get("kty"):
        case "oct" | "OCT":
            return oct_key(_bytes(jwk, "k", code="AADB2C95029"), use=use, now=now, lifetime=lifetime, kid=kid)
        case "RSA":
            key = _rsa(jwk)
            certificates = _certificates(jwk, key if isinstance(key, rsa.RSAPublicKey) else key.public_key())
            return rsa_key(key, use=use, now=now, lifetime=lifetime, kid=kid, certificates=certificates)
        case None:
            raise KeyStoreError("AADB2C95030: The member 'kty' is required.")
        case _:
            raise KeyStoreError("AADB2C95031: The member 'kty' must be 'RSA' or 'oct'.")


def refuse_mixture(keys: tuple[Key, ...]) -> None:
    """Raise KeyStoreError when keys cannot stand in one set: two types, two uses, or one ``kid`` twice."""
    if len({key.kty for key in keys}) > 1:
        raise KeyStoreError("AADB2C95032: All keys of a key set must have the same 'kty'.")
    if len({key.use for key in keys}) > 1:
        raise KeyStoreError("AADB2C95042: All keys of a key set must have the same 'use'.")
    kids = [key.kid for key in keys]
    for kid in kids:
        if kids.count(kid) > 1:
            raise KeyStoreError(f"AADB2C90180: The presented key '{kid}' of type '{keys[0].kty}' already exists.")


def _entries(data: bytes) -> list[Any]:
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        # The cause is left out on purpose: a JSON error quotes the document.
        raise KeyStoreError("AADB2C95026: this is not JSON, or not in UTF-8") from None
    entries = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise KeyStoreError('AADB2C95026: this is not a JWK Set: an object with an array "keys" that is not empty')
    if len(entries) > _KEYS_LIMIT:
        raise KeyStoreError(f"a JWK Set has at most {_KEYS_LIMIT} keys, this one has {len(entries)}")
    return entries


def _numbered(index: int, entry: object, now: datetime) -> Key:
    if not isinstance(entry, dict):
        raise KeyStoreError(f"AADB2C95026: key {index} of the JWK Set is not an object")
    try:
        return key_from_jwk(entry, now=now)
    except KeyStoreError as error:
        raise KeyStoreError(f"{error} (key {index} of the JWK Set)") from error


def _kid(jwk: Jwk) -> str | None:
    kid = jwk.get("kid")
    if kid is None or (isinstance(kid, str) and 0 < len(kid) <= _KID_LIMIT and kid.isprintable()):
        return kid
    raise KeyStoreError(f"the member 'kid' must be a text of 1 to {_KID_LIMIT} printable characters")


def _use(jwk: Jwk) -> str:
    use, operations = jwk.get("use"), jwk.get("key_ops")
    if use is None:
        encrypts = isinstance(operations, list) and any(operation in _ENCRYPTING for operation in operations)
        return "enc" if encrypts else "sig"
    if not isinstance(use, str):
        raise KeyStoreError("AADB2C95033: The use of a key is 'sig' or 'enc'.")
    return use.lower()


def _date(jwk: Jwk, name: str) -> datetime | None:
    value = jwk.get(name)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not 0 <= value <= _LAST_SECOND:
        raise KeyStoreError(f"the member {name!r} must be a date in seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _bytes(jwk: Jwk, name: str, *, code: str) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str) or not value:
        raise KeyStoreError(f"{code}: The member {name!r} is required.")
    bare = value.rstrip("=")
    if not _BASE64URL.fullmatch(bare) or len(bare) % 4 == 1:
        raise KeyStoreError(f"{code}: The member {name!r} must be in base64url.")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _number(jwk: Jwk, name: str) -> int:
    return int.from_bytes(_bytes(jwk, name, code="AADB2C95039"), "big")


def _rsa(jwk: Jwk) -> rsa.RSAPrivateKey | rsa.RSAPublicKey:
    n, e = _number(jwk, "n"), _number(jwk, "e")
    refuse_size(n.bit_length())
    public = rsa.RSAPublicNumbers(e, n)
    try:
        return public.public_key() if "d" not in jwk else _private_numbers(jwk, public).private_key()
    except (ValueError, OverflowError):
        raise KeyStoreError("AADB2C95039: The members of the RSA key do not belong together.") from None


def _private_numbers(jwk: Jwk, public: rsa.RSAPublicNumbers) -> rsa.RSAPrivateNumbers:
    d = _number(jwk, "d")
    if d.bit_length() > public.n.bit_length() or public.e.bit_length() > public.n.bit_length():
        raise ValueError("an exponent is longer than the modulus")
    if any(name in jwk for name in _CRT):
        p, q, dp, dq, qi = (_number(jwk, name) for name in _CRT)
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public)
    p, q = rsa.rsa_recover_prime_factors(public.n, public.e, d)
    dp, dq = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q)
    return rsa.RSAPrivateNumbers(p, q, d, dp, dq, rsa.rsa_crt_iqmp(p, q), public)


def _certificates(jwk: Jwk, public_key: rsa.RSAPublicKey) -> tuple[x509.Certificate, ...]:
    chain = jwk.get("x5c") or []
    if not isinstance(chain, list) or not all(isinstance(entry, str) for entry in chain):
        raise KeyStoreError("AADB2C90179: The member 'x5c' must be an array of certificates in base64.")
    try:
        found = tuple(x509.load_der_x509_certificate(base64.b64decode(entry, validate=True)) for entry in chain)
    except (ValueError, binascii.Error) as error:
        raise KeyStoreError("AADB2C90179: The member 'x5c' holds something that is not a certificate.") from error
    if found and found[0].public_key() != public_key:
        raise KeyStoreError("AADB2C90179: The first certificate of 'x5c' does not belong to the key.")
    return found
