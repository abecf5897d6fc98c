from __future__ import annotations

import sqlite3

import pytest

from journeyman.errors import StorageError
from journeyman.storage.read_only import AbsentDatabase, open_read_only
from journeyman.storage.sqlite import open_sqlite

INSERT = "INSERT INTO tenant_values (tenant, name, value) VALUES ('t', ?, 'v')"
SELECT = "SELECT name FROM tenant_values ORDER BY name"


async def made(path):
    database = open_sqlite(path)
    await database.execute(INSERT, ("one",))
    return database


def opened(path):
    database = open_read_only(path)
    assert database is not None
    return database


async def test_rows_are_read_while_another_connection_writes(tmp_path):
    writer = await made(tmp_path / "a.db")
    reader = opened(tmp_path / "a.db")
    await writer.execute(INSERT, ("two",))
    rows = await reader.fetch_all(SELECT)
    await reader.close()
    await writer.execute(INSERT, ("three",))
    await writer.close()

    assert rows == [("one",), ("two",)]


async def test_a_closed_database_is_read_without_making_a_file(tmp_path):
    await (await made(tmp_path / "a.db")).close()
    before = [(path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir()]
    reader = opened(tmp_path / "a.db")
    row = await reader.fetch_one(SELECT)
    await reader.close()

    assert row == ("one",)
    assert [(path.name, path.stat().st_mtime_ns) for path in tmp_path.iterdir()] == before


async def test_every_write_is_refused(tmp_path):
    await (await made(tmp_path / "a.db")).close()
    reader = opened(tmp_path / "a.db")
    with pytest.raises(StorageError, match="opened for reading only"):
        await reader.execute(INSERT, ("two",))
    with pytest.raises(StorageError, match="opened for reading only"):
        await reader.execute_many([(INSERT, ("two",))])
    with pytest.raises(StorageError):
        await reader.fetch_all(INSERT + " RETURNING name", ("two",))
    await reader.close()


@pytest.mark.parametrize("content", [None, b""])
def test_a_file_that_is_missing_or_empty_is_no_store_yet(tmp_path, content):
    if content is not None:
        (tmp_path / "a.db").write_bytes(content)

    assert open_read_only(tmp_path / "a.db") is None


def test_a_file_that_is_no_database_is_an_error(tmp_path):
    (tmp_path / "a.db").write_bytes(b"no database " * 1000)

    with pytest.raises(StorageError, match="is not a SQLite database"):
        open_read_only(tmp_path / "a.db")


def database_of_another(path, statement):
    connection = sqlite3.connect(path)
    connection.executescript(statement)
    connection.close()


def test_a_database_of_another_program_is_an_error(tmp_path):
    database_of_another(tmp_path / "a.db", "CREATE TABLE notes (text)")

    with pytest.raises(StorageError, match="a database of another program"):
        open_read_only(tmp_path / "a.db")


def test_a_database_of_another_version_is_an_error_that_says_what_to_do(tmp_path):
    database_of_another(
        tmp_path / "a.db", "CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999')"
    )

    with pytest.raises(StorageError, match=r"revision '9999'.*start `journeyman up` once to upgrade it"):
        open_read_only(tmp_path / "a.db")


def test_a_path_with_signs_of_a_query_is_one_file(tmp_path):
    folder = tmp_path / "a?mode=rwc&b#c%20"
    folder.mkdir()

    assert open_read_only(folder / "a.db") is None
    database_of_another(folder / "a.db", "CREATE TABLE notes (text)")
    with pytest.raises(StorageError, match="a database of another program"):
        open_read_only(folder / "a.db")


async def test_a_database_that_is_not_there_yet_holds_nothing_and_takes_nothing():
    absent = AbsentDatabase()

    assert await absent.fetch_all("SELECT 1") == []
    assert await absent.fetch_one("SELECT 1") is None
    with pytest.raises(StorageError, match="there is no database yet"):
        await absent.execute("DELETE FROM audit")
    with pytest.raises(StorageError, match="there is no database yet"):
        await absent.execute_many([("DELETE FROM audit", ())])
    await absent.close()
