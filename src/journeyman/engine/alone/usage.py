"""Where the journeys of a policy use a technical profile: what a person sees of a failure depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from journeyman.compiler.compiled import CompiledPolicy, ContentDefinition, Exchange, Step, TechnicalProfile
from journeyman.journey.steps import describe
from journeyman.policy.model import key


class Context(Enum):
    """How a profile is reached (rest-connectors.md §12)."""

    CLAIMS_EXCHANGE = "claims exchange"
    VALIDATION = "validation technical profile"
    DISPLAY_CONTROL = "display control action"
    NONE = "no step of the policy reaches it"


@dataclass(frozen=True, slots=True)
class Usage:
    """One place in which a profile is used.

    Attributes:
        page: the content definition of the page around it and ``page_profile`` the profile that shows it.
    """

    context: Context
    step: str
    exchange_id: str
    page: ContentDefinition | None = None
    page_profile: TechnicalProfile | None = None


def usage_of(policy: CompiledPolicy, profile: TechnicalProfile) -> Usage:
    """Return the first place that uses the profile; without one the profile itself stands for the exchange."""
    for step, exchange in _exchanges(policy):
        if exchange.profile_id == profile.id:
            return Usage(Context.CLAIMS_EXCHANGE, describe(step), exchange.id)
    for step, exchange in _exchanges(policy):
        shown = policy.technical_profiles.get(exchange.profile_id)
        context = None if shown is None else _on_page(policy, shown, profile)
        if shown is not None and context is not None:
            name = step.content_definition or shown.metadata.get("ContentDefinitionReferenceId") or ""
            return Usage(context, describe(step), profile.id, policy.content_definitions.get(name), shown)
    return Usage(Context.NONE, "Order=1, Type=ClaimsExchange", profile.id)


def _exchanges(policy: CompiledPolicy) -> Iterator[tuple[Step, Exchange]]:
    for journey in (*policy.journeys.values(), *policy.sub_journeys.values()):
        for step in journey.steps:
            yield from ((step, exchange) for exchange in step.exchanges)


def _on_page(policy: CompiledPolicy, shown: TechnicalProfile, profile: TechnicalProfile) -> Context | None:
    if any(key(one.profile_id) == key(profile.id) for one in shown.validation_profiles):
        return Context.VALIDATION
    controls = (policy.display_controls.get(claim.display_control or "") for claim in shown.display_claims)
    actions = (action for control in controls if control is not None for action in control.actions.values())
    if any(key(one.profile_id) == key(profile.id) for action in actions for one in action):
        return Context.DISPLAY_CONTROL
    return None
