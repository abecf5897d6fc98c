"""An identity provider of a user flow: its settings in, what its technical profile says out.

Source: technical-profiles.md §17, §18, §25; graph-api.md §5 for the claims mapping.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.settings.identity import IdentityProvider

_OPENID_CLAIMS: Final[Mapping[str, str]] = {
    "userId": "sub", "displayName": "name", "givenName": "given_name", "surname": "family_name", "email": "email",
}  # fmt: skip
_OURS: Final[Mapping[str, str]] = {
    "userId": "issuerUserId", "displayName": "displayName", "givenName": "givenName", "surname": "surname",
    "email": "email",
}  # fmt: skip
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


def provider_fragment(provider: IdentityProvider) -> ProviderFragment:
    """Return what the user flows of ``provider`` say of it."""
    name = _UNSAFE.sub("-", provider.id)
    return ProviderFragment(
        profile_id=name,
        exchange_id=f"{name}Exchange",
        display_name=provider.display_name,
        domain=provider.domain_hint,
        protocol="OpenIdConnect",
        metadata=_openid_connect(provider),
        keys={"client_secret": provider.secret_key} if provider.secret_key else {},
        claims=_openid_claims(provider),
    )


def _openid_connect(provider: IdentityProvider) -> Mapping[str, str]:
    return {
        "ProviderName": provider.metadata_url,
        "METADATA": provider.metadata_url,
        "client_id": provider.client_id,
        "response_types": provider.response_type,
        "response_mode": provider.response_mode,
        "scope": provider.scope or "openid",
        "UsePolicyInRedirectUri": "false",
    }


def _openid_claims(provider: IdentityProvider) -> tuple[ProviderClaim, ...]:
    mapping = {**_OPENID_CLAIMS, **provider.claims_mapping}
    mapped = [ProviderClaim(_OURS[ours], theirs) for ours, theirs in mapping.items() if ours in _OURS and theirs]
    return (*mapped, ProviderClaim("identityProvider", "iss", default=provider.domain_hint or provider.id))
