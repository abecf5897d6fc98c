"""A SQLite file of another process in, its rows out: nothing is written, no file is made.

For commands that look at a store beside a running engine, or where none has run yet.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from journeyman.database import Row, Statement, Value
from journeyman.errors import StorageError
from journeyman.storage.schema import HEAD
from journeyman.storage.sqlite_errors import explain
from journeyman.storage.writer import STORING_ERRORS

_LOCK_TIMEOUT_S: Final = 2.0
_READ_ONLY: Final = "mode=ro"
# Without a log nobody has the file open: SQLite then needs none of the files that it makes beside a database.
_NOBODY_WRITES: Final = ("mode=ro&immutable=1", _READ_ONLY)
# The shared index of the log is read as it is. SQLite writes to it only where that is not enough.
_SOMEBODY_MAY_WRITE: Final = ("mode=ro&readonly_shm=1", _READ_ONLY)


class ReadOnlyDatabase:
    """A SQLite file, as database.Database; every write raises StorageError."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    async def fetch_all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """Run a query and return its rows."""
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except STORING_ERRORS as error:
            raise explain(error, self._path) from error

    async def fetch_one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        """Run a query and return its first row, or None."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Refuse to write."""
        raise self._refusal()

    async def execute_many(self, statements: Sequence[Statement]) -> list[int]:
        """Refuse to write."""
        raise self._refusal()

    async def close(self) -> None:
        """Close; closing twice does no harm."""
        self._connection.close()

    def _refusal(self) -> StorageError:
        return StorageError(f"{self._path}: it was opened for reading only")


class AbsentDatabase:
    """A database that nobody has made yet, as database.Database: every query finds nothing, every write is refused."""

    async def fetch_all(self, _sql: str, _parameters: Sequence[Value] = ()) -> list[Row]:
        """Return no row."""
        return []

    async def fetch_one(self, _sql: str, _parameters: Sequence[Value] = ()) -> Row | None:
        """Return no row."""
        return None

    async def execute(self, _sql: str, _parameters: Sequence[Value] = ()) -> int:
        """Refuse to write."""
        raise StorageError("there is no database yet")

    async def execute_many(self, _statements: Sequence[Statement]) -> list[int]:
        """Refuse to write."""
        raise StorageError("there is no database yet")

    async def close(self) -> None:
        """Do nothing."""


def open_read_only(path: Path) -> ReadOnlyDatabase | None:
    """Open the file for reading; None when there is none yet, or an empty one.

    Raises:
        StorageError: it is damaged, of another program, or of another version than this one.
    """
    if not _holds_something(path):
        return None
    log = path.with_name(f"{path.name}-wal")
    options = _SOMEBODY_MAY_WRITE if log.exists() else _NOBODY_WRITES
    for option in options:
        connection = _connect(path, option)
        try:
            revision = _revision(connection, path)
        except sqlite3.Error as error:
            connection.close()
            if option == options[-1]:
                raise explain(error, path) from error
        except StorageError:
            connection.close()
            raise
        else:
            return _of_this_version(path, connection, revision)
    return None


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StorageError(f"{path}: it cannot be read ({error.strerror})") from error


def _connect(path: Path, options: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?{options}", uri=True, timeout=_LOCK_TIMEOUT_S, isolation_level=None
        )
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return connection


def _revision(connection: sqlite3.Connection, path: Path) -> str | None:
    connection.execute("PRAGMA trusted_schema = OFF")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StorageError(f"{path}: this is a database of another program; name another file")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _of_this_version(path: Path, connection: sqlite3.Connection, revision: str | None) -> ReadOnlyDatabase | None:
    if revision == HEAD:
        return ReadOnlyDatabase(path, connection)
    connection.close()
    if revision is None:
        return None
    raise StorageError(
        f"{path}: its schema is revision {revision!r}, this version of Journeyman reads {HEAD!r}; "
        "start `journeyman up` once to upgrade it, or run the version that made it"
    )
