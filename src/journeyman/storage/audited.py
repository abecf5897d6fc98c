"""Statements and what they tell the audit trail in; all of it written in one transaction, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.database import Database, Statement, Value
from journeyman.errors import ConflictError, StorageError
from journeyman.storage.audit import AuditEvent, AuditLog

_TRIES: Final = 100


@dataclass(frozen=True, slots=True)
class Told:
    """What the audit trail is told of a change.

    Attributes:
        condition: of SQL, with its parameters; the entry is written only where it holds. "" for always.
        before: whether the condition is looked at before the statements run, not after them.
    """

    event: AuditEvent
    condition: str = ""
    parameters: tuple[Value, ...] = ()
    before: bool = False


async def run_audited(
    database: Database, audit: AuditLog, told: Told, statements: Sequence[Statement], *, tenant: str
) -> list[int]:
    """Run statements and add their entry to the audit trail; return the rows that each statement touched.

    Raises:
        ConflictError: a row with a key of the statements is in the way; nothing was written.
        StorageError: too many others write to the audit trail at the same time.
    """
    for _ in range(_TRIES):
        before, _hash = await audit.head()
        entries = [_conditional(one, told) for one in await audit.statements([told.event], tenant=tenant)]
        batch = [*entries, *statements] if told.before else [*statements, *entries]
        try:
            touched = await database.execute_many(batch)
        except ConflictError:
            # Either somebody else has written the next entry, and it is tried again, or a row of ours is in the way.
            if (await audit.head())[0] == before:
                raise
            continue
        return touched[len(entries) :] if told.before else touched[: len(statements)]
    raise StorageError("the audit log is written to by too many at once; nothing was changed")


def _conditional(statement: Statement, told: Told) -> Statement:
    sql, parameters = statement
    if not told.condition:
        return statement
    return f"{sql} WHERE {told.condition}", (*parameters, *told.parameters)
