from __future__ import annotations

import pytest

from journeyman.policy.merge import merge_chain


@pytest.fixture
def merged(clean):
    """Merge files, written by their sections."""

    def merge(*bodies):
        return merge_chain([clean(body, path=f"{number}.xml") for number, body in enumerate(bodies)])

    return merge


def journey(steps, *, attributes="", children=""):
    return (
        f'<UserJourneys><UserJourney Id="J"{attributes}>{children}<OrchestrationSteps>{steps}</OrchestrationSteps>'
        "</UserJourney></UserJourneys>"
    )


def step(order, step_type="ClaimsExchange", body="", attributes=""):
    return f'<OrchestrationStep Order="{order}" Type="{step_type}"{attributes}>{body}</OrchestrationStep>'


def exchanges(**profiles):
    rows = "".join(
        f'<ClaimsExchange Id="{name}" TechnicalProfileReferenceId="{profile}"/>' for name, profile in profiles.items()
    )
    return f"<ClaimsExchanges>{rows}</ClaimsExchanges>"


def skip_if(claim):
    return (
        '<Preconditions><Precondition Type="ClaimsExist" ExecuteActionsIf="true">'
        f"<Value>{claim}</Value><Action>SkipThisOrchestrationStep</Action></Precondition></Preconditions>"
    )


def test_a_child_with_one_step_truncates_nothing_and_only_redirects_its_exchange(merged):
    selections = '<ClaimsProviderSelections><ClaimsProviderSelection ValidationClaimsExchangeId="Local"/></ClaimsProviderSelections>'
    base = journey(step(1, "CombinedSignInAndSignUp", selections + exchanges(Local="Old")) + step(2, "SendClaims"))
    policy, diagnostics = merged(base, journey(step(1, "CombinedSignInAndSignUp", exchanges(local="New"))))

    steps = policy.user_journeys["j"].steps
    assert [(order, found.type) for order, found in steps.items()] == [
        (1, "CombinedSignInAndSignUp"),
        (2, "SendClaims"),
    ]
    assert [each.validation_claims_exchange for each in steps[1].claims_provider_selections] == ["Local"]
    assert [(each.id, each.profile.id) for each in steps[1].claims_exchanges.values()] == [("local", "New")]
    assert diagnostics == ()


def test_an_inserted_exchange_step_ends_with_three_exchanges(merged):
    policy, _ = merged(journey(step(2, body=exchanges(A="P1", B="P2"))), journey(step(2, body=exchanges(C="P3"))))

    assert list(policy.user_journeys["j"].steps[2].claims_exchanges) == ["a", "b", "c"]


def test_steps_of_both_sides_are_sorted_by_their_order(merged):
    policy, _ = merged(journey(step(1) + step(10)), journey(step(11) + step(2)))

    assert list(policy.user_journeys["j"].steps) == [1, 2, 10, 11]


def test_an_attribute_of_a_step_replaces_when_it_is_there(merged):
    inherited = ' ContentDefinitionReferenceId="c1" CpimIssuerTechnicalProfileReferenceId="i1"'
    policy, _ = merged(
        journey(step(1, "ClaimsProviderSelection", attributes=inherited)),
        journey(step(1, "Noop", attributes=' ContentDefinitionReferenceId="c2"')),
    )

    found = policy.user_journeys["j"].steps[1]
    assert (found.type, found.content_definition.id, found.issuer_technical_profile.id) == ("Noop", "c2", "i1")


def test_selections_are_a_union_with_those_of_the_child_first(merged):
    rows = "<ClaimsProviderSelections{}>{}</ClaimsProviderSelections>"
    row = '<ClaimsProviderSelection TargetClaimsExchangeId="{}"/>'
    policy, _ = merged(
        journey(step(1, body=rows.format(' DisplayOption="ShowSingleProvider"', row.format("F") + row.format("G")))),
        journey(step(1, body=rows.format("", row.format("H") + row.format("g")))),
    )

    found = policy.user_journeys["j"].steps[1]
    assert [each.target_claims_exchange for each in found.claims_provider_selections] == ["H", "g", "F"]
    assert found.display_option == "ShowSingleProvider"


def test_a_journey_list_replaces(merged):
    candidates = '<JourneyList><Candidate SubJourneyReferenceId="{}"/></JourneyList>'
    base = journey(step(1, "InvokeSubJourney", candidates.format("A")))
    replaced, _ = merged(base, journey(step(1, "InvokeSubJourney", candidates.format("B"))))
    inherited, _ = merged(base, journey(step(1, "InvokeSubJourney")))

    assert [each.id for each in replaced.user_journeys["j"].steps[1].journey_list] == ["B"]
    assert [each.id for each in inherited.user_journeys["j"].steps[1].journey_list] == ["A"]


def test_preconditions_of_the_child_replace_and_are_reported(merged):
    policy, diagnostics = merged(journey(step(2, body=skip_if("a"))), journey(step(2, body=skip_if("b"))))

    assert [each.values for each in policy.user_journeys["j"].steps[2].preconditions] == [("b",)]
    assert [str(each) for each in diagnostics] == [
        (
            "1.xml:3:55: info JM1047 [J] The preconditions of step 2 of user journey 'J' "
            "replace those of the base policy."
        )
    ]


def test_preconditions_are_inherited_when_the_child_has_none(merged):
    policy, diagnostics = merged(journey(step(2, body=skip_if("a"))), journey(step(2)))

    assert [each.values for each in policy.user_journeys["j"].steps[2].preconditions] == [("a",)]
    assert diagnostics == ()


def test_an_empty_preconditions_element_takes_the_inherited_ones_away(merged):
    policy, _ = merged(journey(step(2, body=skip_if("a"))), journey(step(2, body="<Preconditions/>")))

    assert policy.user_journeys["j"].steps[2].preconditions == ()


def test_attributes_and_children_of_a_journey_replace_or_are_inherited(merged):
    base = journey(
        "",
        attributes=' NonInteractive="true" DefaultCpimIssuerTechnicalProfileReferenceId="I1"',
        children='<ClientDefinition ReferenceId="C1"/><Authorization><AuthorizationTechnicalProfiles>'
        '<AuthorizationTechnicalProfile ReferenceId="A1"/></AuthorizationTechnicalProfiles></Authorization>',
    )
    inherited = merged(base, journey(""))[0].user_journeys["j"]
    replaced = merged(base, journey("", children='<ClientDefinition ReferenceId="C2"/>'))[0].user_journeys["j"]

    assert (inherited.non_interactive, inherited.default_issuer_technical_profile.id) == (True, "I1")
    assert (inherited.client_definition.id, inherited.authorization_technical_profiles[0].id) == ("C1", "A1")
    assert replaced.client_definition.id == "C2"


def test_sub_journeys_are_merged_like_journeys(merged):
    sub = '<SubJourneys><SubJourney Id="S" Type="{}"><OrchestrationSteps>{}</OrchestrationSteps></SubJourney></SubJourneys>'
    policy, _ = merged(sub.format("Call", step(1)), sub.format("Transfer", step(2)))

    found = policy.sub_journeys["s"]
    assert (found.sub_journey_type, list(found.steps)) == ("Transfer", [1, 2])


def test_relying_parties_of_a_chain_are_merged(merged):
    base = (
        '<RelyingParty><DefaultUserJourney ReferenceId="A"/><Endpoints><Endpoint Id="Token" UserJourneyReferenceId="T"/>'
        '</Endpoints><UserJourneyBehaviors><SingleSignOn Scope="Tenant" KeepAliveInDays="7"/><ScriptExecution>Allow'
        '</ScriptExecution><ContentDefinitionParameters><Parameter Name="a">1</Parameter><Parameter Name="b">2</Parameter>'
        '</ContentDefinitionParameters></UserJourneyBehaviors><TechnicalProfile Id="PolicyProfile"><OutputClaims>'
        '<OutputClaim ClaimTypeReferenceId="x"/></OutputClaims></TechnicalProfile></RelyingParty>'
    )
    child = (
        '<RelyingParty><DefaultUserJourney ReferenceId="B"/><Endpoints>'
        '<Endpoint Id="UserInfo" UserJourneyReferenceId="U"/></Endpoints>'
        '<UserJourneyBehaviors><SingleSignOn Scope="Policy"/><ContentDefinitionParameters><Parameter Name="B">3</Parameter>'
        '</ContentDefinitionParameters></UserJourneyBehaviors><TechnicalProfile Id="PolicyProfile"><OutputClaims>'
        '<OutputClaim ClaimTypeReferenceId="y"/></OutputClaims></TechnicalProfile></RelyingParty>'
    )
    found = merged(base, child)[0].relying_party

    parameters = found.behaviors["contentdefinitionparameters"].parameters
    assert found.default_user_journey.id == "B"
    assert list(found.endpoints) == ["token", "userinfo"]
    assert dict(found.behaviors["singlesignon"].attributes) == {"Scope": "Policy"}
    assert found.behaviors["scriptexecution"].text == "Allow"
    assert {name: each.value for name, each in parameters.items()} == {"a": "1", "b": "3"}
    assert [each.claim_type for each in found.technical_profile.output_claims] == ["y", "x"]


def test_a_relying_party_profile_of_another_id_replaces(merged):
    text = (
        '<RelyingParty><TechnicalProfile Id="{0}"><OutputClaims><OutputClaim ClaimTypeReferenceId="{0}"/></OutputClaims>'
        "</TechnicalProfile></RelyingParty>"
    )
    found = merged(text.format("A"), text.format("B"))[0].relying_party.technical_profile

    assert (found.id, [each.claim_type for each in found.output_claims]) == ("B", ["B"])


def test_a_relying_party_is_inherited_when_the_child_has_none(merged):
    policy, _ = merged('<RelyingParty><DefaultUserJourney ReferenceId="A"/></RelyingParty>', "")

    assert policy.relying_party.default_user_journey.id == "A"
