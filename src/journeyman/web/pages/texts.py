"""The texts of a page: built-in English, the policy's texts over it, placeholders filled.

Source: pages.md §9. The ids keep their published spelling, because custom scripts read ``CONTENT``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.claims.claim_type import UserInputType
from journeyman.journey.page import Field, Page, PageApi, PageControl

_SHARED: Final[Mapping[str, str]] = {
    "unknown_error": "We are having trouble signing you in. Please try again later.",
    "preloader_alt": "Please wait",
    "verifying_blurb": "Please wait while we process your information.",
    # Ours: the service has no page without scripts.
    "no_script": "This page needs JavaScript. Please allow it for this site and load the page again.",
}

COMBINED: Final[Mapping[str, str]] = {
    **_SHARED,
    "heading": "Sign in",
    "forgotpassword_link": "Forgot your password?",
    "createaccount_intro": "Don't have an account?",
    "createaccount_one_link": "Sign up now",
    "createaccount_two_links": "Sign up with {0} or {1}",
    "createaccount_three_links": "Sign up with {0}, {1}, or {2}",
    "button_signin": "Sign in",
    "social_intro": "Sign in with your social account",
    "remember_me": "Keep me signed in.",
    "divider_title": "OR",
    "local_intro_generic": "Sign in with your {0}",
    "requiredField_generic": "Please enter your {0}",
    "invalid_generic": "Please enter a valid {0}",
    "requiredField_password": "Please enter your password",
    "invalid_password": "The password you entered is not in the expected format.",
    "cancel_message": "The user has forgotten their password",
}

SELF_ASSERTED: Final[Mapping[str, str]] = {
    **_SHARED,
    "unknown_error": "We are having trouble processing your request. Please try again later.",
    "heading": "User Details",
    "initial_intro": "Please provide the following details.",
    "button_continue": "Create",
    "button_cancel": "Cancel",
    "helplink_text": "What is this?",
    "required_field": "This information is required.",
    "required_field_descriptive": "{0} is required",
    "error_requiredFieldMissing": ("A required field is missing. Please fill out all required fields and try again."),
    "error_fieldIncorrect": ("One or more fields are filled out incorrectly. Please check your entries and try again."),
    "error_passwordEntryMismatch": (
        "The password entry fields do not match. Please enter the same password in both fields and try again."
    ),
    "cancel_message": "The user has canceled entering self-asserted information",
    "alert_title": "Cancel Entering Your Details",
    "alert_message": "Are you sure that you want to cancel entering your details?",
    "alert_yes": "Yes",
    "alert_no": "No",
    "day": "Day",
    "month": "Month",
    "year": "Year",
    "months": "January, February, March, April, May, June, July, August, September, October, November, December",
    "ver_intro_msg": "Verification is necessary. Please click Send button.",
    "ver_info_msg": ("Verification code has been sent to your inbox. Please copy it to the input box below."),
    "ver_success_msg": "E-mail address verified. You can now continue.",
    "ver_input": "Verification code",
    "ver_sent": "Verification code has been sent to:",
    "ver_but_default": "Default",
    "ver_but_send": "Send verification code",
    "ver_but_resend": "Send new code",
    "ver_but_verify": "Verify code",
    "ver_but_edit": "Change e-mail",
    "ver_fail_retry": "That code is incorrect. Please try again.",
    "ver_fail_no_retry": "You've made too many incorrect attempts. Please try again later.",
    "ver_fail_code_expired": "That code is expired. Please request a new code.",
    "ver_fail_server": (
        "We are having trouble verifying your email address. Please enter a valid email address and try again."
    ),
    "ver_fail_throttled": (
        "There have been too many requests to verify this email address. Please wait a while, then try again."
    ),
    "ver_incorrect_format": "Incorrect format.",
}

VERIFICATION_CONTROL: Final[Mapping[str, str]] = {
    "intro_msg": "Verification is necessary. Please click Send button.",
    "success_send_code_msg": "Verification code has been sent. Please copy it to the input box below.",
    "failure_send_code_msg": (
        "We are having trouble verifying your email address. Please enter a valid email address and try again."
    ),
    "success_verify_code_msg": "E-mail address verified. You can now continue.",
    "failure_verify_code_msg": "We are having trouble verifying your email address. Please try again.",
    "but_send_code": "Send verification code",
    "but_send_new_code": "Send new code",
    "but_verify_code": "Verify code",
    "but_change_claims": "Change e-mail",
}
"""The texts of a verification control, from version 2.1.0 on; pages.md §9.3."""

_CONTROL_2_0: Final[Mapping[str, tuple[str, str]]] = {
    "success_send_code_msg": (
        "verification_control_code_sent",
        "Verification code has been sent. Please copy it to the input box below.",
    ),
    "failure_send_code_msg": (
        "verification_control_fail_send_code",
        "Failed to send the code, please try again later.",
    ),
    "failure_verify_code_msg": (
        "verification_control_fail_verify_code",
        "Failed to verify the code, please try again later.",
    ),
    "but_send_code": ("verification_control_but_send_code", "Send Code"),
    "but_send_new_code": ("verification_control_but_send_new_code", "Send New Code"),
    "but_verify_code": ("verification_control_but_verify_code", "Verify Code"),
    "but_change_claims": ("verification_control_but_change_claims", "Change"),
}
"""Text of a verification control -> its UxElement id and its default in version 2.0.0."""

PROVIDER_SELECTION: Final[Mapping[str, str]] = {
    **_SHARED,
    "heading": "Sign in",
    "intro": "Choose how you want to continue.",
    "button_cancel": "Cancel",
}

DEFAULTS: Final[Mapping[PageApi, Mapping[str, str]]] = {
    PageApi.COMBINED: COMBINED,
    PageApi.SELF_ASSERTED: SELF_ASSERTED,
    PageApi.PROVIDER_SELECTION: PROVIDER_SELECTION,
}

_OLDER: Final[tuple[tuple[str, str], ...]] = (
    ("local_intro_generic", "local_intro_{kind}"),
    ("requiredField_generic", "requiredField_{kind}"),
    ("invalid_generic", "invalid_{kind}"),
    ("createaccount_one_link", "createaccount_link"),
)
"""String ids of the combined page before version 2.1.0, which stand in for the newer ones."""


def page_texts(page: Page) -> dict[str, str]:
    """Return every text of a page by its id, for the markup and for ``CONTENT``.

    An id of the policy that is not in the tables stays in lower case. On the combined page ``{0}``
    is the label of the identifier; elsewhere it is left for the field that uses the text.
    """
    texts = dict(DEFAULTS[page.api])
    published = {name.casefold(): name for name in texts}
    if page.api is PageApi.COMBINED and page.content.version < (2, 1, 0):
        texts.update(_older_texts(page))
    if page.api is PageApi.SELF_ASSERTED and "intro" in page.texts:
        texts["initial_intro"] = page.texts["intro"]
    for name, text in page.texts.items():
        texts[published.get(name.casefold(), name)] = text
    if page.api is PageApi.SELF_ASSERTED and page.content.version < (2, 1, 17):
        texts["required_field_descriptive"] = texts["required_field"]
    return _with_identifier(page, texts) if page.api is PageApi.COMBINED else texts


def control_texts(control: PageControl, page: Page) -> dict[str, str]:
    """Return the texts of a verification control: those of the policy over the defaults of the page's version."""
    older = page.content.version < (2, 1, 0)
    texts = dict(VERIFICATION_CONTROL)
    for name, (string_id, default) in _CONTROL_2_0.items():
        texts[name] = page.texts.get(string_id, default if older else texts[name])
    texts.update({name: control.texts[name] for name in texts if name in control.texts})
    return texts


def identifier_label(page: Page) -> str:
    """Return the label of the identifier on the combined page, "" when it has none."""
    field = _identifier(page)
    if field is None:
        return ""
    if page.content.version < (2, 1, 0):
        return page.texts.get(f"logonidentifier_{_kind(field)}", field.label)
    return field.label


def fill(text: str, *values: str) -> str:
    """Put values in the places ``{0}``, ``{1}``, …"""
    for index, value in enumerate(values):
        text = text.replace("{" + str(index) + "}", value)
    return text


def _older_texts(page: Page) -> dict[str, str]:
    field = _identifier(page)
    kind = _kind(field) if field else "email"
    found: dict[str, str] = {}
    for newer, older in _OLDER:
        text = page.texts.get(older.format(kind=kind).casefold())
        if text is not None:
            found[newer] = text
    return found


def _with_identifier(page: Page, texts: dict[str, str]) -> dict[str, str]:
    label = identifier_label(page)
    for name in ("local_intro_generic", "requiredField_generic", "invalid_generic"):
        texts[name] = fill(texts[name], label)
    return texts


def _identifier(page: Page) -> Field | None:
    return next((field for field in page.fields if field.input_type is not UserInputType.PASSWORD), None)


def _kind(field: Field) -> str:
    return "email" if field.input_type is UserInputType.EMAIL_BOX else "username"
