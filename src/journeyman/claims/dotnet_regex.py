"""Regular expressions of .NET: an expression of a policy in, a search with a time limit out.

Both dialects share most of their syntax. What differs is translated, and what only one of them has is
refused, so that an expression never means something else here than in the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import regex

from journeyman.claims.dotnet_syntax import DotnetRegexError, translate

TIME_LIMIT_S: Final = 0.25
"""How long one search may take, in seconds of wall clock; our choice."""


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
            return self.compiled.sub(lambda _found: replacement, text, timeout=TIME_LIMIT_S)
        except TimeoutError as error:
            raise RegexTimeoutError(f"the regular expression took longer than {TIME_LIMIT_S} s") from error


# Expressions come from policies, never from requests, so the memory holds few and known ones.
@lru_cache(maxsize=512)
def compile_regex(expression: str) -> Regex:
    """Translate and compile a .NET expression.

    Raises:
        DotnetRegexError: it is wrong, too long, or uses what this engine does not have.
    """
    translated = translate(expression)
    try:
        # Full case folding would let ß match ss, which .NET never does.
        return Regex(expression, regex.compile(f"(?-f){translated}", regex.VERSION1, cache_pattern=False))
    except (regex.error, RecursionError, OverflowError) as error:
        raise DotnetRegexError(f"the regular expression is wrong: {error}") from error
