"""The self-asserted provider: a page of fields out, checked claims in.

Source: technical-profiles.md §2-§3, pages.md §7-§8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.claims.values import to_text
from journeyman.compiler.compiled import CompiledPolicy, ContentDefinition, PageType, TechnicalProfile
from journeyman.compiler.handlers import SELF_ASSERTED
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.errors import ServiceError
from journeyman.providers.self_asserted.form import FIXED, Form, page_refusal
from journeyman.providers.self_asserted.page_claims import asked_claims, identifier_and_password
from journeyman.technical_profile import Call, Continue, Refuse, Shown, ShowPage, Submission

_UNIFIED: Final = frozenset({PageType.UNIFIED_SSP, PageType.UNIFIED_SSD})
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class SelfAssertedProvider:
    """One self-asserted technical profile.

    Attributes:
        asked: the claims of a selfasserted page.
        identifier_and_password: the claims of a unified page.
        keep_empty: ``AllowGenerationOfClaimsWithNullValues``.
        email_identifier: whether the identifier of a unified page must look like an e-mail address.
        display_controls: the display controls of the page, none of which this engine can show.
    """

    profile: TechnicalProfile
    content_definition: str
    asked: tuple[Shown, ...]
    identifier_and_password: tuple[Shown, ...]
    keep_empty: bool
    ip_address_claim: ClaimType | None
    email_identifier: bool = False
    display_controls: tuple[str, ...] = ()

    async def execute(self, call: Call) -> ShowPage:
        """Ask for the page, its fields filled from the input claims. Raises ServiceError when it cannot be shown."""
        if self.display_controls:
            # A page without its control would let a person by without the check that the control is.
            detail = f"technical profile {self.profile.id!r}: the display control {self.display_controls[0]!r} is not built yet"
            raise ServiceError(detail, service_code="AADB2C90037")
        prefill = {mapping.claim.id: to_text(value) for mapping, value in call.inputs}
        for shown in self.asked:
            value = call.claims.get(shown.claim.id)
            if value is not None and shown.claim.user_input_type in FIXED:
                prefill.setdefault(shown.claim.id, to_text(value))
        return ShowPage(self.content_definition, prefill)

    def shown(self, page: ContentDefinition) -> tuple[Shown, ...]:
        """Return the claims that appear on ``page``."""
        return self.identifier_and_password if page.page_type in _UNIFIED else self.asked

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
    unified = identifier_and_password(profile)
    mode = (metadata.get("setting.operatingMode") or "").strip().casefold()
    return SelfAssertedProvider(
        profile=profile,
        content_definition=metadata.get("ContentDefinitionReferenceId") or "",
        asked=asked_claims(profile, policy),
        identifier_and_password=unified,
        keep_empty=metadata.flag("AllowGenerationOfClaimsWithNullValues"),
        ip_address_claim=next((claim for claim in policy.claim_types.values() if claim.id.casefold() == address), None),
        email_identifier=mode == "email" or (not mode and bool(unified) and _is_email(unified[0].claim)),
        display_controls=tuple(_controls(profile)),
    )


def _is_email(claim: ClaimType) -> bool:
    return claim.user_input_type is UserInputType.EMAIL_BOX or claim.id.casefold() == "email"


def _controls(profile: TechnicalProfile) -> Iterable[str]:
    return (display.display_control for display in profile.display_claims if display.display_control is not None)


# --- what the compiler checks ------------------------------------------------------------------

DISPLAY_CONTROL: Final = Rule(
    code="JM1471",
    severity=Severity.WARNING,
    message="the display control {control!r} is not built yet: the page of this technical profile is refused",
    help='verify e-mail addresses with PartnerClaimType="Verified.Email" on an output claim instead',
    source="technical-profiles.md §4",
)


def _check(check: ProfileCheck) -> Iterable[Diagnostic]:
    for control in _controls(check.profile):
        yield DISPLAY_CONTROL.at(check.place(control), element=check.profile.id, control=control)


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
        }
    ),
    required_metadata=frozenset({"ContentDefinitionReferenceId"}),
    interactive=True,
    check=_check,
)
