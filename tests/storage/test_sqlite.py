from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from journeyman.errors import ConflictError, StorageError
from journeyman.storage.sqlite import _switch_to_wal, open_sqlite

INSERT = "INSERT INTO versions (name, value) VALUES (?, ?)"
COUNT = "SELECT count(*) FROM versions"

_WRITES = """
import asyncio, sys
from pathlib import Path
from journeyman.storage.sqlite import _switch_to_wal, open_sqlite

async def main():
    database = open_sqlite(Path(sys.argv[1]))
    for n in range(int(sys.argv[3])):
        await database.execute("INSERT INTO versions (name, value) VALUES (?, 1)", (f"{sys.argv[2]} {n}",))
        print(n, flush=True)
    await database.close()

asyncio.run(main())
"""


async def test_file_and_folder_are_for_this_user_only(database, path):
    await database.execute(INSERT, ("a", 1))

    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        "journeyman.db": 0o600,
        "journeyman.db-wal": 0o600,
        "journeyman.db-shm": 0o600,
    }


async def test_an_existing_file_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "open.db"
    path.touch()
    path.chmod(0o644)
    await open_sqlite(path).close()

    assert path.stat().st_mode & 0o777 == 0o600


async def test_the_file_is_in_wal_mode(database):
    assert await database.fetch_one("SELECT * FROM pragma_journal_mode") == ("wal",)


async def test_a_write_is_seen_by_the_next_read(database):
    assert await database.execute(INSERT, ("a", 1)) == 1
    assert await database.fetch_one("SELECT value FROM versions WHERE name = ?", ("a",)) == (1,)
    assert await database.fetch_one("SELECT value FROM versions WHERE name = ?", ("b",)) is None
    assert await database.execute("UPDATE versions SET value = 2") == 1
    assert await database.execute("DELETE FROM versions WHERE name = 'b'") == 0
    assert await database.fetch_all(" select name, value from versions") == [("a", 2)]


async def test_a_writing_statement_may_return_rows(database):
    assert await database.fetch_all(f"{INSERT} RETURNING name, value", ("a", 1)) == [("a", 1)]
    assert await database.fetch_one("DELETE FROM versions RETURNING value") == (1,)
    assert await database.fetch_one("DELETE FROM versions RETURNING value") is None


async def test_a_read_cannot_write(database):
    with pytest.raises(StorageError):
        await database.fetch_all("SELECT load_extension('x')")
    assert database._reader.execute("PRAGMA query_only").fetchone() == (1,)


async def test_several_statements_are_written_all_or_not_at_all(database):
    assert await database.execute_many([(INSERT, ("a", 1)), ("UPDATE versions SET value = 5", ())]) == [1, 1]
    with pytest.raises(ConflictError):
        await database.execute_many([(INSERT, ("b", 1)), (INSERT, ("a", 1))])

    assert await database.fetch_all("SELECT name, value FROM versions") == [("a", 5)]


async def test_no_statements_are_no_transaction(database):
    assert await database.execute_many([]) == []


async def test_a_key_that_exists_is_a_conflict(database):
    await database.execute(INSERT, ("a", 1))

    with pytest.raises(ConflictError, match=r"journeyman\.db: UNIQUE constraint failed: versions\.name"):
        await database.execute(INSERT, ("a", 1))


async def test_each_concurrent_caller_gets_its_own_result_or_error(database):
    await database.execute(INSERT, ("5", 0))
    answers = await asyncio.gather(
        *(database.execute(INSERT, (str(n % 10), n)) for n in range(20)),
        database.execute_many([(INSERT, ("x", 1)), (INSERT, ("5", 1))]),
        database.execute_many([(INSERT, ("y", 1)), (INSERT, ("z", 1))]),
        return_exceptions=True,
    )

    assert [n for n, answer in enumerate(answers) if answer == 1] == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    assert [type(answers[n]) for n in (5, 10, 19, 20)] == [ConflictError] * 4
    assert answers[21] == [1, 1]
    assert await database.fetch_all("SELECT name FROM versions WHERE name >= 'x' ORDER BY name") == [("y",), ("z",)]


async def test_writes_that_wait_are_committed_together(database, path):
    statements: list[str] = []
    database._writer._connection.set_trace_callback(statements.append)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writes = [asyncio.ensure_future(database.execute(INSERT, (str(n), n))) for n in range(50)]
        await asyncio.sleep(0.05)
        other.execute("COMMIT")
        await asyncio.gather(*writes)

    assert await database.fetch_one(COUNT) == (50,)
    assert len([statement for statement in statements if statement == "COMMIT"]) <= 2


async def test_more_writes_than_one_batch_holds_are_all_written(database):
    await asyncio.gather(*(database.execute(INSERT, (str(n), n)) for n in range(600)))

    assert await database.fetch_one(COUNT) == (600,)


async def test_an_error_that_ends_the_transaction_fails_all_of_it(database, path):
    await database.execute(INSERT, ("a", 1))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        held = asyncio.ensure_future(database.execute(INSERT, ("first", 1)))
        await asyncio.sleep(0.05)
        writes = [
            asyncio.ensure_future(database.execute(sql, parameters))
            for sql, parameters in [(INSERT, ("b", 1)), ("INSERT OR ROLLBACK INTO versions VALUES ('a', 1)", ())]
        ]
        await asyncio.sleep(0.01)
        other.execute("COMMIT")
        answers = await asyncio.gather(*writes, return_exceptions=True)
        await held

    assert [isinstance(answer, StorageError) for answer in answers] == [True, True]
    assert await database.fetch_all("SELECT name FROM versions") == [("a",), ("first",)]


@pytest.mark.parametrize("value", [2**63, "\ud800", object()])
async def test_a_value_that_cannot_be_stored_is_an_error_of_its_caller_only(database, value):
    with pytest.raises(StorageError) as caught:
        await database.execute(INSERT, ("a", value))
    with pytest.raises(StorageError):
        await database.fetch_all("SELECT ?", (value,))

    assert "ud800" not in str(caught.value)
    assert await database.execute(INSERT, ("a", 1)) == 1


async def test_a_wrong_statement_is_a_storage_error(database):
    with pytest.raises(StorageError, match="no such table: absent"):
        await database.fetch_all("SELECT * FROM absent")
    with pytest.raises(StorageError, match="no such table: absent"):
        await database.execute("DELETE FROM absent")


async def test_a_full_disk_is_said_in_words_and_writes_go_on_when_there_is_space(database):
    pages = (await database.fetch_all("SELECT * FROM pragma_page_count"))[0][0]
    await database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match=r"journeyman\.db: the disk is full; free some space \(SQLITE_FULL\)"):
        await database.execute(
            "INSERT INTO mailbox (at, recipient, subject, text) VALUES (1, '', '', ?)", ("x" * 9999,)
        )
    await database.execute("PRAGMA max_page_count = 100000")

    assert await database.execute(INSERT, ("a", 1)) == 1


async def test_a_lock_that_is_held_too_long_is_said_in_words(path):
    database = open_sqlite(path, lock_timeout_s=0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="another process keeps it locked"):
            await database.execute(INSERT, ("a", 1))

        assert await database.fetch_one(COUNT) == (0,)
    assert await database.execute(INSERT, ("a", 1)) == 1
    await database.close()


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, only some notes that are long enough to be read as a header " * 3)

    with pytest.raises(StorageError, match="not a SQLite database"):
        open_sqlite(path)
    assert path.read_text().startswith("not a database")


async def test_a_damaged_page_is_said_in_words(path):
    database = open_sqlite(path)
    await database.execute_many([(INSERT, (f"{n:0200}", n)) for n in range(2000)])
    await database.close()
    with path.open("r+b") as file:
        file.seek(200_000)
        file.write(b"\xaa" * 200_000)

    database = open_sqlite(path)
    with pytest.raises(StorageError, match="the file is damaged"):
        await database.fetch_all("SELECT * FROM versions")
    await database.close()


def test_a_path_that_cannot_be_a_file_is_said_in_words(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="it cannot be created"):
        open_sqlite(tmp_path)
    with pytest.raises(StorageError, match="it cannot be created"):
        open_sqlite(tmp_path / "file" / "new.db")


async def test_opening_waits_for_another_process_that_holds_a_new_file(tmp_path):
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(0.2, other.execute, ("COMMIT",))
    release.start()
    await (await asyncio.to_thread(open_sqlite, path, lock_timeout_s=5.0)).close()
    release.join()
    other.close()

    assert path.stat().st_size > 0


def test_opening_a_file_that_stays_locked_is_said_in_words(tmp_path):
    path = tmp_path / "new.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StorageError, match="another process keeps it locked"):
            open_sqlite(path, lock_timeout_s=0.05)


async def test_close_finishes_the_writes_under_way(path):
    database = open_sqlite(path)
    writes = [asyncio.ensure_future(database.execute(INSERT, (str(n), n))) for n in range(600)]
    await asyncio.sleep(0)
    await database.close()
    await database.close()

    assert await asyncio.gather(*writes) == [1] * 600
    assert [file.name for file in path.parent.iterdir()] == ["journeyman.db"]


async def test_a_closed_database_says_so(path):
    database = open_sqlite(path)
    await database.close()

    with pytest.raises(StorageError, match="the database is closed"):
        await database.execute(INSERT, ("a", 1))
    with pytest.raises(StorageError, match="closed"):
        await database.fetch_all(COUNT)


async def test_a_cancelled_write_harms_nobody(database):
    cancelled = asyncio.ensure_future(database.execute(INSERT, ("a", 1)))
    other = asyncio.ensure_future(database.execute(INSERT, ("b", 1)))
    await asyncio.sleep(0)
    cancelled.cancel()

    assert await other == 1
    assert await database.execute(INSERT, ("c", 1)) == 1


def test_a_write_whose_event_loop_is_gone_is_still_made(path):
    database = open_sqlite(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        async def leave() -> None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(database.execute(INSERT, ("a", 1)), 0.01)

        other.execute("BEGIN IMMEDIATE")
        asyncio.run(leave())
        other.execute("COMMIT")

    async def look() -> list[object]:
        await database.execute(INSERT, ("b", 1))
        rows = await database.fetch_all("SELECT name FROM versions ORDER BY name")
        await database.close()
        return rows

    assert asyncio.run(look()) == [("a",), ("b",)]


async def test_processes_write_the_same_file_and_lose_nothing(database, path):
    others = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _WRITES, str(path), name, "100", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for name in ("one", "two")
    ]
    for n in range(100):
        await database.execute(INSERT, (f"mine {n}", n))
    ends = [await other.communicate() for other in others]

    assert [stderr for _, stderr in ends] == [b"", b""]
    assert await database.fetch_one(COUNT) == (300,)


async def test_a_killed_process_loses_no_acknowledged_write(database, path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITES, str(path), "w", "100000", stdout=subprocess.PIPE
    )
    acknowledged = [await process.stdout.readline() for _ in range(50)]
    process.kill()
    acknowledged += [line for line in (await process.stdout.read()).splitlines(keepends=True) if line.endswith(b"\n")]
    await process.wait()
    names = {name for (name,) in await database.fetch_all("SELECT name FROM versions")}

    assert len(acknowledged) >= 50
    assert {f"w {int(line)}" for line in acknowledged} <= names


async def test_a_commit_that_fails_is_taken_back_and_the_next_write_works(database):
    await database.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    await database.execute("CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(StorageError, match="FOREIGN KEY constraint failed"):
        await database.execute("INSERT INTO child VALUES (1)")

    assert await database.execute_many([("INSERT INTO child VALUES (1)", ()), ("INSERT INTO parent VALUES (1)", ())])
    assert await database.fetch_all("SELECT id FROM child") == [(1,)]


class DeadlockedOnce:
    """A connection that SQLite refuses at once the first time, as it does to one of two that would wait for each other."""

    def __init__(self) -> None:
        self.tries = 0

    def execute(self, sql):
        self.tries += 1
        if self.tries == 1:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorname = "SQLITE_BUSY"
            raise error
        return self

    def fetchall(self):
        return [("wal",)]


def test_the_switch_to_wal_is_tried_again():
    connection = DeadlockedOnce()
    _switch_to_wal(connection, 5.0)

    assert connection.tries == 2
