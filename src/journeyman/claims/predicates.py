"""Predicates and predicate validations: a value in, the texts of what it fails out.

Source: policy-language.md §3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeAlias

from journeyman.claims.dotnet_regex import compile_regex
from journeyman.claims.values import ConversionError, DataType, convert
from journeyman.clock import Clock, SystemClock

LocalizedText: TypeAlias = Callable[[str, str, str], str | None]
"""(element type, element id, string id) -> the text in the language of the page, None when there is none."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate, compiled: ``holds`` tests a value; ``parameters`` is keyed by id in lower case."""

    id: str
    help_text: str
    method: str
    holds: Callable[[str], bool]
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PredicateGroup:
    """A group of predicates of which at least ``match_at_least`` must hold; with ``reject``, fewer."""

    id: str
    help_text: str
    match_at_least: int
    predicates: tuple[Predicate, ...]
    reject: bool = False

    def passes(self, value: str) -> bool:
        """Whether the group lets ``value`` pass."""
        count = sum(predicate.holds(value) for predicate in self.predicates)
        return (count >= self.match_at_least) is not self.reject

    def culprits(self, value: str) -> tuple[Predicate, ...]:
        """Return the predicates because of which ``value`` does not pass."""
        return tuple(predicate for predicate in self.predicates if predicate.holds(value) is self.reject)


@dataclass(frozen=True, slots=True)
class PredicateValidation:
    """A value is valid when every group passes."""

    id: str
    groups: tuple[PredicateGroup, ...]

    def failures(self, value: str, *, texts: LocalizedText | None = None) -> tuple[str, ...]:
        """Return what to tell the person: for each failing group its text, then those of its failing predicates.

        Returns:
            () when the value is valid. One empty text when it is not and the policy has no text for it.
        """
        localized = texts or _no_text
        failing = [group for group in self.groups if not group.passes(value)]
        found: list[str] = []
        for group in failing:
            found.append(localized("InputValidation", self.id, group.id) or group.help_text)
            found += [
                localized("Predicate", predicate.id, "HelpText") or predicate.help_text
                for predicate in group.culprits(value)
            ]
        return tuple(dict.fromkeys(text for text in found if text)) or (("",) if failing else ())


def compile_predicate(
    id: str, method: str, parameters: Mapping[str, str], help_text: str, *, clock: Clock | None = None
) -> Predicate:
    """Compile one predicate.

    Args:
        parameters: parameter id, in any case -> value.
        clock: tells ``IsDateRange`` what ``Today`` is, in UTC; the clock of this machine by default.

    Raises:
        ValueError: the method is unknown, or a parameter is missing or wrong; the message says which.
    """
    known = {name.strip().lower(): value for name, value in parameters.items()}
    wanted = method.strip().lower()
    if wanted not in _METHODS:
        raise ValueError(f"the predicate method {method!r} is unknown")
    holds = _METHODS[wanted](known, clock or SystemClock())
    return Predicate(id, help_text, method, holds, known)


def _no_text(element_type: str, element_id: str, string_id: str) -> None:  # noqa: ARG001  # the shape of LocalizedText
    return None


def _length_range(parameters: Mapping[str, str], clock: Clock) -> Callable[[str], bool]:  # noqa: ARG001  # one shape for all
    minimum, maximum = _bound(parameters, "minimum", 0), _bound(parameters, "maximum", 2**31 - 1)
    if minimum > maximum:
        raise ValueError("the parameter Minimum is greater than Maximum")
    return lambda value: minimum <= len(value.encode("utf-16-le", "surrogatepass")) // 2 <= maximum


def _bound(parameters: Mapping[str, str], name: str, default: int) -> int:
    if name not in parameters:
        return default
    try:
        return int(parameters[name])
    except ValueError:
        raise ValueError(f"the parameter {name.capitalize()} is not a whole number") from None


def _matches_regex(parameters: Mapping[str, str], clock: Clock) -> Callable[[str], bool]:  # noqa: ARG001  # one shape for all
    return compile_regex(_required(parameters, "regularexpression", "RegularExpression")).found_in


def _includes_characters(parameters: Mapping[str, str], clock: Clock) -> Callable[[str], bool]:  # noqa: ARG001  # one shape for all
    ranges = parse_character_set(_required(parameters, "characterset", "CharacterSet"))
    return lambda value: any(first <= character <= last for character in value for first, last in ranges)


def parse_character_set(text: str) -> tuple[tuple[str, str], ...]:
    r"""Read the inside of a character class: ``\c`` is c, ``x-y`` a range, all else stands for itself.

    Returns:
        Ranges of characters, both ends included.

    Raises:
        ValueError: the set is empty or a range runs backwards.
    """
    characters = _unescape(text)
    ranges: list[tuple[str, str]] = []
    position = 0
    while position < len(characters):
        first, last = characters[position][0], characters[position][0]
        if characters[position + 1 : position + 2] == [("-", False)] and position + 2 < len(characters):
            last = characters[position + 2][0]
            position += 2
        if first > last:
            raise ValueError("the parameter CharacterSet has a range that runs backwards")
        ranges.append((first, last))
        position += 1
    if not ranges:
        raise ValueError("the parameter CharacterSet is empty")
    return tuple(ranges)


def _unescape(text: str) -> list[tuple[str, bool]]:
    """Return (character, whether it was escaped); a lone backslash at the end stands for itself."""
    characters: list[tuple[str, bool]] = []
    escaped = False
    for character in text:
        if character == "\\" and not escaped:
            escaped = True
            continue
        characters.append((character, escaped))
        escaped = False
    return [*characters, ("\\", True)] if escaped else characters


def _date_range(parameters: Mapping[str, str], clock: Clock) -> Callable[[str], bool]:
    minimum, maximum = _day(parameters, "minimum"), _day(parameters, "maximum")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise ValueError("the parameter Minimum is later than Maximum")
    today_is_minimum = _is_today(parameters, "minimum")
    today_is_maximum = _is_today(parameters, "maximum")

    def holds(value: str) -> bool:
        try:
            day = convert(value, DataType.DATE)
        except ConversionError:
            return False
        today = clock.now().date()
        first = today if today_is_minimum else minimum or date.min
        last = today if today_is_maximum else maximum or date.max
        return first <= day <= last

    return holds


def _is_today(parameters: Mapping[str, str], name: str) -> bool:
    return parameters.get(name, "").strip().lower() == "today"


def _day(parameters: Mapping[str, str], name: str) -> date | None:
    if name not in parameters or _is_today(parameters, name):
        return None
    try:
        return date.fromisoformat(parameters[name].strip())
    except ValueError:
        raise ValueError(f"the parameter {name.capitalize()} is neither yyyy-MM-dd nor Today") from None


def _required(parameters: Mapping[str, str], name: str, spelling: str) -> str:
    if name not in parameters:
        raise ValueError(f"the parameter {spelling} is missing")
    return parameters[name]


_METHODS: Final[Mapping[str, Callable[[Mapping[str, str], Clock], Callable[[str], bool]]]] = {
    "islengthrange": _length_range,
    "matchesregex": _matches_regex,
    "includescharacters": _includes_characters,
    "isdaterange": _date_range,
}
