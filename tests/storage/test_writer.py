from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from journeyman.errors import StorageError
from journeyman.storage.writer import Result, Writer


@pytest.fixture
def writer():
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    writer = Writer(connection, Path("memory"))
    yield writer
    writer.close()


async def test_every_statement_has_its_rows_and_its_count(writer):
    results = await writer.submit(
        [("INSERT INTO numbers VALUES (1), (2)", ()), ("DELETE FROM numbers RETURNING n", ())]
    )

    assert results[0] == Result([], 2)
    assert results[1].rows == [(1,), (2,)]


async def test_tasks_of_several_event_loops_share_one_writer(writer):
    def other_loop() -> None:
        asyncio.run(writer.submit([("INSERT INTO numbers VALUES (1)", ())]))

    await asyncio.gather(asyncio.to_thread(other_loop), writer.submit([("INSERT INTO numbers VALUES (2)", ())]))

    assert (await writer.submit([("SELECT n FROM numbers ORDER BY n", ())]))[0].rows == [(1,), (2,)]


async def test_the_thread_ends_with_the_close_and_nothing_is_taken_after_it(writer):
    writer.close()

    assert not writer._thread.is_alive()
    with pytest.raises(StorageError, match="memory: the database is closed"):
        await writer.submit([("DELETE FROM numbers", ())])
