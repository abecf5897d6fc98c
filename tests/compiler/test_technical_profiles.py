from __future__ import annotations

import pytest

from journeyman.compiler.compiled import Enablement, EnablementKind
from journeyman.compiler.handlers import JWT_ISSUER, RESTFUL
from journeyman.diagnostics import Severity


def test_references_have_the_declared_spelling_whatever_was_written(compile_xml):
    sample = compile_xml(
        ('TechnicalProfileReferenceId="REST-Loyalty"', 'TechnicalProfileReferenceId="rest-loyalty"'),
        ('ReferenceId="SM-Noop"', 'ReferenceId="sm-noop"'),
        (">api.selfasserted<", ">API.SelfAsserted<"),
    )

    policy = sample.policy
    assert policy.display_controls["PhoneControl"].actions["SendCode"][0].profile_id == "REST-Loyalty"
    assert policy.technical_profiles["AAD-Common"].session_profile == "SM-Noop"
    assert (
        policy.technical_profiles["SelfAsserted-SignIn"].metadata.get("ContentDefinitionReferenceId")
        == "api.selfasserted"
    )
    assert {found.severity for found in sample.of("JM1103")} == {Severity.INFO}


def test_tenant_and_policy_are_filled_into_metadata(compile_xml):
    metadata = compile_xml().policy.technical_profiles["REST-Loyalty"].metadata

    assert metadata.get("ServiceUrl") == "https://api.contoso.com/contoso.onmicrosoft.com/B2C_1A_signup_signin/loyalty"


def test_other_braces_in_metadata_stay(compile_xml):
    sample = compile_xml(("{tenant}/{policy}/loyalty", "{service:te}/{points}"))

    assert (
        sample.policy.technical_profiles["REST-Loyalty"].metadata.get("ServiceUrl")
        == "https://api.contoso.com/{service:te}/{points}"
    )


def test_a_claim_named_in_metadata_has_the_declared_spelling(compile_xml):
    sample = compile_xml(
        ('<Item Key="Operation">', '<Item Key="UseClaimAsBearerToken">LoyaltyID</Item><Item Key="Operation">')
    )

    assert sample.policy.technical_profiles["AAD-Read"].metadata.get("UseClaimAsBearerToken") == "loyaltyId"


def test_included_profiles_are_part_of_the_compiled_profile(compile_xml):
    profile = compile_xml().policy.technical_profiles["AAD-Read"]

    assert profile.handler == "Web.TPEngine.Providers.AzureActiveDirectoryProvider"
    assert profile.keys == {"issuer_secret": "B2C_1A_TokenSigningKeyContainer"}
    assert profile.session_profile == "SM-Noop"


def test_the_handler_comes_from_protocol_handler_and_format(compile_xml):
    profiles = compile_xml().policy.technical_profiles

    assert (profiles["REST-Loyalty"].handler, profiles["JwtIssuer"].handler) == (RESTFUL, JWT_ISSUER)


@pytest.mark.parametrize(
    ("written", "kind"),
    [("true", "Always"), ("Always", "Always"), ("false", "Never"), ("NEVER", "Never")],
)
def test_a_profile_can_be_switched_on_and_off(compile_xml, written, kind):
    element = f"<EnabledForUserJourneys>{written}</EnabledForUserJourneys>"

    sample = compile_xml(
        ("<OutputTokenFormat>JWT</OutputTokenFormat>", f"<OutputTokenFormat>JWT</OutputTokenFormat>{element}")
    )

    assert sample.policy.technical_profiles["JwtIssuer"].enablement == Enablement(EnablementKind(kind))


def test_a_condition_keeps_its_claim_and_value(compile_xml):
    sample = compile_xml(
        ('<Item Key="Operation">', '<Item Key="ClaimTypeOnWhichToEnable">GROUPS</Item><Item Key="Operation">'),
        ('<Item Key="Operation">', '<Item Key="ClaimValueOnWhichToEnable">gold</Item><Item Key="Operation">'),
        (
            '<IncludeTechnicalProfile ReferenceId="AAD-Common" />',
            (
                '<IncludeTechnicalProfile ReferenceId="AAD-Common" />'
                "<EnabledForUserJourneys>OnItemExistenceInStringCollectionClaim</EnabledForUserJourneys>"
            ),
        ),
    )

    expected = Enablement(EnablementKind.ON_ITEM_EXISTENCE, "groups", "gold")
    assert sample.policy.technical_profiles["AAD-Read"].enablement == expected


def test_an_address_claim_that_is_not_declared_is_only_remarked_upon(compile_xml):
    sample = compile_xml(
        ('<Item Key="SignUpTarget">', '<Item Key="IpAddressClaimReferenceId">IpAddress</Item><Item Key="SignUpTarget">')
    )

    assert sample.only("JM1101").severity is Severity.INFO


BROKEN = [
    (
        "JWT</OutputTokenFormat>",
        "JWT</OutputTokenFormat><EnabledForUserJourneys>Maybe</EnabledForUserJourneys>",
        "JM1158",
        "JwtIssuer",
    ),
    (
        "JWT</OutputTokenFormat>",
        "JWT</OutputTokenFormat><EnabledForUserJourneys>OnClaimsExistence</EnabledForUserJourneys>",
        "JM1155",
        "JwtIssuer",
    ),
    (">api.selfasserted<", ">api.nothing<", "JM1102", "SelfAsserted-SignIn"),
    (
        'TechnicalProfile ReferenceId="REST-Loyalty"',
        'TechnicalProfile ReferenceId="REST-None"',
        "JM1102",
        "SelfAsserted-SignIn",
    ),
    ('ReferenceId="SM-Noop"', 'ReferenceId="SM-None"', "JM1102", "AAD-Common"),
    (
        'DisplayControlReferenceId="PhoneControl"',
        'DisplayControlReferenceId="NoControl"',
        "JM1102",
        "SelfAsserted-SignUp",
    ),
    (
        'DisplayClaim ClaimTypeReferenceId="signInName"',
        'DisplayClaim ClaimTypeReferenceId="none"',
        "JM1101",
        "SelfAsserted-SignUp",
    ),
    ('TechnicalProfileReferenceId="REST-Loyalty"', 'TechnicalProfileReferenceId="REST-None"', "JM1102", "PhoneControl"),
]


@pytest.mark.parametrize(("old", "new", "code", "element"), BROKEN)
def test_a_broken_profile_or_control_is_an_error_naming_it(compile_xml, old, new, code, element):
    sample = compile_xml((old, new))

    found = [each for each in sample.of(code) if each.element == element]
    assert [each.severity for each in found] == [Severity.ERROR]
    assert sample.policy is None


def test_a_display_control_keeps_its_claims_and_actions(compile_xml):
    control = compile_xml().policy.display_controls["PhoneControl"]

    assert [(claim.claim.id, claim.required) for claim in control.display_claims] == [("phone", True)]
    assert [profile.profile_id for profile in control.actions["SendCode"]] == ["REST-Loyalty"]


def test_an_unknown_type_of_display_control_is_a_warning(compile_xml):
    sample = compile_xml(('"VerificationControl"', '"MagicControl"'))

    found = sample.only("JM1140")
    assert (found.severity, found.location.line) == (Severity.WARNING, sample.line_of("MagicControl"))
