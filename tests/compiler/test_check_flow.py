from __future__ import annotations

import pytest

from journeyman.diagnostics import Severity

OUTPUT = '<OutputClaim ClaimTypeReferenceId="loyaltyId" />'


def test_an_output_claim_that_no_step_produces_is_an_error_with_the_text_of_the_service(compile_xml):
    sample = compile_xml((OUTPUT, OUTPUT + '<OutputClaim ClaimTypeReferenceId="groups" />'))

    found = sample.only("JM1303")
    assert found.message == (
        'Claim type "groups" is the output claim of the relying party\'s technical profile, but it is not an output claim '
        'in any of the steps of user journey "SignUpOrSignIn".'
    )
    assert (found.severity, found.location.line) == (Severity.ERROR, sample.line_of('ReferenceId="groups"'))


def test_an_output_claim_with_a_default_needs_no_producer(compile_xml):
    sample = compile_xml((OUTPUT, OUTPUT + '<OutputClaim ClaimTypeReferenceId="groups" DefaultValue="" />'))

    assert sample.of("JM1303") == []


def test_a_transformation_of_a_validation_profile_produces_claims(compile_xml):
    sample = compile_xml(('<OutputClaim ClaimTypeReferenceId="loyaltyId" PartnerClaimType="loyalty.number" />', ""))

    assert sample.of("JM1303") == []


def test_the_address_claim_of_a_page_is_produced(compile_xml):
    sample = compile_xml(
        (OUTPUT, OUTPUT + '<OutputClaim ClaimTypeReferenceId="groups" />'),
        ('<Item Key="SignUpTarget">', '<Item Key="IpAddressClaimReferenceId">Groups</Item><Item Key="SignUpTarget">'),
    )

    assert sample.of("JM1303") == []


def test_a_required_input_that_no_earlier_step_produces_is_an_error(compile_xml):
    read = '<InputClaim ClaimTypeReferenceId="groups" Required="true" />'

    sample = compile_xml(
        ('<InputClaim ClaimTypeReferenceId="objectId" Required="true" />', read),
    )

    found = sample.only("JM1304")
    assert found.message == (
        'Claim type "groups" is the input claim of technical profile "AAD-Read" in step "3" of user journey '
        '"SignUpOrSignIn" but it is not an output claim in any of the previous steps.'
    )
    assert (found.element, found.location.line) == ("AAD-Read", sample.line_of('ReferenceId="groups" Required'))


@pytest.mark.parametrize("attributes", ['DefaultValue="a" Required="true"', ""])
def test_an_input_that_has_a_default_or_is_not_required_needs_no_producer(compile_xml, attributes):
    read = f'<InputClaim ClaimTypeReferenceId="groups" {attributes} />'

    sample = compile_xml(('<InputClaim ClaimTypeReferenceId="objectId" Required="true" />', read))

    assert sample.of("JM1304") == []


def test_a_subject_that_is_no_output_claim_is_an_error_at_its_place(compile_xml):
    sample = compile_xml(('<SubjectNamingInfo ClaimType="sub" />', '<SubjectNamingInfo ClaimType="subject" />'))

    found = sample.only("JM1305")
    assert (found.severity, found.element) == (Severity.ERROR, "PolicyProfile")
    assert found.location.line == sample.line_of('ClaimType="subject"')


@pytest.mark.parametrize("name", ["SUB", "objectId"])
def test_a_subject_may_be_named_by_wire_name_or_claim_type(compile_xml, name):
    sample = compile_xml(('<SubjectNamingInfo ClaimType="sub" />', f'<SubjectNamingInfo ClaimType="{name}" />'))

    assert sample.of("JM1305") == []


def test_what_the_application_sends_in_a_token_hint_needs_no_producer(compile_xml):
    inputs = '<InputClaims><InputClaim ClaimTypeReferenceId="groups" /></InputClaims>'

    sample = compile_xml(
        (OUTPUT, OUTPUT + '<OutputClaim ClaimTypeReferenceId="groups" />'),
        ("<DisplayName>PolicyProfile</DisplayName>", "<DisplayName>PolicyProfile</DisplayName>" + inputs),
    )

    assert sample.of("JM1303") == []


def test_the_outputs_of_an_unknown_method_are_not_reported_a_second_time(compile_xml):
    lost = '<OutputClaims><OutputClaim ClaimTypeReferenceId="groups" /></OutputClaims>'
    unheard = f'<ClaimsTransformation Id="New" TransformationMethod="Unheard">{lost}</ClaimsTransformation>'

    sample = compile_xml(
        (OUTPUT, OUTPUT + '<OutputClaim ClaimTypeReferenceId="groups" />'),
        ("<ClaimsTransformations>", "<ClaimsTransformations>" + unheard),
    )

    assert sample.errors == ["JM1120"]


def test_a_subject_whose_claim_is_not_declared_is_not_reported_a_second_time(compile_xml):
    sample = compile_xml(
        (
            'ClaimTypeReferenceId="objectId" PartnerClaimType="sub"',
            'ClaimTypeReferenceId="nobody" PartnerClaimType="sub"',
        )
    )

    assert sample.errors == ["JM1101"]
