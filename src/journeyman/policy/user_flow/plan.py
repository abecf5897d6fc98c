"""What the template of a user flow is filled with: a flow and what it names in, plain values out.

Every decision is taken here; the template only writes it down. Source: pages.md §13, rest-connectors.md §15.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from journeyman.policy.user_flow.attributes import EMAIL, FlowAttribute, attribute_table, find
from journeyman.policy.user_flow.check import has_value
from journeyman.policy.user_flow.connectors import ConnectorCall, connector_calls
from journeyman.policy.user_flow.identity_providers import ProviderFragment, provider_fragment
from journeyman.policy.user_flow.pages import (
    Page,
    has_local_accounts,
    has_sign_in,
    has_sign_up,
    pages_of,
    resets_password,
)
from journeyman.policy.user_flow.steps import Step, journey_steps, reachable_steps, refresh_steps
from journeyman.policy.user_flow.texts import Resources, languages_of, resources_of
from journeyman.settings.identity import (
    AttributeAssignment,
    AttributeOption,
    AttributeType,
    ConnectorStep,
    IdentitySettings,
    InputType,
    LocalAccounts,
    PasswordComplexity,
    PasswordRules,
    UserFlow,
    UserFlowType,
)

_BOXES: Final = frozenset({InputType.TEXT_BOX, InputType.EMAIL_BOX})
_YES_OR_NO: Final = (AttributeOption("Yes", "true"), AttributeOption("No", "false"))
_INPUT_TYPES: Final[Mapping[AttributeType, InputType]] = {
    AttributeType.BOOLEAN: InputType.RADIO_SINGLE_SELECT,
    AttributeType.STRING_COLLECTION: InputType.CHECKBOX_MULTI_SELECT,
    AttributeType.DATE_TIME: InputType.DATE_TIME_DROPDOWN,
}
"""How a page asks for what no text box can take."""

_COMPLEXITY: Final[Mapping[PasswordComplexity, PasswordRules]] = {
    PasswordComplexity.SIMPLE: PasswordRules(character_classes=0),
    PasswordComplexity.STRONG: PasswordRules(),
}
_SUPPLIED_BY_PROVIDERS: Final = ("displayName", "givenName", "surname")


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute on a page."""

    claim: str
    required: bool
    verify: bool


@dataclass(frozen=True, slots=True)
class ClaimType:
    """The claim type of an attribute; without ``input_type`` no page asks for it."""

    id: str
    label: str
    data_type: str
    help: str
    input_type: str = ""
    options: tuple[AttributeOption, ...] = ()
    pattern: str = ""
    pattern_help: str = ""


@dataclass(frozen=True, slots=True)
class OutputClaim:
    """A claim of the token."""

    claim: str
    token: str


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """A user flow, worked out.

    Attributes:
        user_names: whether local accounts sign in with a user name; with an e-mail address otherwise.
        fields: what the pages of attributes ask for besides name and password, in their order.
        read: attributes that are read from the directory for every token.
        kept: claims that a redeemed refresh token brings along.
        fresh: whether a redeemed refresh token reads the directory anew.
    """

    flow: UserFlow
    policy_id: str
    tenant: str
    extensions_app: str
    local: bool
    user_names: bool
    sign_in: bool
    sign_up: bool
    reset: bool
    profile: bool
    resource_owner: bool
    providers: tuple[ProviderFragment, ...]
    claim_types: tuple[ClaimType, ...]
    fields: tuple[Field, ...]
    read: tuple[str, ...]
    returned: tuple[OutputClaim, ...]
    kept: tuple[str, ...]
    fresh: bool
    connectors: tuple[ConnectorCall, ...]
    rules: PasswordRules
    pages: tuple[Page, ...]
    languages: tuple[str, ...]
    resources: tuple[Resources, ...]
    steps: tuple[Step, ...]
    refresh_steps: tuple[Step, ...]

    @property
    def emails(self) -> bool:
        """Whether the addresses of the account are needed, for the token or for an API connector."""
        return any(each.claim == "emails" for each in self.returned) or self.calls(ConnectorStep.PRE_TOKEN_ISSUANCE)

    @property
    def access_token(self) -> bool:
        """Whether the token passes on the access token of the identity provider."""
        return any(each.claim == "identityProviderAccessToken" for each in self.returned)

    @property
    def password_policies(self) -> str:
        """What the directory keeps of the rules of the password."""
        strong = self.flow.password_complexity is PasswordComplexity.STRONG
        return "DisablePasswordExpiration" if strong else "DisablePasswordExpiration, DisableStrongPassword"

    @property
    def password_help(self) -> str:
        """The rule of passwords in one sentence, for the page that asks for a new one."""
        rules = self.rules
        length = f"{rules.min_length} to {rules.max_length} characters"
        if not rules.character_classes:
            return f"{length}."
        classes = "a lowercase letter, an uppercase letter, a digit, a symbol"
        return f"{length}, with at least {rules.character_classes} of: {classes}."

    @property
    def sign_in_attribute(self) -> str:
        """The attribute of the directory that holds the sign-in name."""
        return "signInNames.userName" if self.user_names else "signInNames.emailAddress"

    def calls(self, step: ConnectorStep) -> bool:
        """Whether an API connector is called at a step."""
        return any(each.step is step for each in self.connectors)


def plan_flow(
    flow: UserFlow, identity: IdentitySettings, *, tenant: str, extensions_app: str, policy_id: str
) -> FlowPlan:
    """Work out a user flow whose references have been checked.

    Args:
        identity: where the attributes, providers and connectors are that it names.
        extensions_app: the client id of the extensions application, in the names that API connectors see.
    """
    if not (has_sign_in(flow) or has_sign_up(flow)):
        flow = replace(flow, identity_providers=())
    attributes = attribute_table(identity.user_attributes)
    providers = _providers(flow, identity)
    collected = [(each, found) for each in flow.attributes if (found := find(attributes, each.attribute)) is not None]
    claims = [found for each in flow.claims if (found := find(attributes, each)) is not None]
    returned = [each for each in claims if has_value(flow, each)]
    pages = pages_of(flow)
    token_step = ConnectorStep.PRE_TOKEN_ISSUANCE in {*flow.connectors} & {*reachable_steps(flow)}
    wanted = [*returned, *(found for _, found in collected if token_step or flow.type is UserFlowType.PROFILE_UPDATE)]
    outputs = _outputs(returned)
    return FlowPlan(
        flow=flow,
        policy_id=policy_id,
        tenant=tenant,
        extensions_app=extensions_app,
        local=has_local_accounts(flow),
        user_names=flow.local_accounts is LocalAccounts.USER_NAME,
        sign_in=has_sign_in(flow),
        sign_up=has_sign_up(flow),
        reset=resets_password(flow),
        profile=flow.type is UserFlowType.PROFILE_UPDATE,
        resource_owner=flow.type is UserFlowType.RESOURCE_OWNER,
        providers=providers,
        claim_types=_claim_types(collected, returned, attributes, social=bool(providers)),
        fields=tuple(Field(found.claim, not each.optional, _verified(each, found)) for each, found in collected),
        read=tuple(dict.fromkeys(each.claim for each in wanted if each.read)),
        returned=outputs,
        kept=tuple(dict.fromkeys(each.claim for each in outputs if each.claim not in {"objectId", "newUser"})),
        fresh=not token_step,
        connectors=connector_calls(
            flow, identity.api_connectors, [found for _, found in collected], returned, extensions_app=extensions_app
        ),
        rules=_COMPLEXITY.get(flow.password_complexity, flow.password_rules),
        pages=pages,
        languages=languages_of(flow),
        resources=resources_of(flow, pages, providers),
        steps=journey_steps(flow, providers),
        refresh_steps=refresh_steps(),
    )


def _providers(flow: UserFlow, identity: IdentitySettings) -> tuple[ProviderFragment, ...]:
    known = {each.id.casefold(): each for each in identity.identity_providers}
    return tuple(provider_fragment(known[each.casefold()]) for each in flow.identity_providers)


def _verified(assignment: AttributeAssignment, attribute: FlowAttribute) -> bool:
    return assignment.requires_verification and attribute is EMAIL


def _outputs(returned: Iterable[FlowAttribute]) -> tuple[OutputClaim, ...]:
    """Return the claims of the token; ``email`` is one of ``emails`` there."""
    found = (OutputClaim("emails" if each is EMAIL else each.claim, each.token) for each in returned)
    return tuple(dict.fromkeys(found))


def _claim_types(
    collected: Sequence[tuple[AttributeAssignment, FlowAttribute]],
    returned: Iterable[FlowAttribute],
    attributes: Mapping[str, FlowAttribute],
    *,
    social: bool,
) -> tuple[ClaimType, ...]:
    """Return the claim types of attributes; those of names, addresses and the like stand in the template."""
    found = {attribute.claim: _asked(assignment, attribute) for assignment, attribute in collected}
    supplied = [attributes[name.casefold()] for name in _SUPPLIED_BY_PROVIDERS] if social else []
    for each in (*returned, *supplied, attributes["displayname"]):
        found.setdefault(each.claim, ClaimType(each.claim, each.label, each.data_type, each.description))
    written = {"objectId", "newUser", "identityProvider", "emails", "email"}
    return tuple(each for name, each in found.items() if name not in written)


def _asked(assignment: AttributeAssignment, attribute: FlowAttribute) -> ClaimType:
    plain = assignment.input_type in _BOXES
    kind = _INPUT_TYPES.get(attribute.type, assignment.input_type) if plain else assignment.input_type
    options = assignment.options
    if not options and attribute.type is AttributeType.BOOLEAN:
        options = _YES_OR_NO
    label = assignment.display_name or attribute.label
    value = kind.value
    entered = attribute.limit if kind in _BOXES and not options else 0
    return ClaimType(
        id=attribute.claim,
        label=label,
        data_type=attribute.data_type,
        help=attribute.description,
        input_type=value[0].upper() + value[1:],
        options=options,
        pattern=_pattern(attribute, entered),
        pattern_help=_pattern_help(attribute, entered),
    )


def _pattern_help(attribute: FlowAttribute, limit: int) -> str:
    if not limit:
        return ""
    return f"At most {limit} characters" + (", without < and >." if attribute.claim == "displayName" else ".")


def _pattern(attribute: FlowAttribute, limit: int) -> str:
    """Return what a person may enter, so that the page says it and not the directory."""
    allowed = "[^<>]" if attribute.claim == "displayName" else "."
    return f"^{allowed}{{1,{limit}}}$" if limit else ""
