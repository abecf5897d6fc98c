from __future__ import annotations

import pytest


def journey(steps, *, attributes=""):
    return (
        f'<UserJourneys><UserJourney Id="J"{attributes}>\n<OrchestrationSteps>\n{steps}\n</OrchestrationSteps>'
        "</UserJourney></UserJourneys>"
    )


def test_every_part_of_a_journey_is_read(clean):
    policy = clean("""<UserJourneys><UserJourney Id="J" NonInteractive="true"
        DefaultCpimIssuerTechnicalProfileReferenceId="JwtIssuer">
      <AssuranceLevel>LOA1</AssuranceLevel><PreserveOriginalAssertion>false</PreserveOriginalAssertion>
      <Authorization><AuthorizationTechnicalProfiles><AuthorizationTechnicalProfile ReferenceId="A"/>
        <AuthorizationTechnicalProfile TechnicalProfileReferenceId="B"/></AuthorizationTechnicalProfiles></Authorization>
      <OrchestrationSteps>
        <OrchestrationStep Order="2" Type="SendClaims" CpimIssuerTechnicalProfileReferenceId="JwtIssuer"/>
        <OrchestrationStep Order="1" Type="CombinedSignInAndSignUp" ContentDefinitionReferenceId="api.x">
          <Preconditions><Precondition Type="ClaimsExist" ExecuteActionsIf="True"><Value>objectId</Value>
            <Action>SkipThisOrchestrationStep</Action></Precondition></Preconditions>
          <ClaimsProviderSelections DisplayOption="ShowSingleProvider">
            <ClaimsProviderSelection TargetClaimsExchangeId="Facebook"/>
            <ClaimsProviderSelection ValidationClaimsExchangeId="Local"/></ClaimsProviderSelections>
          <ClaimsExchanges UserIdentity="false"><ClaimsExchange Id="Local" TechnicalProfileReferenceId="P"/>
          </ClaimsExchanges><JourneyList><Candidate SubJourneyReferenceId="S"/></JourneyList></OrchestrationStep>
      </OrchestrationSteps><ClientDefinition ReferenceId="DefaultWeb"/></UserJourney></UserJourneys>""")

    found = policy.user_journeys["j"]
    first, second = found.steps.values()
    assert (found.id, found.non_interactive, found.sub_journey_type) == ("J", True, None)
    assert found.default_issuer_technical_profile.id == "JwtIssuer"
    assert [reference.id for reference in found.authorization_technical_profiles] == ["A", "B"]
    assert found.client_definition.id == "DefaultWeb"
    assert list(found.steps) == [1, 2]
    assert (first.order, first.type, first.content_definition.id) == (1, "CombinedSignInAndSignUp", "api.x")
    assert first.preconditions[0].execute_actions_if is True
    assert first.display_option == "ShowSingleProvider"
    assert [(s.target_claims_exchange, s.validation_claims_exchange) for s in first.claims_provider_selections] == [
        ("Facebook", None),
        (None, "Local"),
    ]
    assert first.claims_exchanges["local"].profile.id == "P"
    assert [reference.id for reference in first.journey_list] == ["S"]
    assert (second.preconditions, second.journey_list, dict(second.claims_exchanges)) == (None, None, {})
    assert second.issuer_technical_profile.id == "JwtIssuer"


def test_a_sub_journey_is_read(clean):
    policy = clean("""<SubJourneys><SubJourney Id="S" Type="Call"><OrchestrationSteps>
        <OrchestrationStep Order="1" Type="Noop"/></OrchestrationSteps></SubJourney></SubJourneys>""")

    assert policy.sub_journeys["s"].sub_journey_type == "Call"
    assert list(policy.sub_journeys["s"].steps) == [1]


def test_an_order_that_stands_twice_is_an_error(read, places):
    _, diagnostics = read(
        journey('<OrchestrationStep Order="1" Type="Noop"/>\n<OrchestrationStep Order="1" Type="Noop"/>')
    )

    assert places(diagnostics) == [("JM1025", 6, 1)]
    assert diagnostics[0].message == (
        "There is a duplicate key sequence '1' among the OrchestrationStep elements: the first stands in line 5."
    )


def test_an_exchange_id_that_stands_twice_in_one_journey_is_an_error(read, places):
    step = (
        '<OrchestrationStep Order="{}" Type="ClaimsExchange"><ClaimsExchanges>\n'
        '<ClaimsExchange Id="E" TechnicalProfileReferenceId="P"/></ClaimsExchanges></OrchestrationStep>'
    )
    _, diagnostics = read(journey(step.format(1) + step.format(2)))

    assert places(diagnostics) == [("JM1025", 7, 1)]


@pytest.mark.parametrize("order", ["one", "", "1.5"])
def test_an_order_that_is_no_number_is_an_error(read, order):
    policy, diagnostics = read(journey(f'<OrchestrationStep Order="{order}" Type="Noop"/>'))

    assert dict(policy.user_journeys["j"].steps) == {}
    assert all(each.severity.value == "error" and each.location.line == 5 for each in diagnostics)
    assert diagnostics


@pytest.mark.parametrize("attributes", ["", 'TargetClaimsExchangeId="a" ValidationClaimsExchangeId="b"'])
def test_a_selection_with_no_target_or_two_is_an_error(read, places, attributes):
    _, diagnostics = read(
        journey(
            '<OrchestrationStep Order="1" Type="ClaimsProviderSelection"><ClaimsProviderSelections>\n'
            f"<ClaimsProviderSelection {attributes}/></ClaimsProviderSelections></OrchestrationStep>"
        )
    )

    assert places(diagnostics) == [("JM1029", 6, 1)]


def test_an_authorization_profile_without_an_id_is_an_error(read, places):
    _, diagnostics = read(
        '<UserJourneys><UserJourney Id="J"><Authorization><AuthorizationTechnicalProfiles>\n'
        "<AuthorizationTechnicalProfile/></AuthorizationTechnicalProfiles></Authorization></UserJourney></UserJourneys>"
    )

    assert places(diagnostics) == [("JM1022", 4, 1)]


def test_an_exchange_without_a_profile_is_an_error(read, places):
    policy, diagnostics = read(
        journey(
            '<OrchestrationStep Order="1" Type="ClaimsExchange"><ClaimsExchanges>\n<ClaimsExchange Id="E"/>'
            "</ClaimsExchanges></OrchestrationStep>"
        )
    )

    assert dict(policy.user_journeys["j"].steps[1].claims_exchanges) == {}
    assert places(diagnostics) == [("JM1022", 6, 1)]
