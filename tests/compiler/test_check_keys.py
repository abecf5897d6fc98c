from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.diagnostics import Severity

TEXT = 'Tenant "contoso.onmicrosoft.com" does not have CryptographicKey referenced by storageReferenceId "{}".'


def test_a_missing_key_of_a_call_is_an_error_with_the_text_of_the_service(compile_xml, keys):
    del keys["b2c_1a_loyaltypassword"]

    sample = compile_xml(keys=keys)

    found = sample.only("JM1180")
    assert (found.severity, found.element) == (Severity.ERROR, "REST-Loyalty")
    assert found.message == TEXT.format("B2C_1A_LoyaltyPassword")
    assert found.location.line == sample.line_of("B2C_1A_LoyaltyPassword")


def test_keys_are_found_without_regard_to_case(compile_xml):
    sample = compile_xml(('StorageReferenceId="B2C_1A_LoyaltyPassword"', 'StorageReferenceId="b2c_1a_LOYALTYpassword"'))

    assert sample.of("JM1180") == []


def test_token_keys_that_will_be_generated_are_a_warning_in_development(compile_xml, keys):
    del keys["b2c_1a_tokensigningkeycontainer"], keys["b2c_1a_tokenencryptionkeycontainer"]

    sample = compile_xml(keys=keys)

    assert sample.policy is not None
    assert [(found.severity.value, found.element) for found in sample.of("JM1180")] == [
        ("warning", "AAD-Read"),
        ("warning", "JwtIssuer"),
        ("warning", "JwtIssuer"),
    ]


def test_every_missing_key_is_an_error_in_production(compile_xml):
    sample = compile_xml(keys={}, engine_production=True)

    assert {found.severity for found in sample.of("JM1180")} == {Severity.ERROR}
    assert {found.element for found in sample.of("JM1180")} == {"AAD-Read", "REST-Loyalty", "JwtIssuer"}


def test_without_a_tenant_each_key_is_said_once_to_be_unchecked(compile_xml):
    sample = compile_xml(keys=None)

    assert {found.severity for found in sample.of("JM1181")} == {Severity.INFO}
    assert len(sample.of("JM1181")) == 3
    assert sample.of("JM1180") == []


@pytest.mark.parametrize("engine_production", [True, False])
def test_a_key_set_without_active_key_is_a_warning(compile_xml, keys, engine_production):
    keys["b2c_1a_loyaltypassword"] = replace(keys["b2c_1a_loyaltypassword"], has_active_key=False)

    found = compile_xml(keys=keys, engine_production=engine_production).only("JM1182")

    assert (found.severity, found.element) == (Severity.WARNING, "REST-Loyalty")
    assert found.message.startswith("AADB2C90019: ")


def test_a_missing_key_of_a_profile_that_no_journey_reaches_is_a_warning_in_development(compile_xml, keys):
    unused = '<TechnicalProfile Id="REST-Unused"><DisplayName>U</DisplayName><CryptographicKeys>'
    unused += '<Key Id="X" StorageReferenceId="B2C_1A_None" /></CryptographicKeys>'
    unused += '<IncludeTechnicalProfile ReferenceId="REST-Loyalty" /></TechnicalProfile>'

    sample = compile_xml(("      <TechnicalProfiles>", f"<TechnicalProfiles>{unused}"), keys=keys)

    assert sample.only("JM1180").severity is Severity.WARNING


def test_a_key_that_several_profiles_include_is_reported_once_for_the_one_that_needs_it(compile_xml):
    template = '<TechnicalProfile Id="REST-Template"><CryptographicKeys><Key Id="X" StorageReferenceId="B2C_1A_None" />'
    template += "</CryptographicKeys></TechnicalProfile>"

    sample = compile_xml(
        ("      <TechnicalProfiles>", f"<TechnicalProfiles>{template}"),
        (
            '<TechnicalProfile Id="REST-Loyalty">',
            '<TechnicalProfile Id="REST-Loyalty"><IncludeTechnicalProfile ReferenceId="REST-Template" />',
        ),
    )

    found = sample.only("JM1180")
    assert (found.severity, found.element) == (Severity.ERROR, "REST-Loyalty")
    assert found.location.line == sample.line_of("B2C_1A_None")
