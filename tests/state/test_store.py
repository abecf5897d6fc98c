"""The contract of the state store: every backend passes the same tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from journeyman.state.memory import MemoryStateStore
from journeyman.state.sql import SqlStateStore
from journeyman.state.store import Kind, StateStore
from journeyman.storage.sqlite import open_sqlite


@pytest.fixture(params=["memory", "sqlite"])
async def store(request, clock, sealer, tmp_path) -> AsyncIterator[StateStore]:
    if request.param == "memory":
        yield MemoryStateStore(clock)
        return
    database = open_sqlite(tmp_path / "state.db")
    yield SqlStateStore(database, sealer, clock)
    await database.close()


@pytest.fixture
def later(clock):
    return clock.now() + timedelta(minutes=5)


async def test_a_value_comes_back_as_it_was_put(store, later):
    await store.put(Kind.JOURNEY, "an id", b"\x00value\xff", expires_at=later)

    stored = await store.get(Kind.JOURNEY, "an id")
    assert stored is not None
    assert stored.value == b"\x00value\xff"


async def test_an_unknown_id_is_none(store):
    assert await store.get(Kind.JOURNEY, "nobody") is None
    assert await store.take(Kind.JOURNEY, "nobody") is None


async def test_kinds_do_not_see_each_others_ids(store, later):
    await store.put(Kind.CODE, "an id", b"code", expires_at=later)

    assert await store.get(Kind.REFRESH, "an id") is None
    assert await store.take(Kind.SESSION, "an id") is None


async def test_a_second_put_writes_over_the_first_and_changes_the_version(store, later):
    await store.put(Kind.SESSION, "s", b"one", expires_at=later)
    first = await store.get(Kind.SESSION, "s")
    await store.put(Kind.SESSION, "s", b"two", expires_at=later)
    second = await store.get(Kind.SESSION, "s")

    assert second.value == b"two"
    assert second.version != first.version


async def test_a_value_is_gone_at_the_moment_it_expires(store, clock, later):
    await store.put(Kind.SESSION, "s", b"one", expires_at=later)
    version = (await store.get(Kind.SESSION, "s")).version
    clock.move(minutes=5)

    assert await store.get(Kind.SESSION, "s") is None
    assert not await store.replace(Kind.SESSION, "s", b"two", version=version, expires_at=later + timedelta(hours=1))
    assert await store.take(Kind.SESSION, "s") is None


async def test_a_put_over_an_expired_value_lives_again(store, clock, later):
    await store.put(Kind.SESSION, "s", b"one", expires_at=later)
    clock.move(minutes=6)
    await store.put(Kind.SESSION, "s", b"two", expires_at=later + timedelta(minutes=5))

    assert (await store.get(Kind.SESSION, "s")).value == b"two"


async def test_replace_writes_only_over_the_version_that_was_read(store, later):
    await store.put(Kind.JOURNEY, "j", b"one", expires_at=later)
    read = await store.get(Kind.JOURNEY, "j")

    assert await store.replace(Kind.JOURNEY, "j", b"two", version=read.version, expires_at=later)
    assert not await store.replace(Kind.JOURNEY, "j", b"three", version=read.version, expires_at=later)
    assert (await store.get(Kind.JOURNEY, "j")).value == b"two"


async def test_replace_moves_the_expiry(store, clock, later):
    await store.put(Kind.JOURNEY, "j", b"one", expires_at=later)
    version = (await store.get(Kind.JOURNEY, "j")).version
    await store.replace(Kind.JOURNEY, "j", b"two", version=version, expires_at=later + timedelta(minutes=5))
    clock.move(minutes=6)

    assert (await store.get(Kind.JOURNEY, "j")).value == b"two"


async def test_replace_of_an_absent_value_makes_none(store, later):
    assert not await store.replace(Kind.JOURNEY, "j", b"two", version=1, expires_at=later)
    assert await store.get(Kind.JOURNEY, "j") is None


async def test_a_version_read_before_a_delete_does_not_fit_a_later_value(store, later):
    await store.put(Kind.JOURNEY, "j", b"one", expires_at=later)
    version = (await store.get(Kind.JOURNEY, "j")).version
    await store.delete(Kind.JOURNEY, "j")
    await store.put(Kind.JOURNEY, "j", b"another", expires_at=later)

    assert not await store.replace(Kind.JOURNEY, "j", b"two", version=version, expires_at=later)


async def test_of_two_concurrent_replaces_one_wins(store, later):
    await store.put(Kind.JOURNEY, "j", b"one", expires_at=later)
    version = (await store.get(Kind.JOURNEY, "j")).version
    won = await asyncio.gather(
        *(store.replace(Kind.JOURNEY, "j", b"new", version=version, expires_at=later) for _ in range(10))
    )

    assert sorted(won) == [False] * 9 + [True]


async def test_of_many_takers_one_gets_the_value(store, later):
    await store.put(Kind.CODE, "c", b"grant", expires_at=later)
    taken = await asyncio.gather(*(store.take(Kind.CODE, "c") for _ in range(20)))

    assert [value for value in taken if value is not None] == [b"grant"]
    assert await store.get(Kind.CODE, "c") is None


async def test_delete_takes_the_value_away_and_does_not_mind_an_absent_one(store, later):
    await store.put(Kind.REFRESH, "r", b"grant", expires_at=later)
    await store.delete(Kind.REFRESH, "r")
    await store.delete(Kind.REFRESH, "r")

    assert await store.get(Kind.REFRESH, "r") is None


async def test_a_counter_counts_every_caller_once(store, later):
    numbers = await asyncio.gather(*(store.count("tries/alice", expires_at=later) for _ in range(20)))

    assert sorted(numbers) == list(range(1, 21))


async def test_a_counter_keeps_the_expiry_of_its_first_use_and_then_starts_again(store, clock, later):
    await store.count("tries/alice", expires_at=later)
    assert await store.count("tries/alice", expires_at=later + timedelta(hours=1)) == 2
    clock.move(minutes=5)
    assert await store.count("tries/alice", expires_at=clock.now() + timedelta(minutes=5)) == 1
    clock.move(minutes=4)

    assert await store.count("tries/alice", expires_at=clock.now() + timedelta(minutes=5)) == 2


async def test_a_cleared_counter_starts_again_and_an_absent_one_does_not_mind(store, later):
    await store.count("tries/alice", expires_at=later)
    await store.clear("tries/alice")
    await store.clear("tries/bob")

    assert await store.count("tries/alice", expires_at=later) == 1


async def test_a_counter_and_a_value_of_one_id_are_apart(store, later):
    await store.put(Kind.COUNTER, "x", b"value", expires_at=later)

    assert await store.count("x", expires_at=later) == 1
    assert (await store.get(Kind.COUNTER, "x")).value == b"value"


async def test_purge_deletes_expired_values_and_counters_up_to_its_limit(store, clock, later):
    for number in range(3):
        await store.put(Kind.CODE, f"old {number}", b"x", expires_at=later)
    await store.count("old", expires_at=later)
    await store.put(Kind.CODE, "young", b"y", expires_at=later + timedelta(hours=1))
    clock.move(minutes=5)

    assert await store.purge(limit=2) == 2
    assert await store.purge() == 2
    assert await store.purge() == 0
    assert (await store.get(Kind.CODE, "young")).value == b"y"
