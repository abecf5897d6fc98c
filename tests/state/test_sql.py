from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.clock import SystemClock
from journeyman.errors import SealError, StorageError
from journeyman.state.sql import SqlStateStore
from journeyman.state.store import Kind
from journeyman.storage.sqlite import open_sqlite

# Another process: takes and counts as fast as it can and prints what it got.
_RIVAL = """
import asyncio, json, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from journeyman.clock import SystemClock
from journeyman.state.sql import SqlStateStore
from journeyman.state.store import Kind
from journeyman.storage.sqlite import open_sqlite

class Clear:
    def seal(self, clear, *, context):
        return clear
    def open(self, sealed, *, context):
        return sealed

async def main():
    database = open_sqlite(Path(sys.argv[1]))
    store = SqlStateStore(database, Clear(), SystemClock())
    until = datetime.now(UTC) + timedelta(hours=1)
    taken = [n for n in range(60) if await store.take(Kind.CODE, f"code {n}") is not None]
    counted = [await store.count("tries", expires_at=until) for _ in range(40)]
    await database.close()
    print(json.dumps([taken, counted]))

asyncio.run(main())
"""


class ClearSealer:
    def seal(self, clear, *, context):
        return clear

    def open(self, sealed, *, context):
        return sealed


@pytest.fixture
async def database(tmp_path):
    database = open_sqlite(tmp_path / "state.db")
    yield database
    await database.close()


async def test_neither_id_nor_value_is_in_the_file_in_clear(database, sealer, clock, tmp_path):
    store = SqlStateStore(database, sealer, clock)
    later = clock.now() + timedelta(hours=1)
    await store.put(Kind.REFRESH, "canary-refresh-token", b"canary-value", expires_at=later)
    await store.count("canary-counter-id", expires_at=later)

    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"state_expires_at" in files
    assert b"canary" not in files


async def test_a_value_moved_to_another_id_does_not_open(database, sealer, clock):
    store = SqlStateStore(database, sealer, clock)
    await store.put(Kind.SESSION, "mallory", b"session", expires_at=clock.now() + timedelta(hours=1))
    await store.put(Kind.SESSION, "alice", b"session", expires_at=clock.now() + timedelta(hours=1))
    await database.execute("UPDATE state SET value = (SELECT max(value) FROM state)")

    with pytest.raises(SealError):
        [await store.get(Kind.SESSION, name) for name in ("mallory", "alice")]


async def test_a_value_of_the_wrong_type_in_the_table_is_a_storage_error(database, sealer, clock):
    store = SqlStateStore(database, sealer, clock)
    await store.put(Kind.SESSION, "s", b"session", expires_at=clock.now() + timedelta(hours=1))
    await database.execute("UPDATE state SET value = 'text'")

    with pytest.raises(StorageError, match="a column holds str where bytes belong"):
        await store.get(Kind.SESSION, "s")


async def test_take_and_count_are_atomic_among_processes(database, tmp_path):
    until = datetime.now(UTC) + timedelta(hours=1)
    store = SqlStateStore(database, ClearSealer(), SystemClock())
    for number in range(60):
        await store.put(Kind.CODE, f"code {number}", b"grant", expires_at=until)
    rivals = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _RIVAL, str(tmp_path / "state.db"), stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    answers = [json.loads((await rival.communicate())[0]) for rival in rivals]

    assert sorted(n for taken, _ in answers for n in taken) == list(range(60))
    assert sorted(n for _, counted in answers for n in counted) == list(range(1, 121))
