from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.store import UserStore
from journeyman.keys.sealing import EnvelopeSealer, local_master_key
from journeyman.storage.sqlite import open_sqlite

TENANT_ID = "11111111-2222-3333-4444-555555555555"


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


@pytest.fixture
def sealer():
    return EnvelopeSealer(local_master_key(bytes(range(32))))


@pytest.fixture
def store(database, sealer, clock):
    return UserStore(database, sealer, clock, tenant_id=TENANT_ID, tenant_name="contoso.onmicrosoft.com")


@pytest.fixture
def passwords():
    hasher = PasswordHasher(memory_kib=64, time_cost=1)
    yield hasher
    hasher.close()
