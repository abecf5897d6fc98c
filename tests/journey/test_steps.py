from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from journeyman.compiler.compiled import Exchange, Step, StepType
from journeyman.errors import ServiceError
from journeyman.journey.outcome import ShowStep
from journeyman.journey.state import Frame
from journeyman.journey.steps import exchange_to_run, plan_of, target_profile
from journeyman.technical_profile import Continue


@pytest.fixture
def marks(xml):
    """Profiles that leave a mark: ``Mark1`` sets the claim ``mark1``; and the claims."""
    names = ("mark1", "mark2", "mark3")
    profiles = tuple(xml.profile(name.title(), "transform", outputs=(f'{name} DefaultValue="x"',)) for name in names)
    return {"claims": tuple(xml.claim(name) for name in names), "profiles": profiles, "outputs": names, "subject": ""}


async def test_a_called_sub_journey_comes_back_to_the_next_step(xml, marks, play, claims_of):
    inner = xml.sub_journey("Sub", xml.step(B="Mark2"), xml.step("Noop"))
    text = xml.policy(
        xml.step(A="Mark1"),
        xml.invoke("Sub"),
        xml.step(C="Mark3"),
        xml.step("SendClaims"),
        sub_journeys=(inner,),
        **marks,
    )

    assert claims_of(await play(text).start()) == {"mark1": "x", "mark2": "x", "mark3": "x"}


async def test_a_transfer_never_comes_back_and_its_tokens_are_those_of_the_journey(xml, marks, play, claims_of):
    send = xml.step("SendClaims").replace(' CpimIssuerTechnicalProfileReferenceId="JwtIssuer"', "")
    inner = xml.sub_journey("Sub", xml.step(B="Mark2"), send, type="Transfer")
    text = xml.policy(
        xml.step(A="Mark1"),
        xml.invoke("Sub"),
        xml.step(C="Mark3"),
        xml.step("SendClaims"),
        sub_journeys=(inner,),
        **marks,
    )
    journey = play(text)

    tokens = await journey.start()

    assert claims_of(tokens) == {"mark1": "x", "mark2": "x"}
    assert tokens.issuer_profile == "JwtIssuer"


async def test_a_page_inside_a_sub_journey_goes_on_inside_it(xml, play, claims_of):
    page = xml.profile("Ask", "page", outputs=("name",))
    inner = xml.sub_journey("Sub", xml.step(A="Ask"), xml.step(B="Mark"))
    profiles = (page, xml.profile("Mark", "transform", outputs=('mark DefaultValue="x"',)))
    claims = (xml.claim("name", control="TextBox"), xml.claim("mark"))
    text = xml.policy(
        xml.invoke("Sub"),
        xml.step("SendClaims"),
        sub_journeys=(inner,),
        claims=claims,
        profiles=profiles,
        outputs=("name", "mark"),
        subject="",
    )
    journey = play(text)

    assert isinstance(await journey.start(), ShowStep)
    assert claims_of(await journey.enter(name="Ada")) == {"name": "Ada", "mark": "x"}


async def test_sub_journeys_that_nest_too_deep_are_stopped(xml, play, code_of):
    chain = [xml.sub_journey(f"S{number}", xml.invoke(f"S{number + 1}")) for number in range(1, 9)]
    last = xml.sub_journey("S9", xml.step("Noop"))
    text = xml.policy(xml.invoke("S1"), xml.step("SendClaims"), sub_journeys=(*chain, last), outputs=(), subject="")

    outcome = await play(text).start()

    assert code_of(outcome) == "AADB2C90037"
    assert "nest deeper than 8" in str(outcome.error)


async def test_a_journey_that_goes_round_in_circles_is_stopped(xml, play, code_of):
    one = xml.sub_journey("One", xml.step("Noop"), xml.step("SendClaims"), type="Transfer")
    text = xml.policy(xml.invoke("One"), xml.step("SendClaims"), sub_journeys=(one,), outputs=(), subject="")
    journey = play(text)
    sub = journey.policy.sub_journeys["One"]
    circle = replace(sub, steps=(Step(1, StepType.INVOKE_SUB_JOURNEY, sub_journeys=("One",)), *sub.steps))
    policy = replace(journey.policy, sub_journeys={"One": circle})  # the compiler refuses such a policy

    journey.runner = replace(journey.runner, policy=policy)
    outcome = await journey.start()

    assert code_of(outcome) == "AADB2C"
    assert str(outcome.error) == "the journey ran 1000 steps without an end"


async def test_a_choice_in_the_caller_may_be_made_for_a_step_of_the_sub_journey(xml, play):
    profiles = (xml.profile("One", "page", outputs=("name",)), xml.profile("Two", "page", outputs=("name",)))
    select = xml.step("ClaimsProviderSelection", xml.selections("ToOne", "ToTwo"), page="api.select")
    inner = xml.sub_journey("Sub", xml.step(ToOne="One", ToTwo="Two"))
    text = xml.policy(
        select,
        xml.invoke("Sub"),
        xml.step("SendClaims"),
        sub_journeys=(inner,),
        claims=(xml.claim("name", control="TextBox"),),
        profiles=profiles,
        outputs=("name",),
        subject="",
    )
    journey = play(text)
    shown = await journey.start()

    page = await journey.select("ToTwo")

    assert [option.exchange_id for option in shown.page.options] == ["ToOne", "ToTwo"]
    assert page.page.profile_id == "Two"


def test_a_target_is_found_behind_a_sub_journey_that_does_not_have_it(xml, marks, compile_policy_text):
    inner = xml.sub_journey("Sub", xml.step(B="Mark2"))
    steps = (xml.step(A="Mark1"), xml.invoke("Sub"), xml.step(C="Mark3"), xml.step("SendClaims"))
    policy = compile_policy_text(xml.policy(*steps, sub_journeys=(inner,), **marks))
    state = SimpleNamespace(frames=[Frame("Journey")])

    assert target_profile(policy, state, "b") == "Mark2"
    assert target_profile(policy, state, "C") == "Mark3"
    assert target_profile(policy, state, "A") is None


async def test_several_exchanges_without_a_choice_are_refused(xml, play, code_of):
    profiles = (xml.profile("One", "page", outputs=("name",)), xml.profile("Two", "page", outputs=("name",)))
    claims = (xml.claim("name", control="TextBox"), xml.claim("flag"))
    select = xml.step(
        "ClaimsProviderSelection", xml.selections("ToOne", "ToTwo"), page="api.select", skip_if="objectId"
    )
    mark = xml.step(Id="Id")
    text = xml.policy(
        mark,
        select,
        xml.step(ToOne="One", ToTwo="Two"),
        claims=claims,
        profiles=(*profiles, xml.profile("Id", "transform", outputs=('objectId DefaultValue="u"',))),
    )

    outcome = await play(text).start()

    assert code_of(outcome) == "AADB2C90037"
    assert "contains more than one claims exchange" in str(outcome.error)


def test_a_single_exchange_runs_whatever_was_chosen():
    step = Step(3, StepType.CLAIMS_EXCHANGE, exchanges=(Exchange("One", "Profile"),))

    assert exchange_to_run(step, "Two") == Exchange("One", "Profile")
    assert exchange_to_run(step, None) == Exchange("One", "Profile")


def test_of_several_exchanges_the_chosen_one_runs_whatever_its_case():
    step = Step(3, StepType.CLAIMS_EXCHANGE, exchanges=(Exchange("One", "First"), Exchange("Two", "Second")))

    assert exchange_to_run(step, "TWO").profile_id == "Second"


def test_a_step_without_any_exchange_is_refused():
    with pytest.raises(ServiceError, match="step 3 and the step contains no claims exchange"):
        exchange_to_run(Step(3, StepType.CLAIMS_EXCHANGE), "One")


async def test_preconditions_skip_steps(xml, marks, play, claims_of):
    text = xml.policy(
        xml.step(A="Mark1"),
        xml.step(B="Mark2", skip_equal="mark1=x"),
        xml.step(C="Mark3", skip_equal="mark2=x"),
        **marks,
    )

    assert claims_of(await play(text).start()) == {"mark1": "x", "mark3": "x"}


def test_the_plan_of_a_policy_changes_with_its_steps_and_with_nothing_else(xml, marks, compile_policy_text):
    def plan(*steps, **more):
        return plan_of(compile_policy_text(xml.policy(*steps, **marks, **more)))

    both = (xml.step(A="Mark1"), xml.step(B="Mark2"), xml.step(C="Mark3"))

    assert plan(*both) == plan(
        *both, behaviors="<UserJourneyBehaviors><ScriptExecution>Allow</ScriptExecution></UserJourneyBehaviors>"
    )
    assert plan(*both) != plan(both[0], both[2], both[1])
    assert plan(*both) != plan(xml.step("Noop"), *both)


async def test_a_state_of_a_journey_that_is_gone_is_refused(xml, marks, play, code_of):
    journey = play(
        xml.policy(xml.step(A="Mark1"), xml.step(B="Mark2"), xml.step(C="Mark3"), **marks), answers={"x": Continue()}
    )
    journey.state.frames[0].journey_id = "Renamed"

    assert code_of(await journey.start()) == "AADB2C90046"
