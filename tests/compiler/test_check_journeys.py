from __future__ import annotations

import pytest

from journeyman.diagnostics import Severity

STEP_3 = """        <OrchestrationStep Order="3" Type="ClaimsExchange">
          <ClaimsExchanges>"""
SEND = '<OrchestrationStep Order="4" Type="SendClaims" CpimIssuerTechnicalProfileReferenceId="JwtIssuer" />'
SELECTION = '<ClaimsProviderSelection TargetClaimsExchangeId="SignUpExchange" />'
SUB_JOURNEYS = """
  <SubJourneys>
    <SubJourney Id="A" Type="Call"><OrchestrationSteps>
      <OrchestrationStep Order="1" Type="InvokeSubJourney"><JourneyList><Candidate SubJourneyReferenceId="B" /></JourneyList>
      </OrchestrationStep></OrchestrationSteps></SubJourney>
    <SubJourney Id="B" Type="Call"><OrchestrationSteps>
      <OrchestrationStep Order="1" Type="InvokeSubJourney"><JourneyList><Candidate SubJourneyReferenceId="A" /></JourneyList>
      </OrchestrationStep></OrchestrationSteps></SubJourney>
  </SubJourneys>
  <RelyingParty>"""
CHOOSE = """<OrchestrationStep Order="2" Type="InvokeSubJourney"><JourneyList>
  <Candidate SubJourneyReferenceId="Choice" /></JourneyList></OrchestrationStep>
  <OrchestrationStep Order="5" Type="ClaimsExchange">"""
CHOICE = """
  <SubJourneys><SubJourney Id="Choice" Type="Call"><OrchestrationSteps>
    <OrchestrationStep Order="1" Type="ClaimsExchange"><ClaimsExchanges>
      <ClaimsExchange Id="SignUpExchange" TechnicalProfileReferenceId="SelfAsserted-SignUp" />
      <ClaimsExchange Id="Other" TechnicalProfileReferenceId="AAD-Read" />
    </ClaimsExchanges></OrchestrationStep></OrchestrationSteps></SubJourney></SubJourneys>
  <RelyingParty>"""

BROKEN = [
    ('Order="2" Type="ClaimsExchange"', 'Order="2" Type="ReviewScreen"', "JM1204", "ReviewScreen"),
    (
        STEP_3,
        STEP_3 + '<ClaimsExchange Id="Again" TechnicalProfileReferenceId="AAD-Read" />',
        "JM1205",
        '<OrchestrationStep Order="3"',
    ),
    (SELECTION, SELECTION.replace("SignUpExchange", "Facebook"), "JM1206", '"Facebook"'),
    ('ValidationClaimsExchangeId="SignInExchange"', 'ValidationClaimsExchangeId="Nobody"', "JM1207", '"Nobody"'),
    (SEND, '<OrchestrationStep Order="4" Type="Noop" />', "JM1209", '<UserJourney Id="SignUpOrSignIn"'),
    (' CpimIssuerTechnicalProfileReferenceId="JwtIssuer"', "", "JM1210", 'Type="SendClaims"'),
    (' ContentDefinitionReferenceId="api.signuporsignin"', "", "JM1211", 'Order="1"'),
    (
        '<ClaimsExchange Id="ReadUser" TechnicalProfileReferenceId="AAD-Read" />',
        "",
        "JM1212",
        '<OrchestrationStep Order="3"',
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "marker"), BROKEN)
def test_a_broken_journey_is_an_error_at_its_place(compile_xml, old, new, code, marker):
    sample = compile_xml((old, new))

    found = sample.only(code)
    assert (found.severity, found.element) == (Severity.ERROR, "SignUpOrSignIn")
    assert found.location.line == sample.line_of(marker)


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        (
            STEP_3,
            STEP_3 + '<ClaimsExchange Id="Again" TechnicalProfileReferenceId="AAD-Read" />',
            "JM1205",
            (
                'User journey "SignUpOrSignIn" has step 3 with 2 claims exchanges. It must be preceded by a claims provider '
                "selection in order to determine which claims exchange can be used."
            ),
        ),
        (
            SEND,
            "",
            "JM1209",
            "AADB2C90040: User journey 'SignUpOrSignIn' does not contain a send claims step.",
        ),
        (
            'Order="2" Type="ClaimsExchange"',
            'Order="2" Type="ReviewScreen"',
            "JM1204",
            (
                'Step 2 of "SignUpOrSignIn" follows a claims provider selection and must be a claims exchange but is of type '
                "ReviewScreen."
            ),
        ),
    ],
)
def test_the_texts_of_the_service_are_kept(compile_xml, old, new, code, text):
    assert compile_xml((old, new)).only(code).message == text


def test_a_missing_issuer_and_page_are_reported_with_the_codes_of_the_service(compile_xml):
    no_issuer = compile_xml((' CpimIssuerTechnicalProfileReferenceId="JwtIssuer"', "")).only("JM1210")
    no_page = compile_xml((' ContentDefinitionReferenceId="api.signuporsignin"', "")).only("JM1211")

    assert no_issuer.message.startswith("AADB2C90108: ")
    assert no_page.message.startswith("AADB2C90277: ")


def test_a_gap_between_steps_is_a_warning_naming_the_missing_step(compile_xml):
    sample = compile_xml(('Order="4"', 'Order="6"'))

    found = sample.only("JM1203")
    assert found.message == '"SignUpOrSignIn" was expected to have step with order "4" but it was not found.'
    assert found.severity is Severity.WARNING


def test_a_noop_between_selection_and_exchange_does_not_count(compile_xml):
    noop = '<OrchestrationStep Order="2" Type="Noop" /><OrchestrationStep Order="22" Type="ClaimsExchange">'

    assert compile_xml(('<OrchestrationStep Order="2" Type="ClaimsExchange">', noop)).of("JM1204") == []


def test_a_selection_may_be_made_in_the_caller_and_exchanged_in_the_sub_journey(compile_xml):
    sample = compile_xml(
        ('<OrchestrationStep Order="2" Type="ClaimsExchange">', CHOOSE),
        ('<ClaimsExchange Id="SignUpExchange"', '<ClaimsExchange Id="Unrelated"'),
        ("  <RelyingParty>", CHOICE),
    )

    assert sample.errors == []


def test_several_exchanges_in_a_sub_journey_without_selection_are_an_error(compile_xml):
    sample = compile_xml(("  <RelyingParty>", CHOICE))

    assert sample.only("JM1205").element == "Choice"


@pytest.mark.parametrize(
    ("old", "new", "marker"),
    [
        ('<Item Key="SignUpTarget">SignUpExchange', '<Item Key="SignUpTarget">Elsewhere', "Elsewhere"),
        (
            '<Item Key="SignUpTarget">',
            '<Item Key="setting.forgotPasswordLinkOverride">Forgot</Item><Item Key="SignUpTarget">',
            ">Forgot<",
        ),
    ],
)
def test_a_link_to_an_exchange_that_is_not_in_the_next_step_is_a_warning(compile_xml, old, new, marker):
    sample = compile_xml((old, new))

    found = sample.only("JM1213")
    assert (found.severity, found.element) == (Severity.WARNING, "SignUpOrSignIn")
    assert found.location.line == sample.line_of(marker)


def test_a_sign_up_target_does_not_matter_where_the_link_is_hidden(compile_xml):
    sample = compile_xml(
        ('<Item Key="SignUpTarget">SignUpExchange', '<Item Key="SignUpTarget">Elsewhere'),
        ('<Item Key="SignUpTarget">', '<Item Key="setting.showSignupLink">False</Item><Item Key="SignUpTarget">'),
    )

    assert sample.of("JM1213") == []


def test_sub_journeys_that_call_each_other_are_an_error(compile_xml):
    sample = compile_xml(("  <RelyingParty>", SUB_JOURNEYS))

    assert sample.only("JM1215").message == 'The sub journey "A" invokes itself: A → B → A.'
    assert {found.severity for found in sample.of("JM1214")} == {Severity.WARNING}


def test_a_base_file_alone_may_leave_its_journey_unfinished(compile_xml):
    text = compile_xml().text
    relying_party = text[text.index("  <RelyingParty>") : text.index("</TrustFrameworkPolicy>")]

    sample = compile_xml((relying_party, ""), (SEND, ""))

    assert sample.only("JM1209").severity is Severity.WARNING
    assert sample.policy is not None


def test_the_same_mistake_of_a_journey_that_nobody_runs_is_found_too(compile_xml):
    other = '<UserJourney Id="Other"><OrchestrationSteps><OrchestrationStep Order="1" Type="SendClaims" />'

    sample = compile_xml(("  <UserJourneys>", f"<UserJourneys>{other}</OrchestrationSteps></UserJourney>"))

    found = sample.only("JM1210")
    assert (found.severity, found.element) == (Severity.WARNING, "Other")


def test_a_selection_in_the_last_step_leads_nowhere(compile_xml):
    selection = (
        '<OrchestrationStep Order="5" Type="ClaimsProviderSelection" ContentDefinitionReferenceId="api.signuporsignin">'
    )
    selection += f"<ClaimsProviderSelections>{SELECTION}</ClaimsProviderSelections></OrchestrationStep>"

    assert compile_xml((SEND, SEND + selection)).only("JM1206").severity is Severity.ERROR


def test_a_sub_journey_without_steps_offers_no_exchange(compile_xml):
    empty = '<SubJourneys><SubJourney Id="Choice" Type="Call"><OrchestrationSteps /></SubJourney></SubJourneys><RelyingParty>'

    sample = compile_xml(('<OrchestrationStep Order="2" Type="ClaimsExchange">', CHOOSE), ("  <RelyingParty>", empty))

    assert sample.only("JM1206").message == (
        'The claims exchange "SignUpExchange" that step 1 of "SignUpOrSignIn" offers is not in the next step.'
    )


def test_an_issuer_that_does_not_exist_is_not_reported_a_second_time_as_missing(compile_xml):
    sample = compile_xml(
        ('CpimIssuerTechnicalProfileReferenceId="JwtIssuer"', 'CpimIssuerTechnicalProfileReferenceId="Nobody"')
    )

    assert sample.of("JM1210") == []
    assert "JM1102" in sample.errors


def sub_journeys(**invoked):
    rows = ""
    for name, calls in invoked.items():
        steps = "".join(
            f'<OrchestrationStep Order="{order}" Type="InvokeSubJourney"><JourneyList><Candidate SubJourneyReferenceId="{call}" />'
            "</JourneyList></OrchestrationStep>"
            for order, call in enumerate(calls, 1)
        )
        rows += f'<SubJourney Id="{name}" Type="Call"><OrchestrationSteps>{steps}</OrchestrationSteps></SubJourney>'
    return ("  <RelyingParty>", f"<SubJourneys>{rows}</SubJourneys><RelyingParty>")


@pytest.mark.parametrize(
    ("invoked", "paths"),
    [
        ({"A": "A"}, ["A → A"]),
        ({"A": "B", "B": "C", "C": "A", "D": "A"}, ["A → B → C → A"]),
        ({"A": "BC", "B": "D", "C": "D", "D": "A"}, ["A → B → D → A"]),
        ({"A": "A", "B": "AC", "C": "D", "D": "D"}, ["A → A", "D → D"]),
        ({"A": "B", "B": "AC", "C": "D", "D": "EC", "E": "F", "F": ""}, ["A → B → A", "C → D → C"]),
        ({"A": "A", "B": "A", "C": "BC"}, ["A → A", "C → C"]),
        ({"A": "B", "B": ""}, []),
    ],
)
def test_each_circle_of_sub_journeys_is_reported_once_with_its_shortest_way(compile_xml, invoked, paths):
    sample = compile_xml(sub_journeys(**invoked))

    assert [found.message.partition(": ")[2].rstrip(".") for found in sample.of("JM1215")] == paths


def test_a_long_circle_is_named_by_its_beginning(compile_xml):
    invoked = {f"S{number:02}": [f"S{(number + 1) % 12:02}"] for number in range(12)}
    sample = compile_xml(sub_journeys(**invoked))

    assert sample.only("JM1215").message.endswith("S08 → S09 → ….")
