from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from alembic import command
from sqlalchemy import NullPool, create_engine

from journeyman.errors import StorageError
from journeyman.storage.sqlite import open_sqlite
from journeyman.storage.upgrade import alembic_config, upgrade_sqlite


def version_of(path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchall()


def test_an_empty_file_comes_to_the_newest_revision(tmp_path):
    upgrade_sqlite(tmp_path / "new.db")

    assert version_of(tmp_path / "new.db") == [("0002",)]


def to_revision(path, revision) -> None:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def content_of(path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}


def test_a_store_of_the_first_revision_keeps_all_it_holds(path):
    path.parent.mkdir()
    to_revision(path, "0001")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO versions (name, value) VALUES ('keys/one', 41)")
        connection.execute("INSERT INTO key_sets VALUES ('one', 'B2C_1A_Rest', 'b2c_1a_rest', 1)")
        connection.execute("INSERT INTO tenant_values (tenant, name, value) VALUES ('', 'tenant_id', 'one')")
    before = content_of(path)

    upgrade_sqlite(path)

    after = content_of(path)
    assert {name: after[name] for name in before} == before | {"alembic_version": [("0002",)]}
    assert set(after) - set(before) == {"configuration", "policy_texts", "policy_releases"}
    assert (before["versions"], len(before["key_sets"])) == ([("keys/one", 41)], 1)


async def test_an_upgrade_of_an_up_to_date_file_changes_nothing(path):
    database = open_sqlite(path)
    await database.execute("INSERT INTO versions (name, value) VALUES ('policies', 7)")
    upgrade_sqlite(path)

    assert await database.fetch_one("SELECT value FROM versions WHERE name = 'policies'") == (7,)
    await database.close()


async def test_a_failed_migration_leaves_the_file_as_it_was(path):
    await open_sqlite(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
        connection.execute("DROP TABLE key_sets")

    with pytest.raises(StorageError, match="table keys already exists"):
        open_sqlite(path)
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE name = 'key_sets'").fetchall()
    assert names == []


async def test_an_unknown_revision_is_a_storage_error(path):
    await open_sqlite(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StorageError, match="9999"):
        upgrade_sqlite(path)


def test_a_file_that_cannot_be_opened_is_said_in_words(tmp_path):
    with pytest.raises(StorageError, match="it cannot be opened; check that the folder exists"):
        upgrade_sqlite(tmp_path / "absent" / "new.db")
