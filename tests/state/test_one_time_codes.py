from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from journeyman.state.memory import MemoryStateStore
from journeyman.state.one_time_codes import CodeRules, CodeVerdict, OneTimeCodes

ADA = ("journey", "j1", "ada@contoso.com")
EVE = ("journey", "j1", "eve@contoso.com")


@pytest.fixture
def codes(clock):
    return OneTimeCodes(MemoryStateStore(clock), clock)


def wrong_for(code):
    return str((int(code) + 1) % 1_000_000).zfill(6)


async def test_a_code_has_the_wanted_length_and_letters_and_works_once(codes):
    code = await codes.issue(ADA, CodeRules(length=8, characters="abcdefghij"))

    assert len(code) == 8
    assert set(code) <= set("abcdefghij")
    assert await codes.check(ADA, f" {code} ") is CodeVerdict.RIGHT
    assert await codes.check(ADA, code) is CodeVerdict.NO_CODE


async def test_a_code_of_one_owner_is_none_of_another(codes):
    code = await codes.issue(ADA, CodeRules())

    assert await codes.check(EVE, code) is CodeVerdict.NO_CODE
    assert await codes.check(("journey", "j1ada", "@contoso.com"), code) is CodeVerdict.NO_CODE


async def test_a_code_expires_and_a_new_one_voids_the_old(codes, clock):
    first = await codes.issue(ADA, CodeRules(lifetime=timedelta(seconds=60)))
    clock.move(seconds=60)
    expired = await codes.check(ADA, first)
    second = await codes.issue(ADA, CodeRules())
    third = await codes.issue(ADA, CodeRules())

    assert expired is CodeVerdict.NO_CODE
    assert second == third or await codes.check(ADA, second) is CodeVerdict.WRONG
    assert await codes.check(ADA, third) is CodeVerdict.RIGHT


async def test_after_the_last_try_the_right_code_fails_and_no_other_is_given_until_it_expires(codes, clock):
    code = await codes.issue(ADA, CodeRules(tries=3))
    tried = [await codes.check(ADA, wrong_for(code)) for _ in range(3)]

    assert tried == [CodeVerdict.WRONG] * 3
    assert await codes.check(ADA, code) is CodeVerdict.TOO_MANY_TRIES
    assert await codes.issue(ADA, CodeRules()) is CodeVerdict.TOO_MANY_TRIES
    clock.move(minutes=10)
    assert isinstance(await codes.issue(ADA, CodeRules()), str)


async def test_each_owner_has_a_number_of_codes_of_its_own(codes):
    given = [await codes.issue(ADA, CodeRules(issues=3)) for _ in range(4)]

    assert [isinstance(each, str) for each in given] == [True, True, True, False]
    assert given[3] is CodeVerdict.TOO_MANY_CODES
    assert isinstance(await codes.issue(EVE, CodeRules(issues=3)), str)


async def test_a_code_that_is_given_out_again_lives_longer_and_keeps_its_tries(codes, clock):
    rules = CodeRules(reuse=True, tries=2)
    code = await codes.issue(ADA, rules)
    await codes.check(ADA, wrong_for(code))
    clock.move(minutes=9)
    again = await codes.issue(ADA, rules)
    clock.move(minutes=9)

    assert again == code
    assert await codes.check(ADA, wrong_for(code)) is CodeVerdict.WRONG
    assert await codes.check(ADA, code) is CodeVerdict.TOO_MANY_TRIES


async def test_of_parallel_checks_of_the_right_code_one_succeeds(codes):
    code = await codes.issue(ADA, CodeRules(tries=20))
    found = await asyncio.gather(*(codes.check(ADA, code) for _ in range(8)))

    assert found.count(CodeVerdict.RIGHT) == 1
    assert set(found) <= {CodeVerdict.RIGHT, CodeVerdict.CONFLICT, CodeVerdict.NO_CODE}


async def test_a_check_that_came_second_is_a_conflict(clock):
    class TakenMeanwhile(MemoryStateStore):
        async def take(self, kind, id):
            return None

    raced = OneTimeCodes(TakenMeanwhile(clock), clock)
    code = await raced.issue(ADA, CodeRules())
    assert await raced.check(ADA, code) is CodeVerdict.CONFLICT
