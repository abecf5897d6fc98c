from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from journeyman.errors import ServiceError
from journeyman.journey.outcome import PageAnswer
from journeyman.journey.state import Frame, JourneyState, PageState
from journeyman.journey.verification import EmailVerification, is_address
from journeyman.mail.mailer import Message
from journeyman.state.memory import MemoryStateStore

ADA = "ada@contoso.com"


@dataclass
class Letters:
    """A mailer that keeps what it is given."""

    sent: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        self.sent.append(message)


@pytest.fixture
def letters():
    return Letters()


@pytest.fixture
def verification(letters, clock):
    return EmailVerification(MemoryStateStore(clock), letters, clock)


def a_journey(id="j", verify=("email",)):
    return JourneyState(
        id=id,
        correlation_id="c",
        tenant="contoso.onmicrosoft.com",
        policy_id="P",
        browser="b",
        parameters={},
        language="en",
        started_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        frames=[Frame("Journey")],
        page=PageState("csrf", verify=list(verify)),
    )


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_right_code_binds_the_address_to_the_claim(verification, letters):
    journey = a_journey()

    sent = await verification.send(journey, "EMAIL", f" {ADA} ")
    checked = await verification.check(journey, "email", ADA, f" {letters.sent[0].code} ")

    assert (sent, checked) == (PageAnswer(), PageAnswer())
    assert letters.sent[0].to == ADA
    assert letters.sent[0].code in letters.sent[0].text
    assert journey.verified == {"email": ADA}


async def test_a_code_has_six_digits_and_is_not_in_the_repr_of_the_message(verification, letters):
    await verification.send(a_journey(), "email", ADA)

    assert len(letters.sent[0].code) == 6
    assert letters.sent[0].code.isdecimal()
    assert letters.sent[0].code not in repr(letters.sent[0])


async def test_a_code_is_used_up_by_its_first_use(verification, letters):
    journey = a_journey()
    await verification.send(journey, "email", ADA)
    await verification.check(journey, "email", ADA, letters.sent[0].code)

    again = await verification.check(journey, "email", ADA, letters.sent[0].code)

    assert again == PageAnswer("AADB2C90159", "That code is expired. Please request a new code.")


async def test_after_five_wrong_codes_the_right_one_is_refused_until_a_new_one_is_sent(verification, letters):
    journey = a_journey()
    await verification.send(journey, "email", ADA)
    code = letters.sent[0].code

    answers = [await verification.check(journey, "email", ADA, wrong(code)) for _ in range(5)]
    sixth = await verification.check(journey, "email", ADA, code)

    assert {answer.message for answer in answers} == {"That code is incorrect. Please try again."}
    assert sixth.message == "You've made too many incorrect attempts. Please try again later."
    assert journey.verified == {}
    await verification.send(journey, "email", ADA)
    assert await verification.check(journey, "email", ADA, letters.sent[1].code) == PageAnswer()


async def test_a_code_expires_after_ten_minutes(verification, letters, clock):
    journey = a_journey()
    await verification.send(journey, "email", ADA)
    clock.turn(minutes=10, seconds=1)

    answer = await verification.check(journey, "email", ADA, letters.sent[0].code)

    assert answer.message == "That code is expired. Please request a new code."


async def test_a_new_code_makes_the_earlier_one_void_in_every_browser(verification, letters):
    mine, theirs = a_journey("mine"), a_journey("theirs")
    await verification.send(mine, "email", ADA)
    await verification.send(theirs, "email", ADA.upper())

    old = await verification.check(mine, "email", ADA, letters.sent[0].code)

    assert old.error_code == ("AADB2C90159" if letters.sent[0].code != letters.sent[1].code else None)
    assert await verification.check(mine, "email", ADA, letters.sent[1].code) == PageAnswer()


async def test_asking_for_a_new_code_voids_the_verification(verification, letters):
    journey = a_journey()
    await verification.send(journey, "email", ADA)
    await verification.check(journey, "email", ADA, letters.sent[0].code)

    await verification.send(journey, "email", "eve@contoso.com")

    assert journey.verified == {}


async def test_the_code_of_one_address_verifies_no_other(verification, letters):
    journey = a_journey()
    await verification.send(journey, "email", "eve@contoso.com")

    answer = await verification.check(journey, "email", ADA, letters.sent[0].code)

    assert answer.error_code == "AADB2C90159"
    assert journey.verified == {}


async def test_an_address_gets_ten_codes_an_hour(verification, letters, clock):
    answers = [await verification.send(a_journey(f"j{number}"), "email", ADA) for number in range(11)]

    assert [answer.error_code for answer in answers] == [None] * 10 + ["AADB2C90158"]
    assert "too many requests" in answers[10].message
    assert len(letters.sent) == 10
    clock.turn(hours=1)
    assert await verification.send(a_journey("later"), "email", ADA) == PageAnswer()


async def test_a_journey_sends_mail_to_twenty_addresses_and_no_more(verification, letters):
    journey = a_journey()
    for number in range(25):
        await verification.send(journey, "email", f"user{number}@contoso.com")

    assert len(letters.sent) == 20


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@",
        "@contoso.com",
        "a@b@contoso.com",
        "ada@contoso.com\nBcc: eve@contoso.com",
        "ada lovelace@contoso.com",
        "<ada@contoso.com>",
        "ada@contoso.com,eve@contoso.com",
        "a" * 65 + "@contoso.com",
        "ada@" + "c" * 190,
        "\u212aim@contoso.com",  # the Kelvin sign, which is a k to whoever ignores case
        "\u017fam@contoso.com",  # a long s
        "stra\u00dfe@contoso.com",
        "ada\uff20contoso.com",  # a full-width @
    ],
)
async def test_what_is_no_address_or_looks_like_another_one_gets_no_mail(verification, letters, address):
    answer = await verification.send(a_journey(), "email", address)
    checked = await verification.check(a_journey(), "email", address, "000000")

    assert answer == PageAnswer("AADB2C90158", "Incorrect format.")
    assert checked.error_code == "AADB2C90159"
    assert letters.sent == []


def test_addresses_of_other_alphabets_are_addresses():
    assert is_address("łukasz@przykład.pl")
    assert is_address("Ada.Lovelace+tag@Contoso.COM")


@pytest.mark.parametrize("journey", [a_journey(verify=()), a_journey(verify=("other",))])
async def test_only_a_field_of_the_page_can_be_verified(verification, letters, journey):
    for move in (verification.send(journey, "email", ADA), verification.check(journey, "email", ADA, "1")):
        with pytest.raises(ServiceError) as caught:
            await move
        assert caught.value.service_code == "AADB2C90046"
    assert letters.sent == []


async def test_a_journey_without_a_page_verifies_nothing(verification):
    journey = a_journey()
    journey.page = None

    with pytest.raises(ServiceError, match="cannot be loaded"):
        await verification.send(journey, "email", ADA)
