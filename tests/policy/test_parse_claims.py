from __future__ import annotations

import pytest


@pytest.fixture
def profile(read):
    def read_profile(body):
        policy, diagnostics = read(
            '<ClaimsProviders><ClaimsProvider><TechnicalProfiles><TechnicalProfile Id="P">\n'
            f"{body}</TechnicalProfile></TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
        )
        return policy.technical_profiles["p"], diagnostics

    return read_profile


def test_every_attribute_of_a_claim_is_read(profile):
    found, diagnostics = profile("""<PersistedClaims><PersistedClaim ClaimTypeReferenceId="email" Required="true"
        PartnerClaimType="signInNames.emailAddress" DefaultValue=" x " AlwaysUseDefaultValue="1"
        OverwriteIfExists="True"/><PersistedClaim ClaimTypeReferenceId="b" DefaultValue=""/></PersistedClaims>""")

    first, second = found.persisted_claims
    assert diagnostics == []
    assert (first.claim_type, first.partner_claim_type) == ("email", "signInNames.emailAddress")
    assert (first.default_value, first.always_use_default_value) == (" x ", True)
    assert (first.required, first.overwrite_if_exists) == (True, True)
    assert (second.default_value, second.always_use_default_value, second.partner_claim_type) == ("", False, None)
    assert (second.required, second.overwrite_if_exists) == (False, False)


def test_a_claim_that_stands_twice_in_one_list_is_kept_twice(profile):
    found, diagnostics = profile("""<OutputClaims><OutputClaim ClaimTypeReferenceId="a" PartnerClaimType="x"/>
        <OutputClaim ClaimTypeReferenceId="a" PartnerClaimType="y"/></OutputClaims>""")

    assert [claim.partner_claim_type for claim in found.output_claims] == ["x", "y"]
    assert diagnostics == []


def test_a_claim_without_a_claim_type_is_an_error(profile, places):
    found, diagnostics = profile('<InputClaims>\n<InputClaim PartnerClaimType="x"/></InputClaims>')

    assert found.input_claims == ()
    assert places(diagnostics) == [("JM1022", 5, 1)]


def test_the_source_of_a_claim_is_reported_as_not_supported(profile, places):
    _, diagnostics = profile(
        '<InputClaims><InputClaim ClaimTypeReferenceId="a">\n<From TechnicalProfileReferenceId="Q"/></InputClaim>'
        "</InputClaims>"
    )

    assert places(diagnostics) == [("JM1030", 5, 1)]


def test_a_display_claim_names_a_claim_type_or_a_display_control(profile):
    found, diagnostics = profile("""<DisplayClaims><DisplayClaim DisplayControlReferenceId="verify"/>
        <DisplayClaim ClaimTypeReferenceId="code" ControlClaimType="VerificationCode" Required="true"/></DisplayClaims>""")

    first, second = found.display_claims
    assert diagnostics == []
    assert (first.claim_type, first.display_control, first.required) == (None, "verify", False)
    assert (second.claim_type, second.display_control, second.required) == ("code", None, True)
    assert second.control_claim_type == "VerificationCode"


@pytest.mark.parametrize("attributes", ["", 'ClaimTypeReferenceId="a" DisplayControlReferenceId="b"'])
def test_a_display_claim_that_names_none_or_both_is_an_error(profile, places, attributes):
    found, diagnostics = profile(f"<DisplayClaims>\n<DisplayClaim {attributes}/></DisplayClaims>")

    assert found.display_claims == ()
    assert places(diagnostics) == [("JM1029", 5, 1)]


def test_a_validation_technical_profile_is_read_with_its_preconditions(profile):
    found, diagnostics = profile("""<ValidationTechnicalProfiles>
      <ValidationTechnicalProfile ReferenceId="REST" ContinueOnError="true" ContinueOnSuccess="False"><Preconditions>
        <Precondition Type="ClaimEquals" ExecuteActionsIf="true"><Value>isActive</Value><Value> True </Value>
          <Action>SkipThisValidationTechnicalProfile</Action></Precondition></Preconditions>
      </ValidationTechnicalProfile><ValidationTechnicalProfile ReferenceId="W"/></ValidationTechnicalProfiles>""")

    first, second = found.validation_technical_profiles
    assert diagnostics == []
    assert (first.profile.id, first.continue_on_success, first.continue_on_error) == ("REST", False, True)
    assert (first.preconditions[0].type, first.preconditions[0].execute_actions_if) == ("ClaimEquals", True)
    assert first.preconditions[0].values == ("isActive", "True")
    assert first.preconditions[0].actions == ("SkipThisValidationTechnicalProfile",)
    assert (second.continue_on_success, second.continue_on_error, second.preconditions) == (None, None, ())


def test_a_validation_technical_profile_that_stands_twice_in_one_list_is_an_error(profile, places):
    found, diagnostics = profile(
        '<ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="W"/>\n'
        '<ValidationTechnicalProfile ReferenceId="w"/></ValidationTechnicalProfiles>'
    )

    assert len(found.validation_technical_profiles) == 1
    assert places(diagnostics) == [("JM1025", 5, 1)]


@pytest.mark.parametrize("attributes", ['Type="ClaimsExist"', 'Type="ClaimsExist" ExecuteActionsIf="maybe"'])
def test_a_precondition_that_does_not_say_when_to_act_is_an_error(profile, attributes):
    found, diagnostics = profile(
        '<ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="W"><Preconditions>'
        f"<Precondition {attributes}><Value>a</Value></Precondition></Preconditions></ValidationTechnicalProfile>"
        "</ValidationTechnicalProfiles>"
    )

    assert found.validation_technical_profiles[0].preconditions == ()
    assert [each.severity.value for each in diagnostics] == ["error"]


def test_a_validation_technical_profile_without_an_id_is_an_error(profile, places):
    found, diagnostics = profile(
        "<ValidationTechnicalProfiles>\n<ValidationTechnicalProfile/></ValidationTechnicalProfiles>"
    )

    assert found.validation_technical_profiles == ()
    assert places(diagnostics) == [("JM1022", 5, 1)]
