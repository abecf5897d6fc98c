from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

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


def changed(keys, name, **changes):
    keys[name] = replace(keys[name], **changes)
    return keys


def test_a_key_that_ends_soon_without_another_to_follow_is_a_warning(compile_xml, keys):
    ends = datetime(2026, 2, 1, tzinfo=UTC)
    found = compile_xml(keys=changed(keys, "b2c_1a_loyaltypassword", ends_soon_at=ends)).only("JM1183")

    assert (found.severity, found.element) == (Severity.WARNING, "REST-Loyalty")
    assert found.message == (
        'The active key of the policy key "B2C_1A_LoyaltyPassword" ends at 2026-02-01T00:00:00Z, '
        "and no other key follows it."
    )


def test_a_secret_that_everybody_would_guess_is_a_warning(compile_xml, keys):
    found = compile_xml(keys=changed(keys, "b2c_1a_loyaltypassword", placeholder=True)).only("JM1184")

    assert (found.severity, found.element) == (Severity.WARNING, "REST-Loyalty")


def test_one_key_that_signs_and_encrypts_is_a_warning(compile_xml):
    sample = compile_xml(('"B2C_1A_TokenEncryptionKeyContainer"', '"B2C_1A_TokenSigningKeyContainer"'))

    assert (sample.only("JM1480").severity, sample.only("JM1480").element) == (Severity.WARNING, "JwtIssuer")


def test_the_use_of_a_token_key_is_compared_with_what_it_is_for(compile_xml, keys):
    changed(keys, "b2c_1a_tokensigningkeycontainer", use="enc")
    changed(keys, "b2c_1a_tokenencryptionkeycontainer", use="enc")
    found = compile_xml(keys=keys).only("JM1481")

    assert (
        found.message
        == 'The policy key "B2C_1A_TokenSigningKeyContainer" has the use enc, and issuer_secret needs sig.'
    )


@pytest.mark.parametrize(("engine_production", "severity"), [(False, Severity.INFO), (True, Severity.WARNING)])
def test_a_client_certificate_that_is_its_own_issuer_is_told(compile_xml, keys, engine_production, severity):
    changed(keys, "b2c_1a_loyaltypassword", self_signed=True)
    text = 'StorageReferenceId="B2C_1A_LoyaltyPassword"'
    sample = compile_xml(
        (f'Id="BasicAuthenticationPassword" {text}', f'Id="ClientCertificate" {text}'),
        keys=keys,
        engine_production=engine_production,
    )

    assert sample.only("JM1482").severity is severity
