"""What a person may enter: options, patterns, masks of a claim type."""

from __future__ import annotations

from dataclasses import dataclass, field

from journeyman.claims.dotnet_regex import Regex, RegexTimeoutError, compile_regex


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a list."""

    text: str
    value: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that a value must satisfy (search semantics, .NET dialect)."""

    expression: str
    help_text: str
    regex: Regex | None = field(default=None, repr=False, compare=False)

    def matches(self, text: str) -> bool:
        """Whether the expression is found in ``text``; one that takes too long counts as not found.

        Raises:
            DotnetRegexError: made without ``compile_pattern``, and the expression is wrong.
        """
        regex = self.regex or compile_regex(self.expression)
        return regex.found_in(text)


def compile_pattern(expression: str, help_text: str = "") -> Pattern:
    """Translate the expression once. Raises DotnetRegexError (a ValueError) when it is wrong."""
    return Pattern(expression, help_text, compile_regex(expression))


@dataclass(frozen=True, slots=True)
class Mask:
    """How a value is shown; ``regex`` None means a simple mask over the leading characters."""

    text: str
    regex: str | None = None

    def apply(self, value: str) -> str:
        """Return ``value`` as it may be shown (policy-language.md §3.1.4).

        A simple mask replaces one character by each of its own; a shorter value is hidden whole.
        Should a regular expression take too long, nothing but the mask is shown.

        Raises:
            DotnetRegexError: the expression is wrong.
        """
        if self.regex is None:
            return (self.text + value[len(self.text) :])[: len(value)]
        try:
            return compile_regex(self.regex).replaced_in(value, self.text)
        except RegexTimeoutError:
            return self.text
