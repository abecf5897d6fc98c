"""What calls an API: a profile of one of the two handlers that do in, the one that makes its calls out."""

from __future__ import annotations

from collections.abc import Mapping

from journeyman.api_call.call import ApiCaller
from journeyman.api_call.services import RestServices
from journeyman.claims.claim_type import ClaimType
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.handlers import API_CONNECTOR
from journeyman.providers.api_connector import build_api_connector
from journeyman.providers.restful import build_restful


def build_api_caller(
    profile: TechnicalProfile, services: RestServices, claim_types: Mapping[str, ClaimType]
) -> ApiCaller:
    """Make the provider of a RESTful profile or of an API connector.

    Args:
        claim_types: those of the policy.

    Raises:
        ServiceError: the profile cannot make a call that is as secure as it says.
    """
    if profile.handler == API_CONNECTOR:
        return build_api_connector(profile, services, claim_types)
    return build_restful(profile, services)
