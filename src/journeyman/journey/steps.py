"""Where a journey stands and which claims exchange a step means: pure questions about a compiled journey."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from journeyman.compiler.compiled import CompiledPolicy, Exchange, Journey, JourneyKind, Step, StepType
from journeyman.errors import ServiceError
from journeyman.journey.state import Frame, JourneyState

MAX_STEPS: Final = 1_000
"""How many steps one request may run before the journey counts as endless; our choice."""

MAX_DEPTH: Final = 8
"""How deep sub journeys may nest (policy-language.md §5.6)."""

SELECTIONS: Final = frozenset({StepType.COMBINED_SIGN_IN_AND_SIGN_UP, StepType.CLAIMS_PROVIDER_SELECTION})


def plan_of(policy: CompiledPolicy) -> str:
    """Return a digest of all steps of a policy.

    A stored journey says where it stands by counting steps. When a release adds or moves one, the
    same number means another step, and a journey could pass by a check; its digest tells.
    """
    journeys = (*policy.journeys.values(), *policy.sub_journeys.values())
    steps = [
        (
            journey.kind.value,
            journey.id,
            step.order,
            step.type.value,
            [exchange.profile_id for exchange in step.exchanges],
        )
        for journey in journeys
        for step in journey.steps
    ]
    return hashlib.sha256(repr(steps).encode()).hexdigest()[:32]


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
    sub_journey = policy.sub_journeys[step.sub_journeys[0]]
    if len(state.frames) > MAX_DEPTH:
        detail = f"sub journeys nest deeper than {MAX_DEPTH}: {sub_journey.id!r}"
        raise ServiceError(detail, service_code="AADB2C90037")
    finish_step(state)
    if sub_journey.kind is JourneyKind.TRANSFER:
        # The first frame stays, at its end: it says which user journey names the default issuer.
        root = state.frames[0]
        root.index = len(journey_of(policy, root).steps)
        state.frames[1:] = []
    state.frames.append(Frame(sub_journey.id, sub_journey=True))


def exchange_to_run(step: Step, selection: str | None) -> Exchange:
    """Return the claims exchange that a ClaimsExchange step runs (policy-language.md §5.4)."""
    if len(step.exchanges) == 1:
        return step.exchanges[0]
    found = next((exchange for exchange in step.exchanges if same_id(exchange.id, selection)), None)
    if found is None:
        detail = (
            f"claims exchange {selection!r} could not be found in orchestration step {step.order} and the step "
            f"contains {'more than one claims exchange' if step.exchanges else 'no claims exchange'}"
        )
        raise ServiceError(detail, service_code="AADB2C90037")
    return found


def same_id(one: str, other: str | None) -> bool:
    """Whether two ids of the policy are the same one: they are compared without regard to case."""
    return other is not None and one.casefold() == other.casefold()


def validation_exchange(step: Step) -> Exchange | None:
    """Return the exchange whose form a combined page shows."""
    names = [selection.validation_exchange for selection in step.selections if selection.validation_exchange]
    return next((exchange for exchange in step.exchanges if any(same_id(exchange.id, name) for name in names)), None)


def target_profile(policy: CompiledPolicy, state: JourneyState, exchange_id: str) -> str | None:
    """Return the profile behind a target exchange: the first of that id in the steps that follow.

    It may stand in a sub journey that one of them invokes.
    """
    frame = state.frames[-1]
    for step in journey_of(policy, frame).steps[frame.index + 1 :]:
        for exchange in _exchanges_of(policy, step):
            if same_id(exchange.id, exchange_id):
                return exchange.profile_id
    return None


def _exchanges_of(policy: CompiledPolicy, step: Step) -> Iterator[Exchange]:
    yield from step.exchanges
    # The compiler has refused sub journeys that invoke themselves, so this ends.
    for name in step.sub_journeys[:1]:
        for inner in policy.sub_journeys[name].steps:
            yield from _exchanges_of(policy, inner)


def describe(step: Step) -> str:
    """Return how texts name a step."""
    return f"Order={step.order}, Type={step.type.value}"
