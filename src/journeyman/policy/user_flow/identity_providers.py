"""An identity provider of a user flow: its settings in, what its technical profile says out.

Source: technical-profiles.md §17, §18, §25; graph-api.md §5 for the claims mapping.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from journeyman.diagnostics import Rule, Severity
from journeyman.policy.user_flow.ready_providers import READY, ReadyProvider
from journeyman.settings.identity import IdentityProvider
from journeyman.settings.identity_providers import wrong_with
from journeyman.settings.provider_types import provider_type

_OPENID_CLAIMS: Final[Mapping[str, str]] = {
    "userId": "sub", "displayName": "name", "givenName": "given_name", "surname": "family_name", "email": "email",
}  # fmt: skip
_OURS: Final[Mapping[str, str]] = {
    "userId": "issuerUserId", "displayName": "displayName", "givenName": "givenName", "surname": "surname",
    "email": "email",
}  # fmt: skip
_ENTRA: Final = "login.microsoftonline.com"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class ProviderClaim:
    """One ``<OutputClaim>``: our claim, theirs, and the value when they send none or, with ``always``, in any case."""

    claim: str
    partner: str = ""
    default: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True)
class ProviderFragment:
    """What a user flow needs of an identity provider; its template adds what all providers share.

    What they share: the claim ``authenticationSource``, the transformations that make ``alternativeSecurityId``
    and a user principal name, the session profile, and the provider's access token where the flow wants it.

    Attributes:
        profile_id: of the technical profile.
        exchange_id: of the claims exchange, which is also the id of the button.
        display_name: the text of the button.
        domain: the ``domain_hint`` that chooses it; "" for none.
        protocol: ``OpenIdConnect`` or ``OAuth2``.
        keys: ``Id`` of a cryptographic key -> id of the policy key.
        claims: one must give ``issuerUserId`` and one ``identityProvider``.
    """

    profile_id: str
    exchange_id: str
    display_name: str
    domain: str
    protocol: str
    metadata: Mapping[str, str]
    claims: tuple[ProviderClaim, ...]
    keys: Mapping[str, str] = field(default_factory=dict)


UNUSABLE: Final = Rule(
    code="JM1541",
    severity=Severity.ERROR,
    message="User flow {flow}: the identity provider {provider} cannot be used: {reason}.",
    help="correct the identity provider, or take it out of the user flow",
    source="graph-api.md §5",
)


def unusable(provider: IdentityProvider) -> str:
    """Return why a provider cannot be used, "" when it can; what was stored once may not be checked yet."""
    try:
        kind = provider_type(provider.type)
    except ValueError as error:
        return str(error)
    return "; ".join(f"{key} {what}" for key, what in wrong_with(provider, kind))


def provider_fragment(provider: IdentityProvider) -> ProviderFragment:
    """Return what the user flows of ``provider`` say of it. Raises ValueError when its type cannot be used."""
    kind = provider_type(provider.type)
    name = _UNSAFE.sub("-", provider.id)
    ready = READY.get(kind.name)
    return ProviderFragment(
        profile_id=name,
        exchange_id=f"{name}Exchange",
        display_name=provider.display_name or kind.title or provider.id,
        domain=provider.domain_hint or kind.domain,
        protocol=ready.protocol if ready else "OpenIdConnect",
        metadata=_openid_connect(provider) if ready is None else _ready(provider, ready),
        keys={"client_secret": provider.secret_key} if provider.secret_key else {},
        claims=_openid_claims(provider) if ready is None else _ready_claims(ready, ready.issuer or kind.domain),
    )


def _ready(provider: IdentityProvider, ready: ReadyProvider) -> Mapping[str, str]:
    scope = provider.scope or ready.scope
    signed = {
        "token_endpoint_auth_method": "signed_client_secret",
        "ClientSecretIssuer": provider.developer_id,
        "ClientSecretKeyId": provider.key_id,
    }
    return {
        **ready.metadata,
        "client_id": provider.client_id,
        "response_types": "code",
        "external_user_identity_claim_id": ready.claims["userId"],
        "UsePolicyInRedirectUri": "false",
        **({"scope": scope} if scope else {}),
        **(signed if provider.key_id else {}),
    }


def _ready_claims(ready: ReadyProvider, issuer: str) -> tuple[ProviderClaim, ...]:
    mapped = (ProviderClaim(_OURS[ours], theirs) for ours, theirs in ready.claims.items())
    return (*mapped, ProviderClaim("identityProvider", default=issuer, always=True))


def _openid_connect(provider: IdentityProvider) -> Mapping[str, str]:
    return {
        "ProviderName": provider.metadata_url,
        "METADATA": provider.metadata_url,
        "client_id": provider.client_id,
        "response_types": provider.response_type,
        "response_mode": provider.response_mode,
        "scope": provider.scope or "openid",
        "UsePolicyInRedirectUri": "false",
        **_issuers(provider.metadata_url),
    }


def _issuers(metadata_url: str) -> Mapping[str, str]:
    """Return whose tokens count when the document is that of all tenants of Entra ID: each has an issuer of its own."""
    parts = urlsplit(metadata_url)
    if parts.hostname != _ENTRA or parts.path.split("/")[1:2] not in (["common"], ["organizations"]):
        return {}
    return {"DiscoverMetadataByTokenIssuer": "true", "ValidTokenIssuerPrefixes": f"https://{_ENTRA}/"}


def _openid_claims(provider: IdentityProvider) -> tuple[ProviderClaim, ...]:
    mapping = {**_OPENID_CLAIMS, **provider.claims_mapping}
    mapped = [ProviderClaim(_OURS[ours], theirs) for ours, theirs in mapping.items() if ours in _OURS and theirs]
    return (*mapped, ProviderClaim("identityProvider", "iss", default=provider.domain_hint or provider.id))
