import re
from dataclasses import replace

import pytest

from journeyman.claims.claim_type import UserInputType
from journeyman.claims.restriction import Option
from journeyman.compiler.compiled import PageType
from journeyman.journey.page import Field, ForgotPasswordLink, PageApi, ProviderOption
from journeyman.web.pages.render import design, is_right_to_left, render_page

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def draw(transaction):
    def drawn(page, **more) -> str:
        return render_page(page, transaction, nonce="abc", **more)

    return drawn


def in_order(html: str, *parts: str) -> bool:
    position = 0
    for part in parts:
        position = html.find(part, position) + 1
        if position == 0:
            raise AssertionError(f"{part!r} is missing or out of order")
    return True


def test_the_correlation_id_stands_in_a_comment_on_top(combined_page, draw):
    assert draw(combined_page).startswith(
        "<!DOCTYPE html>\n<!-- CorrelationId: 11111111-2222-3333-4444-555555555555 -->\n"
    )


def test_the_combined_page_has_the_published_markup_in_order(combined_page, draw):
    html = draw(combined_page)

    assert in_order(
        html,
        '<div id="api" role="main" data-name="Unified">',
        '<div class="heading"><h1 role="heading">Sign in</h1></div>',
        '<div class="claims-provider-list-buttons social" role="form" aria-label="Sign in with your social account">',
        '<div class="options">',
        'class="accountButton firstButton claims-provider-selection" id="FacebookExchange" role="link"',
        'class="accountButton claims-provider-selection" id="GoogleExchange" role="link"',
        '<div class="divider"><h2>OR</h2></div>',
        '<form id="localAccountForm" action="JavaScript:void(0);" class="localAccount"',
        '<div class="intro"><h2>Sign in with your Email Address</h2></div>',
        '<div class="error pageLevel" role="alert" aria-hidden="true"><p></p></div>',
        '<div class="entry">',
        '<div class="entry-item">',
        '<label for="signInName">Email Address</label>',
        '<div class="error itemLevel"',
        '<input type="email" id="signInName"',
        '<div class="password-label"><label for="password">Password</label><a id="forgotPassword"',
        '<input type="password" id="password"',
        '<div class="working"></div>',
        '<div class="rememberMe"><input id="rememberMe" type="checkbox"',
        '<div class="buttons"><button id="next" type="submit" form="localAccountForm">Sign in</button></div>',
        '<div class="divider"><h2>OR</h2></div>',
        '<a id="createAccount"',
        "Sign up now</a>",
    )


def test_the_links_of_the_combined_page_name_their_actions(combined_page, draw):
    html = draw(combined_page)
    base = "/contoso.onmicrosoft.com/B2C_1A_SignUpOrSignIn/api/CombinedSigninAndSignup"

    assert f'data-href="{base}/unified?social=FacebookExchange&amp;csrf_token=' in html
    assert f'id="forgotPassword" href="{base}/forgotPassword?csrf_token=' in html
    assert f'id="createAccount" href="{base}/unified?local=signup&amp;csrf_token=' in html


@pytest.mark.parametrize(
    ("link", "markup"),
    [
        (ForgotPasswordLink.AFTER_INPUT, '<div class="forgot-password"><a id="forgotPassword"'),
        (ForgotPasswordLink.AFTER_BUTTONS, '<div class="forgot-password center-height"><a id="forgotPassword"'),
    ],
)
def test_the_forgot_password_link_stands_where_the_policy_wants_it(combined_page, draw, link, markup):
    html = draw(replace(combined_page, forgot_password=link))

    assert markup in html
    assert html.count('id="forgotPassword"') == 1


def test_what_the_policy_does_not_offer_is_not_there(combined_page, draw):
    page = replace(
        combined_page,
        options=(),
        sign_up=False,
        remember_me=False,
        forgot_password=ForgotPasswordLink.NONE,
        show_continue=False,
    )
    html = draw(page)

    for absent in ("createAccount", "rememberMe", "forgotPassword", "claims-provider-list", "divider", 'id="next"'):
        assert absent not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def test_a_combined_page_without_local_accounts_has_buttons_only(combined_page, draw):
    html = draw(replace(combined_page, fields=(), message="Try again."))

    assert "<form" not in html
    assert 'id="GoogleExchange"' in html
    assert 'aria-hidden="false"><p>Try again.</p>' in html


def test_text_links_stand_above_or_below_the_form(combined_page, draw, content_definition):
    options = (ProviderOption("A", "Above", as_link=True), ProviderOption("B", "Below", as_link=True))
    content = content_definition(PageType.UNIFIED_SSP, **{"setting.bottomUnderFormClaimsProviderSelections": "x, b"})
    html = draw(replace(combined_page, options=options, content=content))

    assert in_order(
        html,
        '<div class="claims-provider-list-text-links">',
        'id="A"',
        "<form",
        '<div class="claims-provider-list-text-links-bottom-under-form">',
        'id="B"',
    )


def test_the_self_asserted_page_has_the_published_markup_in_order(sign_up_page, draw):
    html = draw(sign_up_page)

    assert in_order(
        html,
        'data-name="SelfAsserted"',
        '<h1 role="heading">User Details</h1>',
        '<div class="buttons"></div>',
        '<div class="intro"><p>Please provide the following details.</p></div>',
        '<form id="attributeVerification" action="JavaScript:void(0);">',
        '<div id="passwordEntryMismatch" class="error pageLevel"',
        '<div id="requiredFieldMissing"',
        '<div id="fieldIncorrect"',
        '<div id="captchaUnresolved"',
        '<div id="claimVerificationServerError"',
        '<div id="attributeList" class="attr"><ul>',
        '<li class="EmailBox email_li"><div class="attrEntry validate">',
        '<label id="email_label" for="email" class="required">Email Address</label>',
        '<li class="TextBox loyaltyNumber_li"><div class="attrEntry">',
        '<label id="loyaltyNumber_label" for="loyaltyNumber">',
        '<div class="error itemLevel"',
        '<input id="loyaltyNumber"',
        '<a class="helpLink tiny"',
        'data-help="It is on the back of your card.">What is this?</a>',
        '<button id="continue" type="submit" form="attributeVerification" aria-label="Create"',
        '<button id="cancel" type="button" formnovalidate aria-label="Cancel"',
        '<div class="verifying-modal" aria-live="polite"><div id="verifying_blurb"></div></div>',
    )


def test_e_mail_verification_has_the_published_ids(sign_up_page, draw):
    html = draw(sign_up_page)

    for suffix, class_name in [
        ("intro", "verificationInfoText"),
        ("info", "verificationInfoText"),
        ("success", "verificationSuccessText"),
        ("fail_retry", "verificationErrorText"),
        ("fail_no_retry", "verificationErrorText"),
        ("fail_server", "verificationErrorText"),
        ("incorrect_format", "verificationErrorText"),
        ("ver_but_send", "sendButton"),
        ("ver_but_verify", "verifyButton"),
        ("ver_but_resend", "sendButton"),
        ("ver_but_edit", "editButton"),
        ("ver_but_default", "defaultButton"),
        ("ver_wait", "working"),
    ]:
        assert re.search(rf'id="email_{suffix}" class="{class_name}"|class="{class_name}" id="email_{suffix}"', html)
    assert '<div class="buttons verify" claim_id="email">' in html
    assert 'id="email_ver_input_label" for="email_ver_input"' in html
    assert re.search(r'id="continue"[^>]* aria-disabled="true" tabindex="-1"', html)


def test_buttons_that_the_policy_hides_are_not_there(sign_up_page, draw):
    html = draw(replace(sign_up_page, show_continue=False, show_cancel=False))

    assert '<button id="continue"' not in html
    assert '<button id="cancel"' not in html


def test_every_control_is_drawn(every_control_page, draw):
    html = draw(every_control_page)

    assert '<input id="city" name="city" class="textInput" type="text"' in html
    assert 'value="Zürich"' in html
    assert '<input id="otherMail" name="otherMail" class="textInput" type="email"' in html
    assert '<div id="birthday" class="date"' in html
    assert '<select id="birthday_month" class="month"' in html
    assert '<option value="7" selected>July</option>' in html
    assert '<input type="radio" id="colour_g" name="colour" value="g" checked>' in html
    assert '<select id="country" name="country" class="dropdown_single"' in html
    assert '<option value="" hidden selected>Country</option>' in html
    assert '<input type="checkbox" id="topics_r" name="topics" value="r" checked>' in html
    assert '<input type="checkbox" id="topics_g" name="topics" value="g">' in html
    assert '<input id="upn" class="textInput" type="text" readonly' in html
    assert 'class="textParagraph">Read the <a href="https://contoso.com/t" target="_blank"' in html


def test_a_consent_box_without_a_text_is_named_by_its_claim(sign_up_page, draw):
    consent = Field("terms", UserInputType.CHECKBOX_MULTI_SELECT, "I accept", options=(Option("", "v16"),))

    assert 'id="terms_v16" name="terms" value="v16" aria-labelledby="terms_label"' in draw(
        replace(sign_up_page, fields=(consent,))
    )


def test_the_value_of_a_password_is_never_in_the_page(sign_up_page, draw):
    secret = Field("newPassword", UserInputType.PASSWORD, "Password", value="hunter2-canary")

    assert "hunter2-canary" not in draw(replace(sign_up_page, fields=(secret,)))


def test_the_provider_selection_links_by_claims_provider(combined_page, draw):
    page = replace(combined_page, api=PageApi.PROVIDER_SELECTION, fields=())
    html = draw(page)

    assert 'data-name="IdpSelections"' in html
    assert "/api/ClaimsProviderSelection/unified?claimsprovider=FacebookExchange&amp;csrf_token=" in html
    assert '"api":"ClaimsProviderSelection"' in html


def test_a_message_is_shown_from_the_start(combined_page, sign_up_page, draw):
    assert 'aria-hidden="false"><p>Locked.</p>' in draw(replace(combined_page, message="Locked."))
    assert (
        '<div id="claimVerificationServerError" class="error pageLevel" role="alert" aria-hidden="false">Locked.</div>'
        in draw(replace(sign_up_page, message="Locked."))
    )


def test_every_script_carries_the_nonce_and_nothing_has_inline_handlers_or_styles(sign_up_page, draw):
    html = draw(sign_up_page)
    scripts = re.findall(r"<script[^>]*>", html)

    assert len(scripts) == 2
    assert all('nonce="abc"' in script for script in scripts)
    assert not re.search(r"<[^>]+ (on\w+|style)=", html)
    assert "http://" not in html
    assert "https://" not in html


@pytest.mark.parametrize("page_name", ["combined_page", "sign_up_page", "every_control_page"])
def test_hostile_texts_are_escaped_everywhere(page_name, request, draw):
    page = request.getfixturevalue(page_name)
    fields = tuple(
        replace(field, label=HOSTILE, help_text=HOSTILE, pattern=HOSTILE, pattern_help=HOSTILE, value=HOSTILE)
        for field in page.fields
    )
    fields = tuple(replace(field, options=(Option(HOSTILE, HOSTILE),)) for field in fields)
    texts = dict.fromkeys(("heading", "button_continue", "initial_intro", "ver_intro_msg", "helplink_text"), HOSTILE)
    html = draw(replace(page, fields=fields, texts=texts, message=HOSTILE, options=(ProviderOption("X", HOSTILE),)))

    assert "<script>alert" not in html
    assert "<img src=x" not in html


@pytest.mark.parametrize(("language", "direction"), [("ar", True), ("he-IL", True), ("en", False), ("pt-br", False)])
def test_the_direction_follows_the_language(language, direction, combined_page, draw):
    html = draw(replace(combined_page, language=language))

    assert is_right_to_left(language) is direction
    assert (f'<html lang="{language}" dir="rtl">' in html) is direction
    assert f'<html lang="{language}"' in html


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("~/tenant/templates/AzureBlue/unified.cshtml", "AzureBlue"),
        ("~/tenant/templates/MSA/selfAsserted.cshtml", "MSA"),
        ("~/tenant/default/unified.cshtml", "default"),
    ],
)
def test_a_built_in_template_gives_the_body_its_class(url, name, combined_page, draw):
    assert design(url) == name
    assert f'<body class="{name}">' in draw(replace(combined_page, template_url=url))


@pytest.mark.parametrize("page_name", ["combined_page", "sign_up_page", "every_control_page"])
def test_a_template_with_nothing_but_the_api_element_shows_every_page(page_name, request, draw):
    html = draw(request.getfixturevalue(page_name), template='<div id="api"></div>')

    assert html.startswith("<!DOCTYPE html>\n<!-- CorrelationId: 11111111-2222-3333-4444-555555555555 -->")
    assert '<html lang="en">' in html
    assert "var SETTINGS = {" in html
    assert '<div id="api" data-name="' in html
    assert '<h1 role="heading">' in html
