"""Technical profiles and display controls: every reference resolved, every default prepared.

Source: policy-language.md §3.7, §4, technical-profiles.md §1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from journeyman.compiler import rules
from journeyman.compiler.claim_mapping import Place, mappings
from journeyman.compiler.compiled import (
    DisplayClaim,
    DisplayControl,
    Enablement,
    EnablementKind,
    Metadata,
    TechnicalProfile,
)
from journeyman.compiler.draft import Draft
from journeyman.compiler.handlers import PASSWORD_GRANT, handler_of
from journeyman.compiler.link import claim_type, resolve, technical_profile_id
from journeyman.compiler.preconditions import validation_profiles
from journeyman.compiler.transformations import transformations_of
from journeyman.diagnostics import Severity
from journeyman.policy import model
from journeyman.policy.model import Item, Reference, key

_RESOLVE_CLAIMS: Final = "includeclaimresolvinginclaimshandling"
_ADDRESS: Final = "ipaddressclaimreferenceid"
_CLAIM_ITEMS: Final = frozenset(
    {"useclaimasbearertoken", "claimtypeonwhichtoenable", "claimusedforrequestpayload", _ADDRESS}
)
"""Metadata items that hold the id of a claim type."""
_PLACEHOLDER: Final = re.compile(r"\{(tenant|policy)\}", re.IGNORECASE)
_CONTROL_TYPES: Final = frozenset(
    {
        "verificationcontrol",
        "qrcodecontrol",
        "authenticatorinfocontrol",
        "authenticatorappiconcontrol",
        "captchacontrol",
    }
)
_ENABLEMENTS: Final = {key(kind.value): kind for kind in EnablementKind} | {
    "true": EnablementKind.ALWAYS,
    "1": EnablementKind.ALWAYS,
    "false": EnablementKind.NEVER,
    "0": EnablementKind.NEVER,
}


def compile_technical_profiles(draft: Draft) -> None:
    """Compile every technical profile, used or not."""
    for name, profile in draft.policy.technical_profiles.items():
        draft.technical_profiles[name] = _technical_profile(draft, profile)


def _technical_profile(draft: Draft, profile: model.TechnicalProfile) -> TechnicalProfile:
    metadata = _metadata(draft, profile)
    handler = handler_of(profile)
    protocol = profile.protocol.name if profile.protocol else ""
    # The documented profile of the password grant reads {OIDC:Username} without turning resolvers on.
    resolve_claims = metadata.flag(_RESOLVE_CLAIMS) or handler == PASSWORD_GRANT
    place = Place(profile.id, protocol, resolve=resolve_claims)
    session = profile.session_management
    return TechnicalProfile(
        id=profile.id,
        handler=handler,
        location=profile.location,
        protocol=protocol,
        display_name=profile.display_name or "",
        provider_display_name=profile.provider_display_name or "",
        domains=profile.domains,
        input_token_format=profile.input_token_format,
        output_token_format=profile.output_token_format,
        metadata=metadata,
        keys={entry.id: entry.storage_reference_id for entry in profile.cryptographic_keys.values()},
        include_in_sso=profile.include_in_sso is not False,
        input_transformations=transformations_of(draft, profile.input_claims_transformations, element=profile.id),
        input_claims=mappings(draft, profile.input_claims, place),
        display_claims=_display_claims(draft, profile.display_claims, element=profile.id),
        persisted_claims=mappings(draft, profile.persisted_claims, place),
        output_claims=mappings(draft, profile.output_claims, place),
        output_transformations=transformations_of(draft, profile.output_claims_transformations, element=profile.id),
        validation_profiles=validation_profiles(draft, profile.validation_technical_profiles, element=profile.id),
        session_profile=technical_profile_id(draft, session, element=profile.id) if session else None,
        enablement=_enablement(draft, profile, metadata),
        unsupported=_unsupported(draft, handler),
        error_handlers=profile.error_handlers,
    )


def _unsupported(draft: Draft, handler: str) -> str | None:
    spec = draft.specs.get(key(handler))
    if spec is None:
        return f"no provider runs the handler {handler!r}" if handler else "the technical profile has no Protocol"
    if spec.runs:
        return None
    return spec.reason or f"the handler {handler!r} does not run yet"


def _metadata(draft: Draft, profile: model.TechnicalProfile) -> Metadata:
    return Metadata({item.key: _item_value(draft, profile, item) for item in profile.metadata.values()})


def _item_value(draft: Draft, profile: model.TechnicalProfile, item: Item) -> str:
    """Return the trimmed value, its placeholders filled; an id in the declared spelling."""
    values = {"tenant": draft.policy.tenant_id, "policy": draft.policy.policy_id}
    written = item.value.strip()
    text = _PLACEHOLDER.sub(lambda found: values[found[1].lower()], written) if "{" in written else written
    draft.names_policy |= text != written and "{policy}" in written.lower()
    if key(item.key) in _CLAIM_ITEMS and text:
        # The starter packs name a claim type for the address that they do not declare.
        severity = Severity.INFO if key(item.key) == _ADDRESS else None
        claim = claim_type(draft, text, item.location, element=profile.id, severity=severity)
        return claim.id if claim else text
    if key(item.key) == "contentdefinitionreferenceid" and text:
        table, reference = draft.policy.content_definitions, Reference(text, item.location)
        definition = resolve(draft, table, reference, kind="ContentDefinition", element=profile.id)
        return definition.id if definition else text
    return text


def _display_claims(draft: Draft, written: Iterable[model.DisplayClaim], *, element: str) -> tuple[DisplayClaim, ...]:
    compiled: list[DisplayClaim] = []
    for display in written:
        control, claim = None, None
        if display.display_control is not None:
            reference = Reference(display.display_control, display.location)
            control = resolve(draft, draft.policy.display_controls, reference, kind="DisplayControl", element=element)
        if display.claim_type is not None:
            claim = claim_type(draft, display.claim_type, display.location, element=element)
        if control is not None or claim is not None:
            role = display.control_claim_type
            compiled.append(DisplayClaim(claim, control.id if control else None, display.required, role))
    return tuple(compiled)


def _enablement(draft: Draft, profile: model.TechnicalProfile, metadata: Metadata) -> Enablement:
    written = profile.enabled_for_user_journeys
    if written is None or not written.strip():
        return Enablement()
    kind = _ENABLEMENTS.get(key(written))
    if kind is None:
        draft.report(rules.ENABLEMENT.at(profile.location, element=profile.id, value=written))
        return Enablement(EnablementKind.NEVER)
    if kind in {EnablementKind.ALWAYS, EnablementKind.NEVER}:
        return Enablement(kind)
    claim_id = metadata.get("ClaimTypeOnWhichToEnable")
    if not claim_id:
        draft.report(
            rules.METADATA_MISSING.at(
                profile.location, element=profile.id, profile=profile.id, item="ClaimTypeOnWhichToEnable"
            )
        )
    return Enablement(kind, claim_id, metadata.get("ClaimValueOnWhichToEnable"))


# --- display controls --------------------------------------------------------------------------


def compile_display_controls(draft: Draft) -> None:
    """Compile every display control; resolvers work where a page that shows it allows them."""
    resolving = frozenset(_resolving_controls(draft))
    for name, control in draft.policy.display_controls.items():
        if key(control.control_type or "") not in _CONTROL_TYPES:
            rule = rules.CONTROL_TYPE
            draft.report(rule.at(control.location, element=control.id, value=control.control_type))
        place = Place(control.id, "", resolve=name in resolving)
        draft.display_controls[name] = DisplayControl(
            id=control.id,
            control_type=control.control_type or "",
            input_claims=mappings(draft, control.input_claims, place),
            display_claims=_display_claims(draft, control.display_claims, element=control.id),
            output_claims=mappings(draft, control.output_claims, place),
            actions={
                action.id: validation_profiles(draft, action.profiles, element=control.id)
                for action in control.actions.values()
            },
        )


def _resolving_controls(draft: Draft) -> Iterable[str]:
    for profile in draft.policy.technical_profiles.values():
        flag = profile.metadata.get(_RESOLVE_CLAIMS)
        if flag is not None and key(flag.value) in {"true", "1"}:
            yield from (key(claim.display_control) for claim in profile.display_claims if claim.display_control)
