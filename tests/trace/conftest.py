from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from journeyman.storage.sqlite import SqliteDatabase, open_sqlite
from journeyman.trace.store import TraceStore


@pytest.fixture
async def database(tmp_path) -> AsyncIterator[SqliteDatabase]:
    database = open_sqlite(tmp_path / "trace.db")
    yield database
    await database.close()


@pytest.fixture
def store(database) -> TraceStore:
    return TraceStore(database)
