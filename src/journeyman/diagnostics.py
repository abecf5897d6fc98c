"""What is wrong with a policy and where: a rule and a place in, a diagnostic out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from journeyman.errors import JourneymanError


class Severity(Enum):
    """How much a diagnostic matters: an error keeps the policy from being served."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a policy file; line and column count from 1, 0 means the file as a whole."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of the compiler.

    Attributes:
        code: ``JM`` and four digits; stable, documented, never used again for something else.
        message: what is wrong, a format string; begins with the AADB2C code where the real service
            has one for it.
        help: what to do about it, a format string.
        source: the document that demands it.
    """

    code: str
    severity: Severity
    message: str
    help: str
    source: str

    def at(
        self, location: Location, *, element: str = "", severity: Severity | None = None, **values: object
    ) -> Diagnostic:
        """Say that the rule is broken at ``location``; ``element`` names the XML element or profile."""
        return Diagnostic(
            rule=self,
            severity=severity or self.severity,
            message=self.message.format(**values),
            help=self.help.format(**values),
            location=location,
            element=element,
        )


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A place where a rule is broken."""

    rule: Rule = field(repr=False)
    severity: Severity
    message: str
    help: str
    location: Location
    element: str = ""

    @property
    def code(self) -> str:
        """The code of the rule."""
        return self.rule.code

    def __str__(self) -> str:
        element = f" [{self.element}]" if self.element else ""
        return f"{self.location}: {self.severity.value} {self.code}{element} {self.message}"


class PolicyError(JourneymanError):
    """The policy has errors and cannot be served."""

    code: ClassVar[str] = "JM1001"

    def __init__(self, detail: str, *, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(detail)
        self.diagnostics = tuple(diagnostics)
