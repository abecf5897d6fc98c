from __future__ import annotations

from journeyman.diagnostics import Severity

ITEM = '<Item Key="issuer_refresh_token_user_identity_claim_type">'


def test_a_refresh_journey_that_does_not_exist_is_an_error_with_its_code(compile_xml):
    sample = compile_xml((ITEM, f'<Item Key="RefreshTokenUserJourneyId">None</Item>{ITEM}'))

    found = sample.only("JM1309")
    assert found.message.startswith('AADB2C90288: The user journey "None"')
    assert (found.severity, found.element) == (Severity.ERROR, "JwtIssuer")
    assert found.location.line == sample.line_of("RefreshTokenUserJourneyId")


def test_a_refresh_journey_that_exists_is_fine(compile_xml):
    sample = compile_xml((ITEM, f'<Item Key="RefreshTokenUserJourneyId">signuporsignin</Item>{ITEM}'))

    assert sample.errors == []
