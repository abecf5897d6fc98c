from __future__ import annotations


def controls(body):
    return f"<BuildingBlocks><DisplayControls>{body}</DisplayControls></BuildingBlocks>"


def test_a_display_control_is_read_with_its_actions(clean):
    policy = clean(
        controls("""<DisplayControl Id="verify" UserInterfaceControlType="VerificationControl">
        <InputClaims><InputClaim ClaimTypeReferenceId="email"/></InputClaims>
        <DisplayClaims><DisplayClaim ClaimTypeReferenceId="code" ControlClaimType="VerificationCode" Required="true"/>
        </DisplayClaims><OutputClaims><OutputClaim ClaimTypeReferenceId="email"/></OutputClaims>
        <Actions><Action Id="SendCode"><ValidationClaimsExchange>
          <ValidationClaimsExchangeTechnicalProfile TechnicalProfileReferenceId="Generate"/>
          <ValidationClaimsExchangeTechnicalProfile TechnicalProfileReferenceId="Send" ContinueOnError="true">
            <Preconditions><Precondition Type="ClaimsExist" ExecuteActionsIf="true"><Value>x</Value>
              <Action>SkipThisValidationTechnicalProfile</Action></Precondition></Preconditions>
          </ValidationClaimsExchangeTechnicalProfile></ValidationClaimsExchange></Action></Actions>
      </DisplayControl>""")
    )

    found = policy.display_controls["verify"]
    generate, send = found.actions["sendcode"].profiles
    assert (found.id, found.control_type) == ("verify", "VerificationControl")
    assert [claim.claim_type for claim in found.input_claims] == ["email"]
    assert [claim.claim_type for claim in found.output_claims] == ["email"]
    assert found.display_claims[0].control_claim_type == "VerificationCode"
    assert (generate.profile.id, send.profile.id, send.continue_on_error) == ("Generate", "Send", True)
    assert send.preconditions[0].values == ("x",)


def test_an_action_without_an_exchange_is_an_error(read, places):
    policy, diagnostics = read(
        controls('<DisplayControl Id="c"><Actions>\n<Action Id="a"/></Actions></DisplayControl>')
    )

    assert dict(policy.display_controls["c"].actions) == {}
    assert places(diagnostics) == [("JM1023", 4, 1)]


def test_an_action_that_stands_twice_is_an_error(read, places):
    action = '<Action Id="{}"><ValidationClaimsExchange/></Action>'
    _, diagnostics = read(
        controls(
            f'<DisplayControl Id="c"><Actions>{action.format("a")}\n{action.format("A")}</Actions></DisplayControl>'
        )
    )

    assert places(diagnostics) == [("JM1025", 4, 1)]
