from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.storage.sqlite import open_sqlite


class StoppedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic_s(self) -> float:
        return self.time.timestamp()

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock():
    return StoppedClock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    asyncio.run(open_sqlite(path).close())
    return path


@pytest.fixture
def database_path(empty_database, tmp_path):
    return shutil.copy(empty_database, tmp_path / "journeyman.db")


@pytest.fixture
async def database(database_path):
    database = open_sqlite(database_path)
    yield database
    await database.close()
