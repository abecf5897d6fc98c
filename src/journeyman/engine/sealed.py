"""Every sealed record of a store: a table in, records and the places they are bound to out.

Here stands what the change of a master key has to seal again; a test looks for sealed bytes in all tables.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.database import Database, Statement, Value, blob, text
from journeyman.directory.store import user_context
from journeyman.directory.tenant_key import tenant_value_context
from journeyman.keys.sealing import envelope_key_id
from journeyman.keys.stores.sql import policy_key_context
from journeyman.state.addresses import seal_context
from journeyman.state.store import Kind

_PAGE: Final = 200

Key = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed records.

    Attributes:
        key: the columns that name a row.
        context: the values of ``key`` in, the place to which the record is bound out.
        in_base64: whether the column is text.
    """

    table: str
    key: tuple[str, ...]
    column: str
    context: Callable[[Key], str]
    in_base64: bool = False

    def select(self, *, after: bool) -> str:
        """Return the query for a page of rows, in the order of their keys."""
        names, marks = ", ".join(self.key), ", ".join("?" * len(self.key))
        # All names are constants of this module.
        where = f"WHERE ({names}) > ({marks}) " if after else ""
        return f"SELECT {names}, {self.column} FROM {self.table} {where}ORDER BY {names} LIMIT ?"  # noqa: S608

    def update(self, record: SealedRecord, sealed: bytes) -> Statement:
        """Return the statement that writes ``sealed`` in place of the record, unless it was changed meanwhile."""
        where = " AND ".join(f"{name} = ?" for name in self.key)
        sql = f"UPDATE {self.table} SET {self.column} = ? WHERE {where} AND {self.column} = ?"  # noqa: S608
        return sql, (self._stored(sealed), *record.key, record.stored)

    def record(self, row: Sequence[Value]) -> SealedRecord | None:
        """Return the sealed record of a row; None when the row holds something that is not sealed."""
        *key, stored = row
        sealed = _decoded(text(stored)) if self.in_base64 else blob(stored)
        if self.in_base64 and not envelope_key_id(sealed):
            return None
        return SealedRecord(self, tuple(key), stored, sealed)

    def _stored(self, sealed: bytes) -> Value:
        return base64.b64encode(sealed).decode() if self.in_base64 else sealed


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """One sealed record; ``stored`` is the value of its column."""

    column: SealedColumn
    key: Key
    stored: Value
    sealed: bytes

    @property
    def context(self) -> str:
        """The place to which it is bound."""
        return self.column.context(self.key)

    @property
    def root_id(self) -> str:
        """The id of the key that wraps its data key, in hexadecimal; empty when it is damaged there."""
        return envelope_key_id(self.sealed).hex()


SEALED: Final = (
    SealedColumn(
        "tenant_values", ("tenant", "name"), "value", lambda key: tenant_value_context(*_texts(key)), in_base64=True
    ),
    SealedColumn("keys", ("tenant", "set_key", "kid"), "record", lambda key: policy_key_context(*_texts(key))),
    SealedColumn("users", ("tenant", "object_id"), "record", lambda key: user_context(*_texts(key))),
    SealedColumn("state", ("kind", "id_hash"), "value", lambda key: seal_context(Kind(text(key[0])), blob(key[1]))),
)


async def sealed_records(database: Database, column: SealedColumn) -> AsyncIterator[list[SealedRecord]]:
    """Yield the sealed records of a column, a page at a time."""
    rows = await database.fetch_all(column.select(after=False), (_PAGE,))
    while rows:
        yield [found for row in rows if (found := column.record(row)) is not None]
        rows = await database.fetch_all(column.select(after=True), (*rows[-1][:-1], _PAGE))


def _texts(key: Key) -> tuple[str, ...]:
    return tuple(map(text, key))


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""
