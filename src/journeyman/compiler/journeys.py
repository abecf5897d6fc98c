"""User journeys and sub journeys: their steps in order, every reference resolved.

Source: policy-language.md §5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.compiler import rules
from journeyman.compiler.compiled import Exchange, Journey, JourneyKind, Selection, Step, StepType
from journeyman.compiler.draft import Draft
from journeyman.compiler.link import resolve, technical_profile_id
from journeyman.compiler.preconditions import SKIP_STEP, preconditions
from journeyman.diagnostics import Severity
from journeyman.policy import model
from journeyman.policy.model import Reference, key

_STEP_TYPES: Final = {key(step_type.value): step_type for step_type in StepType}
_EXECUTED: Final = frozenset(
    {
        StepType.COMBINED_SIGN_IN_AND_SIGN_UP,
        StepType.CLAIMS_PROVIDER_SELECTION,
        StepType.CLAIMS_EXCHANGE,
        StepType.SEND_CLAIMS,
        StepType.NOOP,
        StepType.INVOKE_SUB_JOURNEY,
    }
)
_SUB_JOURNEY_KINDS: Final = {"call": JourneyKind.CALL, "transfer": JourneyKind.TRANSFER}


def compile_journeys(draft: Draft) -> None:
    """Compile every user journey and sub journey."""
    for name, journey in draft.policy.user_journeys.items():
        draft.journeys[name] = _journey(draft, journey, JourneyKind.USER)
    for name, journey in draft.policy.sub_journeys.items():
        kind = _SUB_JOURNEY_KINDS.get(key(journey.sub_journey_type or ""))
        if kind is None:
            value, rule = journey.sub_journey_type, rules.SUB_JOURNEY_TYPE
            draft.report(rule.at(journey.location, element=journey.id, journey=journey.id, value=value))
        draft.sub_journeys[name] = _journey(draft, journey, kind or JourneyKind.CALL)


def _journey(draft: Draft, journey: model.UserJourney, kind: JourneyKind) -> Journey:
    ordered = sorted(journey.steps.values(), key=lambda step: step.order)
    declared: dict[str, str] = {}
    for exchange in (exchange for step in ordered for exchange in step.claims_exchanges.values()):
        declared.setdefault(key(exchange.id), exchange.id)
    compiled = (_step(draft, journey, step, declared) for step in ordered)
    steps = tuple(step for step in compiled if step is not None)
    definition = journey.client_definition
    if definition is not None:
        # Nothing depends on a client definition, so one that is missing harms no journey.
        table, severity = draft.policy.client_definitions, Severity.WARNING
        resolve(draft, table, definition, kind="ClientDefinition", element=journey.id, severity=severity)
    authorizations = journey.authorization_technical_profiles or ()
    authorized = [technical_profile_id(draft, reference, element=journey.id) for reference in authorizations]
    return Journey(
        id=journey.id,
        kind=kind,
        steps=steps,
        non_interactive=journey.non_interactive is True,
        default_issuer_profile=_default_issuer(draft, journey, steps),
        authorization_profiles=tuple(profile_id for profile_id in authorized if profile_id is not None),
    )


def _default_issuer(draft: Draft, journey: model.UserJourney, steps: tuple[Step, ...]) -> str | None:
    declared = journey.default_issuer_technical_profile
    if declared is not None:
        return technical_profile_id(draft, declared, element=journey.id)
    issuers = (step.issuer_profile for step in steps if step.type is StepType.SEND_CLAIMS)
    return next((issuer for issuer in issuers if issuer is not None), None)


def _step(
    draft: Draft, journey: model.UserJourney, step: model.OrchestrationStep, declared: Mapping[str, str]
) -> Step | None:
    """Compile a step; ``declared`` leads from the key of an exchange to its spelling in the journey."""
    step_type = _STEP_TYPES.get(key(step.type or ""))
    if step_type is None:
        known = ", ".join(each.value for each in StepType)
        draft.report(
            rules.STEP_TYPE.at(
                step.location, element=journey.id, step=step.order, journey=journey.id, value=step.type, known=known
            )
        )
        return None
    issuer = step.issuer_technical_profile
    return Step(
        order=step.order,
        type=step_type,
        content_definition=_content_definition(draft, journey, step),
        preconditions=preconditions(draft, step.preconditions or (), action=SKIP_STEP, element=journey.id),
        show_single_provider=key(step.display_option or "") == "showsingleprovider",
        selections=_selections(step, declared),
        exchanges=_exchanges(draft, journey, step),
        issuer_profile=technical_profile_id(draft, issuer, element=journey.id) if issuer else None,
        sub_journeys=_candidates(draft, journey, step) if step_type is StepType.INVOKE_SUB_JOURNEY else (),
        unsupported=_unsupported(draft, journey, step, step_type),
    )


def _unsupported(
    draft: Draft, journey: model.UserJourney, step: model.OrchestrationStep, step_type: StepType
) -> str | None:
    if step_type in _EXECUTED:
        return None
    found = rules.STEP_NOT_RUN.at(
        step.location, element=journey.id, step=step.order, journey=journey.id, type=step_type.value
    )
    draft.report(found)
    return found.message


def _content_definition(draft: Draft, journey: model.UserJourney, step: model.OrchestrationStep) -> str | None:
    if step.content_definition is None:
        return None
    table = draft.policy.content_definitions
    found = resolve(draft, table, step.content_definition, kind="ContentDefinition", element=journey.id)
    return found.id if found else None


def _selections(step: model.OrchestrationStep, declared: Mapping[str, str]) -> tuple[Selection, ...]:
    # The parser has refused every selection that does not name exactly one exchange.
    named = (
        (selection.target_claims_exchange, selection.validation_claims_exchange)
        for selection in step.claims_provider_selections
    )
    return tuple(
        Selection(_declared(target, declared), _declared(validation, declared)) for target, validation in named
    )


def _declared(exchange_id: str | None, declared: Mapping[str, str]) -> str | None:
    """Return the spelling in which the journey declares an exchange; one of a sub journey stays as written."""
    return declared.get(key(exchange_id), exchange_id) if exchange_id else None


def _exchanges(draft: Draft, journey: model.UserJourney, step: model.OrchestrationStep) -> tuple[Exchange, ...]:
    found = [
        (exchange.id, technical_profile_id(draft, exchange.profile, element=journey.id))
        for exchange in step.claims_exchanges.values()
    ]
    return tuple(Exchange(exchange_id, profile_id) for exchange_id, profile_id in found if profile_id is not None)


def _candidates(draft: Draft, journey: model.UserJourney, step: model.OrchestrationStep) -> tuple[str, ...]:
    references: tuple[Reference, ...] = step.journey_list or ()
    if len(references) != 1:
        rule, severity = rules.SUB_JOURNEY_CANDIDATES, Severity.WARNING if references else Severity.ERROR
        draft.report(
            rule.at(
                step.location,
                element=journey.id,
                severity=severity,
                step=step.order,
                journey=journey.id,
                count=len(references),
            )
        )
    table = draft.policy.sub_journeys
    found = [resolve(draft, table, reference, kind="SubJourney", element=journey.id) for reference in references]
    return tuple(sub_journey.id for sub_journey in found if sub_journey is not None)
