from __future__ import annotations

from journeyman.claims.resolvers import Resolver
from journeyman.diagnostics import Severity


def by_id(mappings):
    return {mapping.claim.id: mapping for mapping in mappings}


def test_the_wire_name_is_the_partner_claim_type(compile_xml):
    inputs = by_id(compile_xml().policy.technical_profiles["REST-Loyalty"].input_claims)

    assert (inputs["signInName"].name, inputs["signInName"].partner_claim_type) == ("mail", "mail")


def test_else_the_default_of_the_protocol_and_else_the_declared_id(compile_xml):
    outputs = by_id(compile_xml().policy.relying_party.output_claims)

    assert {claim: mapping.name for claim, mapping in outputs.items()} == {
        "displayName": "name",
        "loyaltyId": "loyaltyId",
        "objectId": "sub",
        "tenantId": "tenantId",
    }


def test_the_default_of_another_protocol_does_not_count(compile_xml):
    outputs = by_id(compile_xml().policy.technical_profiles["AAD-Read"].output_claims)

    assert outputs["displayName"].name == "displayName"


def test_resolvers_of_a_profile_are_found_only_when_it_asks_for_them(compile_xml):
    asking = compile_xml()
    silent = compile_xml(('<Item Key="IncludeClaimResolvingInClaimsHandling">true</Item>', ""))

    resolving, literal = (
        by_id(sample.policy.technical_profiles["REST-Loyalty"].input_claims)["tenantId"].default
        for sample in (asking, silent)
    )
    assert resolving.parts == (Resolver("policy", "RelyingPartyTenantId", "{Policy:RelyingPartyTenantId}"),)
    assert literal.parts == ("{Policy:RelyingPartyTenantId}",)
    found = silent.only("JM1154")
    assert (found.severity, found.location.line) == (Severity.WARNING, silent.line_of("{Policy:RelyingPartyTenantId}"))


def test_resolvers_of_relying_party_outputs_always_work(compile_xml):
    mapping = by_id(compile_xml().policy.relying_party.output_claims)["tenantId"]

    assert mapping.default.parts == (Resolver("policy", "TenantObjectId", "{Policy:TenantObjectId}"),)
    assert mapping.always_use_default


def test_the_legacy_policy_placeholder_becomes_the_policy_id(compile_xml):
    sample = compile_xml(('DefaultValue="{Policy:TenantObjectId}"', 'DefaultValue="{policy}"'))

    assert by_id(sample.policy.relying_party.output_claims)["tenantId"].default.text == "B2C_1A_signup_signin"


def test_a_claim_resolver_that_does_not_exist_is_a_warning_with_its_code(compile_xml):
    sample = compile_xml(("{Policy:TenantObjectId}", "{OIDC:LogonHint}"))

    found = sample.only("JM1160")
    assert found.message.startswith("AADB2C90044: {OIDC:LogonHint}")
    assert found.location.line == sample.line_of("{OIDC:LogonHint}")


def test_a_default_that_is_not_of_the_data_type_is_an_error(compile_xml):
    sample = compile_xml(('DefaultValue="0"', 'DefaultValue="none"'))

    found = sample.only("JM1153")
    assert found.message.startswith("Input string was not in a correct format")
    assert (found.element, found.location.line) == ("AAD-Read", sample.line_of('DefaultValue="none"'))


def test_a_claim_of_an_undeclared_type_is_an_error_naming_the_profile(compile_xml):
    sample = compile_xml(('<OutputClaim ClaimTypeReferenceId="points"', '<OutputClaim ClaimTypeReferenceId="pints"'))

    found = sample.only("JM1101")
    assert 'ClaimType with id "pints" but neither the policy nor any of its base policies' in found.message
    assert (found.element, found.location.line) == ("AAD-Read", sample.line_of("pints"))
