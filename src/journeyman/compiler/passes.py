"""Compile a merged policy: the passes, in the order in which they run.

A pass reads the merged tree and what earlier passes made, adds its own part to the draft, and
reports what is wrong. Nothing stops in between, so one run reports everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from journeyman.compiler import rules
from journeyman.compiler.check_expressions import check_expressions, expressions_fit
from journeyman.compiler.check_flow import check_input_claims, check_output_claims, check_subject
from journeyman.compiler.check_journeys import check_journeys
from journeyman.compiler.check_keys import check_keys
from journeyman.compiler.check_profiles import check_technical_profiles, check_validation_profiles
from journeyman.compiler.check_refresh import check_refresh_journeys
from journeyman.compiler.claim_types import compile_claim_types, compile_predicates
from journeyman.compiler.classify import classify
from journeyman.compiler.compiled import CompiledPolicy, DeploymentMode
from journeyman.compiler.content_definitions import compile_content_definitions, compile_languages
from journeyman.compiler.draft import Draft
from journeyman.compiler.journeys import compile_journeys
from journeyman.compiler.reach import find_reached
from journeyman.compiler.relying_party import compile_relying_party
from journeyman.compiler.shared_parts import SharedParts
from journeyman.compiler.spec import HandlerSpec, KeyInfo
from journeyman.compiler.technical_profiles import compile_display_controls, compile_technical_profiles
from journeyman.compiler.transformations import compile_transformations
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.policy.model import Policy, key

_MODES: Final = {key(mode.value): mode for mode in DeploymentMode}


def compile_policy(
    policy: Policy,
    *,
    specs: Mapping[str, HandlerSpec],
    keys: Mapping[str, KeyInfo] | None,
    engine_production: bool,
    shared: SharedParts | None = None,
) -> tuple[CompiledPolicy | None, list[Diagnostic]]:
    """Compile a merged policy.

    Args:
        specs: handler -> what the compiler must know of it.
        keys: policy key id in lower case -> what is known of it; None when no tenant is known.
        engine_production: whether the engine runs in production mode.
        shared: what earlier calls of the same compilation have compiled; ``specs`` must be the same.

    Returns:
        The compiled policy, None when a diagnostic is an error; and the diagnostics in the order of
        the passes.
    """
    draft = Draft(policy, {key(handler): spec for handler, spec in specs.items()}, keys, engine_production)
    read_deployment_mode(draft)
    if not expressions_fit(draft):
        return None, draft.diagnostics
    (shared or SharedParts()).run(SHARED_PASSES, draft)
    for run in PASSES:
        run(draft)
    broken = any(diagnostic.severity is Severity.ERROR for diagnostic in draft.diagnostics)
    return (None if broken else _compiled(draft)), draft.diagnostics


def read_deployment_mode(draft: Draft) -> None:
    """Read the effective DeploymentMode; Production when none is written."""
    written = draft.policy.deployment_mode
    if written is None:
        return
    mode = _MODES.get(key(written))
    if mode is None:
        # A placeholder that the build would have filled means nothing yet: production rules hold.
        severity = Severity.WARNING if written.strip().startswith("{") else None
        place, element = draft.policy.location, draft.policy.policy_id
        draft.report(rules.DEPLOYMENT_MODE.at(place, element=element, severity=severity, value=written))
    else:
        draft.deployment_mode = mode


def classify_claims(draft: Draft) -> None:
    """Decide what records may show of each claim."""
    draft.sensitivities = classify(draft.policy)


SHARED_PASSES: Final[tuple[Callable[[Draft], None], ...]] = (
    classify_claims,
    compile_predicates,
    compile_claim_types,
    compile_transformations,
    compile_languages,
    compile_content_definitions,
    compile_display_controls,
    compile_technical_profiles,
    compile_journeys,
    check_expressions,
)
"""What is compiled once for all policies of one base."""

PASSES: Final[tuple[Callable[[Draft], None], ...]] = (
    compile_relying_party,
    find_reached,
    check_technical_profiles,
    check_validation_profiles,
    check_keys,
    check_journeys,
    check_refresh_journeys,
    check_subject,
    check_output_claims,
    check_input_claims,
)


def _compiled(draft: Draft) -> CompiledPolicy:
    policy = draft.policy
    return CompiledPolicy(
        policy_id=policy.policy_id,
        tenant_id=policy.tenant_id,
        trust_framework_tenant_id=policy.trust_framework_tenant_id,
        tenant_object_id=policy.tenant_object_id,
        deployment_mode=draft.deployment_mode,
        files=policy.files,
        claim_types={claim.id: claim for claim in draft.claim_types.values()},
        technical_profiles={profile.id: profile for profile in draft.technical_profiles.values()},
        content_definitions={definition.id: definition for definition in draft.content_definitions.values()},
        display_controls={control.id: control for control in draft.display_controls.values()},
        journeys={journey.id: journey for journey in draft.journeys.values()},
        sub_journeys={journey.id: journey for journey in draft.sub_journeys.values()},
        languages=draft.languages,
        relying_party=draft.relying_party,
        reached=draft.reached,
    )
