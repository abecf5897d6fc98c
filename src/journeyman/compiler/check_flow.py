"""Rules that follow the claims through a journey: who produces what a token or a profile needs.

Source: errors.md §3 (V16, V17), §5.3 (RP002).
"""

from __future__ import annotations

from collections.abc import Iterable

from journeyman.compiler import rules
from journeyman.compiler.compiled import Journey, RelyingParty, Step, TechnicalProfile
from journeyman.compiler.draft import Draft
from journeyman.compiler.reach import journeys_of, sub_journeys, with_sub_journeys
from journeyman.diagnostics import Location
from journeyman.policy.model import key


def check_output_claims(draft: Draft) -> None:
    """Every output claim of the relying party without a default is produced by its journey."""
    party = draft.relying_party
    journey = draft.journeys.get(key(party.journey)) if party else None
    if party is None or journey is None:
        return
    produced = {claim for each in with_sub_journeys(draft, journey) for claim in _of_journey(draft, each)}
    produced |= _received(party) | draft.lost_outputs
    places = _output_places(draft)
    for mapping in party.output_claims:
        if mapping.default is None and mapping.claim.id not in produced:
            place = places.get(key(mapping.claim.id), draft.policy.location)
            rule = rules.OUTPUT_UNPRODUCED
            draft.report(rule.at(place, element="PolicyProfile", claim=mapping.claim.id, journey=journey.id))


def check_subject(draft: Draft) -> None:
    """The subject of the token is one of the output claims of the relying party."""
    party, written = draft.relying_party, draft.policy.relying_party
    profile = written.technical_profile if written else None
    if party is None or profile is None or profile.subject_naming_info is None or party.protocol == "None":
        return
    wanted = key(profile.subject_naming_info.claim_type)
    # A claim that is not declared has been reported once already.
    named = {
        key(name) for claim in profile.output_claims for name in (claim.partner_claim_type or "", claim.claim_type)
    }
    named |= {key(mapping.name) for mapping in party.output_claims}
    if wanted not in named:
        subject = profile.subject_naming_info
        draft.report(rules.SUBJECT.at(subject.location, element=profile.id, name=subject.claim_type))


def check_input_claims(draft: Draft) -> None:
    """Every required input claim without a default is produced by an earlier step."""
    party = draft.relying_party
    if party is None:
        return
    for journey in journeys_of(draft):
        available = _received(party) | draft.lost_outputs
        for profile_id in journey.authorization_profiles:
            available |= _of_profile(draft, profile_id)
        _walk(draft, journey, available)


def _walk(draft: Draft, journey: Journey, available: set[str]) -> None:
    """Follow the steps; a sub journey is looked at where it is invoked first, when the fewest claims are there."""
    seen: set[str] = set()
    running = [(journey, iter(journey.steps))]
    while running:
        current, steps = running[-1]
        step = next(steps, None)
        if step is None:
            running.pop()
            continue
        for exchange in step.exchanges:
            profile = draft.technical_profiles[key(exchange.profile_id)]
            _check_inputs(draft, current, step, profile, available)
        available |= _of_step(draft, step)
        invoked = [each for each in sub_journeys(draft, step.sub_journeys) if each.id not in seen]
        seen.update(each.id for each in invoked)
        running += [(each, iter(each.steps)) for each in reversed(invoked)]


def _check_inputs(draft: Draft, journey: Journey, step: Step, profile: TechnicalProfile, available: set[str]) -> None:
    own = {claim.id for transformation in profile.input_transformations for _, claim in transformation.outputs}
    for mapping in profile.input_claims:
        if mapping.required and mapping.default is None and mapping.claim.id not in available | own:
            place = _input_place(draft, profile, mapping.claim.id)
            draft.report(
                rules.INPUT_UNPRODUCED.at(
                    place,
                    element=profile.id,
                    claim=mapping.claim.id,
                    profile=profile.id,
                    step=step.order,
                    journey=journey.id,
                )
            )


# --- what is produced --------------------------------------------------------------------------


def _received(party: RelyingParty) -> set[str]:
    """Return the claims that the application may send in a token hint."""
    return {mapping.claim.id for mapping in party.input_claims}


def _of_journey(draft: Draft, journey: Journey) -> set[str]:
    produced = {claim for step in journey.steps for claim in _of_step(draft, step)}
    return produced.union(*(_of_profile(draft, profile_id) for profile_id in journey.authorization_profiles))


def _of_step(draft: Draft, step: Step) -> set[str]:
    nothing: set[str] = set()
    return nothing.union(*(_of_profile(draft, exchange.profile_id) for exchange in step.exchanges))


def _of_profile(draft: Draft, profile_id: str) -> set[str]:
    """Return what a profile makes, alone and through the profiles that run silently inside it."""
    produced: set[str] = set()
    seen: set[str] = set()
    waiting = [profile_id]
    while waiting:
        profile = draft.technical_profiles.get(key(waiting.pop()))
        if profile is None or profile.id in seen:
            continue
        seen.add(profile.id)
        produced |= _of_itself(profile)
        waiting += _silent_profiles(draft, profile)
    return produced


def _of_itself(profile: TechnicalProfile) -> set[str]:
    produced = {mapping.claim.id for mapping in profile.output_claims}
    for transformation in (*profile.input_transformations, *profile.output_transformations):
        produced |= {claim.id for _, claim in transformation.outputs}
    address = profile.metadata.get("IpAddressClaimReferenceId")
    return produced | {address} if address else produced


def _silent_profiles(draft: Draft, profile: TechnicalProfile) -> Iterable[str]:
    yield from (validation.profile_id for validation in profile.validation_profiles)
    for display in profile.display_claims:
        control = draft.display_controls.get(key(display.display_control or ""))
        for action in control.actions.values() if control else ():
            yield from (validation.profile_id for validation in action)


def _output_places(draft: Draft) -> dict[str, Location]:
    written = draft.policy.relying_party
    profile = written.technical_profile if written else None
    claims = profile.output_claims if profile else ()
    return {key(claim.claim_type): claim.location for claim in reversed(claims)}


def _input_place(draft: Draft, profile: TechnicalProfile, claim_id: str) -> Location:
    claims = draft.policy.technical_profiles[key(profile.id)].input_claims
    return next((claim.location for claim in claims if key(claim.claim_type) == key(claim_id)), profile.location)
