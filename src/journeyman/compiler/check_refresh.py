"""The journey that an issuer names for the redemption of refresh tokens exists.

Source: protocol.md (RefreshTokenUserJourneyId), errors.md §2.2 (AADB2C90288).
"""

from __future__ import annotations

from journeyman.compiler import rules
from journeyman.compiler.draft import Draft
from journeyman.compiler.handlers import JWT_ISSUER
from journeyman.policy.model import key

_ITEM = "RefreshTokenUserJourneyId"


def check_refresh_journeys(draft: Draft) -> None:
    """Check the refresh journey of every JWT issuer that names one."""
    for name, profile in draft.technical_profiles.items():
        journey = profile.metadata.get(_ITEM)
        if profile.handler != JWT_ISSUER or not journey or key(journey) in draft.journeys:
            continue
        place = draft.policy.technical_profiles[name].metadata[key(_ITEM)].location
        rule = rules.REFRESH_JOURNEY
        draft.report(rule.at(place, element=profile.id, severity=draft.whole, journey=journey, profile=profile.id))
