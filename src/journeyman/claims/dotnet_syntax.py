r"""Syntax of .NET regular expressions: an expression in, the same for the ``regex`` module (version 1) out.

.NET numbers named groups after the unnamed ones, subtracts sets by ``[a-z-[aeiou]]``, takes ``{`` literally
where no quantifier stands, and ends at ``\z``; the rest is common to both or refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

MAX_EXPRESSION: Final = 4096
"""The longest expression, in characters; our choice."""

MAX_GROUPS: Final = 200
"""How many groups and sets an expression may open; our choice."""

MAX_REPETITIONS: Final = 100_000
"""The largest product of the least repetitions of an expression, since each costs memory; our choice."""


class DotnetRegexError(ValueError):
    """The expression is not one of .NET, or uses what this engine does not have."""


_TOKEN: Final = re.compile(
    r"""
    (?P<comment>\(\?\#[^)]*\))
  | (?P<options>\(\?(?P<letters>[A-Za-z]*(?:-[A-Za-z]+)?)[:)])
  | (?P<named>\(\?(?:<(?P<name>[^\W\d]\w*)>|'(?P<quoted>[^\W\d]\w*)'))
  | (?P<assertion>\(\?(?:=|!|>|<=|<!))
  | (?P<unsupported>\(\?)
  | (?P<group>\()
  | (?P<reference>\\k(?:<(?P<target>\w+)>|'(?P<quoted_target>\w+)')|\\(?P<number>[1-9][0-9]?))
  | (?P<property>\\[pP]\{(?P<property_name>[A-Za-z][A-Za-z0-9-]*)\})
  | (?P<control>\\c(?P<control_letter>[A-Za-z@\[\\\]^_]))
  | (?P<escape>\\(?P<escaped>.))
  | (?P<set>\[)
  | (?P<quantifier>(?:[*+?]|\{(?P<least>[0-9]{1,9})(?:,[0-9]{0,9})?\})\??)
  | (?P<brace>[{}])
  | (?P<other>[^\\])
    """,
    re.VERBOSE | re.DOTALL,
)
_OPTIONS: Final = frozenset("ims-")
_ESCAPES: Final[Mapping[str, str]] = {
    **{letter: f"\\{letter}" for letter in "AbBdDfGnrsStuvwWx0"},
    "a": r"\x07",
    "e": r"\x1B",
    "Z": r"(?=\n?\Z)",
    "z": r"\Z",
    "_": "_",
}
_SET_ESCAPES: Final[Mapping[str, str]] = {
    **{letter: f"\\{letter}" for letter in "dDfnrsStuvwWx01234567"},
    "a": r"\x07",
    "b": r"\x08",
    "e": r"\x1B",
    "_": "_",
}


def translate(expression: str) -> str:
    """Translate an expression.

    Raises:
        DotnetRegexError: it is too long, or holds what .NET or this engine does not have: conditions, balancing
            and numbered groups, options other than i, m and s, unknown escapes, nested quantifiers.
    """
    if len(expression) > MAX_EXPRESSION:
        raise DotnetRegexError(f"the regular expression is longer than {MAX_EXPRESSION} characters")
    return _Translation(expression).run()


class _Translation:
    """One run over an expression, from left to right."""

    __slots__ = ("_expression", "_groups", "_opened", "_output", "_position", "_quantified", "_repetitions")

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._position = 0
        self._groups: list[str | None] = []  # name of each capturing group, None for an unnamed one
        self._opened = 0
        self._output: list[str | Callable[[], str]] = []
        self._quantified = False
        self._repetitions = 1

    def run(self) -> str:
        while self._position < len(self._expression):
            found = _TOKEN.match(self._expression, self._position)
            if found is None:
                raise DotnetRegexError("the regular expression ends in a backslash")
            self._position = found.end()
            self._token(found)
        # References are written last, because a group may stand after the reference to it.
        return "".join(part if isinstance(part, str) else part() for part in self._output)

    def _token(self, found: re.Match[str]) -> None:
        kind = self._kind(found)
        if kind == "quantifier":
            self._quantify(found)
        self._quantified = kind == "quantifier"
        if kind in {"options", "named", "assertion", "group", "set"}:
            self._open()
        self._output.append(self._translated(kind, found))

    def _quantify(self, found: re.Match[str]) -> None:
        if self._quantified:
            raise DotnetRegexError("the regular expression has a nested quantifier")
        self._repetitions *= max(int(found["least"] or 1), 1)
        if self._repetitions > MAX_REPETITIONS:
            raise DotnetRegexError(f"the regular expression repeats more than {MAX_REPETITIONS} times")

    @staticmethod
    def _kind(found: re.Match[str]) -> str:
        # The outermost group of an alternative closes last.
        return found.lastgroup or ""

    def _translated(self, kind: str, found: re.Match[str]) -> str | Callable[[], str]:
        match kind:
            case "named" | "group":
                return self._group(found["name"] or found["quoted"])
            case "reference":
                return self._reference(found)
            case "escape":
                return _escape(found["escaped"], _ESCAPES)
            case "set":
                return self._set()
            case _:
                return _SIMPLE[kind](found)

    def _open(self) -> None:
        self._opened += 1
        if self._opened > MAX_GROUPS:
            raise DotnetRegexError(f"the regular expression opens more than {MAX_GROUPS} groups and sets")

    def _group(self, name: str | None) -> str:
        self._groups.append(name)
        return f"(?<{name}>" if name else "("

    def _reference(self, found: re.Match[str]) -> Callable[[], str]:
        target = found["number"] or found["target"] or found["quoted_target"]
        return lambda: f"\\g<{self._resolve(target)}>"

    def _resolve(self, target: str) -> str:
        names = list(dict.fromkeys(name for name in self._groups if name))
        if not target.isdigit():
            if target in names:
                return target
            raise DotnetRegexError(f"the regular expression refers to the unknown group {target!r}")
        unnamed = self._groups.count(None)
        number = int(target)
        if number > unnamed:
            named = names[number - unnamed - 1 : number - unnamed]
            if named:
                return named[0]
        elif number > 0:
            return str(self._index_of_unnamed(number))
        raise DotnetRegexError(f"the regular expression refers to the unknown group {target}")

    def _index_of_unnamed(self, number: int) -> int:
        """Return the index in the other dialect, which counts unnamed and named groups together."""
        positions = [position for position, name in enumerate(self._groups) if name is None]
        before = self._groups[: positions[number - 1]]
        return number + len({name for name in before if name is not None})

    def _set(self) -> str:
        """Translate a set from behind its opening bracket to its closing one."""
        negated = self._take("^")
        items: list[str] = []
        if self._take("]"):
            items.append(r"\]")
        while not self._take("]"):
            if self._take("-["):
                self._open()
                # A negation binds tighter than a subtraction in .NET, hence the set within the set.
                subtracted = self._set()
                if not self._take("]"):
                    raise DotnetRegexError("the regular expression has a subtraction that does not end its set")
                return f"[{_set_of(items, negated=negated)}--{subtracted}]"
            items.append(self._set_item())
        return _set_of(items, negated=negated)

    def _set_item(self) -> str:
        first = self._set_character()
        following = self._expression[self._position + 1 : self._position + 2]
        if self._peek() == "-" and following not in {"]", "["}:
            self._position += 1
            return f"{first}-{self._set_character()}"
        return first

    def _set_character(self) -> str:
        found = _TOKEN.match(self._expression, self._position)
        if found is None or self._peek() == "":
            raise DotnetRegexError("the regular expression has a set without an end")
        kind = self._kind(found)
        if self._peek() != "\\":
            character = self._peek()
            self._position += 1
            return f"\\{character}" if character in "[]^-&|~" else character
        if kind in {"property", "control"}:
            self._position = found.end()
            return _property(found) if kind == "property" else _control(found)
        self._position += 2
        return _escape(self._expression[self._position - 1], _SET_ESCAPES)

    def _peek(self) -> str:
        return self._expression[self._position : self._position + 1]

    def _take(self, text: str) -> bool:
        taken = self._expression.startswith(text, self._position)
        self._position += len(text) if taken else 0
        return taken


def _set_of(items: list[str], *, negated: bool) -> str:
    if not items:
        raise DotnetRegexError("the regular expression has an empty set")
    return f"[{'^' if negated else ''}{''.join(items)}]"


def _unsupported(found: re.Match[str]) -> str:
    raise DotnetRegexError(f"the regular expression has a group of a kind that is not supported at {found.start()}")


def _options(found: re.Match[str]) -> str:
    if set(found["letters"]) <= _OPTIONS and found[0] != "(?)":
        return found[0]
    raise DotnetRegexError("the regular expression sets an option other than i, m and s")


def _property(found: re.Match[str]) -> str:
    name = found["property_name"]
    if name.startswith("Is"):
        name = "InGreekandCoptic" if name == "IsGreek" else f"In{name[2:]}"
    return f"{found[0][:2]}{{{name}}}"


def _control(found: re.Match[str]) -> str:
    return f"\\x{ord(found['control_letter'].upper()) ^ 64:02X}"


def _escape(character: str, known: Mapping[str, str]) -> str:
    if character in known:
        return known[character]
    if character.isalnum():
        raise DotnetRegexError(f"the regular expression has the unknown escape \\{character}")
    return f"\\{character}"


_SIMPLE: Final[Mapping[str, Callable[[re.Match[str]], str]]] = {
    "comment": lambda _found: "",
    "options": _options,
    "property": _property,
    "control": _control,
    "brace": lambda found: f"\\{found[0]}",
    "assertion": lambda found: found[0],
    "quantifier": lambda found: found[0],
    "other": lambda found: found[0],
    "unsupported": _unsupported,
}
