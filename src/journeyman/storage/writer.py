"""The one thread that writes: statements of many tasks in, few transactions out (group commit)."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from journeyman.database import Row, Statement
from journeyman.errors import StorageError
from journeyman.storage.sqlite_errors import explain

STORING_ERRORS: Final = (sqlite3.Error, OverflowError, UnicodeError, TypeError, ValueError)
"""What the sqlite3 module raises: its own errors, and Python's for values that it cannot store."""

_BATCH_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class Result:
    """What one statement did: the rows that it returned and the number of rows that it touched."""

    rows: list[Row]
    touched: int


@dataclass(slots=True)
class _Job:
    """Statements that one task wants written together, and where it waits."""

    statements: Sequence[Statement]
    future: asyncio.Future[list[Result]]
    loop: asyncio.AbstractEventLoop
    results: list[Result] = field(default_factory=list)
    error: StorageError | None = None


class Writer:
    """Own the writing connection; each caller gets its own results or its own error."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        # A daemon, so that a program that forgot to close still ends; what was acknowledged is committed.
        self._thread = threading.Thread(target=self._run, name="journeyman-sqlite-writer", daemon=True)
        self._thread.start()

    async def submit(self, statements: Sequence[Statement]) -> list[Result]:
        """Run the statements in one transaction, all or nothing, and return when it is committed."""
        loop = asyncio.get_running_loop()
        job = _Job(statements, loop.create_future(), loop)
        with self._closing:
            if self._closed:
                raise StorageError(f"{self._path}: the database is closed")
            self._queue.put(job)
        return await job.future

    def close(self) -> None:
        """Write what is queued, end the thread and close the connection."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch = [job] if (job := self._queue.get()) else []
            going = bool(batch) and self._drain(batch)
            if batch:
                self._commit(batch)
                _report(batch)
        self._connection.close()

    def _drain(self, batch: list[_Job]) -> bool:
        """Add what else waits to the batch; return False when the end of the queue was among it."""
        while len(batch) < _BATCH_LIMIT:
            try:
                job = self._queue.get_nowait()
            except Empty:
                return True
            if job is None:
                return False
            batch.append(job)
        return True

    def _commit(self, batch: list[_Job]) -> None:
        """Run the jobs in one transaction; when the transaction itself fails, every job fails."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for job in batch:
                self._run_job(job)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            for job in batch:
                job.error = job.error or explain(error, self._path)

    def _run_job(self, job: _Job) -> None:
        """Run one job so that its failure takes nothing of the other jobs back."""
        connection = self._connection
        # SQLite takes a single statement back by itself; only several need a savepoint.
        several = len(job.statements) > 1
        if several:
            connection.execute("SAVEPOINT job")
        try:
            job.results = [self._run_statement(statement) for statement in job.statements]
        except STORING_ERRORS as error:
            job.error = explain(error, self._path)
            if not connection.in_transaction:
                # A full disk or a failing one ends the whole transaction, and with it what came before.
                raise
            if several:
                connection.execute("ROLLBACK TO job")
        if several:
            connection.execute("RELEASE job")

    def _run_statement(self, statement: Statement) -> Result:
        cursor = self._connection.execute(*statement)
        return Result(cursor.fetchall(), max(cursor.rowcount, 0))


def _report(batch: Sequence[_Job]) -> None:
    """Wake the waiting tasks: one call into each event loop, however many tasks of it wait."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        # A loop that was closed in between has nobody left who waits; the write is done all the same.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve, jobs)


def _resolve(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.results)
