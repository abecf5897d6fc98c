"""The TrustFrameworkPolicy language as data: what the parser makes of a file and the merge makes of a chain.

* A field holds what stands in the XML; None (or an empty tuple or dict) means that it does not stand there.
  Defaults belong to the compiler, so that a merge can tell "absent" from "written".
* Keyed maps are dicts in document order, from ``key(id)`` (the id in lower case, trimmed) to the
  element, which keeps the declared spelling.
* ``location`` is where the element stands; after a merge it is the place of the most derived definition.
* ``parts`` tells where each value comes from (policy/origin.py); entries of lists and maps carry their own place.

Source: policy-language.md (schema 0.3.0.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from journeyman.diagnostics import Location
from journeyman.policy.error_handlers import ErrorHandler
from journeyman.policy.origin import NOWHERE, Parts


def key(identifier: str) -> str:
    """Return the form under which identifiers are compared: without regard to case and outer blanks."""
    return identifier.strip().casefold()


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to another element by its id."""

    id: str
    location: Location


@dataclass(frozen=True, slots=True)
class Item:
    """``<Item Key="…">value</Item>``: metadata, or a content definition parameter."""

    key: str
    value: str
    location: Location


@dataclass(frozen=True, slots=True)
class Protocol:
    """``<Protocol Name Handler>`` of a technical profile, or one row of DefaultPartnerClaimTypes."""

    name: str
    handler: str | None
    partner_claim_type: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class Enumeration:
    """One option of a restriction, or one item of a localized collection."""

    text: str
    value: str
    select_by_default: bool
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The regular expression of a restriction."""

    regular_expression: str
    help_text: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class Restriction:
    """``<Restriction>``: options or a pattern."""

    merge_behavior: str | None
    enumerations: tuple[Enumeration, ...]
    pattern: Pattern | None
    location: Location


@dataclass(frozen=True, slots=True)
class Mask:
    """``<Mask Type="Simple|Regex" Regex>text</Mask>``."""

    type: str
    regex: str | None
    text: str


@dataclass(frozen=True, slots=True)
class ClaimType:
    """``<ClaimType>``."""

    id: str
    location: Location
    display_name: str | None = None
    data_type: str | None = None
    default_partner_claim_types: Mapping[str, Protocol] = field(default_factory=dict)  # key(protocol name)
    mask: Mask | None = None
    admin_help_text: str | None = None
    user_help_text: str | None = None
    user_input_type: str | None = None
    restriction: Restriction | None = None
    input_validation: Reference | None = None
    predicate_validation: Reference | None = None
    parts: Parts = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Predicate:
    """``<Predicate>``."""

    id: str
    location: Location
    method: str
    help_text: str | None
    user_help_text: str | None
    parameters: Mapping[str, str]  # key(parameter id)


@dataclass(frozen=True, slots=True)
class PredicateGroup:
    """``<PredicateGroup>``; ``match_at_least`` None means all, ``reject`` that fewer must match."""

    id: str
    user_help_text: str | None
    match_at_least: int | None
    predicates: tuple[Reference, ...]
    location: Location
    reject: bool = False


@dataclass(frozen=True, slots=True)
class PredicateValidation:
    """``<PredicateValidation>`` or the older ``<InputValidation>``."""

    id: str
    location: Location
    groups: tuple[PredicateGroup, ...]


@dataclass(frozen=True, slots=True)
class TransformationClaim:
    """An input or output claim of a claims transformation."""

    claim_type: str
    transformation_claim_type: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class InputParameter:
    """``<InputParameter Id DataType Value>``."""

    id: str
    data_type: str
    value: str
    location: Location


@dataclass(frozen=True, slots=True)
class ClaimsTransformation:
    """``<ClaimsTransformation>``; a section is None when it does not stand in the file."""

    id: str
    location: Location
    method: str | None
    input_claims: tuple[TransformationClaim, ...] | None
    input_parameters: tuple[InputParameter, ...] | None
    output_claims: tuple[TransformationClaim, ...] | None
    parts: Parts = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class ClientDefinition:
    """``<ClientDefinition>``."""

    id: str
    location: Location
    filter_flags: str


@dataclass(frozen=True, slots=True)
class LocalizedResourcesReference:
    """``<LocalizedResourcesReference Language LocalizedResourcesReferenceId>``."""

    language: str
    resources: Reference | None
    url: str | None
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ContentDefinition:
    """``<ContentDefinition>``."""

    id: str
    location: Location
    load_uri: str | None = None
    recovery_uri: str | None = None
    data_uri: str | None = None
    metadata: Mapping[str, Item] = field(default_factory=dict)
    localized_resources: tuple[LocalizedResourcesReference, ...] | None = None
    localized_resources_merge_behavior: str | None = None
    parts: Parts = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class LocalizedString:
    """``<LocalizedString>``; the text is not trimmed."""

    element_type: str
    element_id: str | None
    string_id: str
    text: str
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class LocalizedCollection:
    """``<LocalizedCollection>``."""

    element_type: str
    element_id: str
    target_collection: str
    items: tuple[Enumeration, ...]
    location: Location = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class LocalizedResources:
    """``<LocalizedResources>``; keys are (element type, element id, string id or target), each by ``key``."""

    id: str
    location: Location
    strings: Mapping[tuple[str, str, str], LocalizedString]
    collections: Mapping[tuple[str, str, str], LocalizedCollection]


@dataclass(frozen=True, slots=True)
class Localization:
    """``<Localization>``."""

    enabled: bool | None = None
    default_language: str | None = None
    policy_language: str | None = None
    supported_languages: tuple[str, ...] | None = None
    supported_languages_merge_behavior: str | None = None
    resources: Mapping[str, LocalizedResources] = field(default_factory=dict)
    parts: Parts = field(default_factory=dict, compare=False)


# --- technical profiles ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimReference:
    """An input, output or persisted claim of a technical profile, with the attributes as written."""

    claim_type: str
    location: Location
    partner_claim_type: str | None = None
    default_value: str | None = None
    always_use_default_value: bool = False
    required: bool = False
    overwrite_if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DisplayClaim:
    """A display claim: exactly one of ``claim_type`` and ``display_control``."""

    claim_type: str | None
    display_control: str | None
    required: bool
    location: Location
    control_claim_type: str | None = None


@dataclass(frozen=True, slots=True)
class CryptographicKey:
    """``<Key Id StorageReferenceId>``."""

    id: str
    storage_reference_id: str
    location: Location


@dataclass(frozen=True, slots=True)
class Precondition:
    """``<Precondition>``; ``type`` is ClaimsExist or ClaimEquals, checked by the compiler."""

    type: str
    execute_actions_if: bool
    values: tuple[str, ...]
    actions: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class ValidationTechnicalProfile:
    """A validation technical profile, or one profile of a display control's action."""

    profile: Reference
    continue_on_success: bool | None
    continue_on_error: bool | None
    preconditions: tuple[Precondition, ...]


@dataclass(frozen=True, slots=True)
class SubjectNamingInfo:
    """``<SubjectNamingInfo>``."""

    claim_type: str
    format: str | None
    exclude_as_claim: bool
    location: Location


@dataclass(frozen=True, slots=True)
class TechnicalProfile:
    """``<TechnicalProfile>``; provider fields come from the ClaimsProvider element around it."""

    id: str
    location: Location
    provider_display_name: str | None = None
    domains: tuple[str, ...] = ()
    display_name: str | None = None
    description: str | None = None
    protocol: Protocol | None = None
    input_token_format: str | None = None
    output_token_format: str | None = None
    metadata: Mapping[str, Item] = field(default_factory=dict)
    cryptographic_keys: Mapping[str, CryptographicKey] = field(default_factory=dict)
    include_in_sso: bool | None = None
    input_claims_transformations: tuple[Reference, ...] = ()
    input_claims: tuple[ClaimReference, ...] = ()
    display_claims: tuple[DisplayClaim, ...] = ()
    persisted_claims: tuple[ClaimReference, ...] = ()
    output_claims: tuple[ClaimReference, ...] = ()
    output_claims_transformations: tuple[Reference, ...] = ()
    validation_technical_profiles: tuple[ValidationTechnicalProfile, ...] = ()
    subject_naming_info: SubjectNamingInfo | None = None
    include_technical_profile: Reference | None = None
    include_claims_from_technical_profile: Reference | None = None
    session_management: Reference | None = None
    enabled_for_user_journeys: str | None = None
    error_handlers: tuple[ErrorHandler, ...] = ()
    parts: Parts = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class DisplayControlAction:
    """``<Action Id>`` of a display control."""

    id: str
    profiles: tuple[ValidationTechnicalProfile, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class DisplayControl:
    """``<DisplayControl>``."""

    id: str
    location: Location
    control_type: str | None = None
    input_claims: tuple[ClaimReference, ...] = ()
    display_claims: tuple[DisplayClaim, ...] = ()
    output_claims: tuple[ClaimReference, ...] = ()
    actions: Mapping[str, DisplayControlAction] = field(default_factory=dict)
    parts: Parts = field(default_factory=dict, compare=False)


# --- journeys ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimsProviderSelection:
    """One selection: a target exchange of the next step, or a validation exchange of this one."""

    target_claims_exchange: str | None
    validation_claims_exchange: str | None
    location: Location


@dataclass(frozen=True, slots=True)
class ClaimsExchange:
    """``<ClaimsExchange Id TechnicalProfileReferenceId>``."""

    id: str
    profile: Reference


@dataclass(frozen=True, slots=True)
class OrchestrationStep:
    """``<OrchestrationStep>``."""

    order: int
    location: Location
    type: str | None = None
    content_definition: Reference | None = None
    issuer_technical_profile: Reference | None = None
    preconditions: tuple[Precondition, ...] | None = None
    display_option: str | None = None
    claims_provider_selections: tuple[ClaimsProviderSelection, ...] = ()
    claims_exchanges: Mapping[str, ClaimsExchange] = field(default_factory=dict)
    journey_list: tuple[Reference, ...] | None = None
    parts: Parts = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class UserJourney:
    """``<UserJourney>``, or ``<SubJourney>`` when ``sub_journey_type`` is set."""

    id: str
    location: Location
    sub_journey_type: str | None = None
    non_interactive: bool | None = None
    default_issuer_technical_profile: Reference | None = None
    authorization_technical_profiles: tuple[Reference, ...] | None = None
    client_definition: Reference | None = None
    steps: Mapping[int, OrchestrationStep] = field(default_factory=dict)  # by Order, ascending
    parts: Parts = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``<Endpoint Id UserJourneyReferenceId>``."""

    id: str
    journey: Reference


@dataclass(frozen=True, slots=True)
class Behavior:
    """One child of ``<UserJourneyBehaviors>``: its name, attributes, text and parameters."""

    name: str
    attributes: Mapping[str, str]
    text: str
    parameters: Mapping[str, Item]
    location: Location


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """``<RelyingParty>``."""

    location: Location
    default_user_journey: Reference | None = None
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    behaviors: Mapping[str, Behavior] = field(default_factory=dict)  # key(element name)
    technical_profile: TechnicalProfile | None = None


@dataclass(frozen=True, slots=True)
class BasePolicy:
    """``<BasePolicy>``: the parent of a file."""

    tenant_id: str
    policy_id: str
    location: Location


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy file, or the result of merging a chain of them (then ``base`` is None).

    ``files`` are the paths that took part, the root base first.
    """

    location: Location
    tenant_id: str
    policy_id: str
    public_policy_uri: str | None
    schema_version: str
    tenant_object_id: str | None
    deployment_mode: str | None
    journey_recorder_endpoint: str | None
    base: BasePolicy | None
    trust_framework_tenant_id: str  # the TenantId of the root base file; of the file itself before a merge
    files: tuple[str, ...]
    claim_types: Mapping[str, ClaimType] = field(default_factory=dict)
    predicates: Mapping[str, Predicate] = field(default_factory=dict)
    predicate_validations: Mapping[str, PredicateValidation] = field(default_factory=dict)
    input_validations: Mapping[str, PredicateValidation] = field(default_factory=dict)
    claims_transformations: Mapping[str, ClaimsTransformation] = field(default_factory=dict)
    client_definitions: Mapping[str, ClientDefinition] = field(default_factory=dict)
    content_definitions: Mapping[str, ContentDefinition] = field(default_factory=dict)
    localization: Localization | None = None
    display_controls: Mapping[str, DisplayControl] = field(default_factory=dict)
    technical_profiles: Mapping[str, TechnicalProfile] = field(default_factory=dict)
    user_journeys: Mapping[str, UserJourney] = field(default_factory=dict)
    sub_journeys: Mapping[str, UserJourney] = field(default_factory=dict)
    relying_party: RelyingParty | None = None
    parts: Parts = field(default_factory=dict, compare=False)
