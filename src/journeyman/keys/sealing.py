"""Seal records at rest: clear bytes and a context in, an authenticated envelope out.

Every record is encrypted with AES-256-GCM under a data key of its own; the data key is wrapped by
a root key of the store, and that by the master key (root_keys.py). The wrapping is AES-SIV (RFC 5297) and not a second GCM, because GCM with random
nonces is safe for 2^32 records under one key only, and a busy engine reaches that within a year.

Envelope, version 1: ``JM`` | version (1) | master key id (8) | length of the wrapped key (2) | wrapped key |
nonce (12) | ciphertext and tag. All that stands before the nonce, and the context, are associated data.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from journeyman.errors import KeyStoreError, SealError

MASTER_KEY_BYTES: Final = 32
_DATA_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_ID_BYTES: Final = 8
_MAGIC: Final = b"JM\x01"
_HEADER_BYTES: Final = len(_MAGIC) + _KEY_ID_BYTES + 2


class MasterKey(Protocol):
    """A key that wraps other keys: held in memory, or by an external key service.

    This is all that a key service has to be able to do.
    """

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name this key in every envelope and say nothing about it."""
        ...

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a key; at most 65535 bytes come back. Raises KeyServiceError."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a key. Raises SealError when it was changed, and KeyServiceError."""
        ...


@dataclass(frozen=True, slots=True)
class LocalMasterKey:
    """A master key, or a root key, in the memory of this process."""

    key_id: bytes
    cipher: AESSIV = field(repr=False)

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a data key."""
        return self.cipher.encrypt(data_key, None)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key. Raises SealError when it was changed."""
        try:
            return self.cipher.decrypt(wrapped, None)
        except (InvalidTag, ValueError) as error:
            raise SealError("the wrapped data key of a sealed record was changed") from error


def local_master_key(key: bytes) -> LocalMasterKey:
    """Derive the wrapping cipher and the id from 32 random bytes."""
    if len(key) != MASTER_KEY_BYTES:
        detail = f"a master key has {MASTER_KEY_BYTES} bytes, this one has {len(key)}"
        raise KeyStoreError(detail)
    derived = HKDF(SHA256(), _KEY_ID_BYTES + 64, salt=None, info=b"journeyman master key 1").derive(key)
    return LocalMasterKey(key_id=derived[:_KEY_ID_BYTES], cipher=AESSIV(derived[_KEY_ID_BYTES:]))


def envelope_key_id(sealed: bytes) -> bytes:
    """Return the id of the key under which a record is sealed; empty when this is no sealed record."""
    return sealed[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES] if sealed.startswith(_MAGIC) else b""


@dataclass(frozen=True, slots=True)
class EnvelopeSealer:
    """Seal under ``master``; open also what was sealed under one of ``former``."""

    master: MasterKey
    former: tuple[MasterKey, ...] = ()

    def seal(self, clear: bytes, *, context: str) -> bytes:
        """Encrypt ``clear`` so that it opens only under the same ``context``."""
        fresh = secrets.token_bytes(_DATA_KEY_BYTES + _NONCE_BYTES)
        data_key, nonce = fresh[:_DATA_KEY_BYTES], fresh[_DATA_KEY_BYTES:]
        wrapped = self.master.wrap(data_key)
        head = b"".join((_MAGIC, self.master.key_id, len(wrapped).to_bytes(2, "big"), wrapped))
        return head + nonce + AESGCM(data_key).encrypt(nonce, clear, head + context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt a record. Raises SealError when it was damaged, moved or sealed by another key."""
        end = _HEADER_BYTES + int.from_bytes(sealed[_HEADER_BYTES - 2 : _HEADER_BYTES], "big")
        if len(sealed) < end + _NONCE_BYTES + _TAG_BYTES or not sealed.startswith(_MAGIC):
            raise SealError(f"{context}: this is not a sealed record of a version that this engine reads")
        master = self._master(sealed[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES], context)
        data_key = _unwrapped(master, sealed[_HEADER_BYTES:end], context)
        nonce, body = sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :]
        try:
            return AESGCM(data_key).decrypt(nonce, body, sealed[:end] + context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError(f"{context}: the sealed record was damaged or moved from another place") from error

    def _master(self, key_id: bytes, context: str) -> MasterKey:
        for candidate in (self.master, *self.former):
            if candidate.key_id == key_id:
                return candidate
        detail = (
            f"{context}: the record was sealed under master key {key_id.hex()}, this engine holds "
            f"{self.master.key_id.hex()}; start it with the master key that this database was made with"
        )
        raise SealError(detail)


def _unwrapped(master: MasterKey, wrapped: bytes, context: str) -> bytes:
    try:
        return master.unwrap(wrapped)
    except SealError as error:
        raise SealError(f"{context}: {error}") from error
