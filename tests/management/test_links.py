from __future__ import annotations

import asyncio

import pytest

from journeyman.management.links import Invitation, OneTimeLinks, Purpose, welcome_link
from journeyman.secret import Secret
from journeyman.state.memory import MemoryStateStore

INVITATION = Invitation(Purpose.ADD, "ada@contoso.com", "Ada", ("User.Read.All",), by="eve")


@pytest.fixture
def links(clock):
    return OneTimeLinks(MemoryStateStore(clock), clock)


async def test_a_link_says_what_it_is_for_and_works_once(links):
    token = (await links.issue(INVITATION)).reveal()

    assert await links.look(token) == INVITATION
    assert await links.take(token) == INVITATION
    assert await links.take(token) is None
    assert await links.look(token) is None


async def test_of_many_who_take_a_link_at_once_one_gets_it(links):
    token = (await links.issue(INVITATION)).reveal()
    taken = await asyncio.gather(*(links.take(token) for _ in range(20)))

    assert [one for one in taken if one is not None] == [INVITATION]


async def test_a_link_is_over_after_an_hour(links, clock):
    token = (await links.issue(INVITATION)).reveal()
    clock.turn(minutes=60)

    assert await links.look(token) is None


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "é" * 43, "x" * 5000])
async def test_what_is_no_token_opens_nothing(links, token):
    assert await links.look(token) is None
    assert await links.take(token) is None


async def test_tokens_are_long_and_random(links):
    tokens = {(await links.issue(INVITATION)).reveal() for _ in range(20)}

    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {43}
    assert welcome_link("https://id.contoso.com", Secret("t")) == "https://id.contoso.com/portal/welcome?link=t"
