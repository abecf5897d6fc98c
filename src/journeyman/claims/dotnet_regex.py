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
"""How long one search may take, in seconds of processor time; our choice."""

SHORT_LIMIT_S: Final = 0.02
"""How long it may take once the expression has run out of time ``PATIENCE`` times: an attacker stalls a node no longer."""

PATIENCE: Final = 3

_PROBES: Final = "a0A -._@/"
_PROBE_LENGTH: Final = 200
_PROBE_COUNT: Final = 16
_PROBE_END: Final = "\x01"


class RegexTimeoutError(TimeoutError):
    """A search took longer than ``TIME_LIMIT_S``."""


@dataclass(slots=True)
class _Watch:
    """How often an expression has run out of time since it was loaded."""

    timeouts: int = 0

    @property
    def limit_s(self) -> float:
        return TIME_LIMIT_S if self.timeouts < PATIENCE else SHORT_LIMIT_S

    def timeout(self) -> RegexTimeoutError:
        limit_s = self.limit_s
        self.timeouts += 1
        return RegexTimeoutError(f"the regular expression took longer than {limit_s} s")


@dataclass(frozen=True, slots=True)
class Regex:
    """A translated expression; its watch is the one thing that changes while it is used."""

    expression: str
    compiled: regex.Pattern[str] = field(repr=False, compare=False)
    watch: _Watch = field(default_factory=_Watch, repr=False, compare=False)

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
            found = self.compiled.search(text, timeout=self.watch.limit_s)
        except TimeoutError as error:
            raise self.watch.timeout() from error
        return found.groupdict() if found else None

    def replaced_in(self, text: str, replacement: str) -> str:
        """Replace every match by ``replacement``, taken literally. Raises RegexTimeoutError."""
        try:
            return self.compiled.sub(lambda _found: replacement, text, timeout=self.watch.limit_s)
        except TimeoutError as error:
            raise self.watch.timeout() from error


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


# The policies of a tenant share their base, and with it most expressions.
@lru_cache(maxsize=512)
def slow_probe(expression: str) -> str | None:
    """Return a character of which a short repetition keeps the expression busy too long, None when none was found.

    Repetitions inside of repetitions do that: the time doubles with every character.

    Raises:
        DotnetRegexError: the expression is wrong.
    """
    compiled = compile_regex(expression).compiled
    letters = dict.fromkeys(_PROBES + "".join(filter(str.isalnum, expression[:_PROBE_LENGTH])))
    return next((letter for letter in list(letters)[:_PROBE_COUNT] if _is_slow(compiled, letter)), None)


def _is_slow(compiled: regex.Pattern[str], letter: str) -> bool:
    try:
        compiled.search(letter * _PROBE_LENGTH + _PROBE_END, timeout=SHORT_LIMIT_S)
    except TimeoutError:
        return True
    return False
