"""What a policy does, as steps and profiles."""

from __future__ import annotations

import pytest

from journeyman.compiler.journey_graph import GraphExchange, journey_graph
from journeyman.policy.load import PolicyText, load_policies

HEAD = (
    '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" PolicySchemaVersion="0.3.0.0" '
    'TenantId="contoso.onmicrosoft.com" PolicyId="B2C_1A_P" PublicPolicyUri="http://contoso.onmicrosoft.com/B2C_1A_P">'
)
CONTROL = """<BuildingBlocks><DisplayControls><DisplayControl Id="Code" UserInterfaceControlType="VerificationControl">
<Actions><Action Id="SendCode"><ValidationClaimsExchange>
<ValidationClaimsExchangeTechnicalProfile TechnicalProfileReferenceId="Mail" /></ValidationClaimsExchange></Action></Actions>
</DisplayControl></DisplayControls></BuildingBlocks>"""
SELF_ASSERTED = 'Name="Proprietary" Handler="Web.TPEngine.Providers.SelfAssertedAttributeProvider, Web.TPEngine"'
RESTFUL = 'Name="Proprietary" Handler="Web.TPEngine.Providers.RestfulProvider, Web.TPEngine"'


def profile(id: str, protocol: str, inner: str = "") -> str:
    return (
        f'<TechnicalProfile Id="{id}"><DisplayName>{id}</DisplayName><Protocol {protocol} />{inner}</TechnicalProfile>'
    )


PROFILES = (
    profile(
        "Form",
        SELF_ASSERTED,
        '<DisplayClaims><DisplayClaim DisplayControlReferenceId="Code" /><DisplayClaim ClaimTypeReferenceId="name" />'
        '</DisplayClaims><ValidationTechnicalProfiles><ValidationTechnicalProfile ReferenceId="Call" />'
        '<ValidationTechnicalProfile ReferenceId="Gone" /></ValidationTechnicalProfiles>',
    ),
    profile(
        "Call",
        RESTFUL,
        '<Metadata><Item Key="ServiceUrl">https://api.contoso.example/a?code=hidden</Item>'
        '<Item Key="AuthenticationType">Basic</Item></Metadata><CryptographicKeys>'
        '<Key Id="BasicAuthenticationPassword" StorageReferenceId="B2C_1A_Password" /></CryptographicKeys>',
    ),
    profile("Mail", RESTFUL),
    profile("Odd", 'Name="Proprietary" Handler="Contoso.Odd"'),
    profile("Issuer", 'Name="OpenIdConnect"', "<OutputTokenFormat>JWT</OutputTokenFormat>"),
)
STEPS = """<OrchestrationStep Order="1" Type="CombinedSignInAndSignUp" ContentDefinitionReferenceId="api.in">
<ClaimsProviderSelections><ClaimsProviderSelection TargetClaimsExchangeId="Up" />
<ClaimsProviderSelection ValidationClaimsExchangeId="In" /></ClaimsProviderSelections>
<ClaimsExchanges><ClaimsExchange Id="In" TechnicalProfileReferenceId="Form" /></ClaimsExchanges></OrchestrationStep>
<OrchestrationStep Order="2" Type="ClaimsExchange"><Preconditions>
<Precondition Type="ClaimsExist" ExecuteActionsIf="true"><Value>objectId</Value><Action>SkipThisOrchestrationStep</Action></Precondition>
<Precondition Type="ClaimEquals" ExecuteActionsIf="false"><Value>a</Value><Value>b</Value><Action>SkipThisOrchestrationStep</Action></Precondition>
<Precondition Type="ClaimEquals" ExecuteActionsIf="true"><Value>a</Value><Value>c</Value><Action>SkipThisOrchestrationStep</Action></Precondition>
<Precondition Type="ClaimsExist" ExecuteActionsIf="false"><Value>x</Value><Action>SkipThisOrchestrationStep</Action></Precondition>
</Preconditions><ClaimsExchanges><ClaimsExchange Id="Up" TechnicalProfileReferenceId="Odd" /></ClaimsExchanges></OrchestrationStep>
<OrchestrationStep Order="3" Type="InvokeSubJourney"><JourneyList><Candidate SubJourneyReferenceId="Sub" />
<Candidate SubJourneyReferenceId="Missing" /></JourneyList></OrchestrationStep>
<OrchestrationStep Order="4" Type="SendClaims" CpimIssuerTechnicalProfileReferenceId="Issuer" />"""
SUB = """<SubJourneys><SubJourney Id="Sub" Type="Call"><OrchestrationSteps><OrchestrationStep Order="1" Type="ClaimsExchange">
<ClaimsExchanges><ClaimsExchange Id="Again" TechnicalProfileReferenceId="Form" /></ClaimsExchanges></OrchestrationStep>
</OrchestrationSteps></SubJourney></SubJourneys>"""
PARTY = """<RelyingParty><DefaultUserJourney ReferenceId="Main" /><Endpoints>
<Endpoint Id="Token" UserJourneyReferenceId="Main" /><Endpoint Id="UserInfo" UserJourneyReferenceId="Nowhere" /></Endpoints>
</RelyingParty>"""


@pytest.fixture
def graph_of():
    def run(party=PARTY):
        text = (
            f"{HEAD}{CONTROL}<ClaimsProviders><ClaimsProvider><TechnicalProfiles>{''.join(PROFILES)}</TechnicalProfiles>"
            f'</ClaimsProvider></ClaimsProviders><UserJourneys><UserJourney Id="Main"><OrchestrationSteps>{STEPS}'
            f"</OrchestrationSteps></UserJourney></UserJourneys>{SUB}{party}</TrustFrameworkPolicy>"
        )
        loaded = load_policies((), settings={}, tenant_name=None, texts=(PolicyText("p.xml", text.encode()),))
        merged, _ = loaded.merged("B2C_1A_P")
        assert merged is not None, [str(each) for each in loaded.diagnostics]
        return journey_graph(merged)

    return run


def test_the_journeys_are_those_of_the_relying_party_and_what_they_invoke(graph_of):
    found = [(journey.id, journey.entry, len(journey.steps)) for journey in graph_of().journeys]

    assert found == [("Main", "authorize", 4), ("Sub", "", 1)]


def test_a_step_says_what_it_runs_and_when_it_is_left_out(graph_of):
    first, second, third, last = graph_of().journeys[0].steps

    assert (first.type, first.page, first.choices) == ("CombinedSignInAndSignUp", "api.in", ("Up",))
    assert first.exchanges == (GraphExchange("In", "Form"),)
    assert second.conditions == ("objectId has a value", "a is not b", "a is c", "x has no value")
    assert third.invokes == ("Sub", "Missing")
    assert last.issuer == "Issuer"


def test_a_profile_is_told_once_with_what_it_runs(graph_of):
    profiles = {profile.id: profile for profile in graph_of().profiles}

    assert {name: profile.kind for name, profile in profiles.items()} == {
        "Form": "page", "Odd": "other", "Issuer": "issuer", "Call": "rest", "Mail": "rest",
    }  # fmt: skip
    assert profiles["Form"].validations == (("validation", "Call"), ("validation", "Gone"), ("SendCode", "Mail"))


def test_a_rest_call_names_address_and_key_and_not_its_query(graph_of):
    call = next(profile for profile in graph_of().profiles if profile.id == "Call")

    assert (call.target, call.detail, call.keys) == ("https://api.contoso.example/a", "Basic", ("B2C_1A_Password",))


@pytest.mark.parametrize("party", ["", "<RelyingParty></RelyingParty>"])
def test_a_policy_that_nobody_can_ask_for_has_no_journeys(graph_of, party):
    assert graph_of(party).journeys == ()
