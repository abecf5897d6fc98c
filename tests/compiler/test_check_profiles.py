from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.compiler.compiled import DeploymentMode
from journeyman.compiler.handlers import RESTFUL, SELF_ASSERTED
from journeyman.compiler.spec import HandlerSpec
from journeyman.diagnostics import Rule, Severity

RULE = Rule("JM1499", Severity.ERROR, "{what}", "", "")


def test_an_unknown_handler_that_a_journey_reaches_is_an_error_naming_profile_and_handler(compile_xml):
    sample = compile_xml(("Web.TPEngine.Providers.RestfulProvider", "Web.TPEngine.Providers.TelepathyProvider"))

    found = sample.only("JM1150")
    assert (found.severity, found.element) == (Severity.ERROR, "REST-Loyalty")
    assert '"Web.TPEngine.Providers.TelepathyProvider"' in found.message
    assert found.location.line == sample.line_of('<TechnicalProfile Id="REST-Loyalty"')


def test_an_unknown_handler_that_nobody_reaches_is_a_warning(compile_xml):
    unused = (
        '<TechnicalProfile Id="Unused"><DisplayName>U</DisplayName><Protocol Name="Proprietary" Handler="X.Y, Z" />'
    )

    sample = compile_xml(("      <TechnicalProfiles>", f"<TechnicalProfiles>{unused}</TechnicalProfile>"))

    assert sample.only("JM1150").severity is Severity.WARNING
    assert sample.policy.technical_profiles["Unused"].unsupported == "no provider runs the handler 'X.Y'"


def test_a_handler_that_does_not_run_yet_is_a_warning_and_marks_the_profile(compile_xml, specs):
    specs[RESTFUL] = replace(specs[RESTFUL], runs=False, reason="it is Tuesday")

    sample = compile_xml(specs=specs)

    found = sample.only("JM1151")
    assert (found.severity, found.element) == (Severity.WARNING, "REST-Loyalty")
    assert RESTFUL in found.message
    assert sample.policy.technical_profiles["REST-Loyalty"].unsupported == "it is Tuesday"


def test_a_reached_profile_without_protocol_is_an_error(compile_xml):
    sample = compile_xml(('<IncludeTechnicalProfile ReferenceId="AAD-Common" />', ""))

    found = sample.only("JM1152")
    assert (found.severity, found.element) == (Severity.ERROR, "AAD-Read")


def test_missing_metadata_is_an_error_with_the_code_of_the_service(compile_xml):
    sample = compile_xml(('<Item Key="AuthenticationType">Basic</Item>', ""))

    found = sample.only("JM1155")
    assert (
        found.message
        == 'AADB2C90023: Profile "REST-Loyalty" does not contain the required metadata key "AuthenticationType".'
    )
    assert found.location.line == sample.line_of('<TechnicalProfile Id="REST-Loyalty"')


def test_empty_metadata_is_an_error_at_the_item(compile_xml):
    sample = compile_xml(('<Item Key="AuthenticationType">Basic</Item>', '<Item Key="AuthenticationType"> </Item>'))

    found = sample.only("JM1156")
    assert found.message.startswith("AADB2C99011: ")
    assert found.location.line == sample.line_of('Key="AuthenticationType"')


def test_a_profile_that_only_serves_to_be_included_may_be_incomplete(compile_xml):
    sample = compile_xml()

    assert "Operation" not in sample.policy.technical_profiles["AAD-Common"].metadata
    assert sample.of("JM1155") == []


def test_unknown_metadata_is_information_once_per_profile(compile_xml):
    sample = compile_xml(
        ('<Item Key="SignUpTarget">', '<Item Key="Colour">red</Item><Item Key="Size">9</Item><Item Key="SignUpTarget">')
    )

    found = sample.only("JM1157")
    assert (found.severity, found.message) == (Severity.INFO, "Metadata without effect: Colour, Size.")
    assert found.location.line == sample.line_of("Colour")


def test_a_page_cannot_be_a_validation_technical_profile(compile_xml):
    sample = compile_xml(
        ('TechnicalProfile ReferenceId="REST-Loyalty"', 'TechnicalProfile ReferenceId="SelfAsserted-SignUp"')
    )

    found = sample.only("JM1159")
    assert (found.severity, found.element) == (Severity.ERROR, "SelfAsserted-SignIn")
    assert found.location.line == sample.line_of('ReferenceId="SelfAsserted-SignUp"')


def test_a_page_cannot_be_an_action_of_a_display_control(compile_xml):
    sample = compile_xml(
        ('TechnicalProfileReferenceId="REST-Loyalty"', 'TechnicalProfileReferenceId="SelfAsserted-SignUp"')
    )

    assert sample.only("JM1159").element == "PhoneControl"


@pytest.mark.parametrize(
    ("mode", "engine_production", "production"),
    [
        ("Production", True, True),
        ("Production", False, False),
        ("Development", True, False),
        ("Debugging", False, False),
    ],
)
def test_production_rules_hold_when_engine_and_policy_are_in_production(
    compile_xml, specs, mode, engine_production, production
):
    seen = []
    specs[RESTFUL] = HandlerSpec(RESTFUL, check=lambda check: seen.append(check) or ())

    compile_xml(
        ("PolicySchemaVersion=", f'DeploymentMode="{mode}" PolicySchemaVersion='),
        specs=specs,
        engine_production=engine_production,
    )

    (check,) = seen
    assert (check.deployment_mode, check.production) == (DeploymentMode(mode), production)
    assert (check.policy_id, check.tenant_id) == ("B2C_1A_signup_signin", "contoso.onmicrosoft.com")


def test_the_check_of_a_handler_learns_where_things_stand(compile_xml, specs):
    names = ("AuthenticationType", "basicauthenticationpassword", "signInName", "nothing")
    specs[RESTFUL] = HandlerSpec(
        RESTFUL, check=lambda check: [RULE.at(check.place(name), element=check.profile.id, what=name) for name in names]
    )

    sample = compile_xml(specs=specs)

    lines = {found.message: found.location.line for found in sample.of("JM1499")}
    assert lines == {
        "AuthenticationType": sample.line_of('Key="AuthenticationType"'),
        "basicauthenticationpassword": sample.line_of('Key Id="BasicAuthenticationPassword"'),
        "signInName": sample.line_of('PartnerClaimType="mail"'),
        "nothing": sample.line_of('<TechnicalProfile Id="REST-Loyalty"'),
    }


def test_the_check_of_a_handler_is_a_warning_in_a_file_without_relying_party(compile_xml, specs):
    specs[SELF_ASSERTED] = HandlerSpec(SELF_ASSERTED, check=lambda check: [RULE.at(check.place(""), what="wrong")])
    text = compile_xml().text
    relying_party = text[text.index("  <RelyingParty>") : text.index("</TrustFrameworkPolicy>")]

    sample = compile_xml((relying_party, ""), specs=specs)

    assert {found.severity for found in sample.of("JM1499")} == {Severity.WARNING}


def test_the_page_of_a_sign_in_step_needs_no_content_definition_of_its_own(compile_xml):
    item = '<Item Key="ContentDefinitionReferenceId">api.selfasserted</Item>'

    sign_in = compile_xml((item, ""))
    both = compile_xml((item, ""), (item, ""))

    assert sign_in.of("JM1155") == []
    assert both.only("JM1155").element == "SelfAsserted-SignUp"


def test_a_profile_that_only_serves_to_be_included_needs_no_protocol(compile_xml):
    template = '<TechnicalProfile Id="Template"><IncludeInSso>false</IncludeInSso></TechnicalProfile>'
    unused = '<TechnicalProfile Id="Unused"><IncludeTechnicalProfile ReferenceId="Template" /></TechnicalProfile>'

    sample = compile_xml(("      <TechnicalProfiles>", f"<TechnicalProfiles>{template}{unused}"))

    found = sample.only("JM1152")
    assert (found.severity, found.element) == (Severity.WARNING, "Unused")


def test_an_identity_provider_that_nobody_has_set_up_compiles_and_says_what_it_lacks(compile_xml, specs):
    incomplete = replace(specs[RESTFUL], may_be_incomplete=True)
    sample = compile_xml(('<Item Key="AuthenticationType">Basic</Item>', ""), specs={**specs, RESTFUL: incomplete})

    assert sample.only("JM1155").severity is Severity.WARNING
    assert sample.policy.technical_profiles["REST-Loyalty"].unsupported.startswith("AADB2C90023: ")
