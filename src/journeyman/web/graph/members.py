"""The members of a JSON object in, checked values out; an error names the member by its path.

Members that nobody asks for are ignored, and so is all of ``@odata.*`` but the type; null counts as absent.
Source: graph-api.md §2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final, TypeVar

from journeyman.management.errors import InvalidError

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

TEXT_LIMIT: Final = 4096
_TYPE: Final = "@odata.type"
_LARGEST: Final = 2**63


@dataclass(frozen=True, slots=True)
class Members:
    """One JSON object of a request; ``path`` is where it stands in the body, "" for the body itself."""

    values: Mapping[str, object]
    path: str = ""

    def has(self, name: str) -> bool:
        """Whether the member is there, in any letter case, null included: of a PATCH it then clears what was."""
        return self._spelled(name) in self.values

    def is_null(self, name: str) -> bool:
        """Whether the member is there and null."""
        return self.has(name) and self.value(name) is None

    def value(self, name: str) -> object:
        """Return a member as it was sent, None when it is absent."""
        return self.values.get(self._spelled(name))

    def _spelled(self, name: str) -> str:
        if name in self.values:
            return name
        return next((one for one in self.values if one.lower() == name.lower()), name)

    def place(self, name: str) -> str:
        """Return the path of a member."""
        return f"{self.path}/{name}" if self.path else name

    def wrong(self, name: str, what: str, *, service_code: str = "") -> InvalidError:
        """Return the error that says what is wrong with a member, to be raised."""
        return InvalidError(f"{self.place(name)} {what}", member=self.place(name), service_code=service_code)

    def odata_type(self) -> str:
        """Return ``@odata.type`` without ``#`` and namespace, "" when there is none."""
        name = self.optional_text(_TYPE) or ""
        return name.removeprefix("#").removeprefix("microsoft.graph.")

    def text(self, name: str, *, max_length: int = TEXT_LIMIT, blank: bool = False) -> str:
        """Return a text that must be there; ``blank`` allows an empty one."""
        value = self._required(name, self.optional_text(name, max_length=max_length))
        if not blank and not value.strip():
            raise self.wrong(name, "is empty")
        return value

    def optional_text(self, name: str, *, max_length: int = TEXT_LIMIT) -> str | None:
        """Return a text, None when it is absent."""
        value = self._typed(name, str, "a string")
        if value is not None and len(value) > max_length:
            raise self.wrong(name, f"is longer than {max_length} characters")
        return value

    def flag(self, name: str) -> bool | None:
        """Return a boolean, None when it is absent."""
        return self._typed(name, bool, "true or false")

    def integer(self, name: str) -> int | None:
        """Return a whole number, None when it is absent; ``1.0`` is one too."""
        value = self.value(name)
        if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
            return int(value)
        if isinstance(value, bool):
            raise self.wrong(name, "is not a whole number")
        whole = self._typed(name, int, "a whole number")
        if whole is not None and not -_LARGEST <= whole < _LARGEST:
            raise self.wrong(name, "is out of range")
        return whole

    def number(self, name: str) -> float | None:
        """Return a number, None when it is absent."""
        value = self.value(name)
        return value if isinstance(value, float) else self.integer(name)

    def moment(self, name: str) -> datetime | None:
        """Return a time, None when it is absent; without a zone it is UTC."""
        text = self.optional_text(name, max_length=64)
        if text is None:
            return None
        try:
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.wrong(name, "is not a time; write one like 2027-01-31T12:00:00Z") from None

    def one_of(self, name: str, kind: type[E]) -> E | None:
        """Return the member of an enumeration that a text names in any case, None when it is absent."""
        text = self.optional_text(name, max_length=256)
        if text is None:
            return None
        for member in kind:
            if str(member.value).lower() == text.lower():
                return member
        raise self.wrong(name, "is not one of " + ", ".join(str(member.value) for member in kind))

    def texts(self, name: str, *, max_items: int = 1000) -> tuple[str, ...] | None:
        """Return a list of texts, None when it is absent."""
        items = self._items(name, max_items)
        if items is None:
            return None
        for index, item in enumerate(items):
            if not isinstance(item, str):
                raise self.wrong(f"{name}/{index}", "is not a string")
        return tuple(item for item in items if isinstance(item, str))

    def inner(self, name: str) -> Members | None:
        """Return an object, None when it is absent."""
        value = self._typed(name, dict, "an object")
        return None if value is None else Members(value, self.place(name))

    def required_inner(self, name: str) -> Members:
        """Return an object that must be there."""
        return self._required(name, self.inner(name))

    def inners(self, name: str, *, max_items: int = 1000) -> tuple[Members, ...] | None:
        """Return a list of objects, None when it is absent."""
        items = self._items(name, max_items)
        return None if items is None else tuple(self._inner_items(name, items))

    def _inner_items(self, name: str, items: list[object]) -> Iterator[Members]:
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                raise self.wrong(f"{name}/{index}", "is not an object")
            yield Members(item, self.place(f"{name}/{index}"))

    def _items(self, name: str, max_items: int) -> list[object] | None:
        items = self._typed(name, list, "a list")
        if items is not None and len(items) > max_items:
            raise self.wrong(name, f"has more than {max_items} items")
        return items

    def _required(self, name: str, value: T | None) -> T:
        if value is None:
            raise self.wrong(name, "is missing")
        return value

    def _typed(self, name: str, kind: type[T], called: str) -> T | None:
        value = self.value(name)
        if value is None or isinstance(value, kind):
            return value
        raise self.wrong(name, f"is not {called}")
