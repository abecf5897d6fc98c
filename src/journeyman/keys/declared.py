"""``keys.toml``: policy keys as code in, what is wanted of each out; values stay where they are.

See docs/how-to/keys-as-code.md. The file holds no secret: a value is named by an environment variable, a file or
a place in the vault. The format is this project's decision.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Final

from journeyman.errors import KeyStoreError, SettingsError
from journeyman.keys.creation import ALWAYS, USES, Lifetime
from journeyman.keys.names import policy_key_id
from journeyman.settings.table import Problems, Table

FILE_LIMIT_BYTES: Final = 1024 * 1024

_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_SETS_LIMIT: Final = 1000


class Material(Enum):
    """What a key is made of; the name of the entry in ``keys.toml``."""

    SECRET = "secret"  # noqa: S105  # the name of an entry
    PFX = "pfx"
    CERTIFICATE = "certificate"
    JWKS = "jwks"
    GENERATE = "generate"


class Holder(Enum):
    """Who holds a value; the name in ``{ env = "…" }``."""

    ENVIRONMENT = "env"
    FILE = "file"
    VAULT = "vault"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value is: ``env`` names a variable, ``file`` a path relative to ``keys.toml``, ``vault`` is ``PATH#FIELD``."""

    holder: Holder
    name: str

    def __str__(self) -> str:
        return f"{self.holder.value} {self.name}"


@dataclass(frozen=True, slots=True)
class DeclaredKeySet:
    """What ``keys.toml`` wants of one policy key.

    Attributes:
        source: None for keys that are generated.
        generate: ``rsa`` or ``secret``; "" for the others.
        use: None lets the certificate decide.
    """

    id: str
    material: Material
    source: Source | None
    password: Source | None = None
    generate: str = ""
    use: str | None = None
    lifetime: Lifetime = ALWAYS


def read_declared(text: str, name: str) -> tuple[DeclaredKeySet, ...]:
    """Return what the text of a ``keys.toml`` wants; ``name`` is the name of the file, for messages.

    Raises:
        SettingsError: one line per problem, ``keys.toml:LINE:COLUMN: what; what to do``.
    """
    problems = Problems(name, text)
    root = Table(_parsed(text, name), (), problems)
    tables = root.table("keys")
    if len(tables.values) > _SETS_LIMIT:
        raise SettingsError(f"{name}: more than {_SETS_LIMIT} policy keys")
    found = [_declared(entry, table) for entry, table in tables.subtables()]
    root.finish()
    _refuse_twins(found, tables)
    problems.raise_any()
    return tuple(one for one in found if one is not None)


def read_text(path: Path) -> str:
    """Return the text of a ``keys.toml``. Raises SettingsError when it cannot be read, or is not UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise SettingsError(f"{path}: the file cannot be read ({error.strerror}); name another one") from error
    if len(data) > FILE_LIMIT_BYTES:
        raise SettingsError(f"{path}: the file is larger than 1 MiB; it is not a keys.toml")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: the file is not UTF-8; save it as UTF-8") from None


def _parsed(text: str, name: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        line, column = (found[1], found[2]) if found and found[1] else (str(text.count("\n") + 1), "1")
        # The text is left out: a duplicate key or a bad value would be quoted, and it may be a secret in the wrong place.
        raise SettingsError(f"{name}:{line}:{column}: this is not TOML; correct the line") from None
    except (RecursionError, ValueError):
        raise SettingsError(f"{name}:1:1: values are nested too deeply or too large; correct the TOML") from None


def _declared(name: str, table: Table) -> DeclaredKeySet | None:
    set_id = _id(name, table)
    given = [material for material in Material if material.value in table.values]
    use = table.checked("use", _use)
    lifetime = Lifetime(_moment(table, "activate"), _moment(table, "expire"))
    generate = table.checked("generate", _generate) or ""
    sources: dict[Material, Source | None] = {
        material: _source(table, material.value) for material in Material if material is not Material.GENERATE
    }
    password = _source(table, "password")
    table.finish()
    if len(given) != 1:
        kinds = ", ".join(material.value for material in Material)
        table.problem("", f"{name} needs exactly one of {kinds}; it has {len(given)}")
        return None
    (material,) = given
    _refuse_idle(table, material)
    source = sources.get(material)
    if set_id is None or (source is None and not generate):
        return None
    return DeclaredKeySet(set_id, material, source, password, generate, use, lifetime)


def _id(name: str, table: Table) -> str | None:
    try:
        return policy_key_id(name)
    except KeyStoreError as error:
        table.problem("", f"{error}; rename it")
        return None


def _refuse_idle(table: Table, material: Material) -> None:
    """Note entries that have no effect beside this material."""
    if "password" in table.values and material is not Material.PFX:
        table.problem("password", "password belongs to pfx; remove it")
    if material in {Material.PFX, Material.CERTIFICATE, Material.JWKS}:
        for key in ("activate", "expire"):
            if key in table.values:
                table.problem(key, f"the dates of a {material.value} stand in it; remove {key}")
    if material is Material.JWKS and "use" in table.values:
        table.problem("use", "the use stands in each key of a jwks; remove it")


def _source(table: Table, key: str) -> Source | None:
    value = table.value(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        remedy = f'{key} = {{ env = "NAME" }}, {{ file = "PATH" }} or {{ vault = "PATH#FIELD" }}'
        table.problem(key, f"{key} does not stand in this file; say where it is: {remedy}")
        return None
    inner = table.table(key)
    found = {holder: inner.text(holder.value) for holder in Holder}
    named = [Source(holder, name) for holder, name in found.items() if name and "\0" not in name]
    inner.finish()
    if len(named) != 1 or len(inner.values) > 1:
        table.problem(key, f"{key} names no place, or several; write one of env, file and vault")
        return None
    return named[0]


def _moment(table: Table, key: str) -> datetime | None:
    value = table.value(key)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    return table.checked(key, _moment_of_text)


def _moment_of_text(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a time; write 2027-01-31 or 2027-01-31T12:00:00Z") from None


def _use(text: str) -> str:
    if text not in USES:
        raise ValueError("is unknown; write sig or enc")
    return text


def _generate(text: str) -> str:
    if text not in {"rsa", "secret"}:
        raise ValueError("is unknown; write rsa or secret")
    return text


def _refuse_twins(found: list[DeclaredKeySet | None], tables: Table) -> None:
    seen: dict[str, str] = {}
    for one, name in zip(found, tables.values, strict=True):
        if one is not None and seen.setdefault(one.id.lower(), name) != name:
            tables.problem(name, f"{name} and {seen[one.id.lower()]} are one policy key, {one.id}; remove one of them")


Resolve = Callable[[Source], bytes]
"""Returns the bytes of a value. Raises KeyStoreError when they cannot be had."""
