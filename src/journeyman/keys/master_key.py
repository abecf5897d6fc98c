"""The master key: a file or an environment variable in, the key that wraps root keys out.

A file that other users may read is refused; one that does not exist yet is made with mode 0600.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from journeyman.errors import KeyStoreError
from journeyman.keys.sealing import MASTER_KEY_BYTES, LocalMasterKey, local_master_key

MASTER_KEY_VARIABLE: Final = "JOURNEYMAN_MASTER_KEY"

_FILE_LIMIT_BYTES: Final = 1024


def master_key_from_environment(
    environ: Mapping[str, str], variable: str = MASTER_KEY_VARIABLE
) -> LocalMasterKey | None:
    """Read ``JOURNEYMAN_MASTER_KEY``, or another variable: 32 bytes in base64; None when it is not set.

    Raises:
        KeyStoreError: it holds no key.
    """
    value = environ.get(variable)
    return None if value is None else local_master_key(_decode(value, variable))


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


def exchange_master_key_file(path: Path, new: Path) -> Path:
    """Put the file ``new`` in the place of ``path`` in one step, and return where the old one is kept.

    Raises:
        KeyStoreError: a file cannot be used.
    """
    old = master_key_from_file(path)
    kept = path.with_name(f"{path.name}.old-{old.key_id.hex()}")
    try:
        if not kept.exists():
            kept.hardlink_to(path)
        new.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        detail = f"{path}: the new master key {new} cannot be put in its place: {error.strerror}"
        raise KeyStoreError(detail) from error
    return kept


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)) + b"\n")
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
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
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
    if len(key) != MASTER_KEY_BYTES:
        # The cause is left out on purpose: it may quote what was given.
        raise KeyStoreError(f"{place}: a master key is {MASTER_KEY_BYTES} bytes in base64") from None
    return key
