"""Where a secret of ``guard.toml`` comes from: a hash in the file, or the clear secret from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from journeyman_guard.configuration.table import Table
from journeyman_guard.credential import Credential, hash_secret
from journeyman_guard.errors import MisconfiguredError
from journeyman_guard.slow_secret import parse_secret


def read_credentials(table: Table, key: str, environment: Mapping[str, str], name_key: str) -> tuple[Credential, ...]:
    """Read the credentials of a check; several are a rotation. Raises MisconfiguredError."""
    found = []
    for number, entry in enumerate(table.tables(key), 1):
        name = entry.text(name_key, None if name_key == "user" else f"{key}-{number}")
        found.append(_credential(entry, name, environment))
        entry.require_nothing_else()
    if not found:
        raise table.wrong(key, f'give at least one, for example {key} = [{{ {name_key} = "…", secret = "sha256:…" }}]')
    return tuple(found)


def clear_secret(table: Table, environment: Mapping[str, str], prefix: str = "secret") -> str:
    """Return a secret that the guard has to send itself; it is never in the file. Raises MisconfiguredError."""
    variable, path = table.optional_text(f"{prefix}_env"), table.path(f"{prefix}_file")
    if (variable is None) == (path is None):
        raise table.wrong(f"{prefix}_env", f"give either {prefix}_env or {prefix}_file")
    if variable is not None:
        value = environment.get(variable, "")
        if not value:
            raise table.wrong(f"{prefix}_env", f"the environment variable {variable} is not set")
        return value
    try:
        value = (path or table.folder).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeError) as error:
        raise table.wrong(f"{prefix}_file", f"cannot be read: {type(error).__name__}") from error
    if not value:
        raise table.wrong(f"{prefix}_file", "is empty")
    return value


def _credential(entry: Table, name: str, environment: Mapping[str, str]) -> Credential:
    try:
        if entry.has("secret"):
            return Credential(name, parse_secret(entry.text("secret")))
        return Credential(name, hash_secret(clear_secret(entry, environment)))
    except MisconfiguredError as error:
        place = entry.place
        text = str(error)
        raise MisconfiguredError(text if text.startswith(place) else f"{place}.secret: {text}") from None
