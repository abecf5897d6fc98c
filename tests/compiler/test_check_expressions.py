from __future__ import annotations

import pytest

SLOW = "^(a|aa)+$"
REGEX = (
    '<ClaimsTransformation Id="Find" TransformationMethod="setClaimsIfRegexMatch">'
    '<InputClaims><InputClaim ClaimTypeReferenceId="displayName" TransformationClaimType="claimToMatch" /></InputClaims>'
    '<InputParameters><InputParameter Id="matchTo" DataType="string" Value="{0}" />'
    '<InputParameter Id="outputClaimIfMatched" DataType="string" Value="x" /></InputParameters>'
    '<OutputClaims><OutputClaim ClaimTypeReferenceId="displayName" TransformationClaimType="outputClaim" /></OutputClaims>'
    "</ClaimsTransformation>"
)
PREDICATE = (
    '<Predicate Id="Letters" Method="MatchesRegex"><Parameters><Parameter Id="RegularExpression">{0}'
    "</Parameter></Parameters></Predicate>"
)
MASK = '<Mask Type="Regex" Regex="{0}">*</Mask>'


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        ('RegularExpression="^.+@.+$"', f'RegularExpression="{SLOW}"', "signInName"),
        ("<ClaimsTransformations>", "<ClaimsTransformations>" + REGEX.format(SLOW), "Find"),
        ("<Predicates>", "<Predicates>" + PREDICATE.format(SLOW), "Letters"),
    ],
)
def test_an_expression_that_can_run_out_of_time_is_a_warning_at_its_place(compile_xml, old, new, element):
    sample = compile_xml((old, new))

    found = sample.only("JM1190")
    assert found.element == element
    assert found.message == (
        f'A regular expression of "{element}" can run out of time: many "a" in a row keep it busy; it then counts as not '
        "found."
    )
    assert sample.policy is not None


def test_a_mask_is_looked_at_too(compile_xml):
    claim = '<ClaimType Id="loyaltyId"><DataType>string</DataType>'

    assert compile_xml((claim, claim + MASK.format(SLOW))).only("JM1190").element == "loyaltyId"


@pytest.mark.parametrize("expression", ["^[a-z]+$", "(", r"^(\w+\.)*\w+@example$"])
def test_a_quick_expression_and_a_wrong_one_are_not_reported_here(compile_xml, expression):
    sample = compile_xml(('RegularExpression="^.+@.+$"', f'RegularExpression="{expression}"'))

    assert sample.of("JM1190") == []


def letters(count, expression):
    rows = "".join(PREDICATE.replace("Letters", f"P{number}").format(expression(number)) for number in range(count))
    return ("<Predicates>", "<Predicates>" + rows)


def test_more_expressions_than_can_be_loaded_are_refused_before_one_is_compiled(compile_xml):
    sample = compile_xml(letters(1_001, lambda number: f"^a{number}$"))

    assert sample.errors == ["JM1195"]
    assert sample.only("JM1195").message.startswith("The policy and its bases hold 1002 regular expressions")


def test_repetitions_that_add_up_to_too_much_memory_are_refused(compile_xml):
    sample = compile_xml(letters(3, lambda number: f"^(a|b{number}){{400}}{{,1}}c{{200}}$"))

    assert sample.errors == ["JM1195"]
    assert "with 240001 repetitions" in sample.only("JM1195").message


def test_slow_expressions_are_looked_for_until_ten_were_found(compile_xml):
    sample = compile_xml(letters(15, lambda number: f"^(a|aa)+{number}$"))

    assert len(sample.of("JM1190")) == 10
