"""The embedded database: one SQLite file that this process and others share.

Reads run inline on the event loop: a point read takes some 15 microseconds, a hop to a thread more.
Writes go to one thread, which commits everything that waits in one transaction (writer.py).
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from journeyman.database import Row, Statement, Value
from journeyman.errors import StorageError
from journeyman.storage.schema import prepare_schema
from journeyman.storage.sqlite_errors import explain
from journeyman.storage.writer import STORING_ERRORS, Result, Writer

_LOCK_TIMEOUT_S: Final = 5.0
# A reader waits for nobody but the recovery after a crash, and while it waits the event loop stands still.
_READ_LOCK_TIMEOUT_S: Final = 1.0
_WAL_LIMIT_BYTES: Final = 64 * 1024 * 1024


class SqliteDatabase:
    """One SQLite file in WAL mode, as database.Database.

    A statement that begins with SELECT is a read; every other one is a write.
    """

    def __init__(self, path: Path, reader: sqlite3.Connection, writer: Writer) -> None:
        self._path = path
        self._reader = reader
        self._writer = writer

    async def fetch_all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """Run a query, or one writing statement with RETURNING, and return its rows."""
        if not _reads(sql):
            return (await self._write(((sql, parameters),)))[0].rows
        try:
            return self._reader.execute(sql, parameters).fetchall()
        except STORING_ERRORS as error:
            raise explain(error, self._path) from error

    async def fetch_one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        """Run a query, or one writing statement with RETURNING, and return its first row, or None."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run one writing statement, committed when this returns; return the number of rows it touched."""
        return (await self._write(((sql, parameters),)))[0].touched

    async def execute_many(self, statements: Sequence[Statement]) -> list[int]:
        """Run statements in one transaction: all or nothing; return the rows that each touched."""
        if not statements:
            return []
        return [result.touched for result in await self._write(tuple(statements))]

    async def close(self) -> None:
        """Finish the writes under way and close; closing twice does no harm."""
        await asyncio.to_thread(self._writer.close)
        self._reader.close()

    async def _write(self, statements: tuple[Statement, ...]) -> list[Result]:
        return await self._writer.submit(statements)


def open_sqlite(path: Path, *, lock_timeout_s: float = _LOCK_TIMEOUT_S) -> SqliteDatabase:
    """Open the file, made with mode 0600 in a folder of mode 0700 when it is not there, and upgrade its schema.

    Args:
        path: the file.
        lock_timeout_s: how long a write, and the opening, waits for another process that writes.

    Raises:
        StorageError: it cannot be opened, is damaged, is locked, or is of a newer version.
    """
    try:
        _create_private(path)
    except OSError as error:
        raise StorageError(f"{path}: it cannot be created ({error.strerror})") from error
    connections: list[sqlite3.Connection] = []
    try:
        connections.append(_connect(path, lock_timeout_s=lock_timeout_s))
        _prepare_writer(connections[0], lock_timeout_s)
        prepare_schema(connections[0], path)
        connections.append(_connect(path, lock_timeout_s=_READ_LOCK_TIMEOUT_S))
        connections[1].execute("PRAGMA query_only = ON")
    except (sqlite3.Error, StorageError) as error:
        for connection in connections:
            connection.close()
        if isinstance(error, StorageError):
            raise
        raise explain(error, path) from error
    return SqliteDatabase(path, connections[1], Writer(connections[0], path))


def checkpoint(path: Path) -> None:
    """Bring what is committed from the log into the file and to the disk, and empty the log if nobody reads it.

    Raises:
        StorageError: the file cannot be opened or written.
    """
    connection = sqlite3.connect(path, timeout=_LOCK_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    finally:
        connection.close()


def _reads(sql: str) -> bool:
    return sql.lstrip()[:6].upper() == "SELECT"


def _create_private(path: Path) -> None:
    """Make folder and file for this user only; SQLite gives its ``-wal`` and ``-shm`` files the mode of the file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _connect(path: Path, *, lock_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=lock_timeout_s, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _prepare_writer(connection: sqlite3.Connection, lock_timeout_s: float) -> None:
    """Set up WAL and the writing connection.

    ``synchronous = NORMAL``: a commit does not wait for the disk, only a checkpoint does. A killed
    process loses nothing; a power cut may lose the last commits but never damages the file. State of
    journeys is worth that; a disk flush per request is not.
    """
    _switch_to_wal(connection, lock_timeout_s)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")


def _switch_to_wal(connection: sqlite3.Connection, timeout_s: float) -> None:
    # Two processes that switch a new file at once would wait for each other, so SQLite refuses one of them
    # at once, whatever its timeout is.
    give_up_at = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if "BUSY" not in error.sqlite_errorname or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return
