from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.technical_profile import Continue

OUT = ('objectId PartnerClaimType="sub"',)


@pytest.fixture
def issue(xml, play):
    """Play a journey in which an API sets claims of the given types; ``values`` are what it answers."""

    def run(values, *outputs, types=None, subject="sub", **options):
        claims = tuple(xml.claim(name, data_type) for name, data_type in (types or {}).items())
        names = ("objectId", *(types or {}))
        profile = xml.profile("Call", "rest", outputs=names)
        text = xml.policy(
            xml.step(Call="Call"),
            claims=claims,
            profiles=(profile,),
            outputs=outputs or OUT,
            subject=subject,
            **options,
        )
        return play(text, answers={"Call": Continue(values)})

    return run


async def test_claims_go_into_the_token_under_their_names_and_with_their_types(issue, claims_of):
    types = {
        "flag": "boolean",
        "count": "long",
        "groups": "stringCollection",
        "born": "date",
        "at": "dateTime",
        "none": "string",
    }
    values = {
        "objectId": "u",
        "flag": True,
        "count": 7,
        "groups": ["a", "b"],
        "born": "1815-12-10",
        "at": "2026-03-01T12:00:00Z",
        "none": "",
    }
    names = ('flag PartnerClaimType="is_flag"', "count", "groups", "born", "at", "none")

    tokens = await issue(values, *OUT, *names, types=types).start()

    assert claims_of(tokens) == {
        "sub": "u",
        "is_flag": True,
        "count": 7,
        "groups": ["a", "b"],
        "born": "1815-12-10",
        "at": 1772366400,
    }
    assert set(tokens.remembered) == {"objectId", "flag", "count", "groups", "born", "at"}


async def test_a_default_stands_in_for_an_absent_and_for_an_empty_claim_and_may_win_always(issue, claims_of):
    types = {"absent": "string", "empty": "string", "forced": "string", "hint": "string"}
    values = {"objectId": "u", "empty": "", "forced": "theirs"}
    names = (
        'absent DefaultValue="a"',
        'empty DefaultValue="e"',
        'forced DefaultValue="{Policy:PolicyId}" AlwaysUseDefaultValue="true"',
        'hint DefaultValue="{OIDC:LoginHint}" AlwaysUseDefaultValue="true"',
    )

    tokens = await issue(values, *OUT, *names, types=types).start()

    assert claims_of(tokens) == {"sub": "u", "absent": "a", "empty": "e", "forced": "B2C_1A_Test"}


async def test_a_required_claim_without_a_value_fails_the_journey(issue, code_of):
    outcome = await issue({"objectId": "u"}, *OUT, 'tier Required="true"', types={"tier": "string"}).start()

    assert code_of(outcome) == "AADB2C"
    assert "'tier'" in str(outcome.error)


async def test_a_default_that_does_not_fit_its_type_fails_the_journey(issue, code_of):
    names = ('count DefaultValue="{OIDC:LoginHint}" AlwaysUseDefaultValue="true"',)

    outcome = await issue({"objectId": "u"}, *OUT, *names, types={"count": "int"}).start(login_hint="many")

    assert code_of(outcome) == "AADB2C"
    assert "'count' is not a int" in str(outcome.error)
    assert "many" not in str(outcome.error)


async def test_the_subject_is_found_by_wire_name_before_claim_id(issue):
    names = ('other PartnerClaimType="sub"', "sub")

    tokens = await issue(
        {"other": "by name", "sub": "by id"}, *names, types={"other": "string", "sub": "string"}
    ).start()

    assert tokens.subject == "by name"


async def test_the_subject_may_be_named_by_claim_id_in_any_case(issue):
    assert (await issue({"objectId": "u"}, *OUT, subject="OBJECTID").start()).subject == "u"


async def test_a_subject_without_a_value_fails_the_journey(issue, code_of):
    outcome = await issue({}).start()

    assert code_of(outcome) == "AADB2C90037"
    assert "invalid subject" in str(outcome.error)


async def test_a_policy_that_names_no_subject_has_none(issue):
    tokens = await issue({"objectId": "u"}, "objectId", subject="").start()

    assert tokens.subject is None
    assert tokens.user_id == "u"


async def test_the_user_is_remembered_by_the_claim_that_the_issuer_names(issue):
    journey = issue({"objectId": "u", "member": 7}, *OUT, "member", types={"member": "int"})
    issuer = journey.policy.technical_profiles["JwtIssuer"]
    other = replace(issuer, metadata=type(issuer.metadata)({"issuer_refresh_token_user_identity_claim_type": "MEMBER"}))
    profiles = {**journey.policy.technical_profiles, "JwtIssuer": other}
    journey.runner = replace(journey.runner, policy=replace(journey.policy, technical_profiles=profiles))

    assert (await journey.start()).user_id == "7"


async def test_without_that_claim_nobody_is_remembered(issue):
    journey = issue({"member": "7"}, 'member PartnerClaimType="sub"', types={"member": "string"})

    assert (await journey.start()).user_id is None


async def test_send_claims_without_any_issuer_is_refused(issue, code_of):
    journey = issue({"objectId": "u"})
    journeys = {
        name: replace(
            one, default_issuer_profile=None, steps=tuple(replace(step, issuer_profile=None) for step in one.steps)
        )
        for name, one in journey.policy.journeys.items()
    }
    journey.runner = replace(journey.runner, policy=replace(journey.policy, journeys=journeys))

    assert code_of(await journey.start()) == "AADB2C90108"


async def test_a_policy_without_a_relying_party_issues_nothing(issue, code_of):
    journey = issue({"objectId": "u"})
    journey.runner = replace(journey.runner, policy=replace(journey.policy, relying_party=None))

    assert code_of(await journey.start()) == "AADB2C90031"
