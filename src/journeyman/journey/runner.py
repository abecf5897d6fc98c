"""Run a compiled journey: a state and what happened in, the changed state and an outcome out.

The runner does no input or output of its own; providers do theirs, and the caller loads and stores
the state. Source: policy-language.md §5.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from journeyman import __version__
from journeyman.claims.bag import ClaimsBag
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import CompiledPolicy, ContentDefinition, Exchange, Step, StepType, TechnicalProfile
from journeyman.compiler.handlers import SESSION_DEFAULT
from journeyman.errors import ServiceError
from journeyman.journey import session as sessions
from journeyman.journey.outcome import Fail, IssueTokens, Outcome, PageAnswer, ShowStep
from journeyman.journey.page_builder import build_page
from journeyman.journey.pipeline import Pipeline, Place
from journeyman.journey.preconditions import enabled, skips
from journeyman.journey.state import JourneyState, PageState, lost_state
from journeyman.journey.steps import (
    MAX_STEPS,
    SELECTIONS,
    current_step,
    describe,
    enter_sub_journey,
    exchange_to_run,
    finish_step,
    target_profile,
    validation_exchange,
)
from journeyman.journey.submission import submit_page
from journeyman.journey.token_claims import issue
from journeyman.journey.visit import Visit
from journeyman.service_codes import service_error
from journeyman.technical_profile import InteractiveProvider, Refuse, ShowPage
from journeyman.trace.records import StepRecord

RETRY_LIMIT = 5
"""Failed submissions of one page before the journey ends; technical-profiles.md §2.2, our choice."""

Redact = Callable[[str, ClaimValue], str]
"""Claim id and value in, what a record may show out."""


@dataclass(frozen=True, slots=True)
class Runner:
    """The journeys of one policy."""

    policy: CompiledPolicy
    pipeline: Pipeline
    tenant_object_id: str
    redact: Redact

    async def advance(self, state: JourneyState, visit: Visit) -> Outcome:
        """Run steps until one needs the browser or the journey ends."""
        try:
            for _ in range(MAX_STEPS):
                step = current_step(self.policy, state)
                if step is None:
                    return self._fail(visit, _no_send_claims(state))
                outcome = await self._step(step, state, visit)
                if outcome is not None:
                    return outcome
        except ServiceError as error:
            return self._fail(visit, error)
        return self._fail(visit, ServiceError(f"the journey ran {MAX_STEPS} steps without an end"))

    async def confirm(self, state: JourneyState, visit: Visit) -> Outcome:
        """Go on from a page that was submitted."""
        page = state.page
        if page is None:
            return self._fail(visit, lost_state())
        if page.ended:
            return self._fail(visit, service_error(page.ended))
        if not page.submitted:
            return self._fail(visit, service_error(90255, page.profile_id))
        finish_step(state)
        return await self.advance(state, visit)

    async def submit(self, state: JourneyState, posted: Mapping[str, str], visit: Visit) -> PageAnswer:
        """Check what a page sent; the claims of an accepted page are in the bag afterwards."""
        step, page = self._page(state)
        if page.submitted:
            return PageAnswer()
        if page.ended:
            error = service_error(page.ended)
            return PageAnswer(error.service_code, str(error))
        profile = self.policy.technical_profiles[page.profile_id]
        place = self._place(step, page.exchange_id, state, visit, page_profile=profile)
        before = state.claims.copy()
        answer = await submit_page(self.pipeline, profile, posted, state, place)
        if answer.error_code is None:
            self._accepted(step, profile, state, visit, before)
        else:
            self._refused(step, profile, state, visit, answer)
        return answer

    async def select(self, state: JourneyState, exchange_id: str, visit: Visit) -> Outcome:
        """Go on with the claims exchange that was chosen on a selection page."""
        step, _ = self._page(state)
        offered = {name for name, _ in self._options(step, state)}
        if exchange_id not in offered:
            return self._fail(visit, service_error(90051))
        return await self._selected(state, exchange_id, visit)

    async def sign_up(self, state: JourneyState, visit: Visit) -> Outcome:
        """Go on with the exchange behind the sign-up link of a combined page."""
        return await self._linked(state, visit, "SignUpTarget", service_error(90051))

    async def forgot_password(self, state: JourneyState, visit: Visit) -> Outcome:
        """Go on with the exchange behind the forgot-password link, or tell the application."""
        return await self._linked(state, visit, "setting.forgotPasswordLinkOverride", service_error(90118))

    def cancel(self, state: JourneyState, visit: Visit) -> Outcome:
        """End the journey because the person cancelled."""
        self._page(state)
        return self._fail(visit, service_error(90091))

    async def show_again(self, state: JourneyState, visit: Visit) -> Outcome:
        """Show the current page once more, with a new token."""
        step, _ = self._page(state)
        try:
            outcome = await self._step(step, state, visit)
        except ServiceError as error:
            return self._fail(visit, error)
        return outcome or await self.advance(state, visit)

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
                return self._send_claims(step, state, visit)
            case StepType.INVOKE_SUB_JOURNEY:
                enter_sub_journey(self.policy, state, step)
            case StepType.NOOP:
                finish_step(state)
            case _:
                detail = f"orchestration step type {step.type.value} is not built yet (step {step.order})"
                raise ServiceError(detail, service_code="AADB2C90037")
        return None

    async def _selection(self, step: Step, state: JourneyState, visit: Visit) -> Outcome | None:
        local = validation_exchange(step)
        if local is not None and self._restore(local.profile_id, state, visit):
            finish_step(state)
            return None
        options = self._options(step, state)
        chosen = self._chosen_without_page(step, local, options, state)
        if chosen is not None:
            state.selection = chosen
            finish_step(state)
            return None
        return await self._show(step, local, state, visit, options)

    def _chosen_without_page(
        self,
        step: Step,
        local: Exchange | None,
        options: tuple[tuple[str, TechnicalProfile], ...],
        state: JourneyState,
    ) -> str | None:
        hint = state.parameters.get("domain_hint", "").casefold()
        if hint:
            for exchange_id, profile in options:
                if hint in {domain.casefold() for domain in profile.domains}:
                    return exchange_id
        if local is None and len(options) == 1 and not step.show_single_provider:
            return options[0][0]
        return None

    def _options(self, step: Step, state: JourneyState) -> tuple[tuple[str, TechnicalProfile], ...]:
        found: list[tuple[str, TechnicalProfile]] = []
        for selection in step.selections:
            if selection.target_exchange is None:
                continue
            profile_id = target_profile(self.policy, state, selection.target_exchange)
            profile = self.policy.technical_profiles.get(profile_id or "")
            if profile is not None and enabled(profile.enablement, state.claims):
                found.append((selection.target_exchange, profile))
        return tuple(found)

    async def _exchange(self, step: Step, exchange: Exchange, state: JourneyState, visit: Visit) -> Outcome | None:
        if self._restore(exchange.profile_id, state, visit):
            finish_step(state)
            return None
        profile = self.policy.technical_profiles[exchange.profile_id]
        place = self._place(step, exchange.id, state, visit)
        before = state.claims.copy()
        outcome = await self.pipeline.run(profile, state.claims, place)
        if isinstance(outcome, ShowPage):
            return await self._show(step, exchange, state, visit, (), outcome)
        if isinstance(outcome, Refuse):
            raise ServiceError(
                outcome.user_message or outcome.detail,
                service_code=outcome.service_code,
                user_message=outcome.user_message,
            )
        self._ran(step, profile, state, visit, before)
        finish_step(state)
        return None

    def _send_claims(self, step: Step, state: JourneyState, visit: Visit) -> IssueTokens:
        resolution = self._resolution(state, visit, state.claims)
        tokens = issue(self.policy, step, state, resolution)
        visit.records.append(StepRecord("tokens", step=describe(step), profile_id=tokens.issuer_profile))
        finish_step(state)
        return tokens

    # --- pages -----------------------------------------------------------------------------------

    async def _show(
        self,
        step: Step,
        exchange: Exchange | None,
        state: JourneyState,
        visit: Visit,
        options: tuple[tuple[str, TechnicalProfile], ...],
        shown: ShowPage | None = None,
    ) -> Outcome:
        if "none" in state.parameters.get("prompt", "").split() or not state.interactive:
            raise service_error(90077, "None")
        profile = self.policy.technical_profiles[exchange.profile_id] if exchange else None
        if shown is None and profile is not None and exchange is not None:
            place = self._place(step, exchange.id, state, visit, page_profile=profile)
            outcome = await self.pipeline.run(profile, state.claims, place)
            if not isinstance(outcome, ShowPage):
                detail = f"technical profile {profile.id!r} does not show a page"
                raise ServiceError(detail, service_code="AADB2C90037")
            shown = outcome
        content = self._content(step, shown)
        tries = state.page.tries if state.page and profile and state.page.profile_id == profile.id else 0
        state.page = PageState(
            csrf=secrets.token_urlsafe(32),
            exchange_id=exchange.id if exchange else "",
            profile_id=profile.id if profile else "",
            tries=tries,
        )
        provider = self._interactive(profile) if profile else None
        page = build_page(
            self.policy,
            step,
            content,
            profile=profile,
            shown=provider.shown(content) if provider else (),
            prefill=shown.prefill if shown else {},
            options=options,
            resolution=self._resolution(state, visit, state.claims),
        )
        visit.records.append(StepRecord("page", step=describe(step), profile_id=page.profile_id, detail=content.id))
        return ShowStep(page)

    def _content(self, step: Step, shown: ShowPage | None) -> ContentDefinition:
        name = step.content_definition or (shown.content_definition if shown else "")
        content = self.policy.content_definitions.get(name)
        if content is None:
            detail = f"orchestration step {step.order} has no content definition"
            raise ServiceError(detail, service_code="AADB2C90277")
        return content

    def _page(self, state: JourneyState) -> tuple[Step, PageState]:
        step = current_step(self.policy, state)
        if step is None or state.page is None:
            raise lost_state()
        return step, state.page

    def _interactive(self, profile: TechnicalProfile) -> InteractiveProvider:
        provider = self.pipeline.provider(profile)
        if not isinstance(provider, InteractiveProvider):
            detail = f"technical profile {profile.id!r} has no page"
            raise ServiceError(detail, service_code="AADB2C90037")
        return provider

    async def _linked(self, state: JourneyState, visit: Visit, item: str, otherwise: ServiceError) -> Outcome:
        step, page = self._page(state)
        profile = self.policy.technical_profiles.get(page.profile_id)
        target = profile.metadata.get(item) if profile else None
        if step.type not in SELECTIONS or not target:
            return self._fail(visit, otherwise)
        return await self._selected(state, target, visit)

    async def _selected(self, state: JourneyState, exchange_id: str, visit: Visit) -> Outcome:
        state.selection = exchange_id
        finish_step(state)
        return await self.advance(state, visit)

    # --- what a step leaves behind ---------------------------------------------------------------

    def _restore(self, profile_id: str, state: JourneyState, visit: Visit) -> bool:
        """Let the sign-in session stand in for a profile; say whether it did."""
        profile = self.policy.technical_profiles[profile_id]
        manager = self.policy.technical_profiles.get(profile.session_profile or "")
        session = visit.session
        if session is None or manager is None or not sessions.participates(session, manager):
            return False
        if not sessions.fresh(session, state.parameters, visit.now) or not enabled(profile.enablement, state.claims):
            return False
        sessions.restore(session, manager, state.claims, self.policy.claim_types)
        state.session_writes.setdefault(manager.id, session.entries[manager.id])
        state.auth_time = state.auth_time or session.auth_time
        visit.records.append(StepRecord("profile", profile_id=profile_id, detail="restored from the sign-in session"))
        return True

    def _ran(self, step: Step, profile: TechnicalProfile, state: JourneyState, visit: Visit, before: ClaimsBag) -> None:
        manager = self.policy.technical_profiles.get(profile.session_profile or "")
        if manager is not None and manager.handler == SESSION_DEFAULT:
            state.session_writes[manager.id] = sessions.entry_of(manager, state.claims)
        changed = {name: self.redact(name, value) for name, value in state.claims.items() if before.get(name) != value}
        visit.records.append(StepRecord("profile", step=describe(step), profile_id=profile.id, claims=changed))

    def _accepted(
        self, step: Step, profile: TechnicalProfile, state: JourneyState, visit: Visit, before: ClaimsBag
    ) -> None:
        if state.page is not None:
            state.page.submitted = True
        state.auth_time = int(visit.now.timestamp())
        self._ran(step, profile, state, visit, before)

    def _refused(
        self, step: Step, profile: TechnicalProfile, state: JourneyState, visit: Visit, answer: PageAnswer
    ) -> None:
        detail = f"{answer.error_code}: {answer.message}"
        visit.records.append(StepRecord("refused", step=describe(step), profile_id=profile.id, detail=detail))
        page = state.page
        if page is None:
            return
        page.tries += 1
        limit = profile.metadata.get("setting.retryLimit") or ""
        if page.tries >= (int(limit) if limit.isdecimal() and 0 < int(limit) < 1000 else RETRY_LIMIT):
            page.ended = 90157

    @staticmethod
    def _fail(visit: Visit, error: ServiceError) -> Fail:
        event = "refused" if error.oauth_error == "access_denied" else "error"
        visit.records.append(StepRecord(event, detail=f"{error.service_code}: {error}"))
        return Fail(error)

    def _place(
        self,
        step: Step,
        exchange_id: str,
        state: JourneyState,
        visit: Visit,
        *,
        page_profile: TechnicalProfile | None = None,
    ) -> Place:
        content_id = step.content_definition or (
            page_profile.metadata.get("ContentDefinitionReferenceId") if page_profile else None
        )
        return Place(
            journey_id=state.id,
            step=describe(step),
            exchange_id=exchange_id,
            language=state.language,
            resolve=lambda claims: self._resolution(state, visit, claims),
            record=visit.records.append,
            redact=self.redact,
            page=self.policy.content_definitions.get(content_id or ""),
            page_profile=page_profile,
            grant=state.grant,
        )

    def _resolution(self, state: JourneyState, visit: Visit, claims: Mapping[str, ClaimValue]) -> Resolution:
        policy = self.policy
        return Resolution(
            policy_id=policy.policy_id,
            relying_party_tenant_id=policy.tenant_id,
            trust_framework_tenant_id=policy.trust_framework_tenant_id,
            tenant_object_id=policy.tenant_object_id or self.tenant_object_id,
            correlation_id=state.correlation_id,
            deployment_mode=policy.deployment_mode.value,
            culture=state.language,
            host_name=visit.host_name,
            ip_address=visit.ip_address,
            kmsi=state.keep_me_signed_in,
            now=visit.now,
            build_number=f"{__version__}.0",
            parameters=state.parameters,
            claims=claims,
        )


def _no_send_claims(state: JourneyState) -> ServiceError:
    return ServiceError(
        f"the journey of policy {state.policy_id!r} ended without SendClaims", service_code="AADB2C90040"
    )
