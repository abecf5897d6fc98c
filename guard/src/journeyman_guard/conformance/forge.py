"""Tokens as an attacker makes them: any header, any claims, any key; nothing is checked here."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from journeyman_guard.errors import MisconfiguredError

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | bytes
_HASHES: Final[Mapping[str, type[HashAlgorithm]]] = {"256": SHA256, "384": SHA384, "512": SHA512}


@cache
def attacker_key() -> rsa.RSAPrivateKey:
    """Return the attacker's key; one per process, because making it takes a while."""
    return rsa.generate_private_key(65_537, 2_048)


@cache
def attacker_curve_key() -> ec.EllipticCurvePrivateKey:
    """Return the attacker's key for ES256."""
    return ec.generate_private_key(ec.SECP256R1())


def load_signing_key(pem: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """Read the private key of an issuer. Raises MisconfiguredError."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise MisconfiguredError("the signing key is not a PEM file with an unencrypted private key") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise MisconfiguredError("the signing key is neither RSA nor EC")
    return key


def b64url(data: bytes) -> str:
    """Return Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def forge(
    header: Mapping[str, object], claims: Mapping[str, object] | bytes, key: SigningKey, algorithm: str = "RS256"
) -> str:
    """Sign with ``algorithm``, whatever the header says."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return forge_bytes(json.dumps(header).encode(), payload, key, algorithm)


def forge_bytes(header: bytes, payload: bytes, key: SigningKey, algorithm: str = "RS256") -> str:
    """Sign a header that may not even be JSON."""
    text = f"{b64url(header)}.{b64url(payload)}"
    return f"{text}.{b64url(signature(text.encode(), key, algorithm))}"


def signature(data: bytes, key: SigningKey, algorithm: str) -> bytes:
    """Return the bytes of a signature (RFC 7518 §3)."""
    made = _HASHES[algorithm[2:]]()
    if isinstance(key, bytes):
        return hmac.digest(key, data, made.name)
    if isinstance(key, rsa.RSAPrivateKey):
        if algorithm.startswith("PS"):
            return key.sign(data, padding.PSS(padding.MGF1(made), made.digest_size), made)
        return key.sign(data, padding.PKCS1v15(), made)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(made)))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def public_jwk(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, str]:
    """Return the public half as a JWK (RFC 7517)."""
    numbers = key.public_key().public_numbers()
    n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    return {"kty": "RSA", "kid": key_id, "use": "sig", "n": b64url(n), "e": b64url(numbers.e.to_bytes(3, "big"))}
