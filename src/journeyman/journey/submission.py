"""What happens when a page is sent: its profile checks it, validation profiles run, claims are taken over.

Source: policy-language.md §4.4, technical-profiles.md §2.5-§3.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import UserInputType
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.errors import ServiceError
from journeyman.journey.outcome import PageAnswer
from journeyman.journey.pipeline import Pipeline, Place
from journeyman.journey.preconditions import skips
from journeyman.journey.state import JourneyState
from journeyman.service_codes import SERVICE_CODES
from journeyman.technical_profile import InteractiveProvider, Refuse, ShowPage, Submission, Validate
from journeyman.trace.records import StepRecord


async def submit_page(
    pipeline: Pipeline, profile: TechnicalProfile, posted: Mapping[str, str], state: JourneyState, place: Place
) -> PageAnswer:
    """Hand what a page sent to its provider and take over the claims when it is accepted."""
    provider = pipeline.provider(profile)
    if not isinstance(provider, InteractiveProvider):
        detail = f"technical profile {profile.id!r} has no page"
        raise ServiceError(detail, service_code="AADB2C90037")
    call = pipeline.call(profile, state.claims, place, pipeline.texts(profile, place))
    submission = Submission(call, posted, state.verified, _validation(pipeline, profile, place))
    claims = state.claims.copy()
    try:
        outcome = await provider.submit(submission)
        if isinstance(outcome, Refuse):
            return PageAnswer(outcome.service_code, outcome.user_message or unable())
        pipeline.complete(profile, outcome, claims, place)
    except ServiceError as error:
        return PageAnswer(error.service_code, error.user_message or unable())
    for name in _passwords(pipeline, claims):
        claims.remove(name)
    state.claims = claims
    return PageAnswer()


def _validation(pipeline: Pipeline, page_profile: TechnicalProfile, place: Place) -> Validate:
    async def validate(scope: ClaimsBag) -> Refuse | None:
        for validation in page_profile.validation_profiles:
            if skips(validation.preconditions, scope):
                place.record(StepRecord("skip", step=place.step, profile_id=validation.profile_id))
                continue
            refused = await _run(pipeline, validation.profile_id, scope, place)
            if refused is not None and not validation.continue_on_error:
                return refused
            if refused is None and not validation.continue_on_success:
                return None
        return None

    return validate


async def _run(pipeline: Pipeline, profile_id: str, scope: ClaimsBag, place: Place) -> Refuse | None:
    profile = pipeline.policy.technical_profiles[profile_id]
    before, started = scope.copy(), perf_counter()
    try:
        outcome = await pipeline.run(profile, scope, place.inside(profile_id))
    except ServiceError as error:
        outcome = Refuse(error.user_message or unable(), error.service_code, str(error))
    if isinstance(outcome, ShowPage):
        outcome = Refuse(unable(), "AADB2C90037", f"validation technical profile {profile_id!r} needs a page")
    refused = outcome if isinstance(outcome, Refuse) else None
    place.record(
        StepRecord(
            "refused" if refused else "profile",
            step=place.step,
            profile_id=profile_id,
            detail=f"{refused.service_code}: {refused.detail or refused.user_message}" if refused else "",
            claims={name: place.redact(name, value) for name, value in scope.items() if before.get(name) != value},
            duration_ms=round((perf_counter() - started) * 1000, 3),
        )
    )
    return refused


def unable() -> str:
    """Return the text for a person when nothing better is known."""
    return SERVICE_CODES[90278].text


def _passwords(pipeline: Pipeline, claims: ClaimsBag) -> list[str]:
    types = pipeline.policy.claim_types
    return [name for name in claims if types[name].user_input_type is UserInputType.PASSWORD]
