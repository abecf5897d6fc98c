"""Regular expressions of .NET: an expression of a policy in, a search with a time limit out.

Both dialects share most of their syntax. What differs is translated, and what only one of them has is
refused, so that an expression never means something else here than in the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import regex

TIME_LIMIT_S: Final = 0.25
"""How long one search may take, in seconds of wall clock; our choice."""

MAX_EXPRESSION: Final = 4096
"""The longest expression, in characters; our choice."""


class DotnetRegexError(ValueError):
    """The expression is not one of .NET, or uses what this engine cannot run."""


class RegexTimeoutError(TimeoutError):
    """A search took longer than ``TIME_LIMIT_S``."""


@dataclass(frozen=True, slots=True)
class Regex:
    """A translated expression."""

    expression: str
    compiled: regex.Pattern[str] = field(repr=False, compare=False)

    def found_in(self, text: str) -> bool:
        """Whether the expression matches somewhere in ``text``; out of time counts as no."""
        try:
            return self.search(text) is not None
        except RegexTimeoutError:
            return False

    def search(self, text: str) -> Mapping[str, str | None] | None:
        """Return the named groups of the first match, None where a group took no part; None when there is no match.

        Raises:
            RegexTimeoutError: the search took too long.
        """
        try:
            found = self.compiled.search(text, timeout=TIME_LIMIT_S)
        except TimeoutError as error:
            raise RegexTimeoutError(f"the regular expression took longer than {TIME_LIMIT_S} s") from error
        return found.groupdict() if found else None

    def replaced_in(self, text: str, replacement: str) -> str:
        """Replace every match by ``replacement``, taken literally. Raises RegexTimeoutError."""
        try:
            return self.compiled.sub(lambda found: replacement, text, timeout=TIME_LIMIT_S)
        except TimeoutError as error:
            raise RegexTimeoutError(f"the regular expression took longer than {TIME_LIMIT_S} s") from error


def compile_regex(expression: str) -> Regex:
    """Translate and compile a .NET expression.

    Raises:
        DotnetRegexError: it is wrong, too long, or uses balancing groups, explicit capture, or recursion.
    """
    if len(expression) > MAX_EXPRESSION:
        raise DotnetRegexError(f"the regular expression is longer than {MAX_EXPRESSION} characters")
    try:
        # (?-f): .NET never folds one character to two, as in ß and ss.
        return Regex(expression, regex.compile(expression, regex.V1, cache_pattern=False))
    except (regex.error, RecursionError, OverflowError) as error:
        raise DotnetRegexError(f"the regular expression is wrong: {error}") from error
