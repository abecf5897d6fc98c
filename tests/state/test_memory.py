from __future__ import annotations

from datetime import timedelta

from journeyman.state.memory import MemoryStateStore
from journeyman.state.store import Kind


async def test_the_store_keeps_no_id_in_clear(clock):
    store = MemoryStateStore(clock)
    await store.put(Kind.REFRESH, "bearer-refresh-token", b"grant", expires_at=clock.now() + timedelta(hours=1))

    assert "bearer-refresh-token" not in repr(vars(store))


async def test_a_value_changed_after_the_put_does_not_change_the_store(clock):
    store = MemoryStateStore(clock)
    value = bytearray(b"grant")
    await store.put(Kind.CODE, "c", value, expires_at=clock.now() + timedelta(hours=1))
    value[:] = b"other"

    assert (await store.get(Kind.CODE, "c")).value == b"grant"
