from __future__ import annotations

from datetime import timedelta

from journeyman.state.apart import StateApart
from journeyman.state.memory import MemoryStateStore
from journeyman.state.store import Kind


async def test_what_one_part_stores_no_other_part_finds(clock):
    whole = MemoryStateStore(clock)
    one, other = StateApart(whole, "one"), StateApart(whole, "other")
    later = clock.now() + timedelta(hours=1)
    await one.put(Kind.CODE, "c", b"grant", expires_at=later)

    assert (await one.get(Kind.CODE, "c")).value == b"grant"
    assert await other.get(Kind.CODE, "c") is None
    assert await whole.get(Kind.CODE, "c") is None
    assert await other.take(Kind.CODE, "c") is None
    assert await one.take(Kind.CODE, "c") == b"grant"


async def test_a_part_changes_counts_and_forgets_as_the_whole_does(clock):
    whole = MemoryStateStore(clock)
    part = StateApart(whole, "part")
    later = clock.now() + timedelta(hours=1)
    await part.put(Kind.SESSION, "s", b"1", expires_at=later)
    version = (await part.get(Kind.SESSION, "s")).version
    assert await part.replace(Kind.SESSION, "s", b"2", version=version, expires_at=later)
    assert not await part.replace(Kind.SESSION, "s", b"3", version=version, expires_at=later)
    await part.delete(Kind.SESSION, "s")
    assert await part.get(Kind.SESSION, "s") is None
    assert [await part.count("n", expires_at=later) for _ in range(2)] == [1, 2]
    assert await whole.count("n", expires_at=later) == 1
    await part.clear("n")
    assert await part.count("n", expires_at=later) == 1
    clock.move(hours=2)
    assert await part.purge() == 2
