"""The one-time password provider: make a code for an identifier, check a code that was typed.

Who delivers the code is another profile, usually a REST API. A code belongs to the journey of one
browser. Source: technical-profiles.md §8 and §26.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from journeyman.claims.predicates import parse_character_set
from journeyman.claims.values import to_text
from journeyman.compiler.compiled import Metadata, TechnicalProfile
from journeyman.compiler.handlers import ONE_TIME_PASSWORD
from journeyman.compiler.spec import HandlerSpec, ProfileCheck
from journeyman.diagnostics import Diagnostic, Rule, Severity
from journeyman.errors import ServiceError
from journeyman.state.one_time_codes import CodeRules, CodeVerdict, OneTimeCodes
from journeyman.technical_profile import Call, Continue, Outcome, Refuse

FEWEST_CHARACTERS: Final = 10
_RANGES: Final = {
    "CodeExpirationInSeconds": (60, 1200),
    "CodeLength": (1, 64),
    "NumRetryAttempts": (1, 1000),
    "NumCodeGenerationAttempts": (1, 1000),
}
"""The limits of the length and of the numbers of attempts are our choice."""
_MESSAGES: Final[Mapping[CodeVerdict, tuple[str, str, str]]] = {
    CodeVerdict.NO_CODE: (
        "UserMessageIfSessionDoesNotExist",
        "UserMessage.VerificationHasExpired",
        "You have exceeded the maximum time allowed.",
    ),
    CodeVerdict.TOO_MANY_TRIES: (
        "UserMessageIfMaxRetryAttempted",
        "UserMessage.MaxRetryAttemped",
        "You have exceeded the number of retries allowed.",
    ),
    CodeVerdict.TOO_MANY_CODES: (
        "UserMessageIfMaxNumberOfCodeGenerated",
        "",
        "You have exceeded the number of code generation attempts allowed.",
    ),
    CodeVerdict.WRONG: (
        "UserMessageIfVerificationFailedRetryAllowed",
        "UserMessageIfInvalidCode",
        "That code is incorrect. Please try again.",
    ),
    CodeVerdict.CONFLICT: (
        "UserMessageIfSessionConflict",
        "UserMessage.ServerError",
        "Cannot verify the code, please try again later.",
    ),
}
"""Verdict -> message id, the id of older policies that stands in for it, default text."""


class Operation(Enum):
    """The ``Operation`` of a profile."""

    GENERATE_CODE = "generatecode"
    VERIFY_CODE = "verifycode"


@dataclass(frozen=True, slots=True)
class OneTimePasswordProvider:
    """One profile."""

    codes: OneTimeCodes
    operation: Operation
    rules: CodeRules

    async def execute(self, call: Call) -> Outcome:
        """Run the operation. Raises ServiceError when the identifier has no value."""
        values = {mapping.name.casefold(): to_text(value) for mapping, value in call.inputs}
        identifier = values.get("identifier", "").strip().lower()
        if not identifier:
            detail = f"{call.profile.id}: the input claim 'identifier' has no value"
            raise ServiceError(detail, service_code="AADB2C90037")
        owner = ("journey", call.journey_id, identifier)
        if self.operation is Operation.VERIFY_CODE:
            verdict = await self.codes.check(owner, values.get("otptoverify", ""))
            return Continue() if verdict is CodeVerdict.RIGHT else _refuse(call, verdict)
        issued = await self.codes.issue(owner, self.rules)
        return _refuse(call, issued) if isinstance(issued, CodeVerdict) else Continue({"otpGenerated": issued})


def build_one_time_password(profile: TechnicalProfile, codes: OneTimeCodes) -> OneTimePasswordProvider:
    """Make the provider of a profile, which the compiler has checked."""
    operation = Operation((profile.metadata.get("Operation") or "").casefold())
    return OneTimePasswordProvider(codes, operation, code_rules(profile.metadata))


def code_rules(metadata: Metadata) -> CodeRules:
    """Read the rules of the codes. Raises ValueError, which says what is wrong with which item."""
    usual = CodeRules()
    return CodeRules(
        lifetime=timedelta(seconds=_number(metadata, "CodeExpirationInSeconds", int(usual.lifetime.total_seconds()))),
        length=_number(metadata, "CodeLength", usual.length),
        characters=_characters(metadata.get("CharacterSet") or "0-9"),
        tries=_number(metadata, "NumRetryAttempts", usual.tries),
        issues=_number(metadata, "NumCodeGenerationAttempts", usual.issues),
        reuse=metadata.flag("ReuseSameCode"),
    )


def _number(metadata: Metadata, name: str, default: int) -> int:
    text = metadata.get(name)
    if not text:
        return default
    low, high = _RANGES[name]
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and low <= int(text) <= high):
        raise ValueError(f"{name} is {text[:40]!r}, but must be a number from {low} to {high}")
    return int(text)


def _characters(text: str) -> str:
    ranges = parse_character_set(text)
    size = sum(ord(last) - ord(first) + 1 for first, last in ranges)
    if size > 10_000:
        raise ValueError(f"CharacterSet {text[:40]!r} holds too many characters")
    found = dict.fromkeys(chr(code) for first, last in ranges for code in range(ord(first), ord(last) + 1))
    if len(found) < FEWEST_CHARACTERS:
        raise ValueError(f"CharacterSet {text[:40]!r} holds {len(found)} characters, but must hold {FEWEST_CHARACTERS}")
    return "".join(found)


def _refuse(call: Call, verdict: CodeVerdict) -> Refuse:
    message_id, older, default = _MESSAGES[verdict]
    text = call.texts(message_id) or (call.texts(older) if older else None) or default
    return Refuse(text, detail=f"{call.profile.id}: {verdict.value}", message_id=message_id)


# --- what the compiler checks ------------------------------------------------------------------

UNKNOWN_OPERATION: Final = Rule(
    code="JM1490",
    severity=Severity.ERROR,
    message="Operation is {value!r}, but must be GenerateCode or VerifyCode",
    help='write <Item Key="Operation">GenerateCode</Item> or VerifyCode',
    source="technical-profiles.md §8",
)
CODE_RULES: Final = Rule(
    code="JM1491",
    severity=Severity.ERROR,
    message="{reason}",
    help="correct the metadata item",
    source="technical-profiles.md §8",
)
MISSING_CLAIM: Final = Rule(
    code="JM1492",
    severity=Severity.ERROR,
    message="the {kind} claim with the PartnerClaimType {name!r} is missing",
    help='add <{tag} ClaimTypeReferenceId="…" PartnerClaimType="{name}" />',
    source="technical-profiles.md §8",
)


def _check(check: ProfileCheck) -> Iterable[Diagnostic]:
    profile = check.profile
    written = profile.metadata.get("Operation") or ""
    operation = next((one for one in Operation if one.value == written.casefold()), None)
    if operation is None:
        yield UNKNOWN_OPERATION.at(check.place("Operation"), element=profile.id, value=written)
        return
    try:
        code_rules(profile.metadata)
    except ValueError as error:
        name = str(error).split()[0]
        reason = str(error) if name in profile.metadata else f"CharacterSet cannot be used: {error}"
        place = check.place(name if name in profile.metadata else "CharacterSet")
        yield CODE_RULES.at(place, element=profile.id, reason=reason)
    inputs = {mapping.name.casefold() for mapping in profile.input_claims}
    outputs = {mapping.name.casefold() for mapping in profile.output_claims}
    wanted = [("input", "InputClaim", "identifier", inputs)]
    wanted += [("input", "InputClaim", "otpToVerify", inputs)] if operation is Operation.VERIFY_CODE else []
    wanted += [("output", "OutputClaim", "otpGenerated", outputs)] if operation is Operation.GENERATE_CODE else []
    for kind, tag, name, there in wanted:
        if name.casefold() not in there:
            yield MISSING_CLAIM.at(profile.location, element=profile.id, kind=kind, name=name, tag=tag)


ONE_TIME_PASSWORD_SPEC: Final = HandlerSpec(
    handler=ONE_TIME_PASSWORD,
    metadata=frozenset(
        {
            "Operation",
            *_RANGES,
            "CharacterSet",
            "ReuseSameCode",
            *(name for row in _MESSAGES.values() for name in row[:2] if name),
            "UserMessage.InvalidCode",
            "IncludeClaimResolvingInClaimsHandling",
        }
    ),
    check=_check,
)
