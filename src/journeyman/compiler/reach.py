"""What a relying party can reach: journeys, and from them every technical profile that may run.

Source: policy-language.md §5, §6.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from journeyman.compiler.compiled import Journey, TechnicalProfile
from journeyman.compiler.draft import Draft
from journeyman.policy.model import key


def find_reached(draft: Draft) -> None:
    """Note every technical profile that a journey of the relying party can run, sessions included."""
    waiting = [profile_id for journey in journeys_of(draft) for profile_id in _of_journey(draft, journey)]
    reached: set[str] = set()
    refreshed: set[str] = set()
    while waiting:
        profile = draft.technical_profiles.get(key(waiting.pop()))
        if profile is None or profile.id in reached:
            continue
        reached.add(profile.id)
        waiting.extend(_of_profile(draft, profile))
        refresh = draft.journeys.get(key(profile.metadata.get("RefreshTokenUserJourneyId") or ""))
        if refresh is not None and refresh.id not in refreshed:
            refreshed.add(refresh.id)
            waiting.extend(_of_journey(draft, refresh))
    draft.reached = frozenset(reached)


def journeys_of(draft: Draft) -> tuple[Journey, ...]:
    """Return the user journeys of the relying party: the default one first, then those of its endpoints."""
    party = draft.relying_party
    if party is None:
        return ()
    ids = dict.fromkeys((party.journey, *party.endpoint_journeys.values()))
    found = (draft.journeys.get(key(journey_id)) for journey_id in ids)
    return tuple(journey for journey in found if journey is not None)


def with_sub_journeys(draft: Draft, journey: Journey) -> tuple[Journey, ...]:
    """Return a journey and every sub journey that it can invoke, each once."""
    found = {(journey.kind, journey.id): journey}
    waiting = [journey]
    while waiting:
        for step in waiting.pop().steps:
            for sub_journey in sub_journeys(draft, step.sub_journeys):
                if (sub_journey.kind, sub_journey.id) not in found:
                    found[sub_journey.kind, sub_journey.id] = sub_journey
                    waiting.append(sub_journey)
    return tuple(found.values())


def sub_journeys(draft: Draft, ids: Iterable[str]) -> tuple[Journey, ...]:
    """Return the compiled sub journeys with these ids."""
    found = (draft.sub_journeys.get(key(journey_id)) for journey_id in ids)
    return tuple(journey for journey in found if journey is not None)


def _of_journey(draft: Draft, journey: Journey) -> Iterator[str]:
    for each in with_sub_journeys(draft, journey):
        yield from each.authorization_profiles
        if each.default_issuer_profile is not None:
            yield each.default_issuer_profile
        for step in each.steps:
            yield from (exchange.profile_id for exchange in step.exchanges)
            if step.issuer_profile is not None:
                yield step.issuer_profile


def _of_profile(draft: Draft, profile: TechnicalProfile) -> Iterator[str]:
    yield from (validation.profile_id for validation in profile.validation_profiles)
    if profile.session_profile is not None:
        yield profile.session_profile
    for display in profile.display_claims:
        control = draft.display_controls.get(key(display.display_control or ""))
        for action in control.actions.values() if control else ():
            yield from (validation.profile_id for validation in action)
