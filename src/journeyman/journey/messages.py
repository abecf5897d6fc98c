"""The texts that a person sees when something is refused: message id in, text out.

Order of look-up (technical-profiles.md §26): the localized string of the page, the metadata of the
page's profile, the metadata of the profile that failed, the built-in default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from journeyman.compiler.compiled import ContentDefinition, LocalizedTexts, Metadata

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

Texts = Callable[[str], str | None]


def texts_for(content: ContentDefinition | None, language: str, *metadata: Metadata) -> Texts:
    """Return the look-up of message ids for a page and the profiles that take part, the page's first."""
    localized = localized_texts(content, language) if content else LocalizedTexts()

    def look_up(message_id: str) -> str | None:
        found = localized.strings.get(("errormessage", "", message_id.casefold()))
        if found is not None:
            return found
        for items in metadata:
            found = items.get(message_id)
            if found:
                return found
        return None

    return look_up


def message(texts: Texts, message_id: str, *values: str) -> str:
    """Return the text of a message id with its placeholders filled."""
    text = texts(message_id) or _BY_ID[message_id.casefold()]
    for index, value in enumerate(values):
        text = text.replace("{" + str(index) + "}", value)
    return text


def localized_texts(content: ContentDefinition, language: str) -> LocalizedTexts:
    """Return the texts of a page: of the exact language, else of the neutral one, else none."""
    tag = language.casefold()
    return content.texts.get(tag) or content.texts.get(tag.split("-")[0]) or LocalizedTexts()


def choose_language(wanted: str, accepted: str, *, supported: tuple[str, ...], default: str) -> str:
    """Choose the language of a journey.

    Args:
        wanted: ``ui_locales`` of the request.
        accepted: the Accept-Language header.
        supported: the languages of the policy; when it lists none every language counts.
    """
    tags = [*wanted.split(), *_by_quality(accepted)]
    known = {tag.casefold(): tag for tag in supported}
    for tag in tags:
        if not supported and _is_tag(tag):
            return tag
        found = known.get(tag.casefold()) or known.get(tag.split("-")[0].casefold())
        if found:
            return found
    return default


def _by_quality(header: str) -> list[str]:
    ranked: list[tuple[float, str]] = []
    for part in header[:1000].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or "1"), tag.strip()))
        except ValueError:
            continue
    return [tag for _, tag in sorted(ranked, key=lambda pair: pair[0]) if tag]


def _is_tag(tag: str) -> bool:
    parts = tag.split("-")
    return len(tag) <= 35 and parts[0].isalpha() and 2 <= len(parts[0]) <= 3 and all(part.isalnum() for part in parts)
