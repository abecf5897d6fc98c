"""Seal records at rest: clear bytes and a context in, an authenticated envelope out.

Every record is encrypted with AES-256-GCM under a data key of its own; the data key is wrapped by
the master key. The wrapping is AES-SIV (RFC 5297) and not a second GCM, because GCM with random
nonces is safe for 2^32 records under one key only, and a busy engine reaches that within a year.

Envelope, version 1: ``JM`` | version (1) | master key id (8) | length of the wrapped key (2) | wrapped key |
nonce (12) | ciphertext and tag. All that stands before the nonce, and the context, are associated data.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from journeyman.errors import KeyStoreError, SealError

MASTER_KEY_VARIABLE: Final = "JOURNEYMAN_MASTER_KEY"

_MASTER_KEY_BYTES: Final = 32
_DATA_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_KEY_ID_BYTES: Final = 8
_MAGIC: Final = b"JM\x01"
_HEADER_BYTES: Final = len(_MAGIC) + _KEY_ID_BYTES + 2
_FILE_LIMIT_BYTES: Final = 1024


class MasterKey(Protocol):
    """The key that wraps data keys: held here, or by an external key service."""

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name this key in every envelope and say nothing about it."""
        ...

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a data key; at most 65535 bytes come back."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a data key. Raises SealError when it was changed."""
        ...


@dataclass(frozen=True, slots=True)
class LocalMasterKey:
    """A master key in the memory of this process."""

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
    if len(key) != _MASTER_KEY_BYTES:
        detail = f"a master key has {_MASTER_KEY_BYTES} bytes, this one has {len(key)}"
        raise KeyStoreError(detail)
    derived = HKDF(SHA256(), _KEY_ID_BYTES + 64, salt=None, info=b"journeyman master key 1").derive(key)
    return LocalMasterKey(key_id=derived[:_KEY_ID_BYTES], cipher=AESSIV(derived[_KEY_ID_BYTES:]))


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
        data_key = master.unwrap(sealed[_HEADER_BYTES:end])
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


def open_master_key(path: Path, environ: Mapping[str, str]) -> LocalMasterKey:
    """Take the master key from the environment, else from the file, which is made on first start.

    Raises:
        KeyStoreError: the variable holds no key, or other users may read the file.
    """
    return master_key_from_environment(environ) or master_key_from_file(path)


def master_key_from_environment(environ: Mapping[str, str]) -> LocalMasterKey | None:
    """Read ``JOURNEYMAN_MASTER_KEY``, 32 bytes in base64; None when it is not set."""
    value = environ.get(MASTER_KEY_VARIABLE)
    return None if value is None else local_master_key(_decode(value, MASTER_KEY_VARIABLE))


def master_key_from_file(path: Path) -> LocalMasterKey:
    """Read the master key file, or make it with mode 0600.

    Raises:
        KeyStoreError: the file holds no key, or other users may read it.
    """
    try:
        if not path.exists():
            _create(path)
        return local_master_key(_decode(_read_private(path), str(path)))
    except OSError as error:
        detail = f"{path}: the master key file cannot be used: {error.strerror}"
        raise KeyStoreError(detail) from error


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_MASTER_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    # A link, unlike a rename, never replaces the key that another process made in the meantime.
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_private(path: Path) -> str:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        _refuse_shared(path, status)
        return file.read(_FILE_LIMIT_BYTES).decode("ascii", "replace")


def _refuse_shared(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyStoreError(f"{path}: the master key must be a regular file")
    if stat.S_IMODE(status.st_mode) & 0o077:
        detail = (
            f"{path}: other users of this machine may read the master key (mode {stat.S_IMODE(status.st_mode):04o}); "
            f"run: chmod 600 {path}"
        )
        raise KeyStoreError(detail)
    if status.st_uid not in {0, os.geteuid()}:
        raise KeyStoreError(f"{path}: the master key file belongs to another user (uid {status.st_uid})")


def _decode(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _MASTER_KEY_BYTES:
        # The cause is left out on purpose: it may quote what was given.
        raise KeyStoreError(f"{place}: a master key is {_MASTER_KEY_BYTES} bytes in base64") from None
    return key
