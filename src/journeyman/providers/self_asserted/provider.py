"""The self-asserted provider: a page of fields out, checked claims in.

Source: technical-profiles.md §2-§3, pages.md §7-§8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.claims.values import to_text
from journeyman.compiler.compiled import CompiledPolicy, ContentDefinition, PageType, TechnicalProfile
from journeyman.compiler.handlers import SELF_ASSERTED
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.errors import ServiceError
from journeyman.policy.model import key
from journeyman.providers.self_asserted.display_control import (
    VERIFICATION,
    Control,
    control_inputs,
    verification_control,
)
from journeyman.providers.self_asserted.form import FIXED, Form, page_refusal
from journeyman.providers.self_asserted.page_claims import asked_claims, identifier_and_password
from journeyman.technical_profile import (
    Call,
    Continue,
    ControlAction,
    ControlDone,
    Refuse,
    Shown,
    ShowPage,
    Submission,
)
from journeyman.user_messages import DEFAULTS

_UNIFIED: Final = frozenset({PageType.UNIFIED_SSP, PageType.UNIFIED_SSD})
FIRST_WITH_CONTROLS: Final = (2, 0, 0)
"""The first version of a page that shows display controls (pages.md §1.3)."""
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class SelfAssertedProvider:
    """One self-asserted technical profile.

    Attributes:
        asked: the claims of a selfasserted page.
        identifier_and_password: the claims of a unified page.
        keep_empty: ``AllowGenerationOfClaimsWithNullValues``.
        email_identifier: whether the identifier of a unified page must look like an e-mail address.
        controls: the verification controls of the page by id.
        unknown_control: a display control of another type, which this engine cannot show; "" for none.
    """

    profile: TechnicalProfile
    content_definition: str
    asked: tuple[Shown, ...]
    identifier_and_password: tuple[Shown, ...]
    keep_empty: bool
    ip_address_claim: ClaimType | None
    email_identifier: bool = False
    controls: Mapping[str, Control] = field(default_factory=dict)
    unknown_control: str = ""

    async def execute(self, call: Call) -> ShowPage:
        """Ask for the page, its fields filled from the input claims. Raises ServiceError when it cannot be shown."""
        if self.unknown_control:
            # A page without its control would let a person by without the check that the control is.
            detail = (
                f"technical profile {self.profile.id!r}: the display control {self.unknown_control} is not built yet"
            )
            raise ServiceError(detail, service_code="AADB2C90037")
        inputs = {mapping.claim.id: value for mapping, value in call.inputs}
        for control in self.controls.values():
            inputs |= control_inputs(control.control, {**call.claims, **inputs}, call.resolution)
        prefill = {claim_id: to_text(value) for claim_id, value in inputs.items()}
        for shown in self.asked:
            value = call.claims.get(shown.claim.id)
            if value is not None and shown.claim.user_input_type in FIXED:
                prefill.setdefault(shown.claim.id, to_text(value))
        return ShowPage(self.content_definition, prefill)

    def shown(self, page: ContentDefinition) -> tuple[Shown, ...]:
        """Return the claims that appear on ``page``."""
        if self.controls and page.version < FIRST_WITH_CONTROLS:
            detail = f"technical profile {self.profile.id!r}: display controls need a page of version 2.0.0 or later"
            raise ServiceError(detail, service_code="AADB2C90037")
        if self.controls and page.page_type in _UNIFIED:
            detail = f"technical profile {self.profile.id!r}: a sign-in page shows no display control"
            raise ServiceError(detail, service_code="AADB2C90037")
        return self.identifier_and_password if page.page_type in _UNIFIED else self.asked

    async def act(self, action: ControlAction) -> ControlDone | Refuse:
        """Run an action of one of the display controls. Raises KeyError when the page has no such control."""
        return await self.controls[action.control_id].act(action, _scope(action.call))

    async def submit(self, submission: Submission) -> Continue | Refuse:
        """Check what was sent, run the validation technical profiles, return the output claims."""
        call = submission.call
        shown = self.shown(call.page) if call.page else self.asked
        form = Form(call, _scope(call), keep_empty=self.keep_empty)
        unified = call.page is not None and call.page.page_type in _UNIFIED
        refused = (
            (self._check_unified(call, submission.posted) if unified else None)
            or form.take_all(shown, submission.posted)
            or form.check_verified(shown, submission.verified)
            or form.take_controls(shown, submission.posted, submission.controls)
            or form.check_passwords(shown)
        )
        if refused is not None:
            return refused
        if self.ip_address_claim is not None and call.resolution.ip_address:
            form.scope.set(self.ip_address_claim.id, call.resolution.ip_address)
        # A page without anything to enter cannot be made to call an API (technical-profiles.md §3).
        if any(item.claim.user_input_type not in FIXED for item in shown):
            refused = await submission.validate(form.scope)
        return refused or self._done(form)

    def _check_unified(self, call: Call, posted: Mapping[str, str]) -> Refuse | None:
        """Answer in the words of the page when identifier or password are missing, or the identifier is none."""
        for index, item in enumerate(self.identifier_and_password):
            text = posted.get(item.claim.id.casefold(), "")
            identifier = index == 0
            if not (text.strip() if identifier else text):
                name = "requiredField_generic" if identifier else "requiredField_password"
                return page_refusal(call, name, item.claim)
            if identifier and self.email_identifier and not _EMAIL.fullmatch(text.strip()):
                return page_refusal(call, "invalid_generic", item.claim)
        return None

    def _done(self, form: Form) -> Continue:
        ids = [mapping.claim.id for mapping in self.profile.output_claims]
        values = {claim_id: form.scope[claim_id] for claim_id in ids if claim_id in form.scope}
        return Continue(values, frozenset(form.cleared) - values.keys(), keyed_by_claim=True)


def _scope(call: Call) -> ClaimsBag:
    """Return the claims of the page before anything was typed: the journey's, the prefilled ones over them."""
    scope = ClaimsBag(call.claims)
    scope.update({mapping.claim.id: value for mapping, value in call.inputs})
    return scope


def build_self_asserted(profile: TechnicalProfile, policy: CompiledPolicy) -> SelfAssertedProvider:
    """Make the provider of a profile."""
    metadata = profile.metadata
    address = (metadata.get("IpAddressClaimReferenceId") or "").strip().casefold()
    unified = identifier_and_password(profile, policy)
    controls = [policy.display_controls[name] for name in _controls(profile)]
    unknown = [control for control in controls if control.control_type.casefold() != VERIFICATION]
    mode = (metadata.get("setting.operatingMode") or "").strip().casefold()
    return SelfAssertedProvider(
        profile=profile,
        content_definition=metadata.get("ContentDefinitionReferenceId") or "",
        asked=asked_claims(profile, policy),
        identifier_and_password=unified,
        keep_empty=metadata.flag("AllowGenerationOfClaimsWithNullValues"),
        ip_address_claim=next((claim for claim in policy.claim_types.values() if claim.id.casefold() == address), None),
        email_identifier=mode == "email" or (not mode and bool(unified) and _is_email(unified[0].claim)),
        controls={control.id: verification_control(control) for control in controls if control not in unknown},
        unknown_control=f"{unknown[0].id!r} of the type {unknown[0].control_type!r}" if unknown else "",
    )


def _is_email(claim: ClaimType) -> bool:
    return claim.user_input_type is UserInputType.EMAIL_BOX or claim.id.casefold() == "email"


def _controls(profile: TechnicalProfile) -> Iterable[str]:
    return (display.display_control for display in profile.display_claims if display.display_control is not None)


# --- what the compiler checks ------------------------------------------------------------------

DISPLAY_CONTROL: Final = Rule(
    code="JM1471",
    severity=Severity.WARNING,
    message="the display control {control!r} is of the type {type!r}, which is not built yet: the page of this "
    "technical profile is refused",
    help="this engine shows a VerificationControl",
    source="technical-profiles.md §4",
)
PAGE_VERSION: Final = Rule(
    code="JM1472",
    severity=Severity.WARNING,
    message="the page {page!r} is of version {version}, which shows no display control: it is refused",
    help="write <DataUri>urn:com:microsoft:aad:b2c:elements:contract:selfasserted:2.1.7</DataUri> or a later version",
    source="pages.md §1.2, §1.3",
)


def _check(check: ProfileCheck) -> Iterable[Diagnostic]:
    names = tuple(_controls(check.profile))
    for name in names:
        control = check.display_controls.get(key(name))
        if control is not None and control.control_type.casefold() != VERIFICATION:
            place, of_type = check.place(name), control.control_type
            yield DISPLAY_CONTROL.at(place, element=check.profile.id, control=name, type=of_type)
    page = check.pages.get(key(check.profile.metadata.get("ContentDefinitionReferenceId") or ""))
    if names and page is not None and page.version < FIRST_WITH_CONTROLS:
        version, place = ".".join(map(str, page.version)), check.place("ContentDefinitionReferenceId")
        yield PAGE_VERSION.at(place, element=check.profile.id, page=page.id, version=version)


SELF_ASSERTED_SPEC: Final = HandlerSpec(
    handler=SELF_ASSERTED,
    metadata=frozenset(
        {
            "ContentDefinitionReferenceId",
            "setting.operatingMode",
            "AllowGenerationOfClaimsWithNullValues",
            "EnforceEmailVerification",
            "setting.retryLimit",
            "SignUpTarget",
            "setting.showCancelButton",
            "setting.showContinueButton",
            "setting.showSignupLink",
            "setting.forgotPasswordLinkLocation",
            "setting.forgotPasswordLinkOverride",
            "setting.enableRememberMe",
            "setting.inputVerificationDelayTimeInMilliseconds",
            "setting.bottomUnderFormClaimsProviderSelections",
            "ClaimsProviderSelectionDisplayType",
            "IpAddressClaimReferenceId",
            "IncludeClaimResolvingInClaimsHandling",
            # What its validation profiles refuse with is worded here (technical-profiles.md §2.2).
            *DEFAULTS,
        }
    ),
    required_metadata=frozenset({"ContentDefinitionReferenceId"}),
    interactive=True,
    check=_check,
)
