"""Refusals on a page, the mailbox, sign-up, sign-in, sessions."""

from __future__ import annotations

import pytest
from acceptance_browser import decoded
from acceptance_folder import CALLBACK
from acceptance_policy import accounts, call

API = "https://api.contoso.example"
USERS, VERIFIED, REFUSING = "B2C_1A_Users", "B2C_1A_Verified", "B2C_1A_Refusing"
FORM = {"newPassword": "Pass-word-1", "displayName": "Ada", "number": "7"}


@pytest.fixture(scope="module")
def up(home, api):
    home.write(
        f'[egress.map]\n"{API}" = "{api.origin}"\n',
        users=accounts(USERS, f"{API}/ok/check"),
        verified=accounts(VERIFIED, f"{API}/ok/check", verified=True),
        refusing=accounts(REFUSING, f"{API}/refuse/check"),
        plain=call("Plain", f"{API}/ok/plain"),
    )
    return home.up()


@pytest.fixture
def browser(up):
    return up.browser()


def sign_up(browser, policy=USERS):
    return browser.follow(browser.authorize(policy), "unified", local="signup")


def code(browser, page):
    return browser.follow(page).answer["code"]


def test_a_pattern_is_decided_on_the_server_and_the_page_stays_usable_for_the_next_try(browser):
    page = sign_up(browser)

    refused = browser.submit(page, email="pattern@example.com", **{**FORM, "number": "seven"})
    accepted = browser.submit(page, email="pattern@example.com", **FORM)

    assert set(refused) == {"status", "errorCode", "message"}
    assert refused["status"] == "400"
    assert refused["message"] == "Only digits, please."
    assert accepted == {"status": "200"}
    assert code(browser, page)


def test_a_required_field_is_decided_on_the_server_and_the_page_stays_usable(browser):
    page = sign_up(browser)

    refused = browser.submit(page, email="required@example.com", **{**FORM, "displayName": ""})
    accepted = browser.submit(page, email="required@example.com", **FORM)

    assert refused["status"] == "400"
    assert set(refused) == {"status", "errorCode", "message"}
    assert accepted == {"status": "200"}


def test_a_message_of_the_api_is_answered_and_the_page_stays_usable(browser, up, api):
    page = sign_up(browser, REFUSING)
    form = {"email": "api@example.com", **FORM}

    first = browser.submit(page, **form)
    api.answers["/refuse/check"] = 200, {"tier": "silver"}
    second = browser.submit(page, **form)
    del api.answers["/refuse/check"]

    assert set(first) == {"status", "errorCode", "message"}
    assert (first["status"], first["message"]) == ("400", "Not with this number.")
    assert second == {"status": "200"}
    assert decoded(browser.redeem_code(REFUSING, code(browser, page)).json["id_token"])["tier"] == "silver"


def test_a_refused_sign_up_writes_no_account(browser, up):
    page = sign_up(browser, REFUSING)
    browser.submit(page, email="nobody@example.com", **FORM)

    other = up.browser()
    answer = other.submit(other.authorize(USERS), signInName="nobody@example.com", password="Pass-word-1")

    assert answer["status"] == "400"


def test_a_wrong_password_is_refused_and_the_right_one_is_accepted_on_the_same_page(browser, up):
    browser.submit(sign_up(browser), email="wrong@example.com", **FORM)
    other = up.browser()
    page = other.authorize(USERS)

    refused = other.submit(page, signInName="wrong@example.com", password="Wrong-word-1")
    accepted = other.submit(page, signInName="WRONG@example.com", password="Pass-word-1")

    assert refused["status"] == "400"
    assert accepted == {"status": "200"}
    assert code(other, page)


def test_an_unknown_user_and_a_second_account_of_one_address_are_refused_on_the_page(browser, up):
    browser.submit(sign_up(browser), email="twice@example.com", **FORM)
    other = up.browser()

    unknown = other.submit(other.authorize(USERS), signInName="unknown@example.com", password="Pass-word-1")
    again = other.submit(sign_up(other), email="twice@example.com", **FORM)

    assert unknown["status"] == "400"
    assert again["status"] == "400"


def test_a_page_without_its_csrf_token_or_with_the_cookies_of_nobody_is_refused(browser, up):
    page = sign_up(browser)
    settings = page.settings
    path = f"{settings['hosts']['tenant']}/SelfAsserted?tx={settings['transId']}&p={USERS}"
    form = {"request_type": "RESPONSE", "email": "csrf@example.com", **FORM}

    without = browser.send("POST", path, form)
    stranger = up.browser().send("POST", path, form, **{"X-CSRF-TOKEN": settings["csrf"]})

    for reply in (without, stranger):
        assert '"200"' not in reply.text


def test_the_claims_of_the_page_and_of_the_api_reach_the_token(browser, api):
    page = sign_up(browser)
    browser.submit(page, email="claims@example.com", **FORM)

    token = decoded(browser.redeem_code(USERS, code(browser, page)).json["id_token"])

    assert (token["email"], token["displayName"], token["tier"]) == ("claims@example.com", "Ada", "gold")
    assert api.last("/ok/check").json["number"] == "7"


def test_a_verified_address_needs_the_code_of_the_mailbox(browser, home):
    page = sign_up(browser, VERIFIED)
    form = {"email": "verified@example.com", **FORM}
    claim = {"claim_id": "email", "claim_value": "verified@example.com"}

    unverified = browser.submit(page, **form)
    sent = browser.submit(page, request_type="VERIFICATION_REQUEST", **claim)
    messages = home.run("mailbox", "--json").json
    checked = browser.submit(page, request_type="VALIDATION_REQUEST", user_input=messages[0]["code"], **claim)
    accepted = browser.submit(page, **form)

    assert unverified["status"] == "400"
    assert sent["status"] == checked["status"] == accepted["status"] == "200"


def test_mailbox_json_beside_a_running_up_gives_objects_with_to_subject_text_and_code_newest_first(browser, home):
    page = sign_up(browser, VERIFIED)
    for name in ("first", "second"):
        claim = {"claim_id": "email", "claim_value": f"{name}@example.com"}
        assert browser.submit(page, request_type="VERIFICATION_REQUEST", **claim)["status"] == "200"

    ended = home.run("mailbox", "--json")

    assert ended.code == 0
    newest, older = ended.json[:2]
    assert (newest["to"], older["to"]) == ("second@example.com", "first@example.com")
    assert newest["code"] in newest["text"]
    assert newest["subject"]


def test_cancel_goes_back_to_the_application_with_aadb2c90091(browser):
    reply = browser.follow(sign_up(browser), "cancelled")

    assert reply.location.startswith(CALLBACK)
    assert reply.answer["error"] == "access_denied"
    assert reply.answer["error_description"].startswith("AADB2C90091")


def test_a_page_has_a_csp_with_a_nonce_and_loads_nothing_from_elsewhere(browser, up):
    page = browser.authorize(USERS)
    policy = {name.lower(): value for name, value in page.headers}["content-security-policy"]

    assert "'nonce-" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert 'src="http' not in page.text
    assert 'rel="stylesheet" href="http' not in page.text


def test_a_refresh_token_gives_new_tokens(browser):
    page = sign_up(browser)
    browser.submit(page, email="refresh@example.com", **FORM)
    tokens = browser.redeem_code(USERS, code(browser, page)).json

    renewed = browser.redeem(USERS, grant_type="refresh_token", refresh_token=tokens["refresh_token"])

    assert renewed.status == 200, renewed.text
    assert decoded(renewed.json["id_token"])["sub"] == decoded(tokens["id_token"])["sub"]
