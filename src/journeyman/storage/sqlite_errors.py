"""An error of SQLite in, an error that says what happened to which file and what to do out."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from journeyman.errors import ConflictError, StorageError

_CONFLICTS: Final = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_ROWID"})

# Extended codes begin with the name of their primary code: SQLITE_BUSY_SNAPSHOT is a SQLITE_BUSY.
_WORDS: Final = (
    ("SQLITE_BUSY", "another process keeps it locked; end that process or try again"),
    ("SQLITE_LOCKED", "another process keeps it locked; end that process or try again"),
    ("SQLITE_FULL", "the disk is full; free some space"),
    ("SQLITE_CORRUPT", "the file is damaged; put a backup in its place, or move it away to start empty"),
    ("SQLITE_NOTADB", "the file is not a SQLite database; put a backup in its place, or move it away to start empty"),
    ("SQLITE_READONLY", "it cannot be written; give this user write permission on the file and its folder"),
    ("SQLITE_CANTOPEN", "it cannot be opened; check that the folder exists and this user may write there"),
    ("SQLITE_PERM", "it cannot be opened; check that the folder exists and this user may write there"),
    ("SQLITE_IOERR", "the disk failed to read or write it; check the disk"),
)


def explain(error: BaseException, path: Path) -> StorageError:
    """Return the StorageError that says ``error`` in words; a unique key in the way makes it a ConflictError."""
    name = getattr(error, "sqlite_errorname", "")
    if name in _CONFLICTS:
        return ConflictError(f"{path}: {error}")
    for prefix, words in _WORDS:
        if name.startswith(prefix):
            return StorageError(f"{path}: {words} ({name})")
    if isinstance(error, sqlite3.Error):
        return StorageError(f"{path}: {error}" + (f" ({name})" if name else ""))
    # The text of a Python error may quote the value that it could not store.
    return StorageError(f"{path}: a value cannot be stored ({type(error).__name__})")
