from __future__ import annotations

import pytest

from journeyman.compiler.compiled import Exchange, JourneyKind, Selection, StepType
from journeyman.diagnostics import Severity

SUB = """
  <SubJourneys>
    <SubJourney Id="ReadIt" Type="Transfer">
      <OrchestrationSteps>
        <OrchestrationStep Order="1" Type="SendClaims" CpimIssuerTechnicalProfileReferenceId="JwtIssuer" />
      </OrchestrationSteps>
    </SubJourney>
  </SubJourneys>
  <RelyingParty>"""
INVOKE = (
    '<OrchestrationStep Order="4" Type="InvokeSubJourney"><JourneyList><Candidate SubJourneyReferenceId="readit" />'
)
INVOKE += "</JourneyList></OrchestrationStep>"
SEND = '<OrchestrationStep Order="4" Type="SendClaims" CpimIssuerTechnicalProfileReferenceId="JwtIssuer" />'


def test_steps_run_in_the_order_of_their_numbers(compile_xml):
    sample = compile_xml(('Order="4"', 'Order="14"'), ('Order="3"', 'Order="13"'))

    assert [step.order for step in sample.policy.journeys["SignUpOrSignIn"].steps] == [1, 2, 13, 14]


def test_a_step_keeps_page_selections_and_exchanges(compile_xml):
    step = compile_xml().policy.journeys["SignUpOrSignIn"].steps[0]

    assert (step.type, step.content_definition) == (StepType.COMBINED_SIGN_IN_AND_SIGN_UP, "api.signuporsignin")
    assert step.selections == (Selection(None, "SignInExchange"), Selection("SignUpExchange", None))
    assert step.exchanges == (Exchange("SignInExchange", "SelfAsserted-SignIn"),)
    assert not step.show_single_provider


def test_selections_have_the_declared_spelling_of_their_exchange(compile_xml):
    sample = compile_xml(
        ('Selection TargetClaimsExchangeId="SignUpExchange"', 'Selection TargetClaimsExchangeId="signupexchange"'),
        ('ValidationClaimsExchangeId="SignInExchange"', 'ValidationClaimsExchangeId="SIGNINEXCHANGE"'),
    )

    step = sample.policy.journeys["SignUpOrSignIn"].steps[0]
    assert step.selections == (Selection(None, "SignInExchange"), Selection("SignUpExchange", None))


def test_the_issuer_of_the_first_send_claims_step_is_the_default(compile_xml):
    journey = compile_xml().policy.journeys["SignUpOrSignIn"]

    assert (journey.default_issuer_profile, journey.steps[3].issuer_profile) == ("JwtIssuer", "JwtIssuer")


def test_a_declared_default_issuer_wins(compile_xml):
    sample = compile_xml(
        ('Id="SignUpOrSignIn">', 'Id="SignUpOrSignIn" DefaultCpimIssuerTechnicalProfileReferenceId="JWTISSUER">'),
        (' CpimIssuerTechnicalProfileReferenceId="JwtIssuer"', ""),
    )

    assert sample.policy.journeys["SignUpOrSignIn"].default_issuer_profile == "JwtIssuer"
    assert sample.errors == []


def test_a_sub_journey_is_invoked_by_its_declared_id(compile_xml):
    sample = compile_xml((SEND, INVOKE), ("  <RelyingParty>", SUB))

    assert sample.policy.sub_journeys["ReadIt"].kind is JourneyKind.TRANSFER
    assert sample.policy.journeys["SignUpOrSignIn"].steps[3].sub_journeys == ("ReadIt",)
    assert sample.errors == []


def test_an_authorization_profile_of_a_journey_is_kept(compile_xml):
    element = '<Authorization><AuthorizationTechnicalProfiles><AuthorizationTechnicalProfile ReferenceId="aad-read" />'
    element += "</AuthorizationTechnicalProfiles></Authorization>"

    sample = compile_xml(('<UserJourney Id="SignUpOrSignIn">', f'<UserJourney Id="SignUpOrSignIn">{element}'))

    assert sample.policy.journeys["SignUpOrSignIn"].authorization_profiles == ("AAD-Read",)


def test_a_step_type_that_is_not_executed_yet_is_a_warning_and_marks_the_step(compile_xml):
    sample = compile_xml(('Order="3" Type="ClaimsExchange"', 'Order="3" Type="ReviewScreen"'))

    found = sample.only("JM1202")
    assert (found.severity, found.location.line) == (Severity.WARNING, sample.line_of("ReviewScreen"))
    assert sample.policy.journeys["SignUpOrSignIn"].steps[2].unsupported == found.message


def test_a_noop_is_executed(compile_xml):
    sample = compile_xml(
        ('Order="3" Type="ClaimsExchange"', 'Order="3" Type="Noop"'),
        (
            'ClaimTypeReferenceId="displayName" />\n        <OutputClaim ClaimTypeReferenceId="loyaltyId" />',
            'ClaimTypeReferenceId="loyaltyId" />',
        ),
    )

    assert sample.of("JM1202") == []


@pytest.mark.parametrize(
    ("old", "new", "code", "marker"),
    [
        ('Order="3" Type="ClaimsExchange"', 'Order="3" Type="Exchange"', "JM1201", 'Type="Exchange"'),
        (
            '"ReadUser" TechnicalProfileReferenceId="AAD-Read"',
            '"ReadUser" TechnicalProfileReferenceId="AAD-None"',
            "JM1102",
            "AAD-None",
        ),
        (
            'ContentDefinitionReferenceId="api.signuporsignin"',
            'ContentDefinitionReferenceId="api.none"',
            "JM1102",
            "api.none",
        ),
        (
            ' CpimIssuerTechnicalProfileReferenceId="JwtIssuer"',
            ' CpimIssuerTechnicalProfileReferenceId="None"',
            "JM1102",
            'TechnicalProfileReferenceId="None"',
        ),
    ],
)
def test_a_broken_step_is_an_error_at_its_place(compile_xml, old, new, code, marker):
    sample = compile_xml((old, new))

    found = sample.only(code)
    assert (found.severity, found.element) == (Severity.ERROR, "SignUpOrSignIn")
    assert found.location.line == sample.line_of(marker)


def test_a_sub_journey_of_an_unknown_type_is_an_error(compile_xml):
    sample = compile_xml((SEND, INVOKE), ("  <RelyingParty>", SUB.replace("Transfer", "Jump")))

    assert sample.only("JM1221").location.line == sample.line_of('Type="Jump"')


def test_a_reference_to_an_unknown_sub_journey_is_an_error(compile_xml):
    sample = compile_xml((SEND, INVOKE.replace("readit", "nothing") + SEND.replace("4", "5")))

    assert 'SubJourney with id "nothing"' in sample.only("JM1102").message


@pytest.mark.parametrize(
    ("candidates", "severity"),
    [("", "error"), ('<Candidate SubJourneyReferenceId="ReadIt" />' * 2, "warning")],
)
def test_a_step_names_exactly_one_sub_journey(compile_xml, candidates, severity):
    invoke = INVOKE.replace('<Candidate SubJourneyReferenceId="readit" />', candidates) + SEND.replace("4", "5")

    sample = compile_xml((SEND, invoke), ("  <RelyingParty>", SUB))

    assert sample.only("JM1216").severity.value == severity


def test_a_missing_client_definition_harms_nobody(compile_xml):
    sample = compile_xml(
        ("</OrchestrationSteps>", '</OrchestrationSteps><ClientDefinition ReferenceId="DefaultWeb" />')
    )

    assert sample.only("JM1102").severity is Severity.WARNING
