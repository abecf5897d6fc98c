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
from journeyman.providers.federation.configuration import (
    AGAIN,
    Configuration,
    FederationServices,
    configuration_of,
    item,
    names,
)
from journeyman.providers.federation.error_handlers import reauthentication
from journeyman.providers.federation.exchange import (
    RefusedByProviderError,
    refused,
    require_user,
    sign_out_url,
    text_members,
)
from journeyman.providers.federation.id_token import issuer_allowed, peek
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
        self._check_origin(tokens)
        document: dict[str, Any] = dict(tokens)
        if self.configuration.endpoints["claimsendpoint"]:
            document |= await read_claims(self.services, self.configuration, call, tokens)
        require_user(document, self.configuration.user_member)
        values = values_of(self.profile, document, json_paths=self.configuration.json_paths)
        url = sign_out_url(self.profile, self.configuration.endpoints["end_session_endpoint"])
        return Continue(values, token_answer=text_members(tokens), sign_out_url=url)

    def _check_origin(self, tokens: Mapping[str, Any]) -> None:
        """Refuse tokens of an issuer or for an audience that the policy does not allow.

        They came from the token endpoint itself, over TLS, which stands in for their signature (OpenID Connect Core
        §3.1.3.7); what came by way of the browser proves nothing.
        """
        metadata = self.profile.metadata
        prefixes = names(item(metadata, self.services, "ValidTokenIssuerPrefixes"))
        audience = item(metadata, self.services, "IdTokenAudience")
        if not prefixes and not audience:
            return
        if not self.configuration.by_code:
            raise refused("authorization endpoint: the issuer of its token cannot be checked", None)
        found = peek(str(tokens.get("id_token") or tokens.get("access_token") or ""))
        if prefixes and not issuer_allowed(found.issuer, prefixes):
            raise refused("token endpoint: the issuer is wrong", None)
        if audience and audience not in found.audiences:
            raise refused("token endpoint: the audience is wrong", None)

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
