"""A SQLite file in, the same file with the schema of this version out.

A start with an up-to-date file costs one query: Alembic and SQLAlchemy, which take over half a
second to import, are imported only when there is something to create or to upgrade.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from journeyman.errors import StorageError

REVISIONS: Final = ("0001", "0002")
"""All revisions of the schema, oldest first, as in ``migrations/versions``."""

HEAD: Final = REVISIONS[-1]


def prepare_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Create or upgrade the tables of the open file ``path`` when they are not those of this version.

    Raises:
        StorageError: the file is of a newer version or not Journeyman's; sqlite3.Error passes through.
    """
    revision = _stored_revision(connection, path)
    if revision == HEAD:
        return
    if revision is not None and revision not in REVISIONS:
        raise StorageError(
            f"{path}: its schema is revision {revision!r}, this version of Journeyman knows them up to {HEAD!r}; "
            "run the newer version that made it, or restore a backup"
        )
    from journeyman.storage.upgrade import upgrade_sqlite

    upgrade_sqlite(path)


def _stored_revision(connection: sqlite3.Connection, path: Path) -> str | None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise StorageError(f"{path}: this is a database of another program; name another file")
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])
