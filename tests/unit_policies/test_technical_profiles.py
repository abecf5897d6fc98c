"""The unit tests of technical profiles, sessions and content definitions, as their authors mean them.

Each expectation names where it comes from: pages.md §4-§6, technical-profiles.md §2, or the policy itself.
"""

from __future__ import annotations

import dataclasses
import re

import pytest
from policy_walk import CLIENT_ID, EMAIL, PASSWORD, REDIRECT_URI, TENANT, fields_on, token_in, values_on

from journeyman.testing.browser import Browser, Page, Redirect

pytestmark = pytest.mark.corpus

QUERY = {
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT_URI,
    "response_type": "id_token",
    "response_mode": "form_post",
    "scope": "openid",
}
SIGN_IN = {"signInName": EMAIL, "password": PASSWORD}


@pytest.mark.parametrize(
    ("policy", "item", "expected"),
    [
        # Default, then the two choices; the names of the items are those of pages.md §4.
        ("showCancelButton", "showCancelButton", {"Default": True, "True": True, "False": False}),
        ("showContinueButton", "showContinueButton", {"Default": True, "True": True, "False": False}),
        ("showSignupLink", "showSignupLink", {"True": True, "False": False}),
        ("enableRememberMe", "enableRememberMe", {"True": True, "False": False}),
        (
            "forgotPasswordLinkLocation",
            "forgotPasswordLinkLocation",
            {name: name for name in ("AfterButtons", "AfterInput", "AfterLabel", "None")},
        ),
        (
            "inputVerificationDelayTimeInMilliseconds",
            "inputVerificationDelayTimeInMilliseconds",
            {"Default": 2000, "100": 100, "6000": 6000},
        ),
    ],
)
async def test_a_setting_of_the_page_follows_the_metadata(run_policy, policy, item, expected):
    found = {}
    for scenario in expected:
        walked = await run_policy(f"TP_SA_metadata_setting_{policy}", {"scenario": scenario})
        found[scenario] = walked.pages[1].settings["config"][item]

    assert found == expected


@pytest.mark.parametrize(
    ("scenario", "message"),
    [("Email", "Please enter a valid Email Address"), ("Username", "We can't seem to find your account.")],
)
async def test_the_operating_mode_says_what_an_identifier_looks_like(run_policy, scenario, message):
    entered = {"signInName": "ann", "password": "x"}

    walked = await run_policy("TP_SA_metadata_setting_operatingMode", {"scenario": scenario}, entered)

    assert walked.refusal.message == message


@pytest.mark.parametrize(("scenario", "limit"), [("Default", 5), ("2", 2)])
async def test_the_retry_limit_ends_the_journey(unit_policies, scenario, limit):
    # technical-profiles.md §2.2; the default of 5 is a choice of this engine.
    async with Browser(unit_policies.origin) as browser:
        page = await browser.authorize(TENANT, "B2C_1A_TP_SA_metadata_setting_retryLimit", QUERY)
        assert (await browser.submit(page, {"scenario": scenario})).accepted
        page = await browser.go_on(page)
        different = {"string1": "ABC", "string2": "123"}
        messages = [(await browser.submit(page, different)).message for _ in range(limit)]
        after = await browser.submit(page, {"string1": "a", "string2": "a"})
        back = await browser.go_on(page)

    assert messages == ["The string1 must be identical to the string2."] * limit
    assert not after.accepted
    assert back.parameters["error_description"].startswith("AADB2C90157")


@pytest.mark.parametrize(("scenario", "exist"), [("Allow", True), ("DoNotAllow", False)])
async def test_empty_claims_exist_only_where_they_are_allowed(run_policy, scenario, exist):
    # technical-profiles.md §2.5: the prefilled string1 survives, fields that were left empty exist or do not.
    walked = await run_policy("TP_SA_metadata_AllowGenerationOfClaimsWithNullValues", {"scenario": scenario})

    assert [walked.token[f"string{number}Exists"] for number in (1, 2, 3)] == [True, exist, exist]
    # Tokens never carry empty claims.
    assert walked.token.keys() & {"string1", "string2", "string3"} == {"string1"}


@pytest.mark.parametrize("scenario", ["Button", "TextLink"])
async def test_the_local_account_is_offered_however_providers_are_drawn(run_policy, scenario):
    walked = await run_policy("TP_SA_metadata_ClaimsProviderSelectionDisplayType", {"scenario": scenario}, SIGN_IN)

    assert walked.refusal is None
    assert walked.token["sub"]


async def test_the_login_hint_is_the_read_only_address_of_a_sign_up(unit_policies):
    async with Browser(unit_policies.origin) as browser:
        policy = "B2C_1A_TP_SA_InputClaims_PrepopulateSignInName"
        page = await browser.authorize(TENANT, policy, {**QUERY, "login_hint": "bob@contoso.com"})
        page = await browser.navigate(page, "unified", local="signup")

    email = fields_on(page)["email"]
    assert (email["PRE"], email["UX_INPUT_TYPE"]) == ("bob@contoso.com", "Readonly")


async def test_a_claim_is_passed_to_the_page_in_its_address(run_policy):
    # The transformation sets str1 to 12345 before the page; {claim:str1} stands in LoadUri.
    page = (await run_policy("CD_PassParams")).pages[0]

    assert page.settings["remoteResource"].endswith("unified.cshtml?id=12345")


async def test_an_api_is_asked_in_the_query_string(run_policy, unit_policies):
    walked = await run_policy("TP_Restful_SendClaimsIn_QueryString", {"givenName": "Jessica"})

    # The policy sends givenName as name; the answer of the API is the documented example of its owner.
    assert unit_policies.world.asked[-1] == "GET /?name=Jessica HTTP/1.1"
    assert walked.shown == {"gender": "female", "count": "12"}


async def test_an_expired_password_is_told_to_the_policy(run_policy, unit_policies):
    policy = "TP_LNI_PasswordExpiration"
    users = unit_policies.engine.users
    fresh = await run_policy(policy, SIGN_IN)
    user = unit_policies.run(users.find_by_sign_in_name(EMAIL))
    user = unit_policies.run(users.update(dataclasses.replace(user, must_change_password=True)))
    try:
        expired = await run_policy(policy, SIGN_IN)
    finally:
        unit_policies.run(users.update(dataclasses.replace(user, must_change_password=False)))

    # Step 4 of the journey shows the claim: false, and after an administrator has reset the password true.
    assert fresh.shown == {"forceChangePasswordNextLogin": "False"}
    assert expired.shown == {"forceChangePasswordNextLogin": "True"}


# --- sessions --------------------------------------------------------------------------------------


async def test_keep_me_signed_in_is_told_and_lasts(unit_policies):
    async with Browser(unit_policies.origin) as browser:
        page = await browser.authorize(TENANT, "B2C_1A_Session_KeepAliveInDays", QUERY)
        assert page.settings["config"]["enableRememberMe"]
        assert (await browser.submit(page, SIGN_IN)).accepted
        first = await browser.go_on(page, rememberMe="true")
        again = await browser.authorize(TENANT, "B2C_1A_Session_KeepAliveInDays", QUERY)

    assert token_in(first)["kmsi"] == "true"
    assert isinstance(again, Redirect)


async def test_a_logout_needs_the_id_token(unit_policies):
    policy = "B2C_1A_Session_EnforceIdTokenHintOnLogout"
    logout = f"{unit_policies.origin}/{TENANT}/{policy}/oauth2/v2.0/logout?post_logout_redirect_uri={REDIRECT_URI}"
    async with Browser(unit_policies.origin) as browser:
        page = await browser.authorize(TENANT, policy, QUERY)
        assert (await browser.submit(page, SIGN_IN)).accepted
        back = await browser.go_on(page)
        with pytest.raises(Exception, match="AADB2C90272"):
            await browser.get(logout)
        still_in = await browser.authorize(TENANT, policy, QUERY)
        out = await browser.get(f"{logout}&id_token_hint={back.parameters['id_token']}")
        signed_out = await browser.authorize(TENANT, policy, QUERY)

    assert isinstance(still_in, Redirect)
    assert out.url == REDIRECT_URI
    assert isinstance(signed_out, Page)


# --- the custom error ------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["TP_None_OAuth2Error", "TP_None_OAuth2Error_TransferSubJourney"])
async def test_the_error_of_the_policy_goes_to_the_application(run_policy, policy):
    # protocol.md §4: access_denied, AAD_Custom_{errorCode}: {errorMessage}, then the two trailing lines.
    walked = await run_policy(policy)

    description = walked.back["error_description"]
    assert walked.back["error"] == "access_denied"
    assert description.splitlines()[0] == "AAD_Custom_1234: Error message to return"
    assert [line.partition(":")[0] for line in description.splitlines()[1:]] == ["Correlation ID", "Timestamp"]
    assert "id_token" not in walked.back


# --- one-time passwords ----------------------------------------------------------------------------

CONTROL = "SelfAsserted/DisplayControlAction/vbeta/verifyPhoneControl"


async def test_a_code_is_generated_for_an_address_and_verified(unit_policies):
    async with Browser(unit_policies.origin) as browser:
        page = await browser.authorize(TENANT, "B2C_1A_TP_OneTimePassword", QUERY)
        fields = {"email": "someone@contoso.com"}
        assert (await browser.post(page, f"{CONTROL}/SendCode", fields)).accepted
        assert (await browser.post(page, f"{CONTROL}/VerifyCode", {**fields, "verificationCode": "1"})).accepted
        assert (await browser.submit(page, fields)).accepted
        result = await browser.go_on(page)

    # CodeLength 6, CharacterSet 0-9; the result page shows the code, which nobody sends.
    assert re.fullmatch(r"[0-9]{6}", values_on(result)["otp"])


async def test_an_address_gets_three_codes_and_another_address_three_more(unit_policies):
    async with Browser(unit_policies.origin) as browser:
        page = await browser.authorize(TENANT, "B2C_1A_TP_OneTimePassword_NumCodeGenerationAttempts", QUERY)
        sent = {}
        for address in ("a@contoso.com", "b@contoso.com"):
            sent[address] = [await browser.post(page, f"{CONTROL}/SendCode", {"email": address}) for _ in range(4)]
        wrong = await browser.post(page, f"{CONTROL}/VerifyCode", {"email": "b@contoso.com", "verificationCode": "1"})

    # NumCodeGenerationAttempts is 3 and counts by identifier (the authors' description).
    for answers in sent.values():
        assert [answer.accepted for answer in answers] == [True, True, True, False]
        assert answers[3].message == "You have exceeded the number of code generation attempts allowed."
    assert wrong.message == "That code is incorrect. Please try again."
