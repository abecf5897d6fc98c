"""The claims-transformation provider: the journey runs the transformations around it, so it does nothing itself.

Source: technical-profiles.md §5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.compiler.handlers import CLAIMS_TRANSFORMATION
from journeyman.compiler.spec import HandlerSpec
from journeyman.technical_profile import Call, Continue

CLAIMS_TRANSFORMATION_SPEC: Final = HandlerSpec(
    handler=CLAIMS_TRANSFORMATION,
    metadata=frozenset({"ContentDefinitionReferenceId", "IncludeClaimResolvingInClaimsHandling"}),
)


@dataclass(frozen=True, slots=True)
class ClaimsTransformationProvider:
    """A profile that only transforms claims."""

    async def execute(self, call: Call) -> Continue:
        """Return nothing: default values and output transformations do the work."""
        return Continue()
