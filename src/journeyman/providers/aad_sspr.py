"""The built-in e-mail code of display controls: mail a code to an address, check what was typed.

A code belongs to its address, not to one browser. Source: technical-profiles.md §11 and §26; that an
address gets ten codes an hour is this project's decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from journeyman.claims.values import to_text
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.handlers import AAD_SSPR
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.errors import ServiceError
from journeyman.mail.address import ascii_lower, is_address
from journeyman.mail.code_message import code_message
from journeyman.mail.mailer import Mailer
from journeyman.state.one_time_codes import CodeRules, CodeVerdict, OneTimeCodes
from journeyman.technical_profile import Call, Continue, Outcome, Refuse

RULES: Final = CodeRules()
INTERNAL_ERROR: Final = (
    "UserMessageIfInternalError",
    "The email service has encountered an internal error, please try again later.",
)
THROTTLED: Final = ("UserMessageIfThrottled", "You have sent too many requests, please try again later.")
_MESSAGES: Final = {
    CodeVerdict.NO_CODE: ("UserMessageIfChallengeExpired", "The code has expired."),
    CodeVerdict.WRONG: (
        "UserMessageIfVerificationFailedRetryAllowed",
        "The verification has failed, please try again.",
    ),
    CodeVerdict.TOO_MANY_TRIES: (
        "UserMessageIfVerificationFailedNoRetry",
        "You have exceeded maximum number of verification attempts.",
    ),
    CodeVerdict.TOO_MANY_CODES: THROTTLED,
    CodeVerdict.CONFLICT: INTERNAL_ERROR,
}
"""Verdict -> message id and default text."""


class Operation(Enum):
    """The ``Operation`` of a profile."""

    SEND_CODE = "sendcode"
    VERIFY_CODE = "verifycode"


@dataclass(frozen=True, slots=True)
class AadSsprProvider:
    """One profile; ``tenant`` names the sender of the message."""

    codes: OneTimeCodes
    mailer: Mailer
    tenant: str
    operation: Operation

    async def execute(self, call: Call) -> Outcome:
        """Run the operation."""
        values = {mapping.name.casefold(): to_text(value) for mapping, value in call.inputs}
        address = values.get("emailaddress", "").strip()
        if not is_address(address):
            return _refuse(call, INTERNAL_ERROR, "the address is none to which a code can be mailed")
        owner = ("address", ascii_lower(address))
        if self.operation is Operation.VERIFY_CODE:
            verdict = await self.codes.check(owner, values.get("verificationcode", ""))
            return Continue() if verdict is CodeVerdict.RIGHT else _refuse(call, _MESSAGES[verdict], verdict.value)
        issued = await self.codes.issue(owner, RULES)
        if isinstance(issued, CodeVerdict):
            # Whoever used up the tries of a code has to wait, as after too many codes.
            return _refuse(call, THROTTLED, issued.value)
        try:
            await self.mailer.send(code_message(address, issued, self.tenant, RULES.lifetime))
        except ServiceError as error:
            return _refuse(call, INTERNAL_ERROR, str(error))
        return Continue()


def build_aad_sspr(profile: TechnicalProfile, codes: OneTimeCodes, mailer: Mailer, tenant: str) -> AadSsprProvider:
    """Make the provider of a profile, which the compiler has checked."""
    return AadSsprProvider(codes, mailer, tenant, Operation((profile.metadata.get("Operation") or "").casefold()))


def _refuse(call: Call, text: tuple[str, str], reason: str) -> Refuse:
    message_id, default = text
    return Refuse(call.texts(message_id) or default, detail=f"{call.profile.id}: {reason}", message_id=message_id)


# --- what the compiler checks ------------------------------------------------------------------

UNKNOWN_OPERATION: Final = Rule(
    code="JM1495",
    severity=Severity.ERROR,
    message="Operation is {value!r}, but must be SendCode or VerifyCode",
    help='write <Item Key="Operation">SendCode</Item> or VerifyCode',
    source="technical-profiles.md §11",
)
MISSING_CLAIM: Final = Rule(
    code="JM1496",
    severity=Severity.ERROR,
    message="the input claim with the PartnerClaimType {name!r} is missing",
    help='add <InputClaim ClaimTypeReferenceId="…" PartnerClaimType="{name}" />',
    source="technical-profiles.md §11",
)


def _check(check: ProfileCheck) -> Iterable[Diagnostic]:
    profile = check.profile
    written = profile.metadata.get("Operation") or ""
    operation = next((one for one in Operation if one.value == written.casefold()), None)
    if operation is None:
        yield UNKNOWN_OPERATION.at(check.place("Operation"), element=profile.id, value=written)
        return
    there = {mapping.name.casefold() for mapping in profile.input_claims}
    wanted = ("emailAddress", "verificationCode") if operation is Operation.VERIFY_CODE else ("emailAddress",)
    for name in wanted:
        if name.casefold() not in there:
            yield MISSING_CLAIM.at(profile.location, element=profile.id, name=name)


AAD_SSPR_SPEC: Final = HandlerSpec(
    handler=AAD_SSPR,
    metadata=frozenset(
        {
            "Operation",
            *(message_id for message_id, _ in _MESSAGES.values()),
            "allowTestEmailAddressPassThrough",  # without effect here, and no mistake of its author
            "IncludeClaimResolvingInClaimsHandling",
        }
    ),
    check=_check,
)
