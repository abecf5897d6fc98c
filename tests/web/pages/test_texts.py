from dataclasses import replace

import pytest

from journeyman.compiler.compiled import PageType
from journeyman.journey.page import PageApi, PageControl
from journeyman.web.pages.texts import DEFAULTS, control_texts, fill, identifier_label, page_texts


@pytest.mark.parametrize(
    ("api", "string_id", "text"),
    [
        (PageApi.COMBINED, "button_signin", "Sign in"),
        (PageApi.COMBINED, "forgotpassword_link", "Forgot your password?"),
        (PageApi.COMBINED, "createaccount_one_link", "Sign up now"),
        (PageApi.COMBINED, "remember_me", "Keep me signed in."),
        (PageApi.COMBINED, "unknown_error", "We are having trouble signing you in. Please try again later."),
        (PageApi.SELF_ASSERTED, "button_continue", "Create"),
        (PageApi.SELF_ASSERTED, "required_field_descriptive", "{0} is required"),
        (PageApi.SELF_ASSERTED, "ver_but_send", "Send verification code"),
        (PageApi.SELF_ASSERTED, "ver_but_edit", "Change e-mail"),
        (
            PageApi.SELF_ASSERTED,
            "error_requiredFieldMissing",
            "A required field is missing. Please fill out all required fields and try again.",
        ),
    ],
)
def test_the_defaults_are_those_of_the_service(api, string_id, text):
    assert DEFAULTS[api][string_id] == text


def test_a_text_of_the_policy_replaces_the_default_under_its_published_spelling(sign_up_page):
    texts = page_texts(replace(sign_up_page, texts={"error_requiredfieldmissing": "Fehlt.", "my_own": "Mine"}))

    assert texts["error_requiredFieldMissing"] == "Fehlt."
    assert texts["my_own"] == "Mine"
    assert "error_requiredfieldmissing" not in texts


def test_texts_of_the_combined_page_name_its_identifier(combined_page):
    texts = page_texts(combined_page)

    assert texts["local_intro_generic"] == "Sign in with your Email Address"
    assert texts["requiredField_generic"] == "Please enter your Email Address"
    assert texts["invalid_generic"] == "Please enter a valid Email Address"


def test_before_version_2_1_the_older_string_ids_count(combined_page, content_definition):
    page = replace(
        combined_page,
        content=content_definition(PageType.UNIFIED_SSP, (1, 2, 0)),
        texts={
            "local_intro_email": "Use your account",
            "requiredfield_email": "E-mail, please",
            "createaccount_link": "Register",
            "logonidentifier_email": "E-mail",
        },
    )
    texts = page_texts(page)

    assert texts["local_intro_generic"] == "Use your account"
    assert texts["requiredField_generic"] == "E-mail, please"
    assert texts["createaccount_one_link"] == "Register"
    assert identifier_label(page) == "E-mail"


def test_since_version_2_1_the_older_string_ids_are_ignored(combined_page):
    page = replace(combined_page, texts={"local_intro_email": "Use your account", "logonidentifier_email": "E-mail"})

    assert page_texts(page)["local_intro_generic"] == "Sign in with your Email Address"
    assert identifier_label(page) == "Email Address"


def test_a_page_without_fields_has_texts_too(combined_page):
    page = replace(combined_page, fields=())

    assert page_texts(page)["local_intro_generic"] == "Sign in with your "
    assert identifier_label(page) == ""


def test_before_version_2_1_17_a_missing_field_is_told_by_the_plain_text(sign_up_page, content_definition):
    page = replace(sign_up_page, content=content_definition(PageType.SELF_ASSERTED, (2, 1, 16)))

    assert page_texts(page)["required_field_descriptive"] == "This information is required."


def test_language_intro_is_the_introduction_of_a_self_asserted_page(sign_up_page):
    assert page_texts(replace(sign_up_page, texts={"intro": "Tell us"}))["initial_intro"] == "Tell us"


def test_places_are_filled_in_order():
    assert fill("Sign up with {0} or {1}", "a", "b") == "Sign up with a or b"


@pytest.mark.parametrize(
    ("string_id", "text"),
    [
        ("success_send_code_msg", "Verification code has been sent. Please copy it to the input box below."),
        ("success_verify_code_msg", "E-mail address verified. You can now continue."),
        ("failure_verify_code_msg", "We are having trouble verifying your email address. Please try again."),
        ("but_send_code", "Send verification code"),
        ("but_change_claims", "Change e-mail"),
    ],
)
def test_the_defaults_of_a_verification_control_are_those_of_the_service(sign_up_page, string_id, text):
    assert control_texts(PageControl("mail", "VerificationControl"), sign_up_page)[string_id] == text


def test_a_control_of_version_2_0_has_the_older_texts_and_string_ids(sign_up_page, content_definition):
    older = replace(
        sign_up_page,
        content=content_definition(PageType.SELF_ASSERTED, (2, 0, 0)),
        texts={"verification_control_but_change_claims": "Andern"},
    )
    texts = control_texts(PageControl("mail", "VerificationControl", {"but_verify_code": "Prüfen"}), older)

    assert (texts["but_send_code"], texts["but_change_claims"]) == ("Send Code", "Andern")
    assert texts["but_verify_code"] == "Prüfen"
    assert texts["failure_send_code_msg"] == "Failed to send the code, please try again later."
