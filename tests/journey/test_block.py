"""A block page ends a journey for good (rest-connectors.md §15.4)."""

from __future__ import annotations

import pytest

from journeyman.errors import ServiceError
from journeyman.journey.outcome import Block, Fail, IssueTokens, PageAnswer, ShowStep
from journeyman.technical_profile import Continue, Refuse, ShowBlockPage

AWAY = ShowBlockPage("You are not on the list.")


@pytest.fixture
def exchange(xml, play):
    """A journey that asks an API before it sends claims."""

    def make(answer, **options):
        call = xml.profile("Call", "rest", inputs=("name",), outputs=("name",))
        text = xml.policy(
            xml.step(Call="Call"), claims=(xml.claim("name"),), profiles=(call,), outputs=("name",), subject=""
        )
        return play(text, answers={"Call": answer}, **options)

    return make


@pytest.fixture
def page(xml, play):
    """A page with two validation technical profiles."""

    def make(answers, first="A"):
        rest = tuple(xml.profile(name, "rest", inputs=("name",), outputs=("objectId",)) for name in "AB")
        ask = xml.profile("Ask", "page", outputs=("name", "objectId"), validations=(first, "B"))
        text = xml.policy(
            xml.step(Ask="Ask"),
            claims=(xml.claim("name", control="TextBox"), xml.claim("secret", control="Password")),
            profiles=(ask, *rest),
            outputs=("name",),
            subject="",
        )
        return play(text, answers=answers)

    return make


async def test_an_exchange_ends_the_journey_with_the_message_and_forgets_the_person(exchange):
    journey = exchange(AWAY)
    journey.state.claims.set("name", "Ada")

    outcome = await journey.start()

    assert outcome == Block("You are not on the list.")
    assert (dict(journey.claims), journey.state.frames, journey.state.blocked) == ({}, [], "You are not on the list.")
    assert [record.detail for record in journey.records] == ["You are not on the list."]


async def test_a_silent_request_is_told_that_a_page_is_needed(exchange, code_of):
    assert code_of(await exchange(AWAY).start(prompt="none")) == "AADB2C90077"
    assert code_of(await exchange(AWAY, interactive=False).start()) == "AADB2C90077"


async def test_a_page_is_accepted_and_the_next_navigation_finds_the_end(page):
    journey = page({"A": AWAY})
    await journey.start()

    answer = await journey.post(name="Ada")

    assert answer == PageAnswer()
    assert [call.profile.id for call in journey.api.calls] == ["A"]
    assert (dict(journey.claims), journey.state.blocked) == ({}, "You are not on the list.")
    assert journey.events() == ["page Ask", "refused A", "refused Ask"]


async def test_continue_on_error_does_not_let_a_blocked_person_pass(page):
    journey = page({"A": AWAY, "B": Continue({"objectId": "u"})}, first='A ContinueOnError="true"')
    await journey.start()
    await journey.post(name="Ada")

    assert [call.profile.id for call in journey.api.calls] == ["A"]
    assert journey.state.blocked == "You are not on the list."


async def test_nothing_revives_it(page):
    journey = page({"A": AWAY})
    await journey.start()
    await journey.post(name="Ada")
    assert await journey.post(name="Ada") == PageAnswer()
    moves = (journey.confirm, journey.show_again, journey.sign_up, journey.forgot_password, journey.cancel)

    for move in moves:
        with pytest.raises(ServiceError, match="Start over from the beginning"):
            await move()
    with pytest.raises(ServiceError):
        await journey.act("control", "SendCode")
    outcome = await journey.start()

    assert isinstance(outcome, Fail)
    assert [call.profile.id for call in journey.api.calls] == ["A"]


async def test_a_refusal_after_all_keeps_the_page(page):
    journey = page({"A": Refuse("No.")})
    await journey.start()

    answer = await journey.post(name="Ada")

    assert answer.message == "No."
    assert journey.state.blocked is None
    assert isinstance(await journey.show_again(), ShowStep)


async def test_a_journey_without_a_block_goes_on(exchange):
    assert isinstance(await exchange(Continue()).start(), IssueTokens)


async def test_a_record_hides_a_secret_that_the_message_repeats(page):
    def repeats(call):
        return ShowBlockPage(f"Your code {call.claims['secret']} is used up.")

    journey = page({"A": repeats})
    journey.state.claims.set("secret", "correct horse battery")
    await journey.start()
    await journey.post(name="Ada")

    assert all("correct horse" not in record.detail for record in journey.records)
