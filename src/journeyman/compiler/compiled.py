"""What the compiler makes of a merged policy: immutable, every reference resolved, ready to run.

Nothing here is changed at run time. Ids keep the declared spelling; maps are keyed by it, since all
references were resolved (without regard to case) when the policy was compiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from journeyman.claims.claim_type import ClaimType, Sensitivity
from journeyman.claims.resolvers import Template
from journeyman.claims.transformations import Method
from journeyman.claims.values import DataType
from journeyman.diagnostics import Location
from journeyman.policy.error_handlers import ErrorHandler


class DeploymentMode(Enum):
    """The effective DeploymentMode of a policy (policy-language.md §1.3)."""

    PRODUCTION = "Production"
    DEVELOPMENT = "Development"
    DEBUGGING = "Debugging"


class Metadata:
    """The metadata of a technical profile; keys are compared without regard to case."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, str]) -> None:
        self._items: Final = {name.strip().casefold(): value for name, value in items.items()}

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the trimmed value of an item, or ``default`` when it is not there."""
        return self._items.get(name.casefold(), default)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean item: ``true``, ``false``, ``1`` or ``0`` in any case; else ``default``."""
        text = self._items.get(name.casefold(), "").strip().casefold()
        return text in {"true", "1"} if text in {"true", "1", "false", "0"} else default

    def names(self) -> tuple[str, ...]:
        """Return the names of all items in lower case."""
        return tuple(self._items)

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._items


@dataclass(frozen=True, slots=True)
class ClaimMapping:
    """An input, output or persisted claim of a technical profile.

    Attributes:
        name: the name on the wire: PartnerClaimType, else the default of the protocol, else the id.
        default: None when no DefaultValue is written.
    """

    claim: ClaimType
    name: str
    default: Template | None = None
    always_use_default: bool = False
    required: bool = False
    overwrite_if_exists: bool = False
    partner_claim_type: str | None = None  # as written, e.g. "Verified.Email"


@dataclass(frozen=True, slots=True)
class DisplayClaim:
    """A claim or a display control on a page, in the order of the page."""

    claim: ClaimType | None
    display_control: str | None
    required: bool
    control_claim_type: str | None = None


@dataclass(frozen=True, slots=True)
class Transformation:
    """A claims transformation with its method found and its claims resolved.

    Attributes:
        inputs, outputs: (transformation claim type in lower case, claim) in document order.
        parameters: input parameter id in lower case -> value, in document order.
        parameter_types: input parameter id in lower case -> its data type.
        input_ids: transformation claim type of each input as written (the claim's id where none is).
        parameter_ids: id of each input parameter as written, in document order.
    """

    id: str
    method: Method
    inputs: tuple[tuple[str, ClaimType], ...]
    parameters: Mapping[str, str]
    outputs: tuple[tuple[str, ClaimType], ...]
    parameter_types: Mapping[str, DataType] = field(default_factory=dict)
    input_ids: tuple[str, ...] = ()
    parameter_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Precondition:
    """A skip condition: the profile or step is skipped when the test equals ``skip_when``."""

    claim_ids: tuple[str, ...]
    equals: str | None  # None: ClaimsExist
    skip_when: bool


@dataclass(frozen=True, slots=True)
class ValidationProfile:
    """A validation technical profile of a page or of a display-control action."""

    profile_id: str
    continue_on_success: bool = True
    continue_on_error: bool = False
    preconditions: tuple[Precondition, ...] = ()


class EnablementKind(Enum):
    """``EnabledForUserJourneys`` (policy-language.md §4.5)."""

    ALWAYS = "Always"
    NEVER = "Never"
    ON_CLAIMS_EXISTENCE = "OnClaimsExistence"
    ON_ITEM_EXISTENCE = "OnItemExistenceInStringCollectionClaim"
    ON_ITEM_ABSENCE = "OnItemAbsenceInStringCollectionClaim"


@dataclass(frozen=True, slots=True)
class Enablement:
    """When a technical profile takes part in a journey."""

    kind: EnablementKind = EnablementKind.ALWAYS
    claim_id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class TechnicalProfile:
    """A technical profile after inheritance and includes.

    Attributes:
        handler: the registry name of its provider: the class part of a Proprietary handler
            (``Web.TPEngine.Providers.RestfulProvider``) or one of compiler/handlers.py.
        keys: id of the cryptographic key as written -> storage reference id, in document order.
        session_profile: id of the session management profile, or None.
    """

    id: str
    handler: str
    location: Location
    protocol: str = ""
    display_name: str = ""
    provider_display_name: str = ""
    domains: tuple[str, ...] = ()
    input_token_format: str | None = None
    output_token_format: str | None = None
    metadata: Metadata = field(default_factory=lambda: Metadata({}))
    keys: Mapping[str, str] = field(default_factory=dict)
    include_in_sso: bool = True
    input_transformations: tuple[Transformation, ...] = ()
    input_claims: tuple[ClaimMapping, ...] = ()
    display_claims: tuple[DisplayClaim, ...] = ()
    persisted_claims: tuple[ClaimMapping, ...] = ()
    output_claims: tuple[ClaimMapping, ...] = ()
    output_transformations: tuple[Transformation, ...] = ()
    validation_profiles: tuple[ValidationProfile, ...] = ()
    session_profile: str | None = None
    enablement: Enablement = field(default_factory=Enablement)
    unsupported: str | None = None  # why the engine cannot run it; a journey that reaches it refuses
    error_handlers: tuple[ErrorHandler, ...] = ()


@dataclass(frozen=True, slots=True)
class DisplayControl:
    """A display control of a page."""

    id: str
    control_type: str
    input_claims: tuple[ClaimMapping, ...]
    display_claims: tuple[DisplayClaim, ...]
    output_claims: tuple[ClaimMapping, ...]
    actions: Mapping[str, tuple[ValidationProfile, ...]]  # action id


# --- pages -------------------------------------------------------------------------------------


class PageType(Enum):
    """The page that a content definition's DataUri names (pages.md §1.2)."""

    GLOBAL_EXCEPTION = "globalexception"
    PROVIDER_SELECTION = "providerselection"
    UNIFIED_SSP = "unifiedssp"
    UNIFIED_SSD = "unifiedssd"
    SELF_ASSERTED = "selfasserted"
    MULTIFACTOR = "multifactor"
    CLAIMS_CONSENT = "claimsconsent"


TextKey = tuple[str, str, str]  # (element type, element id, string id), each in lower case; "" where absent
LocalizedItem = tuple[str, str, bool]  # text, value, whether it is selected by default


@dataclass(frozen=True, slots=True)
class LocalizedTexts:
    """The texts of one page in one language."""

    strings: Mapping[TextKey, str] = field(default_factory=dict)
    collections: Mapping[TextKey, tuple[LocalizedItem, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContentDefinition:
    """A content definition; ``texts`` is keyed by language tag in lower case, as the policy lists them."""

    id: str
    page_type: PageType
    version: tuple[int, int, int]
    contract: bool
    load_uri: Template
    metadata: Metadata
    texts: Mapping[str, LocalizedTexts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a policy; ``supported`` is empty when localization is off."""

    default: str = "en"
    supported: tuple[str, ...] = ()


# --- journeys ----------------------------------------------------------------------------------


class StepType(Enum):
    """The types of an orchestration step."""

    COMBINED_SIGN_IN_AND_SIGN_UP = "CombinedSignInAndSignUp"
    CLAIMS_PROVIDER_SELECTION = "ClaimsProviderSelection"
    CLAIMS_EXCHANGE = "ClaimsExchange"
    SEND_CLAIMS = "SendClaims"
    GET_CLAIMS = "GetClaims"
    INVOKE_SUB_JOURNEY = "InvokeSubJourney"
    CONSENT_SCREEN = "ConsentScreen"
    REVIEW_SCREEN = "ReviewScreen"
    USER_DIALOG = "UserDialog"
    NOOP = "Noop"


@dataclass(frozen=True, slots=True)
class Selection:
    """A way to go on that a selection page offers: exactly one of the two is set."""

    target_exchange: str | None = None
    validation_exchange: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A claims exchange of a step."""

    id: str
    profile_id: str


@dataclass(frozen=True, slots=True)
class Step:
    """An orchestration step."""

    order: int
    type: StepType
    content_definition: str | None = None
    preconditions: tuple[Precondition, ...] = ()
    show_single_provider: bool = False
    selections: tuple[Selection, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    issuer_profile: str | None = None
    sub_journeys: tuple[str, ...] = ()
    unsupported: str | None = None


class JourneyKind(Enum):
    """A user journey, or the type of a sub journey."""

    USER = "User"
    CALL = "Call"
    TRANSFER = "Transfer"


@dataclass(frozen=True, slots=True)
class Journey:
    """A user journey or sub journey, its steps in the order in which they run.

    ``authorization_profiles`` run before the steps and check the presented access token.
    """

    id: str
    kind: JourneyKind
    steps: tuple[Step, ...]
    non_interactive: bool = False
    default_issuer_profile: str | None = None
    authorization_profiles: tuple[str, ...] = ()


class SsoScope(Enum):
    """``SingleSignOn/@Scope``; TrustFramework counts as Tenant."""

    SUPPRESSED = "Suppressed"
    TENANT = "Tenant"
    APPLICATION = "Application"
    POLICY = "Policy"


@dataclass(frozen=True, slots=True)
class SessionBehavior:
    """How sign-in sessions of a relying party live."""

    scope: SsoScope = SsoScope.TENANT
    rolling: bool = True
    lifetime_s: int = 86_400
    keep_alive_days: int = 0
    enforce_id_token_hint_on_logout: bool = False


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The relying party of a policy: what runs and what goes into the token."""

    journey: str
    endpoint_journeys: Mapping[str, str]  # endpoint id in lower case ("token", "userinfo") -> journey id
    protocol: str
    output_claims: tuple[ClaimMapping, ...]
    input_claims: tuple[ClaimMapping, ...]
    subject_name: str | None  # SubjectNamingInfo/@ClaimType as written
    session: SessionBehavior
    script_allowed: bool
    framing_sources: tuple[str, ...]
    content_parameters: tuple[tuple[str, Template], ...]


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy that can run.

    Attributes:
        relying_party: None for a base or extensions policy.
        reached: ids of the technical profiles that the relying party can run; the others may be
            templates that only serve to be included.
    """

    policy_id: str
    tenant_id: str
    trust_framework_tenant_id: str
    tenant_object_id: str | None
    deployment_mode: DeploymentMode
    files: tuple[str, ...]
    claim_types: Mapping[str, ClaimType]
    technical_profiles: Mapping[str, TechnicalProfile]
    content_definitions: Mapping[str, ContentDefinition]
    display_controls: Mapping[str, DisplayControl]
    journeys: Mapping[str, Journey]
    sub_journeys: Mapping[str, Journey]
    languages: Languages
    relying_party: RelyingParty | None
    reached: frozenset[str] = frozenset()

    def sensitivity(self, claim_id: str) -> Sensitivity:
        """Return what a record may show of a claim; an unknown claim counts as secret."""
        claim = self.claim_types.get(claim_id)
        return claim.sensitivity if claim else Sensitivity.SECRET
