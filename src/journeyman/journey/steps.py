"""Where a journey stands and which claims exchange a step means: pure questions about a compiled journey."""

from __future__ import annotations

from journeyman.compiler.compiled import CompiledPolicy, Exchange, Journey, JourneyKind, Step, StepType
from journeyman.errors import ServiceError
from journeyman.journey.state import Frame, JourneyState

MAX_STEPS = 10_000
"""How many steps one request may run before the journey counts as endless; our choice."""

MAX_DEPTH = 8
"""How deep sub journeys may nest (policy-language.md §5.6)."""

SELECTIONS = frozenset({StepType.COMBINED_SIGN_IN_AND_SIGN_UP, StepType.CLAIMS_PROVIDER_SELECTION})


def journey_of(policy: CompiledPolicy, frame: Frame) -> Journey:
    """Return the journey that a frame is in. Raises ServiceError when the policy has none of that id."""
    journeys = policy.sub_journeys if frame.sub_journey else policy.journeys
    journey = journeys.get(frame.journey_id)
    if journey is None:
        detail = f"the journey {frame.journey_id!r} is no longer part of policy {policy.policy_id!r}"
        raise ServiceError(detail, service_code="AADB2C90046")
    return journey


def current_step(policy: CompiledPolicy, state: JourneyState) -> Step | None:
    """Return the step to run next, leaving sub journeys that have ended; None when the journey is over."""
    while state.frames:
        frame = state.frames[-1]
        steps = journey_of(policy, frame).steps
        if frame.index < len(steps):
            return steps[frame.index]
        state.frames.pop()
    return None


def finish_step(state: JourneyState) -> None:
    """Leave the current step and its page behind."""
    state.frames[-1].index += 1
    state.page = None


def enter_sub_journey(policy: CompiledPolicy, state: JourneyState, step: Step) -> None:
    """Go into the sub journey that a step invokes; a transfer never comes back."""
    name = step.sub_journeys[0]
    if len(state.frames) >= MAX_DEPTH:
        detail = f"sub journeys nest deeper than {MAX_DEPTH}: {name!r}"
        raise ServiceError(detail, service_code="AADB2C90037")
    finish_step(state)
    if policy.sub_journeys[name].kind is JourneyKind.TRANSFER:
        state.frames.clear()
    state.frames.append(Frame(name, sub_journey=True))


def exchange_to_run(step: Step, selection: str | None) -> Exchange:
    """Return the claims exchange that a ClaimsExchange step runs (policy-language.md §5.4)."""
    if len(step.exchanges) == 1:
        return step.exchanges[0]
    found = next((exchange for exchange in step.exchanges if exchange.id == selection), None)
    if found is None:
        detail = (
            f"claims exchange {selection!r} could not be found in orchestration step {step.order} and the step "
            "contains more than one claims exchange"
        )
        raise ServiceError(detail, service_code="AADB2C90037")
    return found


def validation_exchange(step: Step) -> Exchange | None:
    """Return the exchange whose form a combined page shows."""
    names = {selection.validation_exchange for selection in step.selections}
    return next((exchange for exchange in step.exchanges if exchange.id in names), None)


def target_profile(policy: CompiledPolicy, state: JourneyState, exchange_id: str) -> str | None:
    """Return the profile behind a target exchange: it stands in one of the next steps of the same journey."""
    frame = state.frames[-1]
    for step in journey_of(policy, frame).steps[frame.index + 1 :]:
        for exchange in step.exchanges:
            if exchange.id == exchange_id:
                return exchange.profile_id
    return None


def describe(step: Step) -> str:
    """Return how texts name a step."""
    return f"Order={step.order}, Type={step.type.value}"
