"""The self-asserted provider: a page of fields out, checked claims in.

Source: technical-profiles.md §2-§3, pages.md §7-§8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.claims.values import ClaimValue, ConversionError, DataType, convert, to_text
from journeyman.compiler.compiled import ClaimMapping, CompiledPolicy, ContentDefinition, PageType, TechnicalProfile
from journeyman.compiler.handlers import SELF_ASSERTED
from journeyman.compiler.spec import HandlerSpec
from journeyman.technical_profile import Call, Continue, Refuse, Shown, ShowPage, Submission
from journeyman.user_messages import message

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
)

_UNIFIED: Final = frozenset({PageType.UNIFIED_SSP, PageType.UNIFIED_SSD})
_LISTS: Final = frozenset(
    {UserInputType.DROPDOWN_SINGLE_SELECT, UserInputType.RADIO_SINGLE_SELECT, UserInputType.CHECKBOX_MULTI_SELECT}
)
_FIXED: Final = frozenset({UserInputType.READONLY, UserInputType.PARAGRAPH, UserInputType.BUTTON})
_TRIMMED: Final = frozenset({UserInputType.TEXT_BOX, UserInputType.EMAIL_BOX})

MISMATCH: Final = "The password entry fields do not match. Please enter the same password in both fields and try again."


@dataclass(frozen=True, slots=True)
class SelfAssertedProvider:
    """One self-asserted technical profile.

    Attributes:
        asked: the claims of a selfasserted page.
        identifier_and_password: the claims of a unified page.
    """

    profile: TechnicalProfile
    content_definition: str
    asked: tuple[Shown, ...]
    identifier_and_password: tuple[Shown, ...]
    keep_empty: bool
    ip_address_claim: ClaimType | None

    async def execute(self, call: Call) -> ShowPage:
        """Ask for the page, its fields filled from the input claims."""
        prefill = {mapping.claim.id: to_text(value) for mapping, value in call.inputs}
        for shown in self.asked:
            value = call.claims.get(shown.claim.id)
            if value is not None and shown.claim.user_input_type in _FIXED:
                prefill.setdefault(shown.claim.id, to_text(value))
        return ShowPage(self.content_definition, prefill)

    def shown(self, page: ContentDefinition) -> tuple[Shown, ...]:
        """Return the claims that appear on ``page``."""
        return self.identifier_and_password if page.page_type in _UNIFIED else self.asked

    async def submit(self, submission: Submission) -> Continue | Refuse:
        """Check what was sent, run the validation technical profiles, return the output claims."""
        call = submission.call
        shown = self.shown(call.page) if call.page else self.asked
        scope = ClaimsBag(call.claims)
        for mapping, value in call.inputs:
            scope.set(mapping.claim.id, value)
        refused = (
            _take_fields(submission, shown, scope, keep_empty=self.keep_empty)
            or _check_verified(submission, shown, scope)
            or _check_passwords(scope)
        )
        if refused is not None:
            return refused
        if self.ip_address_claim is not None and call.resolution.ip_address:
            scope.set(self.ip_address_claim.id, call.resolution.ip_address)
        refused = await submission.validate(scope)
        return refused or Continue(self._outputs(scope))

    def _outputs(self, scope: ClaimsBag) -> Mapping[str, object]:
        mappings = self.profile.output_claims
        return {mapping.name: scope[mapping.claim.id] for mapping in mappings if mapping.claim.id in scope}


def build_self_asserted(profile: TechnicalProfile, policy: CompiledPolicy) -> SelfAssertedProvider:
    """Make the provider of a profile."""
    verify = profile.metadata.flag("EnforceEmailVerification", default=True)
    outputs = tuple(_shown(mapping, verify=verify) for mapping in profile.output_claims)
    displayed = tuple(
        Shown(display.claim, display.required, verify=_verified(profile, display.claim) and verify)
        for display in profile.display_claims
        if display.claim is not None
    )
    address = profile.metadata.get("IpAddressClaimReferenceId") or ""
    claims = {claim.id.casefold(): claim for claim in policy.claim_types.values()}
    return SelfAssertedProvider(
        profile=profile,
        content_definition=profile.metadata.get("ContentDefinitionReferenceId") or "",
        asked=displayed or tuple(_asked(profile, policy, outputs)),
        identifier_and_password=outputs[:2],
        keep_empty=profile.metadata.flag("AllowGenerationOfClaimsWithNullValues"),
        ip_address_claim=claims.get(address.strip().casefold()),
    )


def _shown(mapping: ClaimMapping, *, verify: bool) -> Shown:
    return Shown(mapping.claim, mapping.required, verify=verify and _is_verified_email(mapping))


def _is_verified_email(mapping: ClaimMapping) -> bool:
    return (mapping.partner_claim_type or "").casefold() == "verified.email"


def _verified(profile: TechnicalProfile, claim: ClaimType) -> bool:
    return any(mapping.claim.id == claim.id and _is_verified_email(mapping) for mapping in profile.output_claims)


def _asked(profile: TechnicalProfile, policy: CompiledPolicy, outputs: tuple[Shown, ...]) -> Iterable[Shown]:
    """Yield the output claims that a selfasserted page asks for (technical-profiles.md §2.3, rule 2)."""
    computed = {claim.id for transformation in profile.output_transformations for _, claim in transformation.outputs}
    own_inputs = {mapping.claim.id for mapping in profile.input_claims}
    for mapping, shown in zip(profile.output_claims, outputs, strict=True):
        claim_id = mapping.claim.id
        if mapping.claim.user_input_type is None or mapping.default is not None or claim_id in computed:
            continue
        if not _produced(profile, policy, claim_id) or mapping.required or claim_id in own_inputs:
            yield shown


def _produced(profile: TechnicalProfile, policy: CompiledPolicy, claim_id: str) -> bool:
    """Whether a validation profile makes the claim before any of them needs it from the page."""
    for validation in profile.validation_profiles:
        target = policy.technical_profiles[validation.profile_id]
        if any(mapping.claim.id == claim_id for mapping in (*target.input_claims, *target.persisted_claims)):
            return False
        if any(mapping.claim.id == claim_id for mapping in target.output_claims):
            return True
    return False


def _take_fields(
    submission: Submission, shown: tuple[Shown, ...], scope: ClaimsBag, *, keep_empty: bool
) -> Refuse | None:
    """Move what was posted into the page's claims; the first field that is wrong refuses the page."""
    for item in shown:
        claim = item.claim
        if claim.user_input_type in _FIXED:
            continue
        text = submission.posted.get(claim.id.casefold(), "")
        text = text.strip() if claim.user_input_type in _TRIMMED else text
        if not text:
            if item.required:
                return _refuse(submission.call, "UserMessageIfMissingRequiredElement", claim)
            if keep_empty:
                scope.set(claim.id, "" if claim.data_type is not DataType.STRING_COLLECTION else ())
            continue
        refused = _take(submission.call, claim, text, scope)
        if refused is not None:
            return refused
    return None


def _take(call: Call, claim: ClaimType, text: str, scope: ClaimsBag) -> Refuse | None:
    if claim.pattern is not None and not claim.pattern.matches(text):
        help_text = claim.pattern.help_text
        return Refuse(help_text) if help_text else _refuse(call, "UserMessageIfIncorrectPattern", claim)
    if claim.predicate_validation is not None:
        failures = claim.predicate_validation.failures(text)
        if failures:
            return Refuse("\n".join(failures))
    try:
        value = _typed(claim, text)
    except ConversionError:
        return _refuse(call, "UserMessageIfInvalidInput", claim)
    if claim.user_input_type in _LISTS and not _offered(call, claim, value):
        return _refuse(call, "UserMessageIfInvalidInput", claim)
    scope.set(claim.id, value)
    return None


def _typed(claim: ClaimType, text: str) -> ClaimValue:
    if claim.data_type is DataType.STRING_COLLECTION:
        return tuple(part for part in text.split(",") if part)
    return convert(text, claim.data_type)


def _offered(call: Call, claim: ClaimType, value: ClaimValue) -> bool:
    allowed = {option.value for option in claim.options}
    if call.page is not None:
        tag = call.resolution.culture.casefold()
        texts = call.page.texts.get(tag) or call.page.texts.get(tag.split("-")[0])
        localized = texts.collections.get(("claimtype", claim.id.casefold(), "restriction")) if texts else None
        allowed |= {option for _, option, _ in localized or ()}
    chosen = value if isinstance(value, tuple) else to_text(value).split(",")
    return all(item in allowed for item in chosen)


def _check_verified(submission: Submission, shown: tuple[Shown, ...], scope: ClaimsBag) -> Refuse | None:
    for item in shown:
        if not item.verify or item.claim.id not in scope:
            continue
        if submission.verified.get(item.claim.id, "").casefold() != to_text(scope[item.claim.id]).casefold():
            return _refuse(submission.call, "UserMessageIfClaimNotVerified", item.claim)
    return None


def _check_passwords(scope: ClaimsBag) -> Refuse | None:
    """The two claims have fixed ids in every policy (pages.md §8)."""
    entered, again = scope.get("newPassword"), scope.get("reenterPassword")
    return Refuse(MISMATCH) if again is not None and entered != again else None


def _refuse(call: Call, message_id: str, claim: ClaimType) -> Refuse:
    label = claim.display_name or claim.id
    return Refuse(message(call.texts, message_id, label), detail=f"{message_id}: {claim.id}", message_id=message_id)
