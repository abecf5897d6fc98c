from __future__ import annotations

import pytest

from journeyman.claims.resolvers import Resolver
from journeyman.compiler.compiled import SessionBehavior, SsoScope
from journeyman.diagnostics import Severity

BEHAVIORS_START, BEHAVIORS_END = "    <UserJourneyBehaviors>", "</UserJourneyBehaviors>"


def without_behaviors(compile_xml):
    text = compile_xml().text
    end = text.index(BEHAVIORS_END) + len(BEHAVIORS_END)
    return compile_xml((text[text.index(BEHAVIORS_START) : end], ""))


def test_the_relying_party_names_what_runs(compile_xml):
    party = compile_xml().policy.relying_party

    assert (party.journey, party.endpoint_journeys) == ("SignUpOrSignIn", {"userinfo": "SignUpOrSignIn"})
    assert (party.protocol, party.subject_name) == ("OpenIdConnect", "sub")


def test_its_behaviors_are_read(compile_xml):
    party = compile_xml().policy.relying_party

    assert party.session == SessionBehavior(SsoScope.APPLICATION, rolling=False, lifetime_s=1200, keep_alive_days=7)
    assert party.script_allowed
    assert party.framing_sources == ("https://a.contoso.com", "https://b.contoso.com")
    ((name, template),) = party.content_parameters
    assert (name, template.parts) == ("campaign", (Resolver("oauth-kv", "campaign", "{OAUTH-KV:campaign}"),))


def test_the_defaults_of_the_behaviors(compile_xml):
    party = without_behaviors(compile_xml).policy.relying_party

    assert party.session == SessionBehavior(
        SsoScope.TENANT, rolling=True, lifetime_s=86400, keep_alive_days=0, enforce_id_token_hint_on_logout=False
    )
    assert not party.script_allowed
    assert (party.framing_sources, party.content_parameters) == ((), ())


def test_trust_framework_scope_counts_as_tenant(compile_xml):
    sample = compile_xml(('Scope="Application"', 'Scope="TrustFramework" EnforceIdTokenHintOnLogout="True"'))

    session = sample.policy.relying_party.session
    assert (session.scope, session.enforce_id_token_hint_on_logout) == (SsoScope.TENANT, True)


def test_framing_that_is_not_enabled_allows_nobody(compile_xml):
    sample = compile_xml(('JourneyFraming Enabled="true"', 'JourneyFraming Enabled="false"'))

    assert sample.policy.relying_party.framing_sources == ()


@pytest.mark.parametrize(
    ("old", "new", "marker"),
    [
        ('Scope="Application"', 'Scope="Everyone"', "Everyone"),
        ('KeepAliveInDays="7"', 'KeepAliveInDays="91"', '"91"'),
        ('KeepAliveInDays="7"', 'KeepAliveInDays="7" EnforceIdTokenHintOnLogout="maybe"', "maybe"),
        (">Absolute<", ">Sliding<", "Sliding"),
        (">1200<", ">899<", ">899<"),
        (">1200<", ">86401<", ">86401<"),
        (">1200<", ">soon<", ">soon<"),
        (">Allow<", ">Yes<", ">Yes<"),
        ('JourneyFraming Enabled="true"', 'JourneyFraming Enabled="perhaps"', "perhaps"),
    ],
)
def test_a_behavior_that_cannot_be_read_is_an_error_at_its_place(compile_xml, old, new, marker):
    sample = compile_xml((old, new))

    found = sample.only("JM1306")
    assert (found.severity, found.location.line) == (Severity.ERROR, sample.line_of(marker))


def test_a_behavior_without_effect_is_said_to_be_so(compile_xml):
    sample = compile_xml(("<ScriptExecution>Allow</ScriptExecution>", '<OnError Mode="DisplayInService" />'))

    assert sample.only("JM1307").severity is Severity.INFO


def test_an_unknown_endpoint_is_a_warning(compile_xml):
    sample = compile_xml(('Endpoint Id="UserInfo"', 'Endpoint Id="Introspection"'))

    found = sample.only("JM1302")
    assert (found.severity, found.location.line) == (Severity.WARNING, sample.line_of("Introspection"))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('<DefaultUserJourney ReferenceId="SignUpOrSignIn"', '<DefaultUserJourney ReferenceId="None"', "UserJourney"),
        (
            'Endpoint Id="UserInfo" UserJourneyReferenceId="SignUpOrSignIn"',
            'Endpoint Id="UserInfo" UserJourneyReferenceId="None"',
            "UserJourney",
        ),
    ],
)
def test_a_journey_that_does_not_exist_is_an_error(compile_xml, old, new, kind):
    sample = compile_xml((old, new))

    found = sample.only("JM1102")
    assert f'{kind} with id "None"' in found.message
    assert found.location.line == sample.line_of('ReferenceId="None"')


def test_a_relying_party_without_journey_compiles_and_cannot_be_run(compile_xml):
    sample = compile_xml(('    <DefaultUserJourney ReferenceId="SignUpOrSignIn" />\n', ""))

    found = sample.only("JM1301")
    assert found.message.startswith("AADB2C90031: ")
    assert (found.severity, sample.policy.relying_party) == (Severity.WARNING, None)
    assert found.location.line == sample.line_of("<RelyingParty>")


def test_a_relying_party_of_an_unknown_protocol_is_an_error(compile_xml):
    sample = compile_xml(
        ('<Protocol Name="OpenIdConnect" />\n      <OutputClaims>', '<Protocol Name="WsFed" />\n      <OutputClaims>')
    )

    assert sample.only("JM1308").element == "PolicyProfile"
