from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from journeyman.errors import StorageError
from journeyman.storage.schema import HEAD, REVISIONS
from journeyman.storage.sqlite import open_sqlite
from journeyman.storage.tables import METADATA
from journeyman.storage.upgrade import alembic_config

_IMPORTED = """
import asyncio, sys
from pathlib import Path
from journeyman.storage.sqlite import open_sqlite
asyncio.run(open_sqlite(Path(sys.argv[1])).close())
print([name for name in ("alembic", "sqlalchemy", "mako") if name in sys.modules])
"""


def definitions(path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def start(path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", _IMPORTED, str(path)], capture_output=True, text=True, check=False)


def test_head_is_the_newest_revision_and_the_list_is_complete():
    script = ScriptDirectory.from_config(alembic_config())

    assert script.get_heads() == [HEAD]
    assert tuple(revision.revision for revision in script.walk_revisions())[::-1] == REVISIONS


async def test_the_migrations_make_exactly_the_tables_of_tables_py(path, tmp_path):
    await open_sqlite(path).close()
    direct = tmp_path / "direct.db"
    engine = create_engine(f"sqlite:///{direct}")
    METADATA.create_all(engine)
    engine.dispose()

    assert len(METADATA.tables) == 17
    assert definitions(path) == definitions(direct)


async def test_alembic_sees_no_difference_between_tables_py_and_a_migrated_file(path):
    await open_sqlite(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()

    assert differences == []


async def test_a_normal_start_imports_neither_alembic_nor_sqlalchemy(path):
    await open_sqlite(path).close()

    assert start(path).stdout == "[]\n"


def test_processes_that_start_at_once_on_an_empty_file_all_come_up(path):
    processes = [
        subprocess.Popen([sys.executable, "-c", _IMPORTED, str(path)], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    errors = [process.communicate()[1] for process in processes]

    assert errors == [b"", b"", b""]
    assert start(path).stdout == "[]\n"


async def test_an_up_to_date_file_opens_again_with_what_is_in_it(path):
    database = open_sqlite(path)
    await database.execute("INSERT INTO versions (name, value) VALUES ('policies', 7)")
    await database.close()
    database = open_sqlite(path)

    assert await database.fetch_one("SELECT value FROM versions") == (7,)
    await database.close()


async def test_a_file_of_a_newer_version_is_refused_in_words(path):
    await open_sqlite(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StorageError, match=r"journeyman\.db: its schema is revision '9999', .* up to '0002'"):
        open_sqlite(path)


def test_a_database_of_another_program_is_refused_and_not_touched(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")

    with pytest.raises(StorageError, match="a database of another program"):
        open_sqlite(path)
    assert definitions(path) == {"recipes": "CREATE TABLE recipes (name TEXT)"}


async def test_a_path_with_percent_and_space_works(tmp_path):
    path = tmp_path / "50% off" / "a b.db"
    await open_sqlite(path).close()

    assert start(path).stdout == "[]\n"
