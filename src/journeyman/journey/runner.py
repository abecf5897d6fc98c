"""Run a compiled journey: a state and what happened in, the changed state and an outcome out.

The runner does no input or output of its own; providers do theirs, and the caller loads and stores
the state. Source: policy-language.md §5.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import UserInputType
from journeyman.compiler.compiled import CompiledPolicy, ContentDefinition, Exchange, Step, StepType, TechnicalProfile
from journeyman.compiler.handlers import OAUTH2_ERROR, SESSION_DEFAULT, SESSION_EXTERNAL_LOGIN
from journeyman.errors import ServiceError
from journeyman.journey import session as sessions
from journeyman.journey.block import block
from journeyman.journey.concealment import secret_texts, tainted_claims
from journeyman.journey.display_control import run_action
from journeyman.journey.federation_state import with_state
from journeyman.journey.outcome import Block, Fail, GoToProvider, IssueTokens, Outcome, PageAnswer, ShowStep
from journeyman.journey.page_builder import build_page
from journeyman.journey.pipeline import Pipeline
from journeyman.journey.place import Place, Places, Redact
from journeyman.journey.preconditions import enabled, skips
from journeyman.journey.restore import restore, signed_in_with
from journeyman.journey.selection import Options, chosen_without_page, local_exchange, offered, options_of
from journeyman.journey.state import AwayState, JourneyState, PageState, lost_state
from journeyman.journey.steps import (
    MAX_STEPS,
    SELECTIONS,
    current_step,
    describe,
    enter_sub_journey,
    exchange_to_run,
    finish_step,
    journey_of,
    plan_of,
)
from journeyman.journey.submission import Submitted, changed, submit_page
from journeyman.journey.token_claims import issue
from journeyman.journey.visit import Visit
from journeyman.service_codes import SERVICE_CODES, service_error
from journeyman.technical_profile import (
    Continue,
    FederatedProvider,
    InteractiveProvider,
    Provider,
    Refuse,
    Returned,
    SendAway,
    ShowBlockPage,
    Shown,
    ShowPage,
)
from journeyman.trace.concealment import concealed, written_forms
from journeyman.trace.records import StepRecord

RETRY_LIMIT: Final = 5
"""Submissions of one page that validation profiles may refuse; technical-profiles.md §2.2, our choice."""

_OAUTH_ERRORS: Final = {row.code: row.oauth_error for row in SERVICE_CODES.values()}


@dataclass(frozen=True, slots=True)
class Runner:
    """The journeys of one policy; ``plan`` is ``steps.plan_of`` the policy."""

    policy: CompiledPolicy
    pipeline: Pipeline
    places: Places
    plan: str

    async def advance(self, state: JourneyState, visit: Visit) -> Outcome:
        """Run steps until one needs the browser or the journey ends."""
        try:
            for _ in range(MAX_STEPS):
                step = current_step(self.policy, state)
                if step is None:
                    return self._fail(state, visit, _no_send_claims(state))
                outcome = await self._step(step, state, visit)
                if outcome is not None:
                    return outcome
        except ServiceError as error:
            return self._fail(state, visit, error)
        return self._fail(state, visit, ServiceError(f"the journey ran {MAX_STEPS} steps without an end"))

    async def confirm(self, state: JourneyState, visit: Visit) -> Outcome:
        """Go on from a page that was submitted."""
        _, page = self._page(state)
        if page.ended:
            return self._fail(state, visit, service_error(page.ended))
        if not page.submitted:
            return self._fail(state, visit, service_error(90255, page.profile_id))
        finish_step(state)
        return await self.advance(state, visit)

    async def submit(self, state: JourneyState, posted: Mapping[str, str], visit: Visit) -> PageAnswer:
        """Check what a page sent; the claims of an accepted page are in the bag afterwards."""
        if state.blocked is not None:
            return PageAnswer()  # sent twice: the next navigation says why it ended
        step, page = self._page(state)
        if page.ended:
            error = service_error(page.ended)
            return PageAnswer(error.service_code, str(error))
        if page.submitted:
            return PageAnswer()
        profile = self.policy.technical_profiles.get(page.profile_id)
        if profile is None:
            raise lost_state()  # a page of provider buttons has nothing to send
        place = self.places.of(step, page.exchange_id, state, visit, page_profile=profile)
        before = state.claims.copy()
        submitted = await submit_page(self.pipeline, profile, posted, state, place)
        if submitted.blocked is not None:
            _record_refusal(profile, submitted.shown_detail, visit, place)
            block(state, submitted.blocked)
        elif submitted.answer.error_code is None:
            self._accepted(profile, page, state, visit, place, before)
        else:
            _refused(profile, page, visit, place, submitted)
        return submitted.answer

    async def act(
        self, state: JourneyState, names: tuple[str, str], posted: Mapping[str, str], visit: Visit
    ) -> PageAnswer:
        """Run an action of a display control of the page; ``names`` are the ids of the control and its action."""
        step, page = self._page(state)
        profile = self.policy.technical_profiles.get(page.profile_id)
        if page.ended or page.submitted or profile is None:
            raise lost_state()
        place = self.places.of(step, page.exchange_id, state, visit, page_profile=profile)
        done = await run_action(self.pipeline, profile, names, posted, state, place)
        event = "profile" if done.answer.error_code is None else "refused"
        detail = done.shown_detail or f"{names[1]} of the display control {names[0]}"
        visit.records.append(StepRecord(event, step=place.step, profile_id=profile.id, detail=detail))
        return done.answer

    async def returned(self, state: JourneyState, parameters: Mapping[str, str], visit: Visit) -> Outcome:
        """Go on with what the browser brought back from an identity provider."""
        away, step = state.away, current_step(self.policy, state)
        if away is None or step is None or state.plan != self.plan:
            raise lost_state()
        state.away = None
        profile = self.policy.technical_profiles[away.profile_id]
        place = self.places.of(step, away.exchange_id, state, visit)
        before = state.claims.copy()
        try:
            done = await self._receive(profile, Returned(parameters, away.kept), state, place)
            if isinstance(done, SendAway):
                return self._send_away(step, away.exchange_id, away.profile_id, state, visit, done)
        except ServiceError as error:
            return self._fail(state, visit, error)
        state.auth_time = int(visit.now.timestamp())
        self._ran(profile, state, visit, place, before, done.sign_out_url)
        finish_step(state)
        outcome = await self.advance(state, visit)
        if state.blocked is not None:
            # The address with the answer may be loaded again, and then finds the block page.
            state.away = AwayState(away.secret, "", "", {})
        return outcome

    async def select(self, state: JourneyState, exchange_id: str, visit: Visit) -> Outcome:
        """Go on with the claims exchange that was chosen on a selection page."""
        step, _ = self._page(state)
        options = options_of(self.policy, step, state) if step.type in SELECTIONS else ()
        return await self._go_to(state, offered(options, exchange_id), service_error(90051), visit)

    async def sign_up(self, state: JourneyState, visit: Visit) -> Outcome:
        """Go on with the exchange behind the sign-up link of a combined page."""
        return await self._go_to(state, self._link(state, "SignUpTarget"), service_error(90051), visit)

    async def forgot_password(self, state: JourneyState, visit: Visit) -> Outcome:
        """Go on with the exchange behind the forgot-password link, or tell the application."""
        target = self._link(state, "setting.forgotPasswordLinkOverride")
        return await self._go_to(state, target, service_error(90118), visit)

    def cancel(self, state: JourneyState, visit: Visit) -> Outcome:
        """End the journey because the person cancelled."""
        _, page = self._page(state)
        return self._fail(state, visit, service_error(page.ended or 90091))

    async def show_again(self, state: JourneyState, visit: Visit) -> Outcome:
        """Show the current page once more, with a new token."""
        if state.away is not None and state.plan == self.plan:
            return await self.advance(state, visit)
        _, page = self._page(state)
        if page.ended:
            return self._fail(state, visit, service_error(page.ended))
        return await self.advance(state, visit)

    # --- steps -----------------------------------------------------------------------------------

    async def _step(self, step: Step, state: JourneyState, visit: Visit) -> Outcome | None:
        """Run one step; None means that it is behind us."""
        if step.unsupported:
            raise ServiceError(step.unsupported, service_code="AADB2C90037")
        if skips(step.preconditions, state.claims):
            visit.records.append(StepRecord("skip", step=describe(step)))
            finish_step(state)
            return None
        match step.type:
            case StepType.COMBINED_SIGN_IN_AND_SIGN_UP | StepType.CLAIMS_PROVIDER_SELECTION:
                return await self._selection(step, state, visit)
            case StepType.CLAIMS_EXCHANGE:
                return await self._exchange(step, exchange_to_run(step, state.selection), state, visit)
            case StepType.SEND_CLAIMS:
                return await self._send_claims(step, state, visit)
            case StepType.INVOKE_SUB_JOURNEY:
                enter_sub_journey(self.policy, state, step)
            case StepType.NOOP:
                finish_step(state)
            case _:
                detail = f"orchestration step type {step.type.value} is not built yet (step {step.order})"
                raise ServiceError(detail, service_code="AADB2C90037")
        return None

    async def _selection(self, step: Step, state: JourneyState, visit: Visit) -> Outcome | None:
        local = local_exchange(self.policy, step, state)
        if local is not None and restore(self.places, step, self._profile(local), state, visit):
            finish_step(state)
            return None
        options = options_of(self.policy, step, state)
        chosen = next((name for name, profile in options if signed_in_with(self.policy, profile, state, visit)), None)
        chosen = chosen or chosen_without_page(step, local, options, state)
        if chosen is not None:
            state.selection = chosen
            finish_step(state)
            return None
        if local is not None:
            profile = self._profile(local)
            place = self.places.of(step, local.id, state, visit, page_profile=profile)
            outcome = await self.pipeline.run(profile, state.claims, place)
            if not isinstance(outcome, ShowPage):
                detail = f"technical profile {profile.id!r} does not show a page"
                raise ServiceError(detail, service_code="AADB2C90037")
            return self._show(step, local, state, visit, options, outcome)
        if not options:
            raise service_error(90051)
        return self._show(step, None, state, visit, options, ShowPage(""))

    async def _exchange(self, step: Step, exchange: Exchange, state: JourneyState, visit: Visit) -> Outcome | None:
        profile = self._profile(exchange)
        if not enabled(profile.enablement, state.claims):
            visit.records.append(StepRecord("skip", step=describe(step), profile_id=profile.id))
        elif not restore(self.places, step, profile, state, visit):
            place = self.places.of(step, exchange.id, state, visit)
            before = state.claims.copy()
            outcome = await self.pipeline.run(profile, state.claims, place)
            if isinstance(outcome, ShowPage):
                return self._show(step, exchange, state, visit, (), outcome)
            if isinstance(outcome, SendAway):
                return self._send_away(step, exchange.id, exchange.profile_id, state, visit, outcome)
            if isinstance(outcome, ShowBlockPage):
                return self._block(profile, outcome, state, visit, place)
            if isinstance(outcome, Refuse):
                raise _error_of(outcome)
            self._ran(profile, state, visit, place, before)
        finish_step(state)
        return None

    async def _send_claims(self, step: Step, state: JourneyState, visit: Visit) -> IssueTokens:
        await self._send_error(step, state, visit)
        tokens = issue(self.policy, step, state, self.places.resolution(state, visit, state.claims))
        session = visit.session
        if session is not None and not sessions.fresh(session, state.parameters, visit.now):
            # Who signs in anew must not inherit what an earlier person left in this browser.
            session.entries = {}
        visit.records.append(StepRecord("tokens", step=describe(step), profile_id=tokens.issuer_profile))
        finish_step(state)
        return tokens

    async def _send_error(self, step: Step, state: JourneyState, visit: Visit) -> None:
        """Raise the error of the policy when the issuer of a step makes errors instead of tokens."""
        profile = self.policy.technical_profiles.get(step.issuer_profile or "")
        if profile is None or profile.handler != OAUTH2_ERROR:
            return
        outcome = await self.pipeline.run(profile, state.claims, self.places.of(step, profile.id, state, visit))
        refusal = outcome if isinstance(outcome, Refuse) else Refuse("", detail="the error issuer gave no error")
        raise _error_of(refusal, oauth_error="access_denied")

    # --- identity providers ----------------------------------------------------------------------

    def _send_away(
        self, step: Step, exchange_id: str, profile_id: str, state: JourneyState, visit: Visit, asked: SendAway
    ) -> GoToProvider:
        self._must_show(state)
        state.plan, state.page = self.plan, None
        state.away = AwayState(secrets.token_urlsafe(32), exchange_id, profile_id, dict(asked.kept))
        visit.records.append(StepRecord("redirect", step=describe(step), profile_id=profile_id))
        return GoToProvider(with_state(asked.url, state.id, state.away.secret))

    async def _receive(
        self, profile: TechnicalProfile, returned: Returned, state: JourneyState, place: Place
    ) -> Continue | SendAway:
        provider = self.pipeline.provider(profile)
        if not isinstance(provider, FederatedProvider):
            raise lost_state()
        done = await provider.receive(self.pipeline.call(profile, state.claims, place), returned)
        if isinstance(done, Continue):
            self.pipeline.complete(profile, done, state.claims, place)
        return done

    # --- pages -----------------------------------------------------------------------------------

    def _show(
        self,
        step: Step,
        exchange: Exchange | None,
        state: JourneyState,
        visit: Visit,
        options: Options,
        asked: ShowPage,
    ) -> Outcome:
        self._must_show(state)
        content = self._content(step, asked)
        profile = self._profile(exchange) if exchange else None
        shown = self._interactive(profile).shown(content) if profile else ()
        state.plan = self.plan
        state.page = PageState(
            csrf=secrets.token_urlsafe(32),
            exchange_id=exchange.id if exchange else "",
            profile_id=profile.id if profile else "",
            tries=state.page.tries if state.page else 0,
            verify=[item.claim.id for item in shown if item.verify],
        )
        page = build_page(
            self.policy,
            step,
            content,
            profile=profile,
            shown=shown,
            prefill=asked.prefill,
            options=options,
            resolution=self.places.resolution(state, visit, state.claims),
        )
        visit.records.append(StepRecord("page", step=describe(step), profile_id=page.profile_id, detail=content.id))
        return ShowStep(page)

    def _must_show(self, state: JourneyState) -> None:
        """Raise the error for a journey that needs the browser and may not show anything there."""
        silent = "none" in state.parameters.get("prompt", "").split() or not state.interactive
        frames = [frame for frame in state.frames if not frame.sub_journey]
        if silent or any(journey_of(self.policy, frame).non_interactive for frame in frames):
            raise service_error(90077, "None")

    def _content(self, step: Step, asked: ShowPage) -> ContentDefinition:
        content = self.policy.content_definitions.get(step.content_definition or asked.content_definition)
        if content is None:
            detail = f"orchestration step {step.order} has no content definition"
            raise ServiceError(detail, service_code="AADB2C90277")
        return content

    def _page(self, state: JourneyState) -> tuple[Step, PageState]:
        """Return the step and the page that is shown. Raises ServiceError when the policy's steps have changed."""
        if state.plan != self.plan or state.page is None:
            raise lost_state()
        step = current_step(self.policy, state)
        if step is None:
            raise lost_state()
        return step, state.page

    def _interactive(self, profile: TechnicalProfile) -> InteractiveProvider:
        provider = self.pipeline.provider(profile)
        if not isinstance(provider, InteractiveProvider):
            detail = f"technical profile {profile.id!r} has no page"
            raise ServiceError(detail, service_code="AADB2C90037")
        return provider

    def _profile(self, exchange: Exchange) -> TechnicalProfile:
        return self.policy.technical_profiles[exchange.profile_id]

    def _link(self, state: JourneyState, item: str) -> str | None:
        """Return the exchange that a link of the combined page names in the metadata of its profile."""
        step, page = self._page(state)
        profile = self.policy.technical_profiles.get(page.profile_id) if step.type in SELECTIONS else None
        return (profile.metadata.get(item) if profile else None) or None

    async def _go_to(
        self, state: JourneyState, exchange_id: str | None, otherwise: ServiceError, visit: Visit
    ) -> Outcome:
        _, page = self._page(state)
        if page.ended:
            return self._fail(state, visit, service_error(page.ended))
        if exchange_id is None:
            return self._fail(state, visit, otherwise)
        state.selection = exchange_id
        finish_step(state)
        return await self.advance(state, visit)

    # --- what a step leaves behind ---------------------------------------------------------------

    def _ran(
        self,
        profile: TechnicalProfile,
        state: JourneyState,
        visit: Visit,
        place: Place,
        before: ClaimsBag,
        sign_out_url: str = "",
    ) -> None:
        manager = self.policy.technical_profiles.get(profile.session_profile or "")
        if manager is not None and manager.handler == SESSION_DEFAULT:
            state.session_writes[manager.id] = sessions.entry_of(manager, state.claims)
        elif manager is not None and manager.handler == SESSION_EXTERNAL_LOGIN:
            state.session_writes[manager.id] = sessions.external_entry_of(
                manager, state.claims, profile.id, sign_out_url
            )
        state.tainted = tainted_claims(self.policy, state.claims, state.tainted, place.sent)
        claims = changed(before, state.claims, place, state.tainted)
        visit.records.append(StepRecord("profile", step=place.step, profile_id=profile.id, claims=claims))

    def _block(
        self, profile: TechnicalProfile, asked: ShowBlockPage, state: JourneyState, visit: Visit, place: Place
    ) -> Block:
        self._must_show(state)
        hidden = secret_texts(self.policy, state.claims) | written_forms(place.sent)
        _record_refusal(profile, concealed(asked.user_message, hidden), visit, place)
        return block(state, asked.user_message)

    def _accepted(
        self,
        profile: TechnicalProfile,
        page: PageState,
        state: JourneyState,
        visit: Visit,
        place: Place,
        before: ClaimsBag,
    ) -> None:
        page.submitted = True
        if place.page is not None and _proves(self._interactive(profile).shown(place.page)):
            state.auth_time = int(visit.now.timestamp())
        self._ran(profile, state, visit, place, before)

    def _fail(self, state: JourneyState, visit: Visit, error: ServiceError) -> Fail:
        event = "refused" if error.oauth_error == "access_denied" else "error"
        text = concealed(str(error), secret_texts(self.policy, state.claims))
        visit.records.append(StepRecord(event, detail=f"{error.service_code}: {text}"))
        return Fail(error)


def build_runner(
    policy: CompiledPolicy,
    providers: Mapping[str, Provider],
    *,
    tenant_object_id: str,
    redact: Redact,
    key_text: Callable[[str], str | None],
) -> Runner:
    """Make the runner of a policy.

    Args:
        providers: technical profile id -> its provider.
        tenant_object_id: what ``{Policy:TenantObjectId}`` stands for when the policy does not say.
        key_text: policy key id -> the text of its active key, for claims transformations.
    """
    pipeline = Pipeline(policy, providers, key_text)
    return Runner(policy, pipeline, Places(policy, tenant_object_id, redact), plan_of(policy))


def _proves(shown: tuple[Shown, ...]) -> bool:
    """Whether an accepted page has shown who the person is; one that only asks for data has not."""
    return any(item.verify or item.control or item.claim.user_input_type is UserInputType.PASSWORD for item in shown)


def _record_refusal(profile: TechnicalProfile, detail: str, visit: Visit, place: Place) -> None:
    visit.records.append(StepRecord("refused", step=place.step, profile_id=profile.id, detail=detail))


def _refused(profile: TechnicalProfile, page: PageState, visit: Visit, place: Place, submitted: Submitted) -> None:
    _record_refusal(profile, submitted.shown_detail, visit, place)
    if not submitted.counts:
        return
    page.tries += 1
    limit = profile.metadata.get("setting.retryLimit") or ""
    if page.tries >= (int(limit) if limit.isdecimal() and len(limit) < 4 and int(limit) > 0 else RETRY_LIMIT):
        page.ended = 90157


def _error_of(refusal: Refuse, *, oauth_error: str = "server_error") -> ServiceError:
    return ServiceError(
        refusal.user_message or refusal.detail,
        service_code=refusal.service_code,
        oauth_error=_OAUTH_ERRORS.get(refusal.service_code, oauth_error),
        user_message=refusal.user_message,
    )


def _no_send_claims(state: JourneyState) -> ServiceError:
    return ServiceError(
        f"the journey of policy {state.policy_id!r} ended without SendClaims", service_code="AADB2C90040"
    )
