from __future__ import annotations

import pytest

from journeyman.claims.values import DataType
from journeyman.diagnostics import Severity

FORMAT = """
      <ClaimsTransformation Id="FormatName" TransformationMethod="formatstringclaim">
        <InputClaims><InputClaim ClaimTypeReferenceId="displayName" TransformationClaimType="InputClaim" /></InputClaims>
        <InputParameters><InputParameter Id="StringFormat" DataType="string" Value="dear {0}" /></InputParameters>
        <OutputClaims><OutputClaim ClaimTypeReferenceId="loyaltyId" TransformationClaimType="outputClaim" /></OutputClaims>
      </ClaimsTransformation>
"""


def test_method_claims_and_parameters_are_resolved(compile_xml):
    sample = compile_xml(
        ("<ClaimsTransformations>", "<ClaimsTransformations>" + FORMAT),
        ('ReferenceId="CreateLoyaltyId"', 'ReferenceId="formatname"'),
    )

    (found,) = sample.policy.technical_profiles["REST-Loyalty"].input_transformations
    assert (found.id, found.method.name) == ("FormatName", "FormatStringClaim")
    assert [(name, claim.id) for name, claim in found.inputs] == [("inputclaim", "displayName")]
    assert [(name, claim.id) for name, claim in found.outputs] == [("outputclaim", "loyaltyId")]
    assert found.parameters == {"stringformat": "dear {0}"}
    assert found.parameter_types == {"stringformat": DataType.STRING}
    assert (found.input_ids, found.parameter_ids) == (("InputClaim",), ("StringFormat",))


def test_a_claim_without_transformation_claim_type_stands_under_its_own_id(compile_xml):
    sample = compile_xml((' TransformationClaimType="createdClaim"', ""))

    assert [name for name, _ in sample.policy.technical_profiles["REST-Loyalty"].input_transformations[0].outputs] == [
        "loyaltyid"
    ]
    assert sample.only("JM1122").severity is Severity.WARNING


def test_an_unknown_method_is_an_error_at_the_transformation(compile_xml):
    sample = compile_xml(('"CreateStringClaim"', '"CreateMagic"'))

    found = sample.only("JM1120")
    assert (found.severity, found.location.line) == (Severity.ERROR, sample.line_of("CreateMagic"))
    assert found.element == "CreateLoyaltyId"


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("CreateStringClaims", "correct the name of the method; did you mean CreateStringClaim?"),
        ("createstrngclaim", "correct the name of the method; did you mean CreateStringClaim?"),
        ("xyz", "correct the name of the method"),
    ],
)
def test_a_method_that_is_spelled_wrong_is_named(compile_xml, written, remedy):
    assert compile_xml(('"CreateStringClaim"', f'"{written}"')).only("JM1120").help == remedy


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "marker"),
    [
        (
            'Value="none" />',
            'Value="none" /><InputParameter Id="x" DataType="string" Value="y" />',
            "JM1121",
            "warning",
            'Id="x"',
        ),
        ('"createdClaim"', '"made"', "JM1122", "warning", '"made"'),
        ('Id="value"', 'Id="text"', "JM1123", "error", 'Id="CreateLoyaltyId"'),
        ('ClaimTypeReferenceId="loyaltyId" T', 'ClaimTypeReferenceId="nothing" T', "JM1101", "error", "nothing"),
    ],
)
def test_what_does_not_fit_the_method_is_reported_at_its_place(compile_xml, old, new, code, severity, marker):
    sample = compile_xml((old, new))

    found = sample.only(code)
    assert (found.severity.value, found.location.line) == (severity, sample.line_of(marker))


def test_a_reference_to_an_unknown_transformation_is_an_error_naming_the_profile(compile_xml):
    sample = compile_xml(('ReferenceId="CreateLoyaltyId"', 'ReferenceId="Nothing"'))

    found = sample.only("JM1102")
    assert (found.element, found.location.line) == ("REST-Loyalty", sample.line_of('"Nothing"'))
    assert 'ClaimsTransformation with id "Nothing"' in found.message


def test_a_parameter_that_the_method_cannot_read_is_an_error_at_its_place(compile_xml):
    parameter = '<InputParameter Id="Operator" DataType="string" Value="double" />'
    adjust = f"""
      <ClaimsTransformation Id="Adjust" TransformationMethod="AdjustNumber">
        <InputClaims><InputClaim ClaimTypeReferenceId="points" TransformationClaimType="inputClaim" /></InputClaims>
        <InputParameters>{parameter}</InputParameters>
        <OutputClaims><OutputClaim ClaimTypeReferenceId="points" TransformationClaimType="outputClaim" /></OutputClaims>
      </ClaimsTransformation>"""

    sample = compile_xml(("<ClaimsTransformations>", "<ClaimsTransformations>" + adjust))

    found = sample.only("JM1124")
    assert (found.severity, found.element) == (Severity.ERROR, "Adjust")
    assert found.location.line == sample.line_of('Value="double"')
