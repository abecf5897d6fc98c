"""The contract of the SQL database: a statement and its parameters in, rows out.

Implementations are in ``storage/``. Statements are written in the SQL that SQLite and
PostgreSQL share, with ``?`` for each parameter; values are ``str``, ``int``, ``bytes`` or None.
Times are stored as integer milliseconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Value = str | int | bytes | None
Row = Sequence[Value]
Statement = tuple[str, Sequence[Value]]


class Database(Protocol):
    """A database that many tasks share."""

    async def fetch_all(self, sql: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """Run a query and return its rows."""
        ...

    async def fetch_one(self, sql: str, parameters: Sequence[Value] = ()) -> Row | None:
        """Run a query and return its first row, or None."""
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
