"""The texts that a person sees when something is refused: message id in, text out.

A policy may change each of them; these are the defaults. Source: technical-profiles.md §26.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

Texts = Callable[[str], str | None]
"""Message id in; the text that the policy gives it, or None, out."""

DEFAULTS: Final[Mapping[str, str]] = {
    "UserMessageIfInvalidPassword": "Your password is incorrect.",
    "UserMessageIfPasswordExpired": "Your password has expired.",
    "UserMessageIfClaimsPrincipalDoesNotExist": "We can't seem to find your account.",
    "UserMessageIfOldPasswordUsed": "Looks like you used an old password.",
    "DefaultMessage": "Invalid username or password.",
    "UserMessageIfUserAccountDisabled": (
        "Your account has been locked. Contact your support person to unlock it, then try again."
    ),
    "UserMessageIfUserAccountLocked": (
        "Your account is temporarily locked to prevent unauthorized use. Try again later."
    ),
    "UserMessageIfClaimsPrincipalAlreadyExists": (
        "A user with the specified ID already exists. Please choose a different one."
    ),
    "ServiceThrottled": ("There are too many requests at this moment. Please wait for some time and try again."),
    "UserMessageIfClaimNotVerified": "Claim not verified: {0}",
    "UserMessageIfIncorrectPattern": "Incorrect pattern for: {0}",
    "UserMessageIfMissingRequiredElement": "Missing required element: {0}",
    "UserMessageIfValidationError": "Error in validation by: {0}",
    "UserMessageIfInvalidInput": "{0} has invalid input.",
    "UserMessageIfVerificationControlClaimsNotVerified": "The claims for verification control have not been verified.",
    "UserMessageIfClaimsTransformationBooleanValueIsNotEqual": (
        'Boolean claim value comparison failed for claim type "inputClaim".'
    ),
    "DateTimeGreaterThan": (
        "Claim value comparison failed: The provided left operand is greater than the right operand."
    ),
    "UserMessageIfClaimsTransformationStringsAreNotEqual": (
        'Claim value comparison failed using StringComparison "OrdinalIgnoreCase".'
    ),
}
_BY_ID: Final = {name.casefold(): text for name, text in DEFAULTS.items()}
_PLACEHOLDER: Final = re.compile(r"\{([0-9])\}")


def message(texts: Texts, message_id: str, *values: str) -> str:
    """Return the text of a message id with its placeholders filled. Raises KeyError for an id without a default."""
    return fill(texts(message_id) or _BY_ID[message_id.casefold()], *values)


def fill(text: str, *values: str) -> str:
    """Put values in the places ``{0}``, ``{1}``, …; what a value brings is never read again."""

    def value(found: re.Match[str]) -> str:
        index = int(found[1])
        return values[index] if index < len(values) else found[0]

    return _PLACEHOLDER.sub(value, text)
