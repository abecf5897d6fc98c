"""Let the sign-in session stand in for a technical profile of a journey: what it keeps becomes the claims of the journey.

Source: policy-language.md §5, technical-profiles.md on session providers; the rules of a session are in ``session``.
"""

from __future__ import annotations

from journeyman.compiler.compiled import CompiledPolicy, Step, TechnicalProfile
from journeyman.journey import session as sessions
from journeyman.journey.place import Places
from journeyman.journey.state import JourneyState
from journeyman.journey.steps import describe
from journeyman.journey.visit import Visit
from journeyman.trace.records import StepRecord


def signed_in_with(policy: CompiledPolicy, profile: TechnicalProfile, state: JourneyState, visit: Visit) -> bool:
    """Whether the session names this provider: its page or its redirect may do without a choice."""
    if _in_session(policy, profile, state, visit):
        return True
    manager = policy.technical_profiles.get(profile.session_profile or "")
    session = visit.session
    return (
        session is not None
        and sessions.used_provider(session, manager, profile.id)
        and sessions.fresh(session, state.parameters, visit.now)
    )


def restore(places: Places, step: Step, profile: TechnicalProfile, state: JourneyState, visit: Visit) -> bool:
    """Let the sign-in session stand in for a profile; say whether it did."""
    policy, session = places.policy, visit.session
    manager = policy.technical_profiles.get(profile.session_profile or "")
    if session is None or manager is None or not _in_session(policy, profile, state, visit):
        return False
    resolution = places.resolution(state, visit, state.claims)
    claims = sessions.restored_claims(session, manager, policy.claim_types, resolution)
    if claims is None:
        return False
    state.claims = claims
    state.session_writes.setdefault(manager.id, session.entries[manager.id])
    state.auth_time = state.auth_time or session.auth_time
    detail = "restored from the sign-in session"
    visit.records.append(StepRecord("profile", step=describe(step), profile_id=profile.id, detail=detail))
    return True


def _in_session(policy: CompiledPolicy, profile: TechnicalProfile, state: JourneyState, visit: Visit) -> bool:
    manager = policy.technical_profiles.get(profile.session_profile or "")
    session = visit.session
    return (
        session is not None
        and sessions.participates(session, manager)
        and sessions.fresh(session, state.parameters, visit.now)
    )
