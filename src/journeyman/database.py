"""The contract of the SQL database: a statement and its parameters in, rows out.

Implementations are in ``storage/``. Statements are written in the SQL that SQLite and
PostgreSQL share, with ``?`` for each parameter; values are ``str``, ``int``, ``bytes`` or None.
Times are stored as integer milliseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from journeyman.errors import StorageError

Value = str | int | bytes | None
Row = Sequence[Value]
Statement = tuple[str, Sequence[Value]]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def to_milliseconds(at: datetime) -> int:
    """Return a time as whole milliseconds since 1970 UTC, rounded down. Raises TypeError when it has no time zone."""
    return (at - _EPOCH) // _MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the time of day in UTC that a database holds as ``milliseconds``."""
    return _EPOCH + milliseconds * _MILLISECOND


def integer(value: Value) -> int:
    """Return a column that holds an integer. Raises StorageError when it holds something else."""
    if not isinstance(value, int):
        raise StorageError(f"a column holds {type(value).__name__} where an integer belongs")
    return value


def text(value: Value) -> str:
    """Return a column that holds text. Raises StorageError when it holds something else."""
    if not isinstance(value, str):
        raise StorageError(f"a column holds {type(value).__name__} where text belongs")
    return value


def blob(value: Value) -> bytes:
    """Return a column that holds bytes. Raises StorageError when it holds something else."""
    if not isinstance(value, bytes):
        raise StorageError(f"a column holds {type(value).__name__} where bytes belong")
    return value


class Database(Protocol):
    """A database that many tasks share.

    Every method raises StorageError when the database cannot do it, and ConflictError when a row
    with the same key is in the way. A cancelled write may have been made.
    """

    async def fetch_all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """Run a query, or one writing statement with RETURNING, and return its rows."""
        ...

    async def fetch_one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        """Run a query, or one writing statement with RETURNING, and return its first row, or None."""
        ...

    async def execute(self, sql: str, parameters: Sequence[Value] = ()) -> int:
        """Run one writing statement, committed when this returns; return the number of rows it touched."""
        ...

    async def execute_many(self, statements: Sequence[Statement]) -> list[int]:
        """Run statements in one transaction: all or nothing; return the rows that each touched."""
        ...

    async def close(self) -> None:
        """Finish the writes under way and close."""
        ...
