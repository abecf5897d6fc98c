"""What is wrong with a user flow before it becomes a policy: a flow and what it may name in, diagnostics out.

``Diagnostic.element`` says where in the flow the problem stands, as the path of its key in ``journeyman.toml``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from journeyman.diagnostics import Diagnostic, Location
from journeyman.policy.user_flow import rules
from journeyman.policy.user_flow.attributes import FlowAttribute, attribute_table, find
from journeyman.policy.user_flow.identity_providers import UNUSABLE, unusable
from journeyman.policy.user_flow.pages import ERROR, has_local_accounts, has_sign_up, pages_of
from journeyman.policy.user_flow.steps import reachable_steps
from journeyman.settings.identity import (
    AttributeAssignment,
    AttributeType,
    IdentitySettings,
    InputType,
    UserFlow,
    UserFlowType,
)

_NEEDS_PASSWORD: Final = frozenset({UserFlowType.PASSWORD_RESET, UserFlowType.RESOURCE_OWNER})
_FITTING: Final[Mapping[InputType, frozenset[AttributeType]]] = {
    InputType.CHECKBOX_MULTI_SELECT: frozenset({AttributeType.STRING_COLLECTION}),
    InputType.DATE_TIME_DROPDOWN: frozenset({AttributeType.DATE_TIME}),
    InputType.RADIO_SINGLE_SELECT: frozenset({AttributeType.STRING, AttributeType.BOOLEAN, AttributeType.INT64}),
    InputType.DROPDOWN_SINGLE_SELECT: frozenset({AttributeType.STRING, AttributeType.BOOLEAN, AttributeType.INT64}),
}
_WITH_OPTIONS: Final = frozenset(
    {InputType.CHECKBOX_MULTI_SELECT, InputType.RADIO_SINGLE_SELECT, InputType.DROPDOWN_SINGLE_SELECT}
)


def check_flow(flow: UserFlow, identity: IdentitySettings, location: Location) -> tuple[Diagnostic, ...]:
    """Check a user flow; one with an error is not served."""
    attributes = attribute_table(identity.user_attributes)
    return (
        *_check_names(flow, identity, location),
        *_check_attributes(flow, attributes, location),
        *_check_claims(flow, attributes, location),
        *_check_ways_in(flow, location),
        *_check_pages(flow, location),
    )


def without_unknown(flow: UserFlow, identity: IdentitySettings) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Return the identity providers of a flow that there are, and the connectors by the name of their step."""
    providers = {each.id.casefold() for each in identity.identity_providers if not unusable(each)}
    connectors = {each.id.casefold() for each in identity.api_connectors}
    return (
        tuple(each for each in flow.identity_providers if each.casefold() in providers),
        {step.value: each for step, each in flow.connectors.items() if each.casefold() in connectors},
    )


def _check_names(flow: UserFlow, identity: IdentitySettings, location: Location) -> Iterator[Diagnostic]:
    providers = {each.id.casefold(): each for each in identity.identity_providers}
    for index, name in enumerate(flow.identity_providers):
        place, provider = f"identity_providers.{index}", providers.get(name.casefold())
        if provider is None:
            known = [each.id for each in providers.values()]
            yield _unknown(flow, location, place, "identity provider", name, known)
        elif reason := unusable(provider):
            yield UNUSABLE.at(location, element=place, flow=flow.id, provider=provider.id, reason=reason)
    connectors = [each.id for each in identity.api_connectors]
    for step, name in flow.connectors.items():
        place = f"connectors.{step.value}"
        if name.casefold() not in {each.casefold() for each in connectors}:
            yield _unknown(flow, location, place, "API connector", name, connectors)
        elif step not in reachable_steps(flow):
            yield rules.UNREACHABLE_STEP.at(
                location, element=place, flow=flow.id, type=flow.type.value, step=step.value
            )


def _check_attributes(
    flow: UserFlow, attributes: Mapping[str, FlowAttribute], location: Location
) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for index, assignment in enumerate(flow.attributes):
        place, name = f"attributes.{index}", assignment.attribute
        found = find(attributes, name)
        if found is None:
            known = [each.claim for each in attributes.values() if each.collected]
            yield _unknown(flow, location, place, "user attribute", name, known)
            continue
        if not found.collected:
            yield rules.NOT_COLLECTED.at(location, element=place, flow=flow.id, attribute=name)
        if found.claim in seen:
            yield rules.TWICE.at(location, element=place, flow=flow.id, attribute=name)
        seen.add(found.claim)
        yield from _check_input(flow, assignment, found, place, location)
    if flow.type is UserFlowType.PROFILE_UPDATE and not flow.attributes:
        yield rules.NO_ATTRIBUTES.at(location, element="attributes", flow=flow.id)


def _check_input(
    flow: UserFlow, assignment: AttributeAssignment, attribute: FlowAttribute, place: str, location: Location
) -> Iterator[Diagnostic]:
    kind, type_ = assignment.input_type, attribute.type
    name = assignment.attribute
    if kind in _FITTING and type_ not in _FITTING[kind]:
        yield rules.INPUT_TYPE.at(
            location, element=place, flow=flow.id, attribute=name, input=kind.value, type=type_.value
        )
    asks_by_list = kind in _WITH_OPTIONS or type_ is AttributeType.STRING_COLLECTION
    if asks_by_list and not assignment.options and type_ is not AttributeType.BOOLEAN:
        yield rules.NO_OPTIONS.at(location, element=place, flow=flow.id, attribute=name)


def _check_claims(flow: UserFlow, attributes: Mapping[str, FlowAttribute], location: Location) -> Iterator[Diagnostic]:
    for index, name in enumerate(flow.claims):
        found, place = find(attributes, name), f"claims.{index}"
        if found is None:
            known = [each.claim for each in attributes.values()]
            yield _unknown(flow, location, place, "claim", name, known)
        elif not has_value(flow, found):
            yield rules.WITHOUT_VALUE.at(location, element=place, flow=flow.id, claim=name)


def has_value(flow: UserFlow, attribute: FlowAttribute) -> bool:
    """Whether a claim can have a value in a flow of this kind."""
    match attribute.claim:
        case "newUser":
            return has_sign_up(flow)
        case "identityProvider" | "identityProviderAccessToken":
            return bool(flow.identity_providers)
        case _:
            return True


def _check_ways_in(flow: UserFlow, location: Location) -> Iterator[Diagnostic]:
    if has_local_accounts(flow):
        return
    if flow.type in _NEEDS_PASSWORD or not flow.identity_providers:
        yield rules.NO_WAY_IN.at(location, element="local_accounts", flow=flow.id, type=flow.type.value)


def _check_pages(flow: UserFlow, location: Location) -> Iterator[Diagnostic]:
    names = [page.name for page in pages_of(flow)] or [ERROR]
    for name in flow.pages:
        if name.casefold() not in names:
            yield rules.UNKNOWN_PAGE.at(
                location, element=f"pages.{name}", flow=flow.id, page=name, known=", ".join(names)
            )
    for language, texts in flow.texts.items():
        for page in dict.fromkeys(text.partition("/")[0] for text in texts if "/" in text):
            if page.casefold() not in names:
                place = f"texts.{language}"
                yield rules.UNKNOWN_PAGE.at(location, element=place, flow=flow.id, page=page, known=", ".join(names))


def _unknown(flow: UserFlow, location: Location, place: str, kind: str, name: str, known: Sequence[str]) -> Diagnostic:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(known) or 'none'}"
    return rules.UNKNOWN_NAME.at(location, element=place, flow=flow.id, kind=kind, name=name, remedy=remedy)
