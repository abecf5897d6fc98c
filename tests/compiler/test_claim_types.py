from __future__ import annotations

import pytest

from journeyman.claims.claim_type import UserInputType
from journeyman.claims.values import DataType
from journeyman.diagnostics import Severity


def test_a_claim_type_keeps_all_that_the_policy_says_of_it(compile_xml):
    claim = compile_xml().policy.claim_types["signInName"]

    assert (claim.id, claim.data_type, claim.display_name) == ("signInName", DataType.STRING, "Sign in name")
    assert claim.user_input_type is UserInputType.TEXT_BOX
    assert claim.pattern.expression == "^.+@.+$"
    assert claim.pattern.help_text == "An e-mail address, please."


def test_a_claim_type_without_data_type_or_display_name_is_a_string_named_by_its_id(compile_xml):
    sample = compile_xml(
        ('<ClaimType Id="loyaltyId"><DataType>string</DataType></ClaimType>', '<ClaimType Id="loyaltyId" />')
    )

    claim = sample.policy.claim_types["loyaltyId"]
    assert (claim.data_type, claim.display_name) == (DataType.STRING, "loyaltyId")


def test_a_data_type_is_found_without_regard_to_case(compile_xml):
    sample = compile_xml(("<DataType>int</DataType>", "<DataType>Long</DataType>"))

    assert sample.policy.claim_types["points"].data_type is DataType.LONG


def test_partner_names_are_kept_by_protocol(compile_xml):
    assert compile_xml().policy.claim_types["objectId"].partner_names == {"openidconnect": "oid"}


def test_options_keep_text_value_and_selection(compile_xml):
    options = '<Restriction><Enumeration Text="Red" Value="r" SelectByDefault="true" /></Restriction>'

    sample = compile_xml(
        ('<ClaimType Id="loyaltyId"><DataType>string</DataType>', f'<ClaimType Id="loyaltyId">{options}')
    )

    (option,) = sample.policy.claim_types["loyaltyId"].options
    assert (option.text, option.value, option.selected) == ("Red", "r", True)


def test_the_predicate_validation_of_a_claim_type_is_compiled(compile_xml):
    validation = compile_xml().policy.claim_types["password"].predicate_validation

    (group,) = validation.groups
    assert (validation.id, group.id, group.match_at_least) == ("StrongPassword", "LengthGroup", 1)
    assert [predicate.holds("1234567") for predicate in group.predicates] == [False]
    assert [predicate.holds("12345678") for predicate in group.predicates] == [True]


def test_a_group_without_match_at_least_wants_all_of_its_predicates(compile_xml):
    sample = compile_xml(
        (' MatchAtLeast="1"', ""), ('Id="Length8" />', 'Id="Length8" /><PredicateReference Id="Length8" />')
    )

    assert sample.policy.claim_types["password"].predicate_validation.groups[0].match_at_least == 2


def test_the_older_input_validation_works_too(compile_xml):
    older = '<InputValidations><InputValidation Id="Old"><PredicateReferences><PredicateReference Id="Length8" />'
    older += "</PredicateReferences></InputValidation></InputValidations>"

    sample = compile_xml(
        ('<PredicateValidationReference Id="StrongPassword" />', '<InputValidationReference Id="old" />'),
        ("    <PredicateValidations>", older + "<PredicateValidations>"),
    )

    assert sample.policy.claim_types["password"].predicate_validation.id == "Old"


BROKEN = [
    ("<DataType>int</DataType>", "<DataType>number</DataType>", "JM1110", 'Id="points"'),
    (
        '<ClaimType Id="points"><DataType>int</DataType>',
        '<ClaimType Id="points"><UserInputType>Slider</UserInputType>',
        "JM1111",
        'Id="points"',
    ),
    ('"^.+@.+$"', '"(unclosed"', "JM1112", "(unclosed"),
    ('Method="IsLengthRange"', 'Method="IsEven"', "JM1113", "IsEven"),
    ('<Parameter Id="Minimum">8', '<Parameter Id="Minimum">eight', "JM1113", '<Predicate Id="Length8"'),
    ('<Mask Type="Simple">', '<Mask Type="Blur">', "JM1114", '<ClaimType Id="phone"'),
    ('<Mask Type="Simple">', '<Mask Type="Regex">', "JM1114", '<ClaimType Id="phone"'),
    ('<Mask Type="Simple">', '<Mask Type="Regex" Regex="(">', "JM1114", '<ClaimType Id="phone"'),
    ('<PredicateReference Id="Length8" />', '<PredicateReference Id="Length9" />', "JM1102", "Length9"),
    ('Reference Id="StrongPassword"', 'Reference Id="WeakPassword"', "JM1102", "WeakPassword"),
]


@pytest.mark.parametrize(("old", "new", "code", "marker"), BROKEN)
def test_a_broken_claim_type_or_predicate_is_an_error_at_its_place(compile_xml, old, new, code, marker):
    sample = compile_xml((old, new))

    found = sample.only(code)
    assert found.severity is Severity.ERROR
    assert found.location.line == sample.line_of(marker)
    assert sample.policy is None


def test_a_group_that_wants_more_predicates_than_it_holds_is_a_warning(compile_xml):
    sample = compile_xml(('MatchAtLeast="1"', 'MatchAtLeast="3"'))

    found = sample.only("JM1115")
    assert (found.severity, found.location.line) == (Severity.WARNING, sample.line_of('Id="LengthGroup"'))


def test_a_mask_with_a_regular_expression_is_kept(compile_xml):
    sample = compile_xml(
        ('<Mask Type="Simple">XXX-XXX-</Mask>', '<Mask Type="Regex" Regex="(?&lt;=.).(?=.*@)">*</Mask>')
    )

    mask = sample.policy.claim_types["phone"].mask
    assert (mask.text, mask.regex) == ("*", "(?<=.).(?=.*@)")
