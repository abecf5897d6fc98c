from __future__ import annotations


def test_every_part_of_a_relying_party_is_read(clean):
    policy = clean("""<RelyingParty><DefaultUserJourney ReferenceId="SignUpOrSignIn"/>
      <Endpoints><Endpoint Id="Token" UserJourneyReferenceId="RedeemRefreshToken"/></Endpoints>
      <UserJourneyBehaviors><ScriptExecution> Allow </ScriptExecution>
        <SingleSignOn Scope="Application" KeepAliveInDays="7" EnforceIdTokenHintOnLogout="true"/>
        <JourneyFraming Enabled="true" Sources="https://a https://b"/>
        <ContentDefinitionParameters><Parameter Name="campaignId">{OAUTH-KV:campaignId}</Parameter>
        </ContentDefinitionParameters></UserJourneyBehaviors>
      <TechnicalProfile Id="PolicyProfile"><DisplayName>PolicyProfile</DisplayName><Protocol Name="OpenIdConnect"/>
        <OutputClaims><OutputClaim ClaimTypeReferenceId="objectId" PartnerClaimType="sub"/></OutputClaims>
        <SubjectNamingInfo ClaimType="sub"/></TechnicalProfile></RelyingParty>""")

    found = policy.relying_party
    assert found.default_user_journey.id == "SignUpOrSignIn"
    assert found.endpoints["token"].journey.id == "RedeemRefreshToken"
    assert found.behaviors["scriptexecution"].text == "Allow"
    assert dict(found.behaviors["singlesignon"].attributes) == {
        "Scope": "Application",
        "KeepAliveInDays": "7",
        "EnforceIdTokenHintOnLogout": "true",
    }
    assert found.behaviors["journeyframing"].attributes["Sources"] == "https://a https://b"
    assert found.behaviors["contentdefinitionparameters"].parameters["campaignid"].value == "{OAUTH-KV:campaignId}"
    assert found.technical_profile.protocol.name == "OpenIdConnect"
    assert found.technical_profile.output_claims[0].partner_claim_type == "sub"
    assert found.technical_profile.subject_naming_info.exclude_as_claim is False


def test_a_policy_without_a_relying_party_has_none(clean):
    assert clean().relying_party is None


def test_an_unknown_behavior_and_an_endpoint_that_stands_twice_are_reported(read, places):
    _, diagnostics = read(
        '<RelyingParty><Endpoints><Endpoint Id="Token" UserJourneyReferenceId="A"/>\n'
        '<Endpoint Id="token" UserJourneyReferenceId="B"/></Endpoints>\n'
        "<UserJourneyBehaviors><Unknown/></UserJourneyBehaviors></RelyingParty>"
    )

    assert places(diagnostics) == [("JM1025", 4, 1), ("JM1020", 5, 23)]


def test_a_behavior_without_a_required_attribute_is_an_error_and_left_out(read, places):
    policy, diagnostics = read(
        "<RelyingParty><UserJourneyBehaviors>\n<SingleSignOn/></UserJourneyBehaviors></RelyingParty>"
    )

    assert dict(policy.relying_party.behaviors) == {}
    assert places(diagnostics) == [("JM1022", 4, 1)]


def test_an_endpoint_without_a_journey_is_an_error(read, places):
    policy, diagnostics = read('<RelyingParty><Endpoints>\n<Endpoint Id="Token"/></Endpoints></RelyingParty>')

    assert dict(policy.relying_party.endpoints) == {}
    assert places(diagnostics) == [("JM1022", 4, 1)]
