"""One table of ``guard.toml``, read strictly: every key is asked for once, and what nobody asked for is an error."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from journeyman_guard.errors import MisconfiguredError

_T = TypeVar("_T")


class Table:
    """A table and where it stands.

    Args:
        place: how errors name it, such as ``checks.journeys``.
        folder: what relative paths are relative to.
    """

    def __init__(self, values: Mapping[str, object], place: str, folder: Path) -> None:
        self.place = place
        self.folder = folder
        self._values = values
        self._asked: list[str] = []

    def wrong(self, key: str, message: str) -> MisconfiguredError:
        """Return an error that says where."""
        place = f"{self.place}.{key}" if self.place else key
        return MisconfiguredError(f"{place}: {message}")

    def has(self, key: str) -> bool:
        """Return whether the key is there."""
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """Return a string that is not empty. Raises MisconfiguredError."""
        value = self._get(key, str, "a text", default)
        if not value and default != "":
            raise self.wrong(key, "is empty")
        return value

    def optional_text(self, key: str) -> str | None:
        """Return a string, or None without the key."""
        if key not in self._values:
            self._asked.append(key)
            return None
        return self.text(key)

    def number(self, key: str, default: int) -> int:
        """Return an integer."""
        return self._get(key, int, "a whole number", default)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return a boolean."""
        return self._get(key, bool, "true or false", default)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; empty without the key."""
        values = self._get(key, list, "a list of texts", [])
        if not all(isinstance(value, str) and value for value in values):
            raise self.wrong(key, "is a list of texts, none of them empty")
        return tuple(values)

    def path(self, key: str) -> Path | None:
        """Return a path, relative to the file's folder; None without the key."""
        value = self.optional_text(key)
        return None if value is None else self.folder / value

    def paths(self, key: str) -> tuple[Path, ...]:
        """Return a list of paths."""
        return tuple(self.folder / value for value in self.texts(key))

    def table(self, key: str) -> Table:
        """Return a table; an empty one without the key."""
        place = f"{self.place}.{key}" if self.place else key
        return Table(self._get(key, dict, "a table", {}), place, self.folder)

    def tables(self, key: str) -> list[Table]:
        """Return a list of tables."""
        values = self._get(key, list, "a list of tables", [])
        if not all(isinstance(value, dict) for value in values):
            raise self.wrong(key, "is a list of tables")
        place = f"{self.place}.{key}" if self.place else key
        return [Table(value, f"{place}[{number}]", self.folder) for number, value in enumerate(values)]

    def names(self) -> list[str]:
        """Return all keys, for a table whose keys are names."""
        self._asked.extend(self._values)
        return list(self._values)

    def require_nothing_else(self) -> None:
        """Raise MisconfiguredError for a key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                close = difflib.get_close_matches(key, self._asked, 1)
                hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(sorted(self._asked))}"
                raise self.wrong(key, f"is not a setting; {hint}")

    def _get(self, key: str, kind: type[_T], what: str, default: _T | None) -> _T:
        self._asked.append(key)
        value = self._values.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        # A boolean is an int in Python.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"is not {what}")
        return value
