"""One key as bytes for the store, and back.

The bytes hold the secret in clear, so they go nowhere but into a Sealer.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from journeyman.errors import KeyStoreError
from journeyman.keys.keyset import Key, Previous, Stage
from journeyman.secret import Secret

_VERSION: Final = 1
_VERSION_OF_ROTATION: Final = 2
"""An engine that knows no rotation would use a staged key at once, so it must not read such a record."""


def encode_key(key: Key) -> bytes:
    """Return the key, its private parts included, as bytes."""
    record: dict[str, Any] = {
        "v": _VERSION,
        "kid": key.kid,
        "kty": key.kty,
        "use": key.use,
        "seq": key.sequence,
        "added": _milliseconds(key.added_at),
        "enabled": key.enabled,
        "origin": key.origin,
        "x5c": [_text(certificate.public_bytes(Encoding.DER)) for certificate in key.certificates],
    }
    if key.not_before is not None:
        record["nbf"] = _milliseconds(key.not_before)
    if key.expires_at is not None:
        record["exp"] = _milliseconds(key.expires_at)
    return json.dumps(record | _rotation(key) | _material(key)).encode()


def decode_key(record: bytes) -> Key:
    """Return the key of a record. Raises KeyStoreError when a newer version wrote it."""
    value: dict[str, Any] = json.loads(record)
    if value.get("v") not in {_VERSION, _VERSION_OF_ROTATION}:
        raise KeyStoreError("a policy key was stored by a newer version of this engine")
    certificates = tuple(x509.load_der_x509_certificate(base64.b64decode(der)) for der in value["x5c"])
    private_key = _private_key(value.get("pkcs8"))
    return Key(
        kid=value["kid"],
        kty=value["kty"],
        use=value["use"],
        sequence=value["seq"],
        added_at=_instant(value["added"]),
        not_before=_instant(value["nbf"]) if "nbf" in value else None,
        expires_at=_instant(value["exp"]) if "exp" in value else None,
        enabled=value["enabled"],
        secret=Secret(base64.b64decode(value["k"])) if "k" in value else None,
        private_key=private_key,
        public_key=private_key.public_key() if private_key else _public_key(value.get("spki")),
        certificates=certificates,
        origin=value["origin"],
        stage=Stage(value.get("stage", Stage.IN_USE.value)),
        previous=_previous(value.get("previous")),
    )


def _rotation(key: Key) -> dict[str, Any]:
    if key.stage is Stage.IN_USE and key.previous is None:
        return {}
    found: dict[str, Any] = {"v": _VERSION_OF_ROTATION, "stage": key.stage.value}
    if key.previous is not None:
        found["previous"] = {"kid": key.previous.kid, "until": _milliseconds(key.previous.until)}
    return found


def _previous(value: dict[str, Any] | None) -> Previous | None:
    return None if value is None else Previous(value["kid"], _instant(value["until"]))


def _material(key: Key) -> dict[str, str]:
    if key.secret is not None:
        return {"k": _text(key.secret.reveal_bytes())}
    if key.private_key is not None:
        return {"pkcs8": _text(key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))}
    if key.public_key is not None:
        return {"spki": _text(key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))}
    raise KeyStoreError(f"the key {key.kid!r} has neither a secret nor an RSA key")


def _private_key(text: str | None) -> RSAPrivateKey | None:
    if text is None:
        return None
    # The key was checked when it was added, and the seal shows that nobody changed it since; checking
    # it again would cost some 40 ms for each key at every start.
    key = load_der_private_key(base64.b64decode(text), None, unsafe_skip_rsa_key_validation=True)
    return key if isinstance(key, RSAPrivateKey) else None


def _public_key(text: str | None) -> RSAPublicKey | None:
    if text is None:
        return None
    key = load_der_public_key(base64.b64decode(text))
    return key if isinstance(key, RSAPublicKey) else None


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
