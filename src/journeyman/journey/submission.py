"""What happens when a page is sent: its profile checks it, validation profiles run, claims are taken over.

Source: policy-language.md §4.4, technical-profiles.md §2.5-§3.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from time import perf_counter

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import UserInputType
from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile, ValidationProfile
from journeyman.errors import ServiceError
from journeyman.journey.concealment import secret_texts, tainted_claims
from journeyman.journey.control_state import verified_controls
from journeyman.journey.outcome import PageAnswer
from journeyman.journey.pipeline import Pipeline
from journeyman.journey.place import Place
from journeyman.journey.preconditions import enabled, skips
from journeyman.journey.state import JourneyState
from journeyman.service_codes import SERVICE_CODES
from journeyman.technical_profile import InteractiveProvider, Refuse, ShowBlockPage, ShowPage, Submission
from journeyman.trace.concealment import PLACEHOLDER, concealed, written_forms
from journeyman.trace.records import StepRecord


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a page.

    Attributes:
        shown_detail: the code and text of a refusal as a record may show them.
        counts: whether the refusal counts as a failed try: it came from a validation technical profile.
        blocked: the message with which a validation technical profile ended the journey; None when none did.
    """

    answer: PageAnswer
    shown_detail: str = ""
    counts: bool = False
    blocked: str | None = None


async def submit_page(
    pipeline: Pipeline, profile: TechnicalProfile, posted: Mapping[str, str], state: JourneyState, place: Place
) -> Submitted:
    """Hand what a page sent to its provider and take over the claims when it is accepted."""
    provider = pipeline.provider(profile)
    if not isinstance(provider, InteractiveProvider):
        detail = f"technical profile {profile.id!r} has no page"
        raise ServiceError(detail, service_code="AADB2C90037")
    validation = Validation(pipeline, profile.validation_profiles, place)
    call, proved = pipeline.call(profile, state.claims, place), verified_controls(pipeline.policy, state)
    submission = Submission(call, posted, state.verified, validation.run, proved)
    claims = state.claims.copy()
    try:
        outcome = await provider.submit(submission)
        if validation.blocked is not None:
            return Submitted(PageAnswer(), _shown(Refuse(validation.blocked), validation), blocked=validation.blocked)
        if isinstance(outcome, Refuse):
            return refused(outcome, validation)
        pipeline.complete(profile, outcome, claims, place)
    except ServiceError as error:
        return refused(refusal_of(error), validation)
    state.tainted = tainted_claims(pipeline.policy, claims, state.tainted, place.sent)
    for name in _passwords(pipeline.policy, claims):
        claims.remove(name)
    state.claims = claims
    return Submitted(PageAnswer())


def refused(refusal: Refuse, validation: Validation) -> Submitted:
    """Say to the page that it was refused; a record shows no secret that was in play."""
    answer = PageAnswer(refusal.service_code, refusal.user_message or unable())
    return Submitted(answer, _shown(refusal, validation), counts=validation.refused)


def _shown(refusal: Refuse, validation: Validation) -> str:
    return f"{refusal.service_code}: {concealed(refusal.detail or refusal.user_message, validation.secrets)}"


@dataclass(slots=True)
class Validation:
    """One run of the validation technical profiles of a page, or of an action of a display control.

    Attributes:
        refused: whether one of them said no.
        secrets: the texts of secret claims that were in play, which a record must not show.
        blocked: the message with which one of them ended the journey, whatever else the page says.
    """

    pipeline: Pipeline
    profiles: tuple[ValidationProfile, ...]
    place: Place
    refused: bool = False
    secrets: frozenset[str] = frozenset()
    blocked: str | None = None

    async def run(self, scope: ClaimsBag) -> Refuse | None:
        """Run them in their order over ``scope``, as technical_profile.Validate."""
        for validation in self.profiles:
            profile = self.pipeline.policy.technical_profiles[validation.profile_id]
            if skips(validation.preconditions, scope) or not enabled(profile.enablement, scope):
                self.place.record(StepRecord("skip", step=self.place.step, profile_id=profile.id))
                continue
            refusal = await self._run_one(profile, scope)
            if refusal is not None and (self.blocked is not None or not validation.continue_on_error):
                self.refused = True
                return refusal
            if refusal is None and not validation.continue_on_success:
                return None
        return None

    async def _run_one(self, profile: TechnicalProfile, scope: ClaimsBag) -> Refuse | None:
        """Run one of them; what it wrote stays in ``scope`` only when it succeeded."""
        before, started = scope.copy(), perf_counter()
        try:
            outcome = await self.pipeline.run(profile, scope, self.place.inside(profile.id))
        except ServiceError as error:
            outcome = refusal_of(error)
        if isinstance(outcome, ShowPage):
            outcome = Refuse(unable(), "AADB2C90037", f"validation technical profile {profile.id!r} needs a page")
        if isinstance(outcome, ShowBlockPage):
            self.blocked = outcome.user_message
            outcome = Refuse(outcome.user_message)
        refusal = outcome if isinstance(outcome, Refuse) else None
        if refusal is not None:
            self.secrets |= secret_texts(self.pipeline.policy, scope) | written_forms(self.place.sent)
            scope.clear()
            scope.update(before)
        tainted = tainted_claims(self.pipeline.policy, scope, self.place.tainted, self.place.sent)
        self._record(profile, refusal, changed(before, scope, self.place, tainted), perf_counter() - started)
        return refusal

    def _record(
        self, profile: TechnicalProfile, refusal: Refuse | None, claims: Mapping[str, str], duration_s: float
    ) -> None:
        detail = "" if refusal is None else _shown(refusal, self)
        self.place.record(
            StepRecord(
                "refused" if refusal else "profile",
                step=self.place.step,
                profile_id=profile.id,
                detail=detail,
                claims=claims,
                duration_ms=round(duration_s * 1000, 3),
            )
        )


def changed(
    before: Mapping[str, ClaimValue],
    after: Mapping[str, ClaimValue],
    place: Place,
    tainted: Collection[str],
) -> dict[str, str]:
    """Return the claims that differ, as a record may show them; nothing of those that are tainted."""
    known = dict(before.items())
    differ = {name: value for name, value in after.items() if known.get(name) != value}
    return {name: PLACEHOLDER if name in tainted else place.redact(name, value) for name, value in differ.items()}


def unable() -> str:
    """Return the text for a person when nothing better is known."""
    return SERVICE_CODES[90278].text


def refusal_of(error: ServiceError) -> Refuse:
    """Return what a person is told of a failure."""
    return Refuse(error.user_message or unable(), error.service_code, str(error))


def _passwords(policy: CompiledPolicy, claims: ClaimsBag) -> list[str]:
    types = policy.claim_types
    return [name for name in claims if types[name].user_input_type is UserInputType.PASSWORD]
