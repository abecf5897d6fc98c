from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from journeyman.errors import ConflictError, StorageError
from journeyman.storage.sqlite_errors import explain

PATH = Path("contoso.db")


def named(name: str) -> sqlite3.Error:
    error = sqlite3.OperationalError("text of SQLite")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SQLITE_BUSY", "another process keeps it locked"),
        ("SQLITE_BUSY_RECOVERY", "another process keeps it locked"),
        ("SQLITE_FULL", "the disk is full"),
        ("SQLITE_CORRUPT_INDEX", "the file is damaged"),
        ("SQLITE_NOTADB", "the file is not a SQLite database"),
        ("SQLITE_READONLY_DBMOVED", "it cannot be written"),
        ("SQLITE_CANTOPEN", "it cannot be opened"),
        ("SQLITE_IOERR_FSYNC", "the disk failed"),
    ],
)
def test_what_happened_is_said_in_words_with_the_file_and_the_name(name, words):
    error = explain(named(name), PATH)

    assert type(error) is StorageError
    assert str(error).startswith(f"contoso.db: {words}")
    assert str(error).endswith(f"({name})")


@pytest.mark.parametrize("name", ["SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"])
def test_a_key_that_exists_is_a_conflict(name):
    assert type(explain(named(name), PATH)) is ConflictError


def test_another_error_keeps_the_text_of_sqlite():
    assert str(explain(named("SQLITE_ERROR"), PATH)) == "contoso.db: text of SQLite (SQLITE_ERROR)"
    assert str(explain(sqlite3.ProgrammingError("closed"), PATH)) == "contoso.db: closed"


def test_a_value_that_cannot_be_stored_is_not_quoted():
    assert str(explain(TypeError("canary"), PATH)) == "contoso.db: a value cannot be stored (TypeError)"
