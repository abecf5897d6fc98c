"""``journeyman keys``: list, show, create, generate and upload; what a person has in, a policy key in the store out.

A secret comes from a file, from standard input or from a question on the terminal. It is never an
argument, because arguments are seen by every user of the machine and kept in the history of the shell.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Final, TypeVar

from journeyman.cli.key_report import key_set_json, key_set_line, key_set_lines
from journeyman.cli.moment import moment
from journeyman.cli.terminal import errors_in_words, note, say, say_json
from journeyman.clock import SystemClock
from journeyman.engine.key_files import KnownKeySet, imported, known_key_set, known_key_sets
from journeyman.engine.tenant_store import TenantStore, open_tenant_store
from journeyman.errors import KeySetNotFoundError, KeyStoreError, SettingsError
from journeyman.keys.certificate_reading import findings, role_of
from journeyman.keys.creation import (
    SECRET_LIMIT_BYTES,
    UPLOAD_LIMIT_BYTES,
    USES,
    Lifetime,
    generate_rsa,
    generate_secret,
    secret_key,
)
from journeyman.keys.folder import read_key_files
from journeyman.keys.keyset import Key
from journeyman.keys.names import stored_id
from journeyman.keys.upload import CERTIFICATE_SUFFIXES, JWKS_SUFFIXES, PFX_SUFFIXES, uploaded_keys
from journeyman.secret import Secret
from journeyman.settings import Settings, load_settings

UPLOADED_SUFFIXES: Final = PFX_SUFFIXES | CERTIFICATE_SUFFIXES | JWKS_SUFFIXES

_EXISTS: Final = "AADB2C95028"
_MISSING: Final = "AADB2C95052"
_T = TypeVar("_T")

Dates = tuple[str | None, str | None]
"""The options ``--activate`` and ``--expire``."""

MakeKeys = Callable[[str | None, datetime], tuple[Key, ...]]
"""The use of the set that exists, if one does, and the time in; new keys out."""


@dataclass(frozen=True, slots=True)
class Order:
    """Where a new key goes; ``add`` appends it to a policy key that exists."""

    folder: Path
    name: str
    add: bool
    as_json: bool


def list_keys(folder: Path, *, as_json: bool) -> None:
    """Print every key set, deleted ones included."""
    with errors_in_words():
        clock = SystemClock()
        found = asyncio.run(known_key_sets(load_settings(folder, environment=os.environ), clock))
        if as_json:
            say_json([key_set_json(known, clock.now()) for known in found])
            return
        for known in found:
            say(key_set_line(known, clock.now()))
        if not found:
            say("no policy key yet; `journeyman keys create` makes one, files in keys/ are taken over at the start")


def show_key(folder: Path, name: str, *, as_json: bool) -> None:
    """Print one key set in full, without its secrets."""
    with errors_in_words():
        clock, key_id = SystemClock(), checked_name(name)
        settings = load_settings(folder, environment=os.environ)
        found = asyncio.run(known_key_sets(settings, clock))
        known = next((one for one in found if one.key_set.id.lower() == key_id.lower()), None)
        if known is None:
            detail = f"AADB2C90073: KeyContainer with 'id': '{key_id}' cannot be found in the directory"
            raise KeySetNotFoundError(
                f"{detail} '{settings.tenant_name}'; `journeyman keys list` shows those there are"
            )
        _print(known, as_json=as_json)


def create_key(order: Order, secret_file: Path | None, secret_stdin: bool, use: str, dates: Dates) -> None:  # noqa: FBT001  # the declaration of the command names it
    """Store a secret that somebody has."""
    with errors_in_words():
        use, lifetime = _use(use), _lifetime(dates)
        settings = load_settings(order.folder, environment=os.environ)
        secret = read_secret(secret_file, from_stdin=secret_stdin)
        _store(
            settings, order, lambda _, now: (secret_key(secret.reveal_bytes(), use=use, now=now, lifetime=lifetime),)
        )


def generate_key(order: Order, type: str, use: str, dates: Dates) -> None:
    """Store a random key."""
    with errors_in_words():
        makers = {"rsa": generate_rsa, "secret": generate_secret}
        make = makers.get(type.lower())
        if make is None:
            raise SettingsError(f"--type {type[:20]!r} is unknown; write rsa or secret")
        use, lifetime = _use(use), _lifetime(dates)
        settings = load_settings(order.folder, environment=os.environ)
        _store(settings, order, lambda _, now: (make(use=use, now=now, lifetime=lifetime),))


def upload_key(order: Order, file: Path, password_file: Path | None, use: str | None) -> None:
    """Store the keys of a file."""
    with errors_in_words():
        use = None if use is None else _use(use)
        settings = load_settings(order.folder, environment=os.environ)
        _store(settings, order, lambda present, now: uploaded(file, password_file, use=use or present, now=now))


def read_secret(file: Path | None, *, from_stdin: bool) -> Secret:
    """Return the secret of a file, of standard input, or one that is typed in on the terminal.

    Raises:
        SettingsError: there is not exactly one of them, or it cannot be read, or is not UTF-8.
    """
    if file is not None and from_stdin:
        raise SettingsError("--secret-file and --secret-stdin exclude each other; name one of them")
    if file is not None:
        return Secret(_one_line_break_dropped(_read(file, SECRET_LIMIT_BYTES)))
    if from_stdin:
        return Secret(
            _one_line_break_dropped(_limited(sys.stdin.buffer.read(SECRET_LIMIT_BYTES + 3), "standard input"))
        )
    if not sys.stdin.isatty():
        raise SettingsError("where is the secret? add --secret-file FILE, or --secret-stdin to read standard input")
    typed = getpass.getpass("Secret: ")
    if typed != getpass.getpass("Once more: "):
        raise SettingsError("the two secrets differ; type the same one twice")
    return Secret(typed)


def checked_name(name: str) -> str:
    """Return the id of a policy key, or of a deleted one. Raises SettingsError when it cannot be one."""
    try:
        return stored_id(name)
    except KeyStoreError as error:
        raise SettingsError(str(error)) from error


def in_store(settings: Settings, work: Callable[[TenantStore], Awaitable[_T]]) -> _T:
    """Run ``work`` on the store of the tenant folder, which is made when there is none."""

    async def run() -> _T:
        async with open_tenant_store(settings, SystemClock(), actor=actor()) as store:
            return await work(store)

    return asyncio.run(run())


def actor() -> str:
    """Return who runs this command, for the audit trail: by the user id, because a variable such as USER can be set."""
    try:
        name = import_module("pwd").getpwuid(os.getuid()).pw_name
    except ModuleNotFoundError:  # a system without user ids
        name = getpass.getuser()
    except KeyError:  # a user id without a name, in a container
        name = f"user {os.getuid()}"
    return f"command line, {name}"


def _store(settings: Settings, order: Order, make: MakeKeys) -> None:
    _print(in_store(settings, lambda store: put(settings, store, order, make)), as_json=order.as_json)


async def put(settings: Settings, store: TenantStore, order: Order, make: MakeKeys) -> KnownKeySet:
    """Put new keys where the order says, and return the key set."""
    key_id = checked_name(order.name)
    await refuse_waiting_file(settings, store, key_id)
    await (_append(store, key_id, make) if order.add else _create(store, key_id, make))
    stored = await store.keys.get(key_id)
    return known_key_set(stored, await store.redaction_key())


async def _create(store: TenantStore, id: str, make: MakeKeys) -> None:
    keys = make(None, SystemClock().now())
    try:
        await store.keys.create(id, keys)
    except KeyStoreError as error:
        raise _with_remedy(error, _EXISTS, "Add a key to it with --add.") from error


async def _append(store: TenantStore, id: str, make: MakeKeys) -> None:
    keys = make(await _present_use(store, id), SystemClock().now())
    try:
        if len(keys) == 1:
            await store.keys.add(id, keys[0])
        else:
            # All of a JWK Set or none of it.
            await store.keys.rewrite(id, lambda present: (*present.keys, *keys), activity="Add keys to policy key")
    except KeyStoreError as error:
        raise _with_remedy(error, _MISSING, "Leave out --add to create it.") from error


async def _present_use(store: TenantStore, id: str) -> str | None:
    present = await _present(store, id)
    return present[0].use if present else None


async def _present(store: TenantStore, id: str) -> tuple[Key, ...]:
    try:
        return (await store.keys.get(id)).keys
    except KeySetNotFoundError:
        return ()


def _with_remedy(error: KeyStoreError, code: str, remedy: str) -> KeyStoreError:
    return type(error)(f"{error} {remedy}") if str(error).startswith(code) else error


async def refuse_waiting_file(settings: Settings, store: TenantStore, id: str) -> None:
    """Refuse what the next start would take back: a file of ``keys/`` that is new or changed replaces its set."""
    files, _ = read_key_files(settings.folder / "keys", os.environ)
    file = next((one for one in files if one.id.lower() == id.lower()), None)
    if file is not None and not imported(file, await _present(store, id)):
        detail = f"{file.path}: the next start of `journeyman up` takes {id} over from this file"
        raise KeyStoreError(f"{detail}; change the file, or move it out of keys/")


def uploaded(file: Path, password_file: Path | None, *, use: str | None, now: datetime) -> tuple[Key, ...]:
    """Return the keys of a file.

    Raises:
        SettingsError: a file cannot be read, or the suffix of its name is unknown.
        KeyStoreError: what it holds cannot be used.
    """
    if file.suffix.lower() not in UPLOADED_SUFFIXES:
        detail = f"--file {file}: the name ends in none of .pfx, .p12, .pem, .cer, .crt, .jwks; rename it"
        raise SettingsError(f"{detail}, or store a text with `journeyman keys create --secret-file`")
    content, password = _read(file, UPLOAD_LIMIT_BYTES), read_password(password_file)
    try:
        keys = uploaded_keys(file.name, content, password, use=use, now=now)
    except KeyStoreError as error:
        raise KeyStoreError(f"{file}: {error}") from error
    for key in keys:
        if key.certificates:
            for finding in findings(key.certificates, now, role_of(key.certificates[0])):
                note(f"warning: {finding.text}")
    return keys


def read_password(file: Path | None) -> Secret:
    """Return the password of a file, the empty one without a file. Raises SettingsError."""
    return Secret(b"") if file is None else Secret(_one_line_break_dropped(_read(file, 4096)))


def _use(use: str) -> str:
    if use not in USES:
        raise SettingsError(f"--use {use[:20]!r} is unknown; write sig or enc")
    return use


def _lifetime(dates: Dates) -> Lifetime:
    return Lifetime(moment("--activate", dates[0]), moment("--expire", dates[1]))


def _read(file: Path, limit_bytes: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return _limited(opened.read(limit_bytes + 3), str(file), limit_bytes)
    except OSError as error:
        raise SettingsError(f"{file}: the file cannot be read ({error.strerror}); name another one") from error


def _limited(content: bytes, place: str, limit_bytes: int = SECRET_LIMIT_BYTES) -> bytes:
    # A line break of one or two bytes after the largest secret is not a part of it.
    if len(content) > limit_bytes + 2:
        raise SettingsError(f"{place}: it holds more than {limit_bytes} bytes; this is not a policy key")
    return content


def _one_line_break_dropped(content: bytes) -> bytes:
    """Return the text of a secret as files of ``keys/`` are read: UTF-8, one final line break dropped."""
    try:
        content.decode()
    except UnicodeDecodeError:
        # The cause is left out on purpose: it quotes the secret.
        raise SettingsError("the secret is not in UTF-8; store it as UTF-8 text") from None
    return content.removesuffix(b"\n").removesuffix(b"\r") if content.endswith(b"\n") else content


def _print(known: KnownKeySet, *, as_json: bool) -> None:
    now = SystemClock().now()
    if as_json:
        say_json(key_set_json(known, now))
        return
    for line in key_set_lines(known, now):
        say(line)
