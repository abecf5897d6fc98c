"""The OAuth 2.0 identity provider: a code, an access token, a document about the person.

Source: technical-profiles.md §17.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journeyman.compiler.compiled import TechnicalProfile
from journeyman.providers.federation.authorization_request import authorization_url
from journeyman.providers.federation.claims_endpoint import read_claims
from journeyman.providers.federation.code_redemption import redeem
from journeyman.providers.federation.configuration import AGAIN, Configuration, FederationServices, configuration_of
from journeyman.providers.federation.error_handlers import reauthentication
from journeyman.providers.federation.exchange import (
    RefusedByProviderError,
    refused,
    require_user,
    sign_out_url,
    text_members,
)
from journeyman.providers.federation.output_claims import values_of
from journeyman.technical_profile import Call, Continue, Returned, SendAway


@dataclass(frozen=True, slots=True)
class OAuth2Provider:
    """One OAuth2 technical profile."""

    profile: TechnicalProfile
    services: FederationServices
    configuration: Configuration

    async def execute(self, call: Call) -> SendAway:
        """Make the authorization request."""
        return self._away(call, {})

    async def receive(self, call: Call, returned: Returned) -> Continue | SendAway:
        """Redeem the code and ask who the person is. Raises ServiceError when the provider refuses."""
        try:
            return await self._received(call, returned)
        except RefusedByProviderError as error:
            more = reauthentication(self.profile.error_handlers, error.document)
            if more is None or AGAIN in returned.kept:
                raise
            return self._away(call, {AGAIN: "1"}, more)

    def _away(self, call: Call, kept: Mapping[str, str], more: Mapping[str, str] | None = None) -> SendAway:
        endpoint = self.configuration.endpoints["authorization_endpoint"]
        return SendAway(authorization_url(self.configuration, endpoint, call.inputs, {}, more=more), kept)

    async def _received(self, call: Call, returned: Returned) -> Continue:
        tokens = await self._tokens(call, returned)
        document: dict[str, Any] = dict(tokens)
        if self.configuration.endpoints["claimsendpoint"]:
            document |= await read_claims(self.services, self.configuration, call, tokens)
        require_user(document, self.configuration.user_member)
        values = values_of(self.profile, document, json_paths=self.configuration.json_paths)
        url = sign_out_url(self.profile, self.configuration.endpoints["end_session_endpoint"])
        return Continue(values, token_answer=text_members(tokens), sign_out_url=url)

    async def _tokens(self, call: Call, returned: Returned) -> dict[str, Any]:
        parameters = returned.parameters
        if "error" in parameters:
            raise refused("authorization endpoint", parameters["error"])
        if not self.configuration.by_code:
            return dict(parameters)
        code = parameters.get("code", "")
        if not code:
            raise refused("authorization endpoint: it sent no code", None)
        endpoint = self.configuration.endpoints["accesstokenendpoint"]
        return dict(await redeem(self.services, self.configuration, call, endpoint, code, None))


def build_oauth2(profile: TechnicalProfile, services: FederationServices) -> OAuth2Provider:
    """Make the provider of a profile."""
    return OAuth2Provider(profile, services, configuration_of(profile, services, openid_connect=False))
