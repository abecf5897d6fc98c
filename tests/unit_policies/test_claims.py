"""The unit tests of claims, predicates and claim resolvers, as their authors mean them.

Each expectation names where it comes from: policy-language.md §3.1 and §3.2, claims.md part A, or the policy itself.
"""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from policy_walk import CLIENT_ID, REDIRECT_URI, fields_on

pytestmark = pytest.mark.corpus


# --- claim types -----------------------------------------------------------------------------------


async def test_a_simple_mask_lies_over_the_leading_characters(run_policy):
    # policy-language.md §3.1.4: each character of the mask replaces one of +11234567890.
    walked = await run_policy("Claim_Mask_Simple")

    assert walked.shown == {
        "outputPhoneNumber0": "+11234567890",
        "outputPhoneNumber1": "XXX-XXX-7890",
        "outputPhoneNumber2": "**** *** **0",
        "outputPhoneNumber3": "###-###-##90",
        "outputPhoneNumber4": "abc-def-##90",
    }
    assert walked.token["outputPhoneNumber4"] == "+11234567890"


async def test_a_regex_mask_replaces_every_match(run_policy):
    # policy-language.md §3.1.4: the first letter, or two, and the domain stay visible.
    walked = await run_policy("Claim_Mask_Regex")

    assert walked.shown == {
        "outputEmail0": "emily.smith@contoso.com",
        "outputEmail1": "e**********@contoso.com",
        "outputEmail2": "em*********@contoso.com",
    }
    assert walked.token["outputEmail2"] == "emily.smith@contoso.com"


async def test_options_come_from_the_claim_type_where_the_language_has_none(run_policy):
    page = (await run_policy("Claim_Restriction_Enumeration")).pages[0]

    options = {claim: [option["DISP"] for option in field["OPTIONS"]] for claim, field in fields_on(page).items()}
    assert options["Dropdown1"] == ["Berlin", "London", "New York", "New Mexico", "New Delhi"]
    assert options["Dropdown2"][0] == "Berlin (default)"
    assert options["Dropdown3"] == []


@pytest.mark.parametrize(
    ("language", "second", "third"),
    [
        # The authors show es-es, hi and de-DE; options of the claim type stand where a language has none.
        ("es-es", "Berlina (Berlin)", ["Berlina (Berlin)", "Londres (London)"]),
        ("hi", "बर्लिन (Berlin)", ["बर्लिन (Berlin)", "लंडन (London)"]),
        ("de-DE", "Berlin (default)", []),
    ],
)
async def test_options_follow_the_language_of_the_request(run_policy, language, second, third):
    page = (await run_policy("Claim_Restriction_Enumeration", ui_locales=language)).pages[0]

    options = {claim: [option["DISP"] for option in field["OPTIONS"]] for claim, field in fields_on(page).items()}
    assert options["Dropdown1"][0] == "Berlin"
    assert options["Dropdown2"][0] == second
    assert options["Dropdown3"][:2] == third


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ({"email": "nope"}, "Please enter a valid email address."),
        ({"phone": "nope"}, "Please enter a valid phone number."),
        ({"password": "nope"}, "8-16 characters, containing 3 out of 4 of the following"),
    ],
)
async def test_a_pattern_is_checked_with_its_own_help_text(run_policy, entered, message):
    assert (await run_policy("Claim_Restriction_RegularExpression", entered)).refusal.message.startswith(message)


async def test_every_input_type_is_drawn_and_gives_its_value(run_policy):
    entered = {
        "PasswordType": "Canary-pass-9",
        "EmailBoxType": "ann@contoso.com",
        "TextBoxType": "text",
        "DropdownSingleSelectType": "new-york",
        "CheckboxMultiSelectType": "English,Spanish",
        "RadioSingleSelectType": "Green",
        "DateTimeDropdownType": "2001-02-03",
    }

    walked = await run_policy("Claim_UserInputTypes_All", entered)

    kinds = {claim: field["UX_INPUT_TYPE"] for claim, field in fields_on(walked.pages[0]).items()}
    assert kinds == {claim: claim.removesuffix("Type") for claim in (*entered, "ParagraphType", "ReadonlyType")}
    given = {name: value for name, value in entered.items() if name != "PasswordType"}
    assert {name: walked.token[name] for name in given} == given
    assert walked.token["ReadonlyType"] == "46726293"
    # A password is taken out of the claims after its page (policy of this engine).
    assert "PasswordType" not in walked.token


# --- predicates ------------------------------------------------------------------------------------

GROUP = "Predicate group error  (localized):"
LENGTH = f"{GROUP}\nThe string must be between 5 and 15 characters (localized)."
DATES = "The date must be between 01-01-2010 and today (localized)."


@pytest.mark.parametrize(
    ("policy", "entered", "message"),
    [
        # At least three of four classes; the text of the group, then of the predicates that failed (§3.2).
        (
            "Predicate_IncludesCharacters",
            {"string1": "123"},
            f"{GROUP}\na lowercase letter (localized)\nan uppercase letter (localized)\na symbol (localized)",
        ),
        (
            "Predicate_IncludesCharacters",
            {"string1": "abc"},
            f"{GROUP}\nan uppercase letter (localized)\na digit (localized)\na symbol (localized)",
        ),
        ("Predicate_IsLengthRange", {"string1": "abc"}, LENGTH),
        ("Predicate_IsLengthRange", {"string1": "x" * 16}, LENGTH),
        ("Predicate_IsDateRange", {"date1": "2009-12-31"}, DATES),
        ("Predicate_IsDateRange", {"date1": "2999-01-01"}, DATES),
        ("Predicate_MatchesRegex", {"string1": "aЖb"}, "An invalid character was provided (localized)."),
        # The page trims text (technical-profiles.md §2.5), so blanks alone are nothing.
        ("Predicate_MatchesRegex", {"string1": "  "}, "Missing required element: string1"),
    ],
)
async def test_a_predicate_refuses_in_its_words(run_policy, policy, entered, message):
    assert (await run_policy(policy, entered)).refusal.message == message


@pytest.mark.parametrize(
    ("policy", "entered"),
    [
        ("Predicate_IncludesCharacters", {"string1": "Passw0rd!"}),
        ("Predicate_IsLengthRange", {"string1": "abcde"}),
        ("Predicate_IsLengthRange", {"string1": "x" * 15}),
        ("Predicate_IsDateRange", {"date1": "2010-01-01"}),
        ("Predicate_MatchesRegex", {"string1": "a b"}),
    ],
)
async def test_a_predicate_that_holds_lets_the_journey_end(run_policy, policy, entered):
    assert (await run_policy(policy, entered)).token["sub"] == "1234"


# --- claim resolvers: claims.md A.2 ----------------------------------------------------------------


async def test_resolvers_of_the_context(run_policy, unit_policies):
    token = (await run_policy("CR_Context")).token

    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", token["ContextBuildNumber"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", token["ContextCorrelationId"])
    assert datetime.strptime(token["ContextDateTimeInUtc"], "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007  # the form has no zone
    assert token["ContextDeploymentMode"] == "Production"
    assert token["ContextIPAddress"] == "127.0.0.1"
    assert token["ContextKMSI"] == "false"
    assert unit_policies.origin.endswith(token["ContextHostName"])


async def test_resolvers_of_the_culture(run_policy):
    walked = await run_policy("CR_Culture")

    assert walked.shown["CultureLanguageName"] == "en"
    assert walked.shown["CultureRegionName"] == "US"


async def test_resolvers_of_parameters_of_the_application(run_policy):
    # The name of a parameter is matched without regard to case (A.1).
    walked = await run_policy("CR_OAuth_KV", CampaignId="Spring Sale", str1='a&b "1"')

    assert (walked.token["campaignId"], walked.token["str1"]) == ("Spring Sale", 'a&b "1"')
    assert "campaignId" not in (await run_policy("CR_OAuth_KV")).token


async def test_resolvers_of_the_authorization_request(run_policy):
    request = {
        "acr_values": "mfa",
        "domain_hint": "facebook.com",
        "login_hint": "someone@contoso.com",
        "max_age": "1234",
        "prompt": "login",
        "resource": "res",
        "nonce": "n-1",
    }

    token = (await run_policy("CR_OIDC", **request)).token

    assert {name: value for name, value in token.items() if name.lower().startswith("oidc")} == {
        "OIDCAuthenticationContextReferences": "mfa",
        "OIDCClientId": CLIENT_ID,
        "OIDCDomainHint": "facebook.com",
        "OIDCLoginHint": "someone@contoso.com",
        "OIDCMaxAge": "1234",
        "OIDCNonce": "n-1",
        "OIDCPrompt": "login",
        "OIDCResource": "res",
        "OIDCscope": "openid",
        "OidcRedirectUri": REDIRECT_URI,
    }


async def test_resolvers_of_the_policy(run_policy):
    token = (await run_policy("CR_Policy")).token

    assert token["PolicyPolicyId"] == "B2C_1A_CR_Policy"
    assert token["PolicyRelyingPartyTenantId"] == "contoso.onmicrosoft.com"
    assert token["PolicyTrustFrameworkTenantId"] == "contoso.onmicrosoft.com"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", token["PolicyTenantObjectId"])


async def test_resolvers_of_saml_have_no_value_in_an_openid_connect_request_and_its_issuer_is_refused(run_policy):
    walked = await run_policy("CR_SAML")

    assert set(walked.shown.values()) == {""}
    assert walked.back["error"] == "server_error"
    assert "Saml2AssertionIssuer" in walked.back["error_description"]
