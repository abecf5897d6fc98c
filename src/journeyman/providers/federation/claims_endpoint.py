"""What an identity provider tells about a person: an access token in, a document out.

Source: technical-profiles.md §17.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeyman.connector.record import shown_paths
from journeyman.providers.federation.configuration import Configuration, FederationServices, item, names
from journeyman.providers.federation.exchange import fetch, refused
from journeyman.providers.federation.exchange_record import Asked
from journeyman.technical_profile import Call

WHAT = "claims endpoint"


async def read_claims(
    services: FederationServices, configuration: Configuration, call: Call, tokens: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Ask the claims endpoint; the access token goes where the policy says. Raises ServiceError."""
    metadata = call.profile.metadata
    token = tokens.get("access_token")
    if not isinstance(token, str) or not token:
        raise refused(f"{WHAT}: the token endpoint gave no access token", None)
    query = {
        name: str(tokens[name])
        for listed in ("ExtraParamsInAccessTokenEndpointResponse", "ExtraParamsInClaimsEndpointRequest")
        for name in names(item(metadata, services, listed))
        if name in tokens
    }
    format_name = item(metadata, services, "ClaimsEndpointFormatName")
    if format_name:
        query[format_name] = item(metadata, services, "ClaimsEndpointFormat") or "json"
    authorization = None
    if item(metadata, services, "BearerTokenTransmissionMethod").lower() == "authorizationheader":
        authorization = f"Bearer {token}"
    else:
        query[item(metadata, services, "ClaimsEndpointAccessTokenName") or "access_token"] = token
    asked = Asked(
        configuration.endpoints["claimsendpoint"],
        WHAT,
        query=query,
        authorization=authorization,
        user_agent=configuration.user_agent,
        authentication="Bearer",
        secrets=(token,),
        shown=shown_paths(call.profile.output_claims, json_paths=configuration.json_paths),
        error_member=configuration.error_member,
    )
    return await fetch(services, call, asked)
