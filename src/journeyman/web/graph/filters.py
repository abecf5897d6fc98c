"""``$filter`` in, the condition it states out. Source: graph-api.md §8; OData 4.01, part 2, §5.1.1.

Comparisons, ``startswith``, ``endswith``, ``contains``, ``in``, ``any``, ``and``, ``or``, ``not`` and brackets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from journeyman.management.conditions import (
    AllOf,
    AnyItem,
    AnyOf,
    Compare,
    Condition,
    Literal,
    Matches,
    Negated,
    Operator,
    Part,
)
from journeyman.management.errors import InvalidError

MAX_LENGTH: Final = 8192
MAX_DEPTH: Final = 16
MAX_TERMS: Final = 200

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<mark>[(),:])|(?P<word>[^\s(),:']+(?::[0-9][^\s(),']*)?))", re.DOTALL
)
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2}))?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_NAME: Final = re.compile(r"[A-Za-z_][\w.@]*(?:/[A-Za-z_][\w.@]*)*")
_OPERATORS: Final = {operator.value: operator for operator in Operator}
_PARTS: Final = {part.value: part for part in Part}
_WORDS: Final[dict[str, Literal]] = {"true": True, "false": False, "null": None}


def parse_filter(text: str) -> Condition | None:
    """Return the condition of ``$filter``, None when it is empty.

    Raises:
        InvalidError: it cannot be read; the text says at which letter.
    """
    if not text.strip():
        return None
    if len(text) > MAX_LENGTH:
        raise InvalidError(f"$filter is longer than {MAX_LENGTH} characters", member="$filter")
    reader = _Reader(text, _tokens(text))
    condition = reader.either(0)
    reader.end()
    return condition


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        found.append(_Token(match.group().strip(), match.start() + len(match.group()) - len(match.group().lstrip())))
        at = match.end()
    if len(found) > MAX_TERMS * 4:
        raise InvalidError(f"$filter has more than {MAX_TERMS} terms", member="$filter")
    return found


def _unreadable(text: str, at: int) -> InvalidError:
    detail = f"$filter cannot be read at letter {at + 1}: {text[at : at + 20]!r}; write one like displayName eq 'Ada'"
    return InvalidError(detail, member="$filter", service_code="Request_UnsupportedQuery")


class _Reader:
    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self._text, self._tokens, self._next = text, tokens, 0

    def either(self, depth: int) -> Condition:
        parts = [self._both(depth)]
        while self._take("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def end(self) -> None:
        if self._next < len(self._tokens):
            raise self._wrong()

    def _both(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._take("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise InvalidError("$filter is nested too deeply", member="$filter")
        if self._take("not"):
            return Negated(self._one(depth + 1))
        if self._take("("):
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        part = _PARTS.get(self._peek().lower())
        if part is not None and self._peek(1) == "(":
            return self._part(part)
        return self._comparison(depth)

    def _part(self, part: Part) -> Condition:
        self._next += 1
        self._expect("(")
        name = self._name()
        self._expect(",")
        at = self._next
        text = self._literal()
        if not isinstance(text, str):
            self._next = at
            raise self._wrong()
        self._expect(")")
        return Matches(name, part, text)

    def _comparison(self, depth: int) -> Condition:
        name = self._name()
        if name.lower().endswith("/any") and self._peek() == "(":
            return self._any(name[: -len("/any")], depth)
        if self._take("in"):
            return self._in(name)
        operator = _OPERATORS.get(self._peek().lower())
        if operator is None:
            raise self._wrong()
        self._next += 1
        return Compare(name, operator, self._literal())

    def _any(self, name: str, depth: int) -> Condition:
        self._expect("(")
        variable = self._name()
        self._expect(":")
        inner = self.either(depth + 1)
        self._expect(")")
        return AnyItem(name, _relative(inner, variable))

    def _in(self, name: str) -> Condition:
        self._expect("(")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._expect(")")
        return AnyOf(tuple(Compare(name, Operator.EQ, value) for value in values))

    def _literal(self) -> Literal:
        token = self._peek()
        if token.startswith("'"):
            value: Literal = token[1:-1].replace("''", "'")
        elif token.lower() in _WORDS:
            value = _WORDS[token.lower()]
        elif _NUMBER.fullmatch(token):
            value = float(token) if "." in token else int(token)
        elif _MOMENT.fullmatch(token):
            value = self._moment(token)
        else:
            raise self._wrong()
        self._next += 1
        return value

    def _moment(self, token: str) -> str:
        try:
            at = datetime.fromisoformat(token)
            return f"{(at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        except (ValueError, OverflowError):
            raise self._wrong() from None

    def _name(self) -> str:
        token = self._peek()
        if not _NAME.fullmatch(token):
            raise self._wrong()
        self._next += 1
        return token

    def _peek(self, ahead: int = 0) -> str:
        at = self._next + ahead
        return self._tokens[at].text if at < len(self._tokens) else ""

    def _take(self, word: str) -> bool:
        if self._peek().lower() != word:
            return False
        self._next += 1
        return True

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise self._wrong()

    def _wrong(self) -> InvalidError:
        at = self._tokens[self._next].at if self._next < len(self._tokens) else len(self._text)
        return _unreadable(self._text, at)


def _relative(condition: Condition, variable: str) -> Condition:
    """Return a condition on an item with the names as the item has them."""
    match condition:
        case Compare(name, operator, value):
            return Compare(_without(name, variable), operator, value)
        case Matches(name, part, text):
            return Matches(_without(name, variable), part, text)
        case AnyItem(name, inner):
            return AnyItem(_without(name, variable), inner)
        case AllOf(parts):
            return AllOf(tuple(_relative(part, variable) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_relative(part, variable) for part in parts))
        case Negated(part):
            return Negated(_relative(part, variable))


def _without(name: str, variable: str) -> str:
    if name == variable:
        return ""
    if not name.startswith(f"{variable}/"):
        raise InvalidError(f"$filter: {name[:64]} is not a member of {variable[:64]}", member="$filter")
    return name[len(variable) + 1 :]
