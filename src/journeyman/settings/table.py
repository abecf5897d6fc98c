"""Read one TOML table key by key: typed values out, problems collected, unknown keys reported."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from journeyman.errors import SettingsError
from journeyman.settings.positions import Path, Position, locate

T = TypeVar("T")

_SECRET_NAME = re.compile(r"secret|password|token|(^|_)key$", re.IGNORECASE)


@dataclass(slots=True)
class Problems:
    """What is wrong with the settings, to be raised all at once.

    Attributes:
        text: the TOML text, None when it was not read.
    """

    file_name: str
    text: str | None = None
    _found: list[tuple[Path | None, str]] = field(default_factory=list)

    def add(self, path: Path, what: str) -> None:
        """Note a problem at a key; ``what`` says what is wrong and, after a semicolon, what to do."""
        self._found.append((path, what))

    def add_outside(self, place: str, what: str) -> None:
        """Note a problem of an argument or an environment variable."""
        self._found.append((None, f"{place}: {what}"))

    def raise_any(self) -> None:
        """Raise a SettingsError that lists every problem, in the order of the file."""
        if not self._found:
            return
        positions = locate(self.text or "")
        outside = [text for path, text in self._found if path is None]
        inside = [(_nearest(positions, path), text) for path, text in self._found if path is not None]
        inside.sort(key=lambda entry: entry[0])
        lines = [f"{self.file_name}:{line}:{column}: {text}" for (line, column), text in inside]
        raise SettingsError("\n".join(outside + lines))


def _nearest(positions: Mapping[Path, Position], path: Path) -> Position:
    while path and path not in positions:
        path = path[:-1]
    return positions.get(path, (1, 1))


@dataclass(slots=True)
class Table:
    """One table of the file; every key that is asked for counts as known.

    A value of a wrong type is a problem and reads as if it were absent.
    """

    values: Mapping[str, object]
    path: Path
    problems: Problems
    _known: list[str] = field(default_factory=list)

    def problem(self, key: str, what: str, *, index: int | None = None) -> None:
        """Note a problem at a key of this table, or at one element of its array."""
        self.problems.add((*self.path, key) if index is None else (*self.path, key, index), what)

    def value(self, key: str) -> object:
        """Return a value of any type; None when it is absent."""
        return self._value(key)

    def text(self, key: str) -> str | None:
        """Return a string."""
        return self._typed(key, str, "a string in quotes")

    def flag(self, key: str) -> bool | None:
        """Return a boolean."""
        return self._typed(key, bool, "true or false, without quotes")

    def number(self, key: str, *, at_least: float, at_most: float, whole: bool) -> float | None:
        """Return a number within bounds."""
        kinds = (int,) if whole else (int, float)
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, kinds) or not at_least <= value <= at_most:
            kind = "a whole number" if whole else "a number"
            self.problem(key, f"{key} is not valid; write {kind} from {at_least:g} to {at_most:g}")
            return None
        return value

    def texts(self, key: str) -> tuple[tuple[int, str], ...]:
        """Return the elements of an array of strings, each with its index."""
        items = self._typed(key, list, "an array of strings, in square brackets") or []
        for index, item in enumerate(items):
            if not isinstance(item, str):
                self.problem(key, f"an element of {key} is not a string; put it in quotes", index=index)
        return tuple((index, item) for index, item in enumerate(items) if isinstance(item, str))

    def checked(self, key: str, check: Callable[[str], T], *, called: str = "") -> T | None:
        """Return a string as ``check`` returns it; its ValueError says what is wrong with what is ``called`` so."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return check(text)
        except ValueError as error:
            self.problem(key, f"{called or key} {error}")
            return None

    def all_checked(self, key: str, check: Callable[[str], T]) -> tuple[T, ...]:
        """Return the strings of an array as ``check`` returns them."""
        good: list[T] = []
        for index, text in self.texts(key):
            try:
                good.append(check(text))
            except ValueError as error:
                self.problem(key, f"an element of {key} {error}", index=index)
        return tuple(good)

    def table(self, key: str) -> Table:
        """Return a table; an empty one when it is absent."""
        value = self._typed(key, dict, f"a table, [{key}]") or {}
        return Table(value, (*self.path, key), self.problems)

    def tables(self, key: str) -> Iterator[Table]:
        """Yield the tables of an array of tables."""
        for index, item in enumerate(self._typed(key, list, f"an array of tables, [[{key}]]") or []):
            if isinstance(item, dict):
                yield Table(item, (*self.path, key, index), self.problems)
            else:
                self.problem(key, f"an element of {key} is not a table; write [[{key}]]", index=index)

    def subtables(self) -> Iterator[tuple[str, Table]]:
        """Yield every entry of this table as a table; their names are free."""
        for name in self.values:
            yield name, self.table(name)

    def finish(self) -> None:
        """Report the keys that nobody asked for, with the nearest known name."""
        for key in self.values:
            if key not in self._known:
                self.problem(key, self._unknown(key))

    def _unknown(self, key: str) -> str:
        kind = "table" if isinstance(self.values[key], dict) else "key"
        by_name = {known.lower(): known for known in self._known}
        # A slip in a known name that speaks of tokens is no secret.
        if _SECRET_NAME.search(key) and not difflib.get_close_matches(key.lower(), by_name, n=1, cutoff=0.85):
            return f"unknown key {key!r}; secrets do not stand in this file, they are kept encrypted in the store"
        near = difflib.get_close_matches(key.lower(), by_name, n=1, cutoff=0.6)
        remedy = (
            f"did you mean {by_name[near[0]]!r}?"
            if near
            else f"remove it; known here: {', '.join(sorted(self._known))}"
        )
        return f"unknown {kind} {key!r}; {remedy}"

    def _value(self, key: str) -> object:
        if key not in self._known:
            self._known.append(key)
        return self.values.get(key)

    def _typed(self, key: str, kind: type[T], description: str) -> T | None:
        value = self._value(key)
        if value is None or isinstance(value, kind):
            return value
        self.problem(key, f"{key} has the wrong type; write {description}")
        return None
