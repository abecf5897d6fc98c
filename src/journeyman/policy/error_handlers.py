"""``<ErrorHandlers>`` of a technical profile as data: which error answers of an identity provider mean what.

Source: technical-profiles.md §17 (schema 0.3.0.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeyman.diagnostics import Location


@dataclass(frozen=True, slots=True)
class ErrorHandler:
    """``<ErrorHandler>``, as written.

    Attributes:
        response_format: of the answers that it looks at; ``json`` when it does not say.
        response_match: a JSONPath that finds something in the answers that are meant.
        action: ``Reauthenticate`` or ``InvalidClient``.
        parameters: what is added to the authorization request when the person is sent there again.
    """

    response_format: str | None
    response_match: str
    action: str
    location: Location
    parameters: Mapping[str, str] = field(default_factory=dict)
