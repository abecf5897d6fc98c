"""Try an API connector that no user flow needs to call yet: a connector and a sample in, the redacted exchange out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType, Sensitivity
from journeyman.claims.values import DataType
from journeyman.clock import Clock
from journeyman.compiler.compiled import (
    ClaimMapping,
    CompiledPolicy,
    DeploymentMode,
    Languages,
    Metadata,
    TechnicalProfile,
)
from journeyman.compiler.handlers import API_CONNECTOR
from journeyman.connector.api_connector.names import is_unfinished_extension, unsendable, untakable
from journeyman.connector.api_connector.step import Step
from journeyman.diagnostics import Location
from journeyman.engine.alone.call import Called, Wanted, call_alone
from journeyman.errors import SettingsError
from journeyman.policy.connector_profile import STEPS, connector_items
from journeyman.settings import Settings
from journeyman.settings.identity import ApiConnector, ConnectorStep

Attribute = str | bool | int

ATTRIBUTES: Final[Mapping[str, str]] = {
    "email": "ada.example@contoso.example",
    "identities.emailAddress": "ada.example@contoso.example",
    "displayName": "Ada Example",
    "givenName": "Ada",
    "surname": "Example",
    "city": "Ulm",
    "country": "Germany",
}
"""What is sent of nobody in particular."""

_FEDERATED: Final[Mapping[str, str]] = {
    "identities.federated.issuer": "facebook.com",
    "identities.federated.issuerAssignedId": "0123456789",
}
_OBJECT_ID: Final = "00000000-0000-4000-8000-000000000000"
_TAKEN: Final = (
    "displayName",
    "givenName",
    "surname",
    "jobTitle",
    "streetAddress",
    "city",
    "postalCode",
    "state",
    "country",
)
_TYPES: Final = {bool: DataType.BOOLEAN, int: DataType.LONG, str: DataType.STRING}


def sample_attributes(step: ConnectorStep) -> dict[str, Attribute]:
    """Return what a sample holds at a step, by the names of docs/reference/api-connectors.md."""
    match step:
        case ConnectorStep.POST_FEDERATION_SIGNUP:
            known = {name: value for name, value in ATTRIBUTES.items() if name != "identities.emailAddress"}
            return {**known, **_FEDERATED}
        case ConnectorStep.POST_ATTRIBUTE_COLLECTION:
            return dict(ATTRIBUTES)
        case ConnectorStep.PRE_TOKEN_ISSUANCE:
            return {"objectId": _OBJECT_ID, **ATTRIBUTES}


async def call_connector(
    settings: Settings,
    connector: ApiConnector,
    step: ConnectorStep,
    clock: Clock,
    *,
    attributes: Mapping[str, Attribute] | None = None,
    actor: str,
) -> Called:
    """Call the API once with a sample, with the credential and by the rules of a journey.

    Args:
        attributes: what is sent, by name on the wire; None for ``sample_attributes``.
        actor: who asks for it, for the audit trail.

    Raises:
        SettingsError: an attribute cannot be sent at this step.
        JourneymanError: the keys cannot be read, or the connector cannot be called as securely as it says.
    """
    sample = sample_attributes(step) if attributes is None else attributes
    profile = _profile(connector, step, sample)
    claims = ClaimsBag({mapping.claim.id: sample[mapping.name] for mapping in profile.input_claims})
    wanted = Wanted(settings, _policy(settings, profile), profile, claims, tenant=True, show_personal=True, actor=actor)
    return await call_alone(wanted, clock)


def _profile(connector: ApiConnector, step: ConnectorStep, sample: Mapping[str, Attribute]) -> TechnicalProfile:
    items, at = connector_items(connector, step), Step(STEPS[step])
    inputs = tuple(_mapping(name, value) for name, value in sample.items())
    for mapping in inputs:
        reason = unsendable(mapping, at)
        if is_unfinished_extension(mapping.name):
            reason = "write extension_<client id of the extensions application without dashes>_<Name>"
        if reason:
            raise SettingsError(f"the attribute {mapping.name[:100]!r} cannot be sent: {reason}")
    outputs = {mapping.name: mapping for mapping in (*inputs, *(_mapping(name, "") for name in _TAKEN))}
    return TechnicalProfile(
        id=f"ApiConnector {connector.display_name}",
        handler=API_CONNECTOR,
        location=Location(f"API connector {connector.display_name}"),
        metadata=Metadata(items.metadata),
        keys=items.keys,
        input_claims=inputs,
        output_claims=tuple(mapping for mapping in outputs.values() if not untakable(mapping, at)),
    )


def _mapping(name: str, value: Attribute) -> ClaimMapping:
    claim = ClaimType(name, _TYPES[type(value)], sensitivity=Sensitivity.PERSONAL)
    return ClaimMapping(claim, name)


def _policy(settings: Settings, profile: TechnicalProfile) -> CompiledPolicy:
    """Return a policy that holds nothing but the profile."""
    claims = {mapping.claim.id: mapping.claim for mapping in (*profile.input_claims, *profile.output_claims)}
    return CompiledPolicy(
        policy_id="(none)",
        tenant_id=settings.tenant_name,
        trust_framework_tenant_id=settings.tenant_name,
        tenant_object_id=settings.tenant_id,
        deployment_mode=DeploymentMode.PRODUCTION,
        files=(),
        claim_types=claims,
        technical_profiles={profile.id: profile},
        content_definitions={},
        display_controls={},
        journeys={},
        sub_journeys={},
        languages=Languages(),
        relying_party=None,
    )
