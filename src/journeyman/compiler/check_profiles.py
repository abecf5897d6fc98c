"""Rules that need the spec of a handler: is it known, does it run, has it what it needs.

Source: technical-profiles.md §1.2, §1.4, errors.md §3 (V25).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from journeyman.compiler import rules
from journeyman.compiler.compiled import DeploymentMode, StepType, TechnicalProfile
from journeyman.compiler.draft import Draft
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.diagnostics import Diagnostic, Location, Severity
from journeyman.policy import model
from journeyman.policy.model import key

_READ_BY_THE_ENGINE = frozenset(
    {"includeclaimresolvinginclaimshandling", "claimtypeonwhichtoenable", "claimvalueonwhichtoenable"}
)


_PAGE = "contentdefinitionreferenceid"


def check_technical_profiles(draft: Draft) -> None:
    """Check every technical profile against the spec of its handler.

    A profile that others include and that no journey reaches is a template: it may be incomplete.
    """
    templates = _included(draft) - {key(profile_id) for profile_id in draft.reached}
    on_pages = _on_pages_of_steps(draft)
    for name, profile in tuple(draft.technical_profiles.items()):
        spec = draft.specs.get(key(profile.handler))
        if spec is None:
            _report_handler(draft, profile, template=name in templates)
            continue
        if not spec.runs:
            reason = spec.reason or "the engine has no provider for it"
            rule = rules.HANDLER_NOT_RUN
            draft.report(
                rule.at(
                    profile.location, element=profile.id, handler=profile.handler, profile=profile.id, reason=reason
                )
            )
        _check_unknown_metadata(draft, profile, spec)
        if name not in templates:
            _check_metadata(draft, profile, spec, on_pages)
            _check_with_spec(draft, profile, spec)


def _included(draft: Draft) -> set[str]:
    references = (profile.include_technical_profile for profile in draft.policy.technical_profiles.values())
    return {key(reference.id) for reference in references if reference is not None}


def _report_handler(draft: Draft, profile: TechnicalProfile, *, template: bool) -> None:
    reached = profile.id in draft.reached
    severity = Severity.ERROR if reached else Severity.WARNING
    if profile.handler:
        draft.report(
            rules.HANDLER_UNKNOWN.at(
                profile.location, element=profile.id, severity=severity, handler=profile.handler, profile=profile.id
            )
        )
    elif reached or not template:
        rule = rules.PROTOCOL_MISSING
        draft.report(rule.at(profile.location, element=profile.id, severity=severity, profile=profile.id))


def _check_metadata(draft: Draft, profile: TechnicalProfile, spec: HandlerSpec, on_pages: Collection[str]) -> None:
    for item in sorted(spec.required_metadata):
        if key(item) == _PAGE and key(profile.id) in on_pages:
            continue
        others = spec.stands_in.get(item)
        if others is not None and all(profile.metadata.get(other) for other in others):
            continue
        value = profile.metadata.get(item)
        if not value:
            rule = rules.METADATA_MISSING if value is None else rules.METADATA_EMPTY
            place, severity = _place(draft, profile.id, item), draft.whole
            found = rule.at(place, element=profile.id, severity=severity, profile=profile.id, item=item)
            draft.report(replace(found, severity=Severity.WARNING) if spec.may_be_incomplete else found)
            if spec.may_be_incomplete:
                draft.technical_profiles[key(profile.id)] = replace(profile, unsupported=found.message)


def _on_pages_of_steps(draft: Draft) -> frozenset[str]:
    """Return the profiles that a sign-in page shows: its step names the content definition."""
    steps = (step for table in (draft.journeys, draft.sub_journeys) for each in table.values() for step in each.steps)
    pages = (step for step in steps if step.type is StepType.COMBINED_SIGN_IN_AND_SIGN_UP)
    return frozenset(key(exchange.profile_id) for step in pages for exchange in step.exchanges)


def _check_unknown_metadata(draft: Draft, profile: TechnicalProfile, spec: HandlerSpec) -> None:
    known = {key(name) for name in spec.metadata | spec.required_metadata} | _READ_BY_THE_ENGINE
    written = draft.policy.technical_profiles[key(profile.id)].metadata.values()
    unknown = [item for item in written if key(item.key) not in known]
    if unknown and spec.metadata:
        names = ", ".join(item.key.strip() for item in unknown)
        draft.report(rules.METADATA_UNKNOWN.at(unknown[0].location, element=profile.id, items=names))


def _check_with_spec(draft: Draft, profile: TechnicalProfile, spec: HandlerSpec) -> None:
    check = ProfileCheck(
        policy_id=draft.policy.policy_id,
        tenant_id=draft.policy.tenant_id,
        profile=profile,
        deployment_mode=draft.deployment_mode,
        production=draft.engine_production and draft.deployment_mode is DeploymentMode.PRODUCTION,
        keys=draft.keys,
        place=lambda name: _place(draft, profile.id, name),
        engine_production=draft.engine_production,
        display_controls=draft.display_controls,
        pages=draft.content_definitions,
    )
    for found in spec.check(check):
        draft.report(_softened(draft, found))


def _softened(draft: Draft, found: Diagnostic) -> Diagnostic:
    if found.severity is not Severity.ERROR or draft.whole is Severity.ERROR:
        return found
    return Diagnostic(found.rule, draft.whole, found.message, found.help, found.location, found.element)


def _place(draft: Draft, profile_id: str, name: str) -> Location:
    """Return where a metadata item, a key or a claim of a profile stands, else where the profile stands."""
    profile = draft.policy.technical_profiles[key(profile_id)]
    wanted = key(name)
    if wanted in profile.metadata:
        return profile.metadata[wanted].location
    if wanted in profile.cryptographic_keys:
        return profile.cryptographic_keys[wanted].location
    return next(_claim_places(profile, wanted), profile.location)


def _claim_places(profile: model.TechnicalProfile, wanted: str) -> Iterator[Location]:
    for claim in (*profile.input_claims, *profile.persisted_claims, *profile.output_claims):
        if wanted in {key(claim.claim_type), key(claim.partner_claim_type or "")}:
            yield claim.location


# --- validation technical profiles -------------------------------------------------------------


def check_validation_profiles(draft: Draft) -> None:
    """Refuse a profile that shows a page where only a silent one can run."""
    for profile in draft.policy.technical_profiles.values():
        _check_silent(draft, profile.validation_technical_profiles, element=profile.id)
    for control in draft.policy.display_controls.values():
        for action in control.actions.values():
            _check_silent(draft, action.profiles, element=control.id)


def _check_silent(draft: Draft, validations: tuple[model.ValidationTechnicalProfile, ...], *, element: str) -> None:
    for validation in validations:
        profile = draft.technical_profiles.get(key(validation.profile.id))
        spec = draft.specs.get(key(profile.handler)) if profile else None
        if profile is not None and spec is not None and spec.interactive:
            rule = rules.INTERACTIVE_VALIDATION
            draft.report(rule.at(validation.profile.location, element=element, profile=profile.id))
