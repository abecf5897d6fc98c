"""The claims-transformation provider: the journey runs the transformations around it, it hands its inputs on.

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
        """Return the input claims, defaults applied: output claims of the same id take them over.

        The documents are silent on inputs; unit-test policies set a default there and transform the claim.
        """
        return Continue({mapping.claim.id: value for mapping, value in call.inputs}, keyed_by_claim=True)
