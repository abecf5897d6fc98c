"""The OpenID Connect identity provider: discovery, an ID token that is verified, and what else the policy asks for.

Source: technical-profiles.md §18; OpenID Connect Core §3.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from journeyman.compiler.compiled import TechnicalProfile
from journeyman.connector.json_path import compile_path
from journeyman.providers.federation.authorization_request import authorization_url, code_challenge
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
from journeyman.providers.federation.discovery import Discovery, Published
from journeyman.providers.federation.error_handlers import reauthentication
from journeyman.providers.federation.exchange import (
    RefusedByProviderError,
    refused,
    require_user,
    sign_out_url,
    text_members,
)
from journeyman.providers.federation.id_token import ExpectedToken, issuer_allowed, peek, verify
from journeyman.providers.federation.output_claims import values_of
from journeyman.technical_profile import Call, Continue, Returned, SendAway

BODY_LIMIT: Final = 16_384


@dataclass(frozen=True, slots=True)
class OpenIdConnectProvider:
    """One OpenIdConnect technical profile.

    Attributes:
        audience: what ``aud`` of an ID token must be.
        issuer_prefixes: how issuers may begin; empty when one exact issuer counts.
        by_issuer: whether keys come from the document of the token's own issuer.
    """

    profile: TechnicalProfile
    services: FederationServices
    configuration: Configuration
    discovery: Discovery
    audience: str
    issuer_prefixes: tuple[str, ...]
    by_issuer: bool

    async def execute(self, call: Call) -> SendAway:
        """Make the authorization request with a nonce, and a code challenge where the provider knows them."""
        return await self._away(call, {})

    async def receive(self, call: Call, returned: Returned) -> Continue | SendAway:
        """Take the ID token, verify it and map its claims. Raises ServiceError when anything does not hold."""
        try:
            return await self._received(call, returned)
        except RefusedByProviderError as error:
            more = reauthentication(self.profile.error_handlers, error.document)
            if more is None or AGAIN in returned.kept:
                raise
            return await self._away(call, {AGAIN: "1"}, more)

    async def _away(self, call: Call, also: Mapping[str, str], more: Mapping[str, str] | None = None) -> SendAway:
        published = await self._published(call)
        own = {"nonce": secrets.token_urlsafe(32)}
        kept = {"nonce": own["nonce"], **also}
        methods = published.document.get("code_challenge_methods_supported")
        if self.configuration.by_code and isinstance(methods, list) and "S256" in methods:
            kept["verifier"] = secrets.token_urlsafe(48)
            own |= {"code_challenge": code_challenge(kept["verifier"]), "code_challenge_method": "S256"}
        endpoint = self._endpoint(published, "authorization_endpoint", "authorization_endpoint")
        return SendAway(authorization_url(self.configuration, endpoint, call.inputs, own, more=more), kept)

    async def _received(self, call: Call, returned: Returned) -> Continue:
        published = await self._published(call)
        parameters = returned.parameters
        self._check_sender(published, parameters)
        if "error" in parameters:
            raise refused("authorization endpoint", parameters["error"])
        tokens = await self._tokens(call, published, returned)
        claims = await self._verified(call, tokens, returned.kept)
        document = {**_posted(self.profile, parameters), **claims}
        if self.configuration.endpoints["claimsendpoint"]:
            document |= await self._user_info(call, tokens, claims)
        require_user(document, self.configuration.user_member)
        values = values_of(self.profile, document, json_paths=self.configuration.json_paths)
        url = self.configuration.endpoints["end_session_endpoint"] or published.document.get("end_session_endpoint")
        return Continue(values, token_answer=text_members(tokens), sign_out_url=sign_out_url(self.profile, url))

    def _check_sender(self, published: Published, parameters: Mapping[str, str]) -> None:
        """Refuse the answer of another provider than the one that was asked (RFC 9207 §2.4)."""
        names_itself = published.document.get("authorization_response_iss_parameter_supported") is True
        sender, asked = parameters.get("iss"), self._issuer(published)
        if self.issuer_prefixes:
            return
        if (sender is None and names_itself) or (sender is not None and sender != asked):
            raise refused("authorization endpoint: the issuer is wrong", None)

    async def _tokens(self, call: Call, published: Published, returned: Returned) -> Mapping[str, Any]:
        if not self.configuration.by_code:
            return returned.parameters
        code = returned.parameters.get("code", "")
        if not code:
            raise refused("authorization endpoint: it sent no code", None)
        endpoint = self._endpoint(published, "accesstokenendpoint", "token_endpoint")
        return await redeem(self.services, self.configuration, call, endpoint, code, returned.kept.get("verifier"))

    async def _verified(self, call: Call, tokens: Mapping[str, Any], kept: Mapping[str, str]) -> Mapping[str, Any]:
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise refused("token endpoint: it gave no id_token", None)
        seen = peek(token)
        if self.by_issuer:
            published = await self.discovery.of(self._source(seen.issuer), call, key_id=seen.key_id)
        else:
            published = await self._published(call, key_id=seen.key_id)
        expected = ExpectedToken(
            audience=self.audience,
            client_id=self.configuration.client_id,
            nonce=kept.get("nonce", ""),
            issuer=seen.issuer if self.by_issuer and seen.issuer == _issuer_of(published) else self._issuer(published),
            issuer_prefixes=self.issuer_prefixes,
        )
        return verify(token, published.keys, expected, self.services.clock.now().timestamp())

    async def _user_info(self, call: Call, tokens: Mapping[str, Any], claims: Mapping[str, Any]) -> Mapping[str, Any]:
        found = await read_claims(self.services, self.configuration, call, tokens)
        if found.get("sub", claims["sub"]) != claims["sub"]:
            # OpenID Connect Core §5.3.2: it tells of somebody else.
            raise refused("claims endpoint: the subject is another one", None)
        return found

    async def _published(self, call: Call, *, key_id: str | None = None) -> Published:
        endpoints = self.configuration.endpoints
        if endpoints["metadata"]:
            return await self.discovery.of(endpoints["metadata"], call, key_id=key_id)
        return await self.discovery.keys_of(endpoints["jwks"], call, key_id=key_id)

    def _source(self, issuer: str) -> str:
        """Return whose document has the key of a token: of another issuer only after its prefix was checked."""
        if not issuer_allowed(issuer, self.issuer_prefixes):
            raise refused("id_token: the issuer is wrong", None)
        return f"{issuer.rstrip('/')}/.well-known/openid-configuration"

    def _issuer(self, published: Published) -> str:
        return self.configuration.endpoints["issuer"] or _issuer_of(published)

    def _endpoint(self, published: Published, item_name: str, member: str) -> str:
        found = self.configuration.endpoints[item_name] or published.document.get(member)
        if not isinstance(found, str):
            raise refused(f"discovery document: it names no {member}", None)
        return found


def build_openid_connect(profile: TechnicalProfile, services: FederationServices) -> OpenIdConnectProvider:
    """Make the provider of a profile."""
    configuration = configuration_of(profile, services, openid_connect=True)
    return OpenIdConnectProvider(
        profile=profile,
        services=services,
        configuration=configuration,
        discovery=Discovery(services),
        audience=item(profile.metadata, services, "IdTokenAudience") or configuration.client_id,
        issuer_prefixes=names(item(profile.metadata, services, "ValidTokenIssuerPrefixes")),
        by_issuer=profile.metadata.flag("DiscoverMetadataByTokenIssuer"),
    )


def _issuer_of(published: Published) -> str:
    issuer = published.document.get("issuer")
    return issuer if isinstance(issuer, str) else ""


def _posted(profile: TechnicalProfile, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what ``ReadBodyClaimsOnIdpRedirect`` asks for: members of JSON texts that the form carries.

    They come by way of the browser, so a claim of the ID token always wins over them.
    """
    found: dict[str, Any] = {}
    for text in (profile.metadata.get("ReadBodyClaimsOnIdpRedirect") or "").split():
        name, _, rest = text.partition(".")
        path, sent = compile_path(rest), parameters.get(name, "")
        if path is None or not sent or len(sent) > BODY_LIMIT:
            continue
        try:
            value = path.find(json.loads(sent))
        except (ValueError, RecursionError):
            continue
        if value is not None:
            found[text] = value
    return found
