"""Profiles of protocol None: what a redeemed grant remembers, given back to the journey.

A refresh-token journey begins with one (technical-profiles.md §16.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.compiler.handlers import NONE
from journeyman.compiler.spec import HandlerSpec
from journeyman.technical_profile import Call, Continue

GRANT_SPEC: Final = HandlerSpec(handler=NONE, metadata=frozenset({"url", "METADATA", "issuer", "IdTokenAudience"}))


@dataclass(frozen=True, slots=True)
class GrantProvider:
    """Read the claims of the grant that is being redeemed."""

    async def execute(self, call: Call) -> Continue:
        """Return each output claim that the grant remembers, found by claim id and without regard to case."""
        remembered = {name.casefold(): value for name, value in call.grant.items()}
        values = {
            mapping.name: remembered[mapping.claim.id.casefold()]
            for mapping in call.profile.output_claims
            if mapping.claim.id.casefold() in remembered
        }
        return Continue(values)
