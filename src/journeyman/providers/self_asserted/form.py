"""What a person sent from a page, checked field by field on its way into the claims of the page.

Source: technical-profiles.md §2.5, pages.md §7-§8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType, UserInputType
from journeyman.claims.values import ClaimValue, ConversionError, DataType, convert, to_text
from journeyman.technical_profile import Call, Refuse, Shown, VerifiedControl, offered_options
from journeyman.user_messages import fill, message

VerifiedControls = Mapping[str, VerifiedControl]

FIELD_LIMIT: Final = 4_000
"""The longest text of one field, in characters; our choice."""

FIXED: Final = frozenset({UserInputType.READONLY, UserInputType.PARAGRAPH, UserInputType.BUTTON})
"""Controls into which nothing can be entered: their values are the server's."""

_LISTS: Final = frozenset(
    {UserInputType.DROPDOWN_SINGLE_SELECT, UserInputType.RADIO_SINGLE_SELECT, UserInputType.CHECKBOX_MULTI_SELECT}
)
_VERBATIM: Final = frozenset({UserInputType.PASSWORD, *_LISTS})

_PAGE_TEXTS: Final[Mapping[str, str]] = {
    "error_passwordEntryMismatch": (
        "The password entry fields do not match. Please enter the same password in both fields and try again."
    ),
    "requiredField_generic": "Please enter your {0}",
    "requiredField_password": "Please enter your password",
    "invalid_generic": "Please enter a valid {0}",
}
"""Default texts of the page that it is refused with; pages.md §9."""
_OLDER: Final = {"requiredField_generic": "requiredField_email", "invalid_generic": "invalid_email"}
"""Ids of pages before version 2.1.0."""


@dataclass(slots=True)
class Form:
    """What was sent, on its way into the claims of the page; each check returns the first refusal."""

    call: Call
    scope: ClaimsBag
    keep_empty: bool
    cleared: set[str] = field(default_factory=set)

    def take_all(self, shown: tuple[Shown, ...], posted: Mapping[str, str]) -> Refuse | None:
        """Take over the fields that the page has; whatever else was sent is dropped."""
        for item in shown:
            claim = item.claim
            if claim.user_input_type in FIXED or item.control:
                continue
            text = posted.get(claim.id.casefold(), "")
            text = text if claim.user_input_type in _VERBATIM else text.strip()
            refused = None
            if text:
                refused = self._take(claim, text)
            elif item.required:
                refused = _refuse(self.call, "UserMessageIfMissingRequiredElement", claim)
            else:
                self._take_nothing(claim)
            if refused is not None:
                return refused
        return None

    def check_verified(self, shown: tuple[Shown, ...], verified: Mapping[str, str]) -> Refuse | None:
        """Refuse an e-mail address that is not, letter for letter, the one whose code was entered."""
        for item in shown:
            value = self.scope.get(item.claim.id) if item.verify else None
            if value is not None and verified.get(item.claim.id) != to_text(value):
                return _refuse(self.call, "UserMessageIfClaimNotVerified", item.claim)
        return None

    def take_controls(
        self, shown: tuple[Shown, ...], posted: Mapping[str, str], verified: VerifiedControls
    ) -> Refuse | None:
        """Take over what the display controls of the page have proved, and nothing that differs from it."""
        for control_id in dict.fromkeys(item.control for item in shown if item.control):
            proved = verified.get(control_id)
            if proved is None:
                return self._not_verified(control_id)
            items = [item for item in shown if item.control == control_id and item.claim.id in proved.claims]
            for item in items:
                text, sent = proved.claims[item.claim.id], posted.get(item.claim.id.casefold(), "").strip()
                if sent and sent != text and item.claim.user_input_type not in FIXED:
                    return self._not_verified(control_id)
                self.scope.set(item.claim.id, _typed(item.claim, text))
            self.scope.update(proved.outputs)
        return None

    def _not_verified(self, control_id: str) -> Refuse:
        message_id = "UserMessageIfVerificationControlClaimsNotVerified"
        return Refuse(message(self.call.texts, message_id), detail=f"{message_id}: {control_id}", message_id=message_id)

    def check_passwords(self, shown: tuple[Shown, ...]) -> Refuse | None:
        """Compare the two entries of a new password, whose ids are fixed in every policy (pages.md §8)."""
        ids = {item.claim.id for item in shown}
        if not {"newPassword", "reenterPassword"} <= ids:
            return None
        same = self.scope.get("newPassword") == self.scope.get("reenterPassword")
        return None if same else page_refusal(self.call, "error_passwordEntryMismatch")

    def _take(self, claim: ClaimType, text: str) -> Refuse | None:
        if len(text) > FIELD_LIMIT:
            return _refuse(self.call, "UserMessageIfInvalidInput", claim)
        refused = self._check_pattern(claim, text) or self._check_predicates(claim, text)
        if refused is not None:
            return refused
        try:
            value = _typed(claim, text)
        except ConversionError:
            return _refuse(self.call, "UserMessageIfInvalidInput", claim)
        if claim.user_input_type in _LISTS and not self._offered(claim, text):
            return _refuse(self.call, "UserMessageIfInvalidInput", claim)
        self.scope.set(claim.id, value)
        return None

    def _take_nothing(self, claim: ClaimType) -> None:
        """Source: technical-profiles.md §2.5. A type that has no empty value loses its value instead."""
        if not self.keep_empty:
            return
        if claim.data_type is DataType.STRING:
            self.scope.set(claim.id, "")
        else:
            self.scope.remove(claim.id)
            self.cleared.add(claim.id)

    def _check_pattern(self, claim: ClaimType, text: str) -> Refuse | None:
        if claim.pattern is None or claim.pattern.matches(text):
            return None
        help_text = self._localized("ClaimType", claim.id, "PatternHelpText") or claim.pattern.help_text
        return Refuse(help_text) if help_text else _refuse(self.call, "UserMessageIfIncorrectPattern", claim)

    def _check_predicates(self, claim: ClaimType, text: str) -> Refuse | None:
        if claim.predicate_validation is None:
            return None
        failures = claim.predicate_validation.failures(text, texts=self._localized)
        if not failures:
            return None
        texts = "\n".join(filter(None, failures))
        return Refuse(texts) if texts else _refuse(self.call, "UserMessageIfInvalidInput", claim)

    def _offered(self, claim: ClaimType, text: str) -> bool:
        """Whether the options hold what was sent, letter for letter: the value may be written otherwise (a boolean)."""
        several = claim.user_input_type is UserInputType.CHECKBOX_MULTI_SELECT
        allowed = {option.value for option in offered_options(claim, self.call.localized)}
        return text in allowed or (several and all(item in allowed for item in text.split(",") if item))

    def _localized(self, element_type: str, element_id: str, string_id: str) -> str | None:
        place = (element_type.casefold(), element_id.casefold(), string_id.casefold())
        return self.call.localized.strings.get(place)


def _typed(claim: ClaimType, text: str) -> ClaimValue:
    if claim.data_type is DataType.STRING_COLLECTION:
        return tuple(part for part in text.split(",") if part)
    return convert(text, claim.data_type)


def _label(call: Call, claim: ClaimType) -> str:
    localized = call.localized.strings.get(("claimtype", claim.id.casefold(), "displayname"))
    return localized or claim.display_name or claim.id


def _refuse(call: Call, message_id: str, claim: ClaimType) -> Refuse:
    text = message(call.texts, message_id, _label(call, claim))
    return Refuse(text, detail=f"{message_id}: {claim.id}", message_id=message_id)


def page_refusal(call: Call, name: str, claim: ClaimType | None = None) -> Refuse:
    """Refuse with a string of the page (``UxElement``), the policy's own where it has one."""
    label = _label(call, claim) if claim is not None else ""
    text = _page_text(call, name) or _page_text(call, _OLDER.get(name, "")) or _PAGE_TEXTS[name]
    return Refuse(fill(text, label), detail=f"{name}: {claim.id if claim else call.profile.id}")


def _page_text(call: Call, name: str) -> str | None:
    found = call.localized.strings.get(("uxelement", "", name.casefold()))
    inline = f"language.{name}"
    return found or call.profile.metadata.get(inline) or (call.page.metadata.get(inline) if call.page else None)
