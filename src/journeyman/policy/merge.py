"""Merge a chain of policy files into one policy.

Source: policy-language.md §2.3. The files are folded from the root base downwards; then technical profiles
are completed with those that they include.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from journeyman.diagnostics import Diagnostic
from journeyman.policy.include import resolve_includes
from journeyman.policy.keyed import merge_keyed, overlay, prefer
from journeyman.policy.merge_building_blocks import (
    merge_claim_type,
    merge_claims_transformation,
    merge_content_definition,
    merge_display_control,
    merge_localization,
)
from journeyman.policy.merge_journey import merge_journey, merge_relying_party
from journeyman.policy.merge_technical_profile import merge_technical_profile
from journeyman.policy.model import Policy
from journeyman.policy.problems import Problems


def merge_chain(chain: Sequence[Policy]) -> tuple[Policy, tuple[Diagnostic, ...]]:
    """Merge a chain, the root base first and the requested file last.

    Returns:
        The merged policy without a base, its includes resolved, and what there is to say about the merge.
    """
    folded = chain[0]
    diagnostics: tuple[Diagnostic, ...] = ()
    for child in chain[1:]:
        folded, found = fold(folded, child)
        diagnostics += found
    merged, found = complete(folded)
    return merged, diagnostics + found


def complete(folded: Policy) -> tuple[Policy, tuple[Diagnostic, ...]]:
    """Resolve the includes of a policy whose chain has been folded."""
    problems = Problems(folded.location.path)
    profiles = resolve_includes(folded.technical_profiles, problems)
    return replace(folded, base=None, technical_profiles=profiles), problems.found


def fold(base: Policy, child: Policy) -> tuple[Policy, tuple[Diagnostic, ...]]:
    """Merge one file over the fold of its bases; includes are left for ``complete``."""
    problems = Problems(child.location.path)
    journeys = partial(merge_journey, problems=problems)
    merged = Policy(
        location=child.location,
        tenant_id=child.tenant_id,
        policy_id=child.policy_id,
        public_policy_uri=child.public_policy_uri,
        schema_version=child.schema_version,
        tenant_object_id=prefer(child.tenant_object_id, base.tenant_object_id),
        deployment_mode=prefer(child.deployment_mode, base.deployment_mode),
        journey_recorder_endpoint=prefer(child.journey_recorder_endpoint, base.journey_recorder_endpoint),
        base=None,
        trust_framework_tenant_id=base.trust_framework_tenant_id,
        files=base.files + child.files,
        claim_types=merge_keyed(base.claim_types, child.claim_types, partial(merge_claim_type, problems=problems)),
        predicates=overlay(base.predicates, child.predicates),
        predicate_validations=overlay(base.predicate_validations, child.predicate_validations),
        input_validations=overlay(base.input_validations, child.input_validations),
        claims_transformations=merge_keyed(
            base.claims_transformations, child.claims_transformations, merge_claims_transformation
        ),
        client_definitions=overlay(base.client_definitions, child.client_definitions),
        content_definitions=merge_keyed(base.content_definitions, child.content_definitions, merge_content_definition),
        localization=merge_localization(base.localization, child.localization),
        display_controls=merge_keyed(base.display_controls, child.display_controls, merge_display_control),
        technical_profiles=merge_keyed(base.technical_profiles, child.technical_profiles, merge_technical_profile),
        user_journeys=merge_keyed(base.user_journeys, child.user_journeys, journeys),
        sub_journeys=merge_keyed(base.sub_journeys, child.sub_journeys, journeys),
        relying_party=merge_relying_party(base.relying_party, child.relying_party),
        parts={**base.parts, **child.parts},
    )
    return merged, problems.found
