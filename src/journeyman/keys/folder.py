"""The ``keys/`` folder of a tenant and variables of the environment: one policy key each in, key sets in the store.

See docs/how-to/policy-keys.md. A variable is treated as a file of its kind. A file counts as changed when its bytes, or those of its password file, differ
from what was imported last. A file that is unchanged is not parsed, because checking the private keys
of a folder would delay every start; keys that were added to its set by other means stay.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from journeyman.clock import Clock
from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.creation import UPLOAD_LIMIT_BYTES, oct_key, read_certificate, read_pfx
from journeyman.keys.jwk import keys_from_jwks
from journeyman.keys.keyset import Key
from journeyman.keys.names import PREFIX, policy_key_id
from journeyman.keys.store import KeyStore
from journeyman.secret import Secret

_TEXT: Final = frozenset({".txt"})
_PFX: Final = frozenset({".pfx", ".p12"})
_JWKS: Final = frozenset({".jwks"})
_CERTIFICATE: Final = frozenset({".pem", ".cer", ".crt"})
_SUFFIXES: Final = _TEXT | _PFX | _JWKS | _CERTIFICATE
_PASSWORD_SUFFIX: Final = ".password"  # noqa: S105 - the end of a file name
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_FILES_LIMIT: Final = 1000

PFX: Final = "JOURNEYMAN_PFX_"
PFX_PASSWORD: Final = "JOURNEYMAN_PFX_PASSWORD_"  # noqa: S105 - how the name of a variable begins
JWKS: Final = "JOURNEYMAN_JWKS_"
_LABEL: Final = "environment variable "


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What an import did: ids of key sets; files it knows no use for; sentences to print as warnings."""

    created: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFile:
    """One file of the folder, or one variable, read and not yet parsed; without a password ``password`` is empty."""

    path: Path
    id: str
    content: Secret
    password: Secret
    kind: str = ""

    @property
    def suffix(self) -> str:
        """What tells the kind of the file: the end of its name, or ``kind`` for a variable."""
        return self.kind or self.path.suffix.lower()

    @property
    def digest(self) -> str:
        """A digest of all that the keys are made of."""
        content = hashlib.sha256(self.content.reveal_bytes()).digest()
        password = hashlib.sha256(self.password.reveal_bytes()).digest()
        return hashlib.sha256(self.suffix.encode() + b"\0" + content + password).hexdigest()


async def import_folder(
    folder: Path, store: KeyStore, clock: Clock, environ: Mapping[str, str] | None = None
) -> FolderReport:
    """Import every key file of the folder and key of the environment; a folder that does not exist is an empty one.

    Nothing is imported unless every file can be read; a changed file replaces all keys of its set.

    Raises:
        KeyStoreError: a file cannot be read or used, or two files name one key; names the file and the remedy.
    """
    files, ignored = await asyncio.to_thread(read_key_files, folder, environ or {})
    present = {file.id: await _present(store, file.id) for file in files}
    changed = [file for file in files if not _imported(file, present[file.id])]
    parsed = {file.id: await asyncio.to_thread(parse_file, file, clock.now()) for file in changed}
    for file in changed:
        await store.replace(file.id, parsed[file.id], create=True)
    return FolderReport(
        created=tuple(file.id for file in changed if present[file.id] is None),
        replaced=tuple(file.id for file in changed if present[file.id] is not None),
        unchanged=tuple(file.id for file in files if file not in changed),
        ignored=ignored,
        warnings=tuple(_warnings(files, {**present, **parsed}, clock.now())),
    )


def read_key_files(folder: Path, environ: Mapping[str, str]) -> tuple[tuple[KeyFile, ...], tuple[str, ...]]:
    """Read the key files and the keys of the environment; the second result names files with an unknown suffix.

    Raises:
        KeyStoreError: one cannot be read, or two of them are one policy key.
    """
    files, ignored = read_folder(folder)
    both = (*files, *read_environment(environ))
    _refuse_twins(both)
    return both, ignored


def read_environment(environ: Mapping[str, str]) -> tuple[KeyFile, ...]:
    """Read the variables ``B2C_1A_Name``, ``JOURNEYMAN_PFX_Name`` (base64) and ``JOURNEYMAN_JWKS_Name``, by name.

    Raises:
        KeyStoreError: a name cannot be that of a policy key, or a PFX is not in base64.
    """
    found = (_of_variable(name, environ) for name in sorted(environ))
    return tuple(file for file in found if file is not None)


def read_folder(folder: Path) -> tuple[tuple[KeyFile, ...], tuple[str, ...]]:
    """Read the key files, by name; the second result names files with an unknown suffix. Hidden files are skipped."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.exists() else []
    except OSError as error:
        raise KeyStoreError(f"{folder}: the folder of policy keys cannot be read: {error.strerror}") from error
    known = [path for path in paths if path.suffix.lower() in _SUFFIXES]
    if len(known) > _FILES_LIMIT:
        raise KeyStoreError(f"{folder}: more than {_FILES_LIMIT} policy keys; this folder is for a few")
    files = tuple(map(_read_file, known))
    _refuse_twins(files)
    others = (path for path in paths if path not in known and path.suffix.lower() != _PASSWORD_SUFFIX)
    return files, tuple(path.name for path in others)


def parse_file(file: KeyFile, now: datetime) -> tuple[Key, ...]:
    """Return the keys of a file, expired ones too. Raises KeyStoreError naming the file and the remedy."""
    content, suffix = file.content.reveal_bytes(), file.suffix
    try:
        keys = _parse(content, suffix, file.password, now)
    except KeyStoreError as error:
        raise KeyStoreError(f"{file.path}: {error}; {_remedy(file)}") from error
    return tuple(replace(key, origin=file.digest) for key in keys)


def _parse(content: bytes, suffix: str, password: Secret, now: datetime) -> tuple[Key, ...]:
    if suffix in _TEXT:
        return (oct_key(_text(content), use="sig", now=now),)
    if suffix in _PFX:
        return (read_pfx(content, password, now=now),)
    if suffix in _CERTIFICATE:
        return (read_certificate(content, now=now),)
    return keys_from_jwks(content, now=now)


def _text(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        # The cause is left out on purpose: it quotes the secret.
        raise KeyStoreError("the text is not in UTF-8") from None
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


def _remedy(file: KeyFile) -> str:
    if file.suffix in _PFX:
        place = (
            f"{PFX_PASSWORD}{file.path.name[len(_LABEL + PFX) :]}"
            if file.kind
            else f"{file.path.name}{_PASSWORD_SUFFIX} beside it"
        )
        return f"put the file's password into {place}, or export it again as PFX"
    if file.suffix in _TEXT:
        return "store the secret as UTF-8 text"
    if file.suffix in _CERTIFICATE:
        return "store the certificate in PEM or DER, or certificate and private key as a .pfx file"
    return 'store a JWK Set: {"keys": [...]} with private members'


def _of_variable(name: str, environ: Mapping[str, str]) -> KeyFile | None:
    if name.startswith(PFX_PASSWORD):
        return None
    value = environ[name].encode(errors="surrogateescape")
    if name[: len(PREFIX)].lower() == PREFIX.lower():
        return _variable(name, name, value, ".txt", b"")
    if name.startswith(PFX):
        password = environ.get(PFX_PASSWORD + name[len(PFX) :], "").encode(errors="surrogateescape")
        return _variable(name, name[len(PFX) :], _of_base64(name, value), ".pfx", password)
    if name.startswith(JWKS):
        return _variable(name, name[len(JWKS) :], value, ".jwks", b"")
    return None


def _variable(name: str, key_name: str, content: bytes, kind: str, password: bytes) -> KeyFile:
    path = Path(f"{_LABEL}{name}")
    try:
        return KeyFile(path, policy_key_id(key_name), Secret(content), Secret(password), kind)
    except KeyStoreError as error:
        raise KeyStoreError(f"{path}: {error}; rename the variable") from error


def _of_base64(name: str, value: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        # The cause is left out on purpose: it may quote the value.
        raise KeyStoreError(f"{_LABEL}{name}: a PFX stands there in base64; encode the file again") from None


def _read_file(path: Path) -> KeyFile:
    password_path = path.with_name(path.name + _PASSWORD_SUFFIX)
    has_password = path.suffix.lower() in _PFX and password_path.exists()
    password = Secret(_text_of(password_path) if has_password else "")
    return KeyFile(path, _id(path), Secret(_bytes(path)), password)


def _text_of(path: Path) -> str:
    try:
        return _text(_bytes(path))
    except KeyStoreError as error:
        raise KeyStoreError(f"{path}: {error}; store the password as UTF-8 text") from error


def _id(path: Path) -> str:
    try:
        return policy_key_id(path.stem)
    except KeyStoreError as error:
        raise KeyStoreError(f"{path}: {error}; rename the file") from error


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(UPLOAD_LIMIT_BYTES + 1)
    except OSError as error:
        detail = f"{path}: the file cannot be read: {error.strerror}; make it readable, or move it out of the folder"
        raise KeyStoreError(detail) from error
    if len(content) > UPLOAD_LIMIT_BYTES:
        raise KeyStoreError(f"{path}: the file is longer than {UPLOAD_LIMIT_BYTES} bytes; it is not a policy key")
    return content


def _refuse_twins(files: Iterable[KeyFile]) -> None:
    seen: dict[str, Path] = {}
    for file in files:
        other = seen.setdefault(file.id.lower(), file.path)
        if other is not file.path:
            raise KeyStoreError(f"{file.path}: {other.name} holds the policy key {file.id} too; remove one of them")


async def _present(store: KeyStore, id: str) -> tuple[Key, ...] | None:
    try:
        return (await store.get(id)).keys
    except KeySetNotFoundError:
        return None


def _imported(file: KeyFile, present: tuple[Key, ...] | None) -> bool:
    return any(key.origin == file.digest for key in present or ())


def _warnings(files: Iterable[KeyFile], keys: dict[str, tuple[Key, ...] | None], now: datetime) -> Iterable[str]:
    for file in files:
        found = keys[file.id] or ()
        if not any(key.good(now) for key in found):
            yield f"{file.path}: every key of {file.id} has expired"
        if any(key.secret is not None and len(key.secret) == 0 for key in found):
            yield f"{file.path}: the secret is empty"
        if file.suffix in _TEXT and file.content.reveal_bytes().startswith(_BYTE_ORDER_MARK):
            yield f"{file.path}: the secret begins with a byte order mark; store the file without one if that is wrong"
