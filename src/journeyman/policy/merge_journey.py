"""Merge user journeys, sub journeys and the relying party of a base and of a derived file.

Source: policy-language.md §2.3 and §2.3.2. Steps are matched by Order: a child with fewer steps takes none away.
"""

from __future__ import annotations

from collections.abc import Hashable

from journeyman.policy import rules
from journeyman.policy.keyed import derived_first, merge_keyed, prefer
from journeyman.policy.merge_technical_profile import merge_technical_profile
from journeyman.policy.model import (
    Behavior,
    ClaimsProviderSelection,
    OrchestrationStep,
    RelyingParty,
    TechnicalProfile,
    UserJourney,
    key,
)
from journeyman.policy.problems import Problems


def merge_journey(base: UserJourney, child: UserJourney, problems: Problems) -> UserJourney:
    """Merge a journey step by step; replaced preconditions are reported, because it is not known what Azure does."""

    def merge_step(inherited: OrchestrationStep, step: OrchestrationStep) -> OrchestrationStep:
        if inherited.preconditions and step.preconditions is not None:
            problems.report(
                rules.PRECONDITIONS_REPLACED, step.location, element=base.id, order=step.order, journey=base.id
            )
        return _merge_step(inherited, step)

    steps = merge_keyed(base.steps, child.steps, merge_step)
    return UserJourney(
        id=base.id,
        location=child.location,
        sub_journey_type=prefer(child.sub_journey_type, base.sub_journey_type),
        non_interactive=prefer(child.non_interactive, base.non_interactive),
        default_issuer_technical_profile=prefer(
            child.default_issuer_technical_profile, base.default_issuer_technical_profile
        ),
        authorization_technical_profiles=prefer(
            child.authorization_technical_profiles, base.authorization_technical_profiles
        ),
        client_definition=prefer(child.client_definition, base.client_definition),
        steps=dict(sorted(steps.items())),
        parts={**base.parts, **child.parts},
    )


def _merge_step(base: OrchestrationStep, child: OrchestrationStep) -> OrchestrationStep:
    return OrchestrationStep(
        order=base.order,
        location=child.location,
        type=prefer(child.type, base.type),
        content_definition=prefer(child.content_definition, base.content_definition),
        issuer_technical_profile=prefer(child.issuer_technical_profile, base.issuer_technical_profile),
        preconditions=prefer(child.preconditions, base.preconditions),
        display_option=prefer(child.display_option, base.display_option),
        claims_provider_selections=derived_first(
            base.claims_provider_selections, child.claims_provider_selections, _selection_key
        ),
        claims_exchanges={**base.claims_exchanges, **child.claims_exchanges},
        journey_list=prefer(child.journey_list, base.journey_list),
        parts={**base.parts, **child.parts},
    )


def _selection_key(selection: ClaimsProviderSelection) -> Hashable:
    return key(selection.target_claims_exchange or selection.validation_claims_exchange or "")


def merge_relying_party(base: RelyingParty | None, child: RelyingParty | None) -> RelyingParty | None:
    """Merge relying parties: the default journey replaces, endpoints and behaviours by key."""
    if base is None or child is None:
        return prefer(child, base)
    return RelyingParty(
        location=child.location,
        default_user_journey=prefer(child.default_user_journey, base.default_user_journey),
        endpoints={**base.endpoints, **child.endpoints},
        behaviors=merge_keyed(base.behaviors, child.behaviors, _merge_behavior),
        technical_profile=_merge_profile(base.technical_profile, child.technical_profile),
    )


def _merge_behavior(base: Behavior, child: Behavior) -> Behavior:
    """Replace a behaviour whole, but for parameters, which are matched by name."""
    parameters = {**base.parameters, **child.parameters}
    return Behavior(child.name, child.attributes, child.text, parameters, child.location)


def _merge_profile(base: TechnicalProfile | None, child: TechnicalProfile | None) -> TechnicalProfile | None:
    if base and child and key(base.id) == key(child.id):
        return merge_technical_profile(base, child)
    return prefer(child, base)
