"""Changes to what has a version: the version that was read and guarded statements in, all of them written or none out.

A writer reads the version, reads what it needs, plans, and commits: of two writers who read the same version
one is told to plan again. Readers who keep something in memory ask for the version, which is cheap.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from journeyman.database import Database, Statement, integer

GUARD: Final = "EXISTS (SELECT 1 FROM versions WHERE name = ? AND value = ?)"
"""The condition with which every statement of a change ends; ``commit`` adds its two parameters."""

_STEP: Final = 2**31
_SELECT: Final = "SELECT value FROM versions WHERE name = ?"
_FIRST: Final = "INSERT INTO versions (name, value) VALUES (?, 0) ON CONFLICT (name) DO NOTHING"
_NEXT: Final = "UPDATE versions SET value = ? WHERE name = ? AND value = ?"


async def current_version(database: Database, name: str) -> int:
    """Return the version of ``name``: 0 before the first change, and larger after each."""
    row = await database.fetch_one(_SELECT, (name,))
    return 0 if row is None else integer(row[0])


async def commit(database: Database, name: str, version: int, statements: Sequence[Statement]) -> bool:
    """Run statements that end in GUARD if ``version`` still is the version of ``name``; say whether they ran.

    Raises:
        ConflictError: a row with the same key is in the way; nothing was written.
    """
    # The next version is larger by a random number, so that of two writers who read the same version
    # only one finds its own number in the table; every statement of the other touches nothing.
    following = version + 1 + secrets.randbelow(_STEP)
    guarded = [(sql, (*parameters, name, following)) for sql, parameters in statements]
    head: list[Statement] = [(_FIRST, (name,)), (_NEXT, (following, name, version))]
    touched = await database.execute_many([*head, *guarded])
    return touched[1] == 1
