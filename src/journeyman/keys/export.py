"""The public part of key sets: key sets in; a JSON document, or a ``keys.toml`` that names every value, out.

No secret and no private member is in either. Source: RFC 7517; policy-keys.md §1, §9.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman.keys.creation import base64url, base64url_number
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.names import PREFIX

_HEAD: Final = """\
# Policy keys as code, written by `journeyman keys export --public`. The values are not here: each entry says where its
# value is to be found. See `journeyman keys apply --help`.
"""
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def public_key_set(key_set: KeySet) -> dict[str, Any]:
    """Return a key set as a JWK Set with public members only; a secret is its dates and its use."""
    return {"id": key_set.id, "keys": [_jwk(key) for key in key_set.keys]}


def keys_toml(key_sets: Iterable[KeySet]) -> str:
    """Return a ``keys.toml`` that declares the key sets by their newest keys."""
    return _HEAD + "".join(f"\n{line}\n" if line.startswith("[") else f"{line}\n" for line in _lines(key_sets))


def _lines(key_sets: Iterable[KeySet]) -> Iterator[str]:
    for one in key_sets:
        if one.keys:
            yield from _entry(one)


def _jwk(key: Key) -> dict[str, Any]:
    members: dict[str, Any] = {"kid": key.kid, "kty": key.kty, "use": key.use}
    if key.not_before is not None:
        members["nbf"] = int(key.not_before.timestamp())
    if key.expires_at is not None:
        members["exp"] = int(key.expires_at.timestamp())
    members["status"] = "enabled" if key.enabled else "disabled"
    if key.public_key is not None:
        numbers = key.public_key.public_numbers()
        members |= {"n": base64url_number(numbers.n), "e": base64url_number(numbers.e)}
    if key.certificates:
        members["x5c"] = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in key.certificates]
        # RFC 7517 §4.8 defines x5t by SHA-1; it names the certificate and protects nothing.
        members["x5t"] = base64url(key.certificates[0].fingerprint(SHA1()))  # noqa: S303
    return members


def _entry(key_set: KeySet) -> Iterator[str]:
    newest = max(key_set.keys, key=lambda key: key.sequence)
    yield f"[keys.{key_set.id}]"
    match newest:
        case Key(kty="oct"):
            yield f'secret = {{ env = "{_variable(key_set.id)}" }}'
            yield f'use = "{newest.use}"'
            yield from _dates(newest)
        case Key(certificates=(_, *_), private_key=None):
            yield f'certificate = {{ file = "{key_set.id}.pem" }}'
        case Key(certificates=(_, *_)):
            yield f'pfx = {{ file = "{key_set.id}.pfx" }}'
            yield f'password = {{ env = "{_variable(key_set.id)}_PASSWORD" }}'
        case Key(private_key=None):
            yield f'jwks = {{ file = "{key_set.id}.jwks" }}'
        case _:
            yield 'generate = "rsa"'
            yield f'use = "{newest.use}"'


def _dates(key: Key) -> Iterator[str]:
    if key.not_before is not None:
        yield f"activate = {key.not_before:%Y-%m-%dT%H:%M:%SZ}"
    if key.expires_at is not None:
        yield f"expire = {key.expires_at:%Y-%m-%dT%H:%M:%SZ}"


def _variable(set_id: str) -> str:
    """Return the name of a variable: ``B2C_1A_RestApiPassword`` becomes ``REST_API_PASSWORD``."""
    bare = set_id[len(PREFIX) :] if set_id.lower().startswith(PREFIX.lower()) else set_id
    return _WORD.sub("_", bare).strip("_").upper()
