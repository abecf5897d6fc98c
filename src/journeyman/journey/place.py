"""Where in a journey a technical profile runs, and what claim resolvers see there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from journeyman import __version__
from journeyman.claims.resolvers import Resolution
from journeyman.claims.values import ClaimValue
from journeyman.compiler.compiled import CompiledPolicy, ContentDefinition, LocalizedTexts, Step, TechnicalProfile
from journeyman.journey.messages import NO_TEXTS, localized_texts
from journeyman.journey.state import JourneyState
from journeyman.journey.steps import describe
from journeyman.journey.visit import Visit
from journeyman.trace.records import CallRecord, StepRecord

Redact = Callable[[str, ClaimValue], str]
"""Claim id and value in, what a record may show out."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a journey a profile runs.

    Attributes:
        resolve: what claim resolvers see, given the claims of the moment.
        page: the page around it and the profile that shows it, None outside a page.
        localized: what the policy says on that page in the language of the journey.
        record: takes what happens, in order.
        redact: claim id and value in, what a record may show out.
        tainted: claims that hold a secret without being classified as one.
        sent: texts of secrets that profiles were given here and that are no claims of the journey: defaults.
    """

    journey_id: str
    step: str
    exchange_id: str
    language: str
    resolve: Callable[[Mapping[str, ClaimValue]], Resolution]
    record: Callable[[StepRecord | CallRecord], None]
    redact: Redact
    page: ContentDefinition | None = None
    page_profile: TechnicalProfile | None = None
    localized: LocalizedTexts = NO_TEXTS
    grant: Mapping[str, object] = field(default_factory=dict)
    tainted: tuple[str, ...] = ()
    sent: list[str] = field(default_factory=list)

    def inside(self, profile_id: str) -> Place:
        """Return the place of a validation technical profile of the page that is shown here."""
        return replace(self, exchange_id=profile_id)


@dataclass(frozen=True, slots=True)
class Places:
    """The places in the journeys of one policy."""

    policy: CompiledPolicy
    tenant_object_id: str
    redact: Redact

    def of(
        self,
        step: Step,
        exchange_id: str,
        state: JourneyState,
        visit: Visit,
        *,
        page_profile: TechnicalProfile | None = None,
    ) -> Place:
        """Return the place of a claims exchange; ``page_profile`` is its profile when it shows a page."""
        page = self._page(step, page_profile) if page_profile is not None else None
        return Place(
            journey_id=state.id,
            step=describe(step),
            exchange_id=exchange_id,
            language=state.language,
            resolve=lambda claims: self.resolution(state, visit, claims),
            record=visit.records.append,
            redact=self.redact,
            page=page,
            page_profile=page_profile,
            localized=localized_texts(page, state.language, default=self.policy.languages.default),
            grant=state.grant,
            tainted=tuple(state.tainted),
        )

    def resolution(self, state: JourneyState, visit: Visit, claims: Mapping[str, ClaimValue]) -> Resolution:
        """Return what claim resolvers see."""
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
            username=state.username,
            password=state.password,
        )

    def _page(self, step: Step, profile: TechnicalProfile) -> ContentDefinition | None:
        """Return the page of a step: its own one, else that of the profile (technical-profiles.md §2.2)."""
        name = step.content_definition or profile.metadata.get("ContentDefinitionReferenceId") or ""
        return self.policy.content_definitions.get(name)
