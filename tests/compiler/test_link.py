from __future__ import annotations

from journeyman.diagnostics import Severity


def test_a_claim_written_in_another_case_is_found_and_only_remarked_upon(compile_xml):
    sample = compile_xml(('<OutputClaim ClaimTypeReferenceId="points"', '<OutputClaim ClaimTypeReferenceId="Points"'))

    found = sample.only("JM1103")
    assert (found.severity, found.element) == (Severity.INFO, "AAD-Read")
    assert found.message == 'ClaimType is declared as "points" and written here as "Points".'
    assert found.location.line == sample.line_of('"Points"')
    assert sample.policy is not None


def test_an_unresolved_reference_names_kind_and_id_and_carries_a_remedy(compile_xml):
    sample = compile_xml(
        ('"ReadUser" TechnicalProfileReferenceId="AAD-Read"', '"ReadUser" TechnicalProfileReferenceId="AAD-Gone"')
    )

    found = sample.only("JM1102")
    assert found.message == (
        'The policy makes a reference to TechnicalProfile with id "AAD-Gone" but neither the policy nor any of its base '
        "policies contain such an element."
    )
    assert found.help == 'define a TechnicalProfile with the id "AAD-Gone", or correct the reference'
