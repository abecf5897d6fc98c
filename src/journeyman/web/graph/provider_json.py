"""Identity providers: JSON in, objects of the model out; and the other way round, in the current and the old shape.

Source: graph-api.md §5. ``x_scope`` of a social provider is this project's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from journeyman.keys.creation import SECRET_LIMIT_BYTES
from journeyman.management.identity_providers import kind_of
from journeyman.secret import Secret
from journeyman.settings.identity import IdentityProvider
from journeyman.settings.identity_providers import CLAIMS
from journeyman.settings.provider_types import APPLE, OPENID_CONNECT
from journeyman.web.graph.answers import Entity
from journeyman.web.graph.authentication_configuration import MASK, kept_or_secret
from journeyman.web.graph.members import Members
from journeyman.web.graph.route import Schema
from journeyman.web.graph.schema import TEXT, or_null
from journeyman.web.graph.schema import entity as schema_of

_TYPE: Final = "@odata.type"
_CLAIMS: Final = schema_of((), **dict.fromkeys(CLAIMS, or_null(TEXT)))
_MEMBERS: Final[Mapping[str, Schema]] = {
    _TYPE: TEXT,
    "displayName": TEXT,
    "identityProviderType": TEXT,
    "clientId": TEXT,
    "clientSecret": or_null(TEXT),
    "metadataUrl": TEXT,
    "scope": or_null(TEXT),
    "responseType": TEXT,
    "responseMode": TEXT,
    "domainHint": or_null(TEXT),
    "claimsMapping": _CLAIMS,
    "developerId": TEXT,
    "serviceId": TEXT,
    "keyId": TEXT,
    "certificateData": or_null(TEXT),
}
PROVIDER: Final[Schema] = schema_of(("id",), id=TEXT, **_MEMBERS)
NEW_PROVIDER: Final[Schema] = schema_of((), **_MEMBERS)

_SOCIAL: Final = "socialidentityprovider"
_OPENID: Final = "openidconnectidentityprovider"
_APPLE: Final = "applemanagedidentityprovider"
_OLD: Final = "identityprovider"
_OLD_OPENID: Final = "openidconnectprovider"
_KNOWN: Final = "socialIdentityProvider, openIdConnectIdentityProvider, appleManagedIdentityProvider"


@dataclass(frozen=True, slots=True)
class Sent:
    """An identity provider as it was sent; ``secret`` is None when it is left out or the mask."""

    provider: IdentityProvider
    secret: Secret | None


def new_provider(body: Members, *, old_shape: bool) -> Sent:
    """Return the identity provider that a request describes. Raises InvalidError that names the member."""
    kind = _kind(body, old_shape=old_shape)
    blank = IdentityProvider("", kind, "")
    secret_name = "certificateData" if kind == APPLE.name and body.has("certificateData") else "clientSecret"
    if body.optional_text(secret_name, max_length=SECRET_LIMIT_BYTES) == MASK:
        raise body.wrong(secret_name, "is the mask of answers; send the secret itself")
    return changed_provider(blank, body, old_shape=old_shape)


def changed_provider(provider: IdentityProvider, body: Members, *, old_shape: bool) -> Sent:
    """Return the provider with what a request changes of it."""
    title = "name" if old_shape and not body.has("displayName") else "displayName"
    client = "serviceId" if provider.type == APPLE.name and body.has("serviceId") else "clientId"
    changed = replace(
        provider,
        display_name=_text(body, title, provider.display_name),
        client_id=_text(body, client, provider.client_id),
        metadata_url=_text(body, "metadataUrl", provider.metadata_url),
        scope=_text(body, "scope", provider.scope),
        response_type=_word(body, "responseType", provider.response_type),
        response_mode=_word(body, "responseMode", provider.response_mode),
        domain_hint=_text(body, "domainHint", provider.domain_hint),
        claims_mapping=_claims(body, provider.claims_mapping),
        developer_id=_text(body, "developerId", provider.developer_id),
        key_id=_text(body, "keyId", provider.key_id),
    )
    return Sent(changed, _secret(body, provider))


def provider_shown(provider: IdentityProvider, *, old_shape: bool = False) -> Entity:
    """Return what answers say of a provider: nothing of its secret."""
    mask = None if provider.secret_key is None else MASK
    if old_shape:
        return _old_shape(provider, mask)
    if provider.type == OPENID_CONNECT.name:
        return {
            _TYPE: "#microsoft.graph.openIdConnectIdentityProvider",
            "id": provider.id,
            "displayName": provider.display_name,
            **_openid_members(provider, mask),
        }
    if provider.type == APPLE.name:
        return {
            _TYPE: "#microsoft.graph.appleManagedIdentityProvider",
            "id": provider.id,
            "displayName": provider.display_name,
            "developerId": provider.developer_id,
            "serviceId": provider.client_id,
            "keyId": provider.key_id,
            "certificateData": mask,
        }
    return {
        _TYPE: "#microsoft.graph.socialIdentityProvider",
        "id": provider.id,
        "displayName": provider.display_name,
        "identityProviderType": provider.type,
        "clientId": provider.client_id,
        "clientSecret": mask,
        "x_scope": provider.scope,
    }


def _old_shape(provider: IdentityProvider, mask: str | None) -> Entity:
    shown = {"id": provider.id, "type": provider.type, "name": provider.display_name}
    if provider.type == OPENID_CONNECT.name:
        return {_TYPE: "#microsoft.graph.openIdConnectProvider", **shown, **_openid_members(provider, mask)}
    return {
        _TYPE: "#microsoft.graph.identityProvider",
        **shown,
        "clientId": provider.client_id,
        "clientSecret": mask,
    }


def _openid_members(provider: IdentityProvider, mask: str | None) -> Entity:
    return {
        "clientId": provider.client_id,
        "clientSecret": mask,
        "metadataUrl": provider.metadata_url,
        "scope": provider.scope or "openid",
        "responseType": provider.response_type,
        "responseMode": provider.response_mode,
        "domainHint": provider.domain_hint or None,
        "claimsMapping": {name: provider.claims_mapping.get(name) for name in CLAIMS},
    }


def _kind(body: Members, *, old_shape: bool) -> str:
    named = body.odata_type().lower()
    if named in {_OPENID, _OLD_OPENID}:
        return OPENID_CONNECT.name
    if named == _APPLE:
        return APPLE.name
    if named not in {"", _SOCIAL, _OLD}:
        raise body.wrong(_TYPE, f"is not one of {_KNOWN}")
    member = "type" if old_shape and not body.has("identityProviderType") else "identityProviderType"
    return kind_of(body.text(member, max_length=64)).name


def _secret(body: Members, provider: IdentityProvider) -> Secret | None:
    name = "certificateData" if provider.type == APPLE.name and body.has("certificateData") else "clientSecret"
    if body.optional_text(name, max_length=SECRET_LIMIT_BYTES) is None:
        return None
    return kept_or_secret(body, name)


def _claims(body: Members, present: Mapping[str, str]) -> Mapping[str, str]:
    inner = body.inner("claimsMapping")
    if inner is None:
        return present
    sent = {name: inner.optional_text(name, max_length=256) for name in CLAIMS if inner.has(name)}
    merged = {**present, **sent}
    return {name: theirs for name, theirs in merged.items() if theirs}


def _word(body: Members, name: str, present: str) -> str:
    sent = body.optional_text(name, max_length=64)
    return present if sent is None else sent.lower()


def _text(body: Members, name: str, present: str) -> str:
    """Return a text; null clears it."""
    return "" if body.is_null(name) else (body.optional_text(name) if body.has(name) else present) or ""
