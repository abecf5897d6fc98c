from __future__ import annotations

import pytest

from journeyman.compiler.compiled import Precondition, ValidationProfile

EXIST = "<Value>objectId</Value>"


def test_claims_exist_keeps_its_claims_and_when_it_skips(compile_xml):
    step = (
        compile_xml(("<Value>objectId</Value>", "<Value>OBJECTID</Value><Value>points</Value>"))
        .policy.journeys["SignUpOrSignIn"]
        .steps[1]
    )

    assert step.preconditions == (Precondition(("objectId", "points"), None, skip_when=True),)


def test_a_validation_profile_keeps_its_preconditions_and_defaults(compile_xml):
    profile = compile_xml((' ContinueOnError="false"', "")).policy.technical_profiles["SelfAsserted-SignIn"]

    condition = Precondition(("isGold",), "True", skip_when=True)
    assert profile.validation_profiles == (
        ValidationProfile(
            "REST-Loyalty", continue_on_success=True, continue_on_error=False, preconditions=(condition,)
        ),
    )


def test_the_two_switches_of_a_validation_profile_are_kept(compile_xml):
    sample = compile_xml(('ContinueOnError="false"', 'ContinueOnError="true" ContinueOnSuccess="false"'))

    (validation,) = sample.policy.technical_profiles["SelfAsserted-SignIn"].validation_profiles
    assert (validation.continue_on_success, validation.continue_on_error) == (False, True)


@pytest.mark.parametrize(
    ("old", "new", "code", "severity"),
    [
        ('Type="ClaimsExist"', 'Type="ClaimExists"', "JM1217", "error"),
        ('Type="ClaimsExist"', 'Type="ClaimEquals"', "JM1218", "error"),
        (EXIST, "", "JM1218", "error"),
        (EXIST, "<Value>nothing</Value>", "JM1101", "error"),
        ("SkipThisOrchestrationStep", "SkipThisValidationTechnicalProfile", "JM1220", "warning"),
    ],
)
def test_a_broken_precondition_is_reported_at_its_place(compile_xml, old, new, code, severity):
    sample = compile_xml((old, new))

    found = sample.only(code)
    assert found.severity.value == severity
    assert found.element == "SignUpOrSignIn"
    assert found.location.line in {sample.line_of('Order="2"') + 2, sample.line_of('Order="2"') + 3}


@pytest.mark.parametrize(
    ("old", "new"),
    [("<Value>True</Value>", "<Value>true</Value>"), ("<Value>isGold</Value>", "<Value>groups</Value>")],
)
def test_a_comparison_that_never_holds_is_a_warning(compile_xml, old, new):
    sample = compile_xml((old, new))

    found = sample.only("JM1219")
    assert (found.severity.value, found.element) == ("warning", "SelfAsserted-SignIn")
    assert found.location.line == sample.line_of('Type="ClaimEquals"')


def test_a_comparison_with_an_undeclared_claim_is_an_error(compile_xml):
    sample = compile_xml(("<Value>isGold</Value>", "<Value>isSilver</Value>"))

    assert sample.only("JM1101").element == "SelfAsserted-SignIn"
