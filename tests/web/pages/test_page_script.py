"""The page script in a real browser, against a server that speaks the page protocol."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from journeyman.claims.claim_type import UserInputType
from journeyman.journey.page import Field, PageApi, ProviderOption

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REFUSED = {"status": "400", "errorCode": "AADB2C90161", "message": "We do not know this loyalty number."}
ACCEPTED = {"status": "200"}


@pytest.fixture
def show(wire, serve, open_tab):
    """Serve a page and open it: ``server, tab = await show(page, answer=…)``."""

    async def shown(page, *, answer=lambda _: ACCEPTED, template=None, **view):
        server = wire(page, answer=answer, template=template)
        watched = await open_tab(serve(server.app()), **view)
        server.watched = watched
        return server, watched.tab

    return shown


@pytest.fixture
def details_page(sign_up_page):
    """The sign-up page without e-mail verification."""
    return replace(sign_up_page, fields=tuple(replace(field, verify=False) for field in sign_up_page.fields))


async def fill_details(tab, *, loyalty: str = "123456", second_password: str = "Passw0rd!") -> None:
    for claim, value in {
        "email": "ada@contoso.com",
        "newPassword": "Passw0rd!",
        "reenterPassword": second_password,
        "displayName": "  Ada Lovelace ",
        "loyaltyNumber": loyalty,
    }.items():
        await tab.fill(f"#{claim}", value)


async def moved(tab) -> None:
    await expect(tab).to_have_title("moved")


async def test_a_right_sign_in_posts_both_fields_with_the_token_and_goes_on(show, combined_page):
    server, tab = await show(combined_page)
    await tab.fill("#signInName", " ada@contoso.com ")
    await tab.fill("#password", "Passw0rd!")
    await tab.check("#rememberMe")
    await tab.click("#next")
    await moved(tab)

    assert server.posts == [{"request_type": "RESPONSE", "signInName": "ada@contoso.com", "password": "Passw0rd!"}]
    assert server.tokens == ["dG9rZW4=;2026-03-01T12:00:00Z;c2Vj+/==;eyJPcmNoZXN0cmF0aW9uU3RlcCI6MX0="]
    assert server.moves == ["CombinedSigninAndSignup/confirmed/rememberMe=true"]


async def test_a_wrong_password_is_told_above_the_form_and_can_be_corrected(show, combined_page):
    refused = {"status": "400", "errorCode": "AADB2C90054", "message": "Your password is incorrect."}
    server, tab = await show(
        combined_page, answer=lambda form: ACCEPTED if form["password"] == "Passw0rd!" else refused
    )
    await tab.fill("#signInName", "ada@contoso.com")
    await tab.fill("#password", "wrong")
    await tab.click("#next")
    error = tab.locator("#localAccountForm .error.pageLevel")
    await expect(error).to_have_text("Your password is incorrect.")
    await expect(error).to_have_attribute("aria-hidden", "false")
    await expect(tab.locator("#password")).to_be_focused()
    await expect(tab.locator("#password")).to_have_value("")
    await expect(tab.locator("#signInName")).to_have_value("ada@contoso.com")
    await tab.keyboard.type("Passw0rd!")
    await tab.keyboard.press("Enter")
    await moved(tab)

    assert [post["password"] for post in server.posts] == ["wrong", "Passw0rd!"]


async def test_an_empty_sign_in_is_told_beside_the_fields_and_not_sent(show, combined_page):
    server, tab = await show(combined_page)
    await tab.click("#next")

    await expect(tab.locator("#signInName_error")).to_have_text("Please enter your Email Address")
    await expect(tab.locator("#password_error")).to_have_text("Please enter your password")
    await expect(tab.locator("#signInName")).to_be_focused()
    await expect(tab.locator("#signInName")).to_have_attribute("aria-invalid", "true")
    assert "highlightError" in await tab.locator("#signInName").get_attribute("class")
    assert server.posts == []


async def test_an_identifier_of_the_wrong_form_is_told(show, combined_page):
    _, tab = await show(combined_page)
    await tab.fill("#signInName", "ada")
    await tab.fill("#password", "x")
    await tab.click("#next")

    await expect(tab.locator("#signInName_error")).to_have_text("Please enter a valid Email Address")


@pytest.mark.parametrize(
    ("selector", "move"),
    [
        ("#FacebookExchange", "CombinedSigninAndSignup/unified/social=FacebookExchange"),
        ("#forgotPassword", "CombinedSigninAndSignup/forgotPassword"),
        ("#createAccount", "CombinedSigninAndSignup/unified/local=signup"),
    ],
)
async def test_links_and_buttons_of_the_combined_page_lead_on(show, combined_page, selector, move):
    server, tab = await show(combined_page)
    await tab.click(selector)
    await moved(tab)

    assert server.moves == [move]


async def test_a_provider_is_chosen_on_the_selection_page(show, combined_page):
    page = replace(
        combined_page, api=PageApi.PROVIDER_SELECTION, fields=(), options=(ProviderOption("GoogleExchange", "Google"),)
    )
    server, tab = await show(page)
    await tab.click("#GoogleExchange")
    await moved(tab)

    assert server.moves == ["ClaimsProviderSelection/unified/claimsprovider=GoogleExchange"]


async def test_a_missing_required_field_is_told_beside_it_and_above_the_form(show, details_page):
    server, tab = await show(details_page)
    await tab.fill("#email", "ada@contoso.com")
    await tab.click("#continue")

    await expect(tab.locator("#newPassword_error")).to_have_text("New Password is required")
    await expect(tab.locator("#requiredFieldMissing")).to_have_text(
        "A required field is missing. Please fill out all required fields and try again."
    )
    await expect(tab.locator("#newPassword")).to_be_focused()
    await expect(tab.locator("#email_error")).to_be_hidden()
    assert server.posts == []


async def test_a_message_beside_a_field_goes_away_once_it_is_right(show, details_page):
    _, tab = await show(replace(details_page, input_delay_ms=200))
    await tab.click("#continue")
    await expect(tab.locator("#displayName_error")).to_be_visible()
    await tab.fill("#displayName", "Ada")

    await expect(tab.locator("#displayName_error")).to_be_hidden()
    await expect(tab.locator("#newPassword_error")).to_be_visible()


async def test_a_value_that_breaks_its_pattern_is_told_with_the_help_of_the_policy(show, details_page):
    server, tab = await show(details_page)
    await fill_details(tab, loyalty="12")
    await tab.click("#continue")

    await expect(tab.locator("#loyaltyNumber_error")).to_have_text("A loyalty number has six digits.")
    await expect(tab.locator("#fieldIncorrect")).to_be_visible()
    assert server.posts == []


async def test_passwords_that_differ_are_told_beside_the_second(show, details_page):
    server, tab = await show(details_page)
    await fill_details(tab, second_password="other")
    await tab.click("#continue")

    await expect(tab.locator("#reenterPassword_error")).to_have_text(
        "The password entry fields do not match. Please enter the same password in both fields and try again."
    )
    assert server.posts == []


async def test_a_refusal_of_the_server_is_shown_and_corrected(show, details_page):
    server, tab = await show(
        details_page, answer=lambda form: ACCEPTED if form["loyaltyNumber"] == "123456" else REFUSED
    )
    await fill_details(tab, loyalty="999999")
    await tab.click("#continue")
    await expect(tab.locator("#claimVerificationServerError")).to_have_text("We do not know this loyalty number.")
    await expect(tab.locator("#newPassword")).to_have_value("Passw0rd!")
    await tab.fill("#loyaltyNumber", "123456")
    await tab.click("#continue")
    await moved(tab)

    assert server.posts[1]["displayName"] == "Ada Lovelace"
    assert server.moves == ["SelfAsserted/confirmed"]


async def test_after_too_many_refusals_the_journey_is_left(show, details_page):
    ended = {"status": "400", "errorCode": "AADB2C90157", "message": "Too many."}
    server, tab = await show(details_page, answer=lambda _: ended)
    await fill_details(tab)
    await tab.click("#continue")
    await moved(tab)

    assert server.moves == ["SelfAsserted/confirmed"]


async def test_without_an_answer_the_person_is_told_and_can_try_again(show, details_page):
    _, tab = await show(details_page)
    await tab.route("**/SelfAsserted?*", lambda route: route.abort())
    await fill_details(tab)
    await tab.click("#continue")

    await expect(tab.locator("#claimVerificationServerError")).to_have_text(
        "We are having trouble processing your request. Please try again later."
    )
    await expect(tab.locator("#attributeVerification")).to_have_attribute("aria-busy", "false")


async def test_while_the_server_works_the_page_says_so_and_sends_once(show, details_page):
    server, tab = await show(details_page)
    waiting = []

    def hold(route):
        waiting.append(route)

    await tab.route("**/SelfAsserted?*", hold)
    await fill_details(tab)
    await tab.press("#displayName", "Enter")
    await tab.press("#displayName", "Enter")
    await expect(tab.locator("#verifying_blurb")).to_have_text("Please wait while we process your information.")
    await expect(tab.locator("#attributeVerification")).to_have_attribute("aria-busy", "true")
    await waiting[0].continue_()
    await moved(tab)

    assert len(waiting) == 1
    assert len(server.posts) == 1


async def test_cancel_leaves_without_any_check(show, sign_up_page):
    server, tab = await show(sign_up_page)
    await tab.click("#cancel")
    await moved(tab)

    assert server.moves == ["SelfAsserted/cancelled"]
    assert server.posts == []


async def test_an_address_is_verified_by_a_code_before_the_form_can_be_sent(show, sign_up_page):
    wrong = {"status": "400", "errorCode": "AADB2C90157X", "message": "That code is incorrect. Please try again."}
    server, tab = await show(
        sign_up_page, answer=lambda form: wrong if form.get("user_input") == "000000" else ACCEPTED
    )
    await expect(tab.locator("#continue")).to_have_attribute("aria-disabled", "true")
    await tab.fill("#email", "ada@contoso.com")
    await tab.click("#email_ver_but_send")
    await expect(tab.locator("#email_info")).to_be_visible()
    await expect(tab.locator("#email_ver_input")).to_be_focused()
    await tab.fill("#email_ver_input", "000000")
    await tab.click("#email_ver_but_verify")
    await expect(tab.locator("#email_fail_retry")).to_have_text("That code is incorrect. Please try again.")
    await tab.fill("#email_ver_input", "123456")
    await tab.press("#email_ver_input", "Enter")
    await expect(tab.locator("#email_success")).to_be_visible()
    await expect(tab.locator("#newPassword")).to_be_focused()
    await expect(tab.locator("#email")).to_have_js_property("readOnly", True)
    await expect(tab.locator("#continue")).to_have_attribute("aria-disabled", "false")

    assert server.posts == [
        {"request_type": "VERIFICATION_REQUEST", "claim_id": "email", "claim_value": "ada@contoso.com"},
        {
            "request_type": "VALIDATION_REQUEST",
            "user_input": "000000",
            "claim_id": "email",
            "claim_value": "ada@contoso.com",
        },
        {
            "request_type": "VALIDATION_REQUEST",
            "user_input": "123456",
            "claim_id": "email",
            "claim_value": "ada@contoso.com",
        },
    ]


async def test_changing_a_verified_address_voids_the_verification(show, sign_up_page):
    _, tab = await show(sign_up_page)
    await tab.fill("#email", "ada@contoso.com")
    await tab.click("#email_ver_but_send")
    await tab.fill("#email_ver_input", "123456")
    await tab.click("#email_ver_but_verify")
    await tab.click("#email_ver_but_edit")

    await expect(tab.locator("#email_ver_but_send")).to_be_visible()
    await expect(tab.locator("#email")).to_be_focused()
    await expect(tab.locator("#continue")).to_have_attribute("aria-disabled", "true")


async def test_an_address_of_the_wrong_form_gets_no_code(show, sign_up_page):
    server, tab = await show(sign_up_page)
    await tab.fill("#email", "ada")
    await tab.click("#email_ver_but_send")

    await expect(tab.locator("#email_incorrect_format")).to_be_visible()
    assert server.posts == []


@pytest.mark.parametrize(
    ("message", "suffix"),
    [
        ("That code is incorrect. Please try again.", "fail_retry"),
        ("You've made too many incorrect attempts. Please try again later.", "fail_no_retry"),
        ("That code is expired. Please request a new code.", "fail_code_expired"),
    ],
)
async def test_what_the_server_says_about_a_code_is_shown_in_the_words_of_the_policy(
    show, sign_up_page, message, suffix
):
    refused = {"status": "400", "errorCode": "AADB2C90159", "message": message}
    _, tab = await show(
        replace(sign_up_page, texts={f"ver_{suffix}": "In our own words."}),
        answer=lambda form: refused if "user_input" in form else ACCEPTED,
    )
    await tab.fill("#email", "ada@contoso.com")
    await tab.click("#email_ver_but_send")
    await tab.fill("#email_ver_input", "000000")
    await tab.click("#email_ver_but_verify")

    await expect(tab.locator(f"#email_{suffix}")).to_have_text("In our own words.")
    await expect(tab.locator(f"#email_{suffix}")).to_be_visible()


async def test_a_code_that_cannot_be_sent_is_told(show, sign_up_page):
    _, tab = await show(sign_up_page, answer=lambda _: {"status": "400", "errorCode": "x", "message": ""})
    await tab.fill("#email", "ada@contoso.com")
    await tab.click("#email_ver_but_send")

    await expect(tab.locator("#email_fail_server")).to_have_text(
        "We are having trouble verifying your email address. Please enter a valid email address and try again."
    )


async def test_every_control_posts_its_value(show, every_control_page):
    server, tab = await show(every_control_page)
    await tab.select_option("#anniversary_year", "2001")
    await tab.select_option("#anniversary_month", "2")
    await tab.select_option("#anniversary_day", "3")
    await tab.check("#colour_b")
    await tab.select_option("#country", "r")
    await tab.check("#topics_g")
    await tab.click("#continue")
    await moved(tab)

    assert server.posts == [
        {
            "request_type": "RESPONSE",
            "city": "Zürich",
            "otherMail": "",
            "birthday": "1985-07-04",
            "anniversary": "2001-02-03",
            "colour": "b",
            "country": "r",
            "topics": "r,g,b",
        }
    ]


async def test_half_a_date_is_told_beside_the_field(show, every_control_page):
    server, tab = await show(every_control_page)
    await tab.select_option("#anniversary_year", "2001")
    await tab.click("#continue")

    await expect(tab.locator("#anniversary_error")).to_have_text("Incorrect format.")
    assert server.posts == []


async def test_help_opens_and_closes_beside_its_field(show, details_page):
    _, tab = await show(details_page)
    await tab.click("#loyaltyNumber_help")
    await expect(tab.locator(".helpText")).to_have_text("It is on the back of your card.")
    await tab.click("#loyaltyNumber_help")

    await expect(tab.locator(".helpText")).to_have_count(0)


async def test_the_keyboard_alone_signs_in(show, combined_page):
    server, tab = await show(combined_page)
    await expect(tab.locator("#signInName")).to_be_focused()
    await tab.keyboard.type("ada@contoso.com")
    await tab.keyboard.press("Tab")
    await expect(tab.locator("#forgotPassword")).to_be_focused()
    await tab.keyboard.press("Tab")
    await tab.keyboard.type("Passw0rd!")
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Space")
    await tab.keyboard.press("Tab")
    await expect(tab.locator("#next")).to_be_focused()
    await tab.keyboard.press("Enter")
    await moved(tab)

    assert server.moves == ["CombinedSigninAndSignup/confirmed/rememberMe=true"]


async def test_whatever_has_the_focus_can_be_seen_to_have_it(show, combined_page):
    _, tab = await show(combined_page)
    outlines = []
    for _ in range(6):
        outlines.append(await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
        await tab.keyboard.press("Tab")

    assert outlines == ["solid"] * 6


@pytest.mark.parametrize("page_name", ["combined_page", "sign_up_page", "every_control_page"])
async def test_a_page_breaks_no_rule_of_its_policy_and_asks_only_its_own_origin(show, page_name, request):
    server, tab = await show(request.getfixturevalue(page_name))
    await tab.wait_for_load_state("networkidle")
    origin = await tab.evaluate("location.origin")

    assert server.watched.complaints == []
    assert all(url.startswith((origin, "data:")) for url in server.watched.requests)
    assert any(url.endswith("/page.js") for url in server.watched.requests)


async def test_an_injected_script_without_the_nonce_does_not_run(show, combined_page):
    server, tab = await show(combined_page)
    await tab.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.injected = true";
        document.body.append(script);
    }""")

    assert await tab.evaluate("window.injected") is None
    assert any("Content Security Policy" in line for line in server.watched.complaints)


@pytest.mark.parametrize("page_name", ["combined_page", "sign_up_page", "every_control_page"])
async def test_nothing_is_wider_than_the_screen(show, page_name, request):
    long = Field("x" * 60, UserInputType.TEXT_BOX, "An-endless-label-" * 12, required=True)
    page = request.getfixturevalue(page_name)
    _, tab = await show(replace(page, fields=(*page.fields, long)))

    for width in (1280, 360, 320):
        await tab.set_viewport_size({"width": width, "height": 800})
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("design", ["AzureBlue", "MSA", "default"])
async def test_every_text_has_a_contrast_of_four_and_a_half(show, details_page, faint_texts, design, dark):
    url = f"~/tenant/templates/{design}/selfAsserted.cshtml"
    _, tab = await show(replace(details_page, template_url=url, message="Refused."), dark=dark)
    await tab.click("#continue")
    await expect(tab.locator("#displayName_error")).to_be_visible()
    await tab.click("#loyaltyNumber_help")

    assert await faint_texts(tab) == []


async def test_a_custom_template_keeps_its_look_and_the_page_works_in_it(show, combined_page):
    template = (
        "<html><head><title>Contoso</title><style>h1 { color: rgb(1, 2, 3) }</style><script>window.own = 1</script>"
        '</head><body><header style="color: rgb(4, 5, 6)">Ours</header><div id="api"></div></body></html>'
    )
    server, tab = await show(combined_page, template=template)
    await expect(tab.locator(".error.pageLevel")).to_be_hidden()
    await tab.fill("#signInName", "ada@contoso.com")
    await tab.fill("#password", "x")

    assert await tab.title() == "Contoso"
    assert await tab.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(1, 2, 3)"
    assert await tab.evaluate("getComputedStyle(document.querySelector('header')).color") == "rgb(4, 5, 6)"
    assert await tab.evaluate("window.own") is None
    assert not any("Content Security Policy" in line for line in server.watched.complaints)
    await tab.click("#next")
    await moved(tab)
