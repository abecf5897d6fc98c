from __future__ import annotations

from journeyman.claims.claim_type import Sensitivity
from journeyman.compiler.compiled import DeploymentMode
from journeyman.compiler.passes import PASSES, SHARED_PASSES
from journeyman.diagnostics import Severity


def test_a_healthy_policy_compiles_without_error_or_warning(compile_xml):
    sample = compile_xml()

    assert [str(found) for found in sample.diagnostics if found.severity is not Severity.INFO] == []
    assert sample.policy.policy_id == "B2C_1A_signup_signin"
    assert sample.policy.tenant_id == "contoso.onmicrosoft.com"
    assert sample.policy.deployment_mode is DeploymentMode.PRODUCTION


def test_the_passes_run_in_the_order_in_which_they_need_each_other():
    assert [each.__name__ for each in (*SHARED_PASSES, *PASSES)] == [
        "classify_claims",
        "compile_predicates",
        "compile_claim_types",
        "compile_transformations",
        "compile_languages",
        "compile_content_definitions",
        "compile_display_controls",
        "compile_technical_profiles",
        "compile_journeys",
        "check_expressions",
        "compile_relying_party",
        "find_reached",
        "check_technical_profiles",
        "check_validation_profiles",
        "check_keys",
        "check_journeys",
        "check_refresh_journeys",
        "check_subject",
        "check_output_claims",
        "check_input_claims",
    ]


def test_one_run_reports_the_mistakes_of_all_passes_and_returns_no_policy(compile_xml):
    sample = compile_xml(
        ("<DataType>int</DataType>", "<DataType>number</DataType>"),
        ('"CreateStringClaim"', '"CreateMagic"'),
        ('<SubjectNamingInfo ClaimType="sub" />', '<SubjectNamingInfo ClaimType="subject" />'),
    )

    assert sample.errors == ["JM1110", "JM1120", "JM1305"]
    assert sample.policy is None


def test_a_deployment_mode_that_does_not_exist_is_an_error(compile_xml):
    sample = compile_xml(("PolicySchemaVersion=", 'DeploymentMode="Staging" PolicySchemaVersion='))

    assert sample.errors == ["JM1104"]


def test_a_deployment_mode_that_was_never_filled_in_counts_as_production(compile_xml):
    sample = compile_xml(("PolicySchemaVersion=", 'DeploymentMode="{Settings:Mode}" PolicySchemaVersion='))

    assert sample.only("JM1104").severity is Severity.WARNING
    assert sample.policy.deployment_mode is DeploymentMode.PRODUCTION


def test_compiled_claims_carry_their_sensitivity(compile_xml):
    policy = compile_xml().policy

    assert policy.sensitivity("password") is Sensitivity.SECRET
    assert policy.sensitivity("displayName") is Sensitivity.PERSONAL
    assert policy.sensitivity("points") is Sensitivity.PLAIN
    assert policy.sensitivity("undeclared") is Sensitivity.SECRET
