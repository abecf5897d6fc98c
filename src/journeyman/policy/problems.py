"""What is wrong with one file, collected while it is read."""

from __future__ import annotations

from journeyman.diagnostics import Diagnostic, Location, Rule
from journeyman.policy import rules

_MAX_PROBLEMS = 500
_MAX_TEXT = 1000


class Problems:
    """The diagnostics of one file; a hostile file cannot make more than a bounded number."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._found: list[Diagnostic] = []

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """The diagnostics, in the order in which they were found."""
        return tuple(self._found)

    def report(self, rule: Rule, location: Location, *, element: str = "", **values: object) -> None:
        """Note that ``rule`` is broken at ``location``."""
        if len(self._found) < _MAX_PROBLEMS:
            shown = {name: _shortened(str(value)) for name, value in values.items()}
            self._found.append(rule.at(location, element=_shortened(element), severity=None, **shown))
        elif len(self._found) == _MAX_PROBLEMS:
            self._found.append(rules.TOO_MANY_PROBLEMS.at(Location(self.path), limit=_MAX_PROBLEMS))


def _shortened(text: str) -> str:
    """Cut a text that would make the diagnostics larger than the file."""
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
