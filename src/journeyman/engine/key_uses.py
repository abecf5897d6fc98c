"""Who uses a policy key: the policies of a tenant in; technical profiles, issuers and endpoints out.

Nothing is compiled, so a policy with errors still says which keys it needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from journeyman.compiler.handlers import API_CALLS, API_CONNECTOR, JWT_ISSUER, SAML_ISSUER, handler_of
from journeyman.diagnostics import Location
from journeyman.engine.stored import Stored
from journeyman.engine.tenant_policies import load_tenant_policies, tenant_texts
from journeyman.keys.development import PLATFORM_SIGNING
from journeyman.policy import connector_profile
from journeyman.policy.connector_profile import connector_items
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import CryptographicKey, Policy, TechnicalProfile, key
from journeyman.settings import Settings
from journeyman.settings.identity import ConnectorStep, IdentitySettings

_ISSUERS: Final = frozenset({JWT_ISSUER, SAML_ISSUER})
_SERVICE_URL: Final = "serviceurl"
_AUTHENTICATION_TYPE: Final = "authenticationtype"
_CALLS: Final = frozenset(handler.casefold() for handler in API_CALLS)


class UseKind(Enum):
    """What a policy key is used by."""

    REST_CALL = "rest call"
    MANAGED_BEARER = "managed bearer"
    ISSUER = "issuer"
    TECHNICAL_PROFILE = "technical profile"
    TOKEN_ENDPOINT = "token endpoint"  # noqa: S105  # the name of an endpoint


_ADDRESS: Final = {
    UseKind.MANAGED_BEARER: (key(connector_profile.TOKEN_URL), key(connector_profile.CLIENT_AUTHENTICATION)),
}
"""Where the address and the proof of a use stand in its profile, when not in the items of every call."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One place that needs a policy key.

    Attributes:
        set_id: the key set as the place names it.
        user: id of the technical profile; for the token endpoint its path.
        key_name: ``Id`` of the cryptographic key, ``ClientCertificate`` for one; the setting of a managed bearer.
        handler: what runs the profile.
        policies: ids of the policies that applications can ask for and that hold the profile.
        service_url: address of a REST call as the policy writes it, of the token endpoint of a managed
            bearer; "" for others.
        authentication_type: of a REST call, client authentication of a managed bearer; "" for others.
    """

    set_id: str
    kind: UseKind
    user: str
    key_name: str
    handler: str = ""
    location: Location | None = None
    policies: tuple[str, ...] = ()
    service_url: str = ""
    authentication_type: str = ""


def key_uses(settings: Settings, stored: Stored | None = None) -> tuple[KeyUse, ...]:
    """Return all uses of policy keys in the policies of a tenant, and by the engine itself.

    ``stored`` is None for what the folder alone says.

    Files that cannot be parsed are passed over: `journeyman check` reports them.
    """
    known = stored or Stored(identity=settings.identity)
    loaded = load_tenant_policies(settings, tenant_texts(settings, known))
    connectors = _idle_connectors(known.identity)
    return (*uses_in(loaded), *_managed_bearers(settings, loaded), *connectors, _token_endpoint(settings))


def uses_in(loaded: LoadedPolicies) -> tuple[KeyUse, ...]:
    """Return the uses in policies, each ``<Key>`` of a technical profile once, in the order of the files."""
    found: dict[tuple[Location, str], KeyUse] = {}
    for policy in _complete(loaded):
        for profile in policy.technical_profiles.values():
            for entry in profile.cryptographic_keys.values():
                place = entry.location, key(profile.id)
                found[place] = _use(profile, entry, policy, found.get(place))
    return tuple(sorted(found.values(), key=_order))


def _managed_bearers(settings: Settings, loaded: LoadedPolicies) -> Iterator[KeyUse]:
    """Yield the keys that ``journeyman.toml`` names; a profile that no policy has keeps the name written there."""
    for name, profile in settings.profiles.items():
        if profile.bearer is None:
            continue
        holders = [policy for policy in _complete(loaded) if name in policy.technical_profiles]
        yield KeyUse(
            set_id=profile.bearer.key,
            kind=UseKind.MANAGED_BEARER,
            user=holders[0].technical_profiles[name].id if holders else name,
            key_name="bearer.key",
            authentication_type=profile.bearer.client_authentication.value,
            policies=tuple(policy.policy_id for policy in holders if policy.relying_party is not None),
            service_url=profile.bearer.token_url,
        )


def _idle_connectors(identity: IdentitySettings) -> Iterator[KeyUse]:
    """Yield the keys of API connectors that no user flow calls: one may call them tomorrow."""
    called = {name.casefold() for flow in identity.user_flows for name in flow.connectors.values()}
    for connector in identity.api_connectors:
        if connector.id.casefold() in called:
            continue
        items = connector_items(connector, ConnectorStep.PRE_TOKEN_ISSUANCE)
        for key_name, set_id in items.keys.items():
            kind = UseKind.MANAGED_BEARER if key_name == connector_profile.CLIENT_KEY else UseKind.REST_CALL
            metadata = {key(name): value for name, value in items.metadata.items()}
            url, method = _ADDRESS.get(kind, (_SERVICE_URL, _AUTHENTICATION_TYPE))
            yield KeyUse(
                set_id=set_id,
                kind=kind,
                user=f"API connector {connector.display_name}",
                key_name=key_name,
                handler=API_CONNECTOR,
                service_url=metadata[url],
                authentication_type=metadata[method],
            )


def uses_of(uses: tuple[KeyUse, ...], set_id: str) -> tuple[KeyUse, ...]:
    """Return the uses of one key set; ids are compared without regard to case."""
    return tuple(use for use in uses if use.set_id.lower() == set_id.lower())


def _complete(loaded: LoadedPolicies) -> Iterator[Policy]:
    for name, policy in loaded.policies.items():
        # A file whose base is missing is looked at by itself.
        yield loaded.merged(name)[0] or policy


def _use(profile: TechnicalProfile, entry: CryptographicKey, policy: Policy, known: KeyUse | None) -> KeyUse:
    handler = handler_of(profile)
    kind = _kind(handler, entry)
    rest = kind is not UseKind.ISSUER and kind is not UseKind.TECHNICAL_PROFILE
    policies = known.policies if known else ()
    url, method = _ADDRESS.get(kind, (_SERVICE_URL, _AUTHENTICATION_TYPE))
    return KeyUse(
        set_id=entry.storage_reference_id,
        kind=kind,
        user=profile.id,
        key_name=entry.id,
        handler=handler or (known.handler if known else ""),
        location=entry.location,
        policies=(*policies, policy.policy_id) if policy.relying_party is not None else policies,
        service_url=_item(profile, url) if rest else "",
        authentication_type=_item(profile, method) if rest else "",
    )


def _kind(handler: str, entry: CryptographicKey) -> UseKind:
    if handler in _ISSUERS:
        return UseKind.ISSUER
    if handler.casefold() == API_CONNECTOR.casefold() and key(entry.id) == key(connector_profile.CLIENT_KEY):
        return UseKind.MANAGED_BEARER
    return UseKind.REST_CALL if handler.casefold() in _CALLS else UseKind.TECHNICAL_PROFILE


def _item(profile: TechnicalProfile, name: str) -> str:
    items: Mapping[str, str] = {key(item.key): item.value for item in profile.metadata.values()}
    return items.get(name, "")


def _token_endpoint(settings: Settings) -> KeyUse:
    path = f"/{settings.tenant_name}/oauth2/v2.0/token"
    return KeyUse(PLATFORM_SIGNING.id, UseKind.TOKEN_ENDPOINT, user=path, key_name="signing key")


def _order(use: KeyUse) -> tuple[str, int, int, str]:
    place = use.location or Location("")
    return place.path, place.line, place.column, use.user
