"""Where each key of a TOML text stands: valid TOML in, path -> line and column out.

``tomllib`` checks the text but forgets the places. This scanner may therefore take the text for
valid; it only walks over it.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from typing import Final

Path = tuple[str | int, ...]
Position = tuple[int, int]

_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_STRING: Final = re.compile(r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*\'''', re.DOTALL)
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR: Final = re.compile(r"[^,\]}#\n]+")


def locate(text: str) -> Mapping[Path, Position]:
    """Return line and column, counted from 1, of every key and array element of a valid TOML text."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._positions: dict[Path, Position] = {}
        self._sizes: dict[Path, int] = {}  # arrays of tables: how many elements were seen

    def run(self) -> dict[Path, Position]:
        table: Path = ()
        while self._skip_blank() < len(self._text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._positions

    def _header(self) -> Path:
        array = self._text.startswith("[[", self._at)
        self._at += 2 if array else 1
        path: Path = ()
        names = self._dotted_key()
        for number, (name, place) in enumerate(names, start=1):
            path = (*path, name)
            self._positions.setdefault(path, place)
            if array and number == len(names):
                size = self._sizes.get(path, 0)
                self._sizes[path] = size + 1
                self._positions[*path, size] = place
            if path in self._sizes:
                path = (*path, self._sizes[path] - 1)
        self._skip_blank()
        self._at += 2 if array else 1
        return path

    def _pair(self, table: Path) -> None:
        path = table
        for name, place in self._dotted_key():
            path = (*path, name)
            self._positions.setdefault(path, place)
        self._skip_blank()
        self._at += 1  # the equals sign
        self._skip_blank()
        self._value(path)

    def _dotted_key(self) -> list[tuple[str, Position]]:
        names: list[tuple[str, Position]] = []
        while True:
            self._skip_blank()
            place = self._place()
            token = self._take(_KEY)
            name = next(iter(tomllib.loads(f"{token}=0"))) if token else ""
            names.append((name, place))
            self._skip_blank()
            if self._peek() != ".":
                return names
            self._at += 1

    def _value(self, path: Path) -> None:
        match self._peek():
            case "[":
                self._items(path, "]")
            case "{":
                self._items(path, "}")
            case '"' | "'":
                self._take(_STRING)
            case _:
                self._take(_SCALAR)

    def _items(self, path: Path, closing: str) -> None:
        """Walk over an array or an inline table."""
        self._at += 1
        index = 0
        while self._skip_blank() < len(self._text) and self._peek() != closing:
            if self._peek() == ",":
                self._at += 1
                continue
            if closing == "}":
                self._pair(path)
                continue
            self._positions[*path, index] = self._place()
            self._value((*path, index))
            index += 1
        self._at += 1

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            self._at += 1
            return ""
        self._at = found.end()
        return found.group()

    def _skip_blank(self) -> int:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _place(self) -> Position:
        line = bisect_right(self._line_starts, self._at)
        return line, self._at - self._line_starts[line - 1] + 1
