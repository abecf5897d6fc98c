"""The steps at which a user flow calls an API connector, and what may be answered there.

Source: rest-connectors.md §15.2; the exchange ids are those of its texts.
"""

from __future__ import annotations

from enum import Enum

from journeyman.compiler.compiled import Metadata
from journeyman.connector.profile import text_of
from journeyman.policy.connector_profile import STEP


class Step(Enum):
    """The metadata item ``Step``, which requests repeat in ``step``."""

    POST_FEDERATION_SIGNUP = "PostFederationSignup"
    POST_ATTRIBUTE_COLLECTION = "PostAttributeCollection"
    PRE_TOKEN_ISSUANCE = "PreTokenIssuance"  # noqa: S105  a name, no secret

    @property
    def exchange_id(self) -> str:
        """How texts name the claims exchange."""
        return _EXCHANGES[self]


_EXCHANGES = {
    Step.POST_FEDERATION_SIGNUP: "PreSelfAssertedRestful",
    Step.POST_ATTRIBUTE_COLLECTION: "PreUserWriteRestful",
    Step.PRE_TOKEN_ISSUANCE: "PreSendClaimsRestful",
}


def step_of(metadata: Metadata) -> Step | None:
    """Return the step of a profile, None when the item is missing or unknown; case does not count."""
    wanted = text_of(metadata, STEP).casefold()
    return next((step for step in Step if step.value.casefold() == wanted), None)
