"""A user journey as a picture in words: a compiled policy in, steps and what each may run out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from journeyman.compiler import handlers
from journeyman.compiler.compiled import CompiledPolicy, Journey, Precondition, Step, StepType, TechnicalProfile
from journeyman.policy.connector_profile import HANDLER as API_CONNECTOR

_KINDS: Final = {
    handlers.RESTFUL: "REST call",
    handlers.SELF_ASSERTED: "Page",
    handlers.CLAIMS_TRANSFORMATION: "Claims",
    handlers.DIRECTORY: "Directory",
    handlers.OAUTH2: "Identity provider",
    handlers.OPENID_CONNECT: "Identity provider",
    handlers.JWT_ISSUER: "Token",
    API_CONNECTOR: "API connector",
}
_TITLES: Final = {
    StepType.COMBINED_SIGN_IN_AND_SIGN_UP: "Sign in, or go to sign-up",
    StepType.CLAIMS_PROVIDER_SELECTION: "Choose a way to sign in",
    StepType.CLAIMS_EXCHANGE: "Exchange claims",
    StepType.SEND_CLAIMS: "Send the token",
    StepType.GET_CLAIMS: "Take claims of the request",
    StepType.INVOKE_SUB_JOURNEY: "Run a sub journey",
    StepType.CONSENT_SCREEN: "Ask for consent",
    StepType.REVIEW_SCREEN: "Review",
    StepType.USER_DIALOG: "Dialog",
    StepType.NOOP: "Do nothing",
}


@dataclass(frozen=True, slots=True)
class MapProfile:
    """A technical profile that a step may run.

    Attributes:
        kind: what it is, in a word or two.
        exchange: the id of the claims exchange; "" for a validation profile or an issuer.
        line: where it stands in its file.
        validations: the profiles that its page runs.
    """

    id: str
    kind: str
    exchange: str = ""
    path: str = ""
    line: int = 0
    calls: bool = False
    validations: tuple[MapProfile, ...] = ()


@dataclass(frozen=True, slots=True)
class MapStep:
    """One orchestration step; ``skipped`` says when it does not run."""

    order: int
    title: str
    type: str
    skipped: tuple[str, ...]
    profiles: tuple[MapProfile, ...]
    sub_journeys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """A user journey or a sub journey."""

    id: str
    kind: str
    steps: tuple[MapStep, ...]


def journey_maps(policy: CompiledPolicy) -> tuple[JourneyMap, ...]:
    """Return the journey of the relying party and, after it, the journeys of endpoints and sub journeys that it reaches."""
    if policy.relying_party is None:
        return ()
    names = dict.fromkeys([policy.relying_party.journey, *policy.relying_party.endpoint_journeys.values()])
    found = [policy.journeys[name] for name in names if name in policy.journeys]
    for journey in found:
        for step in journey.steps:
            more = (policy.sub_journeys[name] for name in step.sub_journeys if name in policy.sub_journeys)
            found += [one for one in more if one not in found]
    return tuple(_map(policy, journey) for journey in found)


def kind_of(profile: TechnicalProfile) -> str:
    """Return in a word or two what a technical profile is."""
    return _KINDS.get(profile.handler, profile.handler.rpartition(".")[2] or "Technical profile")


def calls_api(profile: TechnicalProfile) -> bool:
    """Whether a technical profile calls an API."""
    return profile.handler in {handlers.RESTFUL, API_CONNECTOR}


def _map(policy: CompiledPolicy, journey: Journey) -> JourneyMap:
    return JourneyMap(journey.id, journey.kind.value, tuple(_step(policy, step) for step in journey.steps))


def _step(policy: CompiledPolicy, step: Step) -> MapStep:
    return MapStep(
        step.order,
        _TITLES[step.type],
        step.type.value,
        tuple(map(_condition, step.preconditions)),
        tuple(_profiles(policy, step)),
        step.sub_journeys,
    )


def _profiles(policy: CompiledPolicy, step: Step) -> Iterator[MapProfile]:
    for exchange in step.exchanges:
        yield from _profile(policy, exchange.profile_id, exchange.id)
    if step.issuer_profile is not None:
        yield from _profile(policy, step.issuer_profile)


def _profile(policy: CompiledPolicy, profile_id: str, exchange: str = "") -> Iterator[MapProfile]:
    profile = policy.technical_profiles.get(profile_id)
    if profile is None:
        return
    validations = [one for each in profile.validation_profiles for one in _profile(policy, each.profile_id)]
    place = profile.location
    yield MapProfile(
        profile.id, kind_of(profile), exchange, place.path, place.line, calls_api(profile), tuple(validations)
    )


def _condition(condition: Precondition) -> str:
    names = " and ".join(condition.claim_ids)
    if condition.equals is None:
        return f"{names} {'is' if condition.skip_when else 'is not'} there"
    return f"{names} {'is' if condition.skip_when else 'is not'} {condition.equals!r}"
