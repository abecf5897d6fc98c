"""Entries in at the speed of a list append; in the database shortly after, in batches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import Final, Self

from journeyman.errors import StorageError
from journeyman.trace.records import Entry
from journeyman.trace.store import TraceStore

_LOG: Final = logging.getLogger(__name__)
_BATCH_LIMIT: Final = 500
_PURGE_EVERY: Final = 1000


class TraceWriter:
    """Queue entries and write them from a task of its own.

    A journey never waits for its trace and never fails because of it: what does not fit into the
    queue, or cannot be written, is dropped and counted.

    Use it as ``async with TraceWriter(store) as writer``, or call ``start`` and ``close``.
    """

    def __init__(
        self, store: TraceStore, *, capacity: int = 10_000, flush_interval_s: float = 0.04, keep: int = 2_000
    ) -> None:
        self.dropped = 0
        self._store = store
        self._capacity = capacity
        self._flush_interval_s = flush_interval_s
        self._keep = keep
        self._queue: deque[Entry] = deque()
        self._waiting = asyncio.Event()
        self._closing = asyncio.Event()
        self._one_flush = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._since_purge = 0

    def start(self) -> None:
        """Begin to write in the background; needs the running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="journeyman-trace-writer")

    def record(self, entry: Entry) -> None:
        """Queue an entry; it is in the database within some 50 ms."""
        if len(self._queue) >= self._capacity or self._closing.is_set():
            self.dropped += 1
            return
        self._queue.append(entry)
        self._waiting.set()

    async def flush(self) -> None:
        """Write all that is queued and return when it is written."""
        async with self._one_flush:
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(len(self._queue), _BATCH_LIMIT))]
                await self._write(batch)

    async def close(self) -> None:
        """Write what is queued and end; entries that come later are dropped."""
        self._closing.set()
        self._waiting.set()
        if self._task is not None:
            await self._task
        await self.flush()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _run(self) -> None:
        while not self._closing.is_set():
            await self._waiting.wait()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._flush_interval_s)
            self._waiting.clear()
            await self.flush()

    async def _write(self, batch: list[Entry]) -> None:
        try:
            await self._store.append(batch)
            self._since_purge += len(batch)
            if self._since_purge >= _PURGE_EVERY:
                self._since_purge = 0
                await self._store.purge(keep=self._keep)
        except StorageError as error:
            self.dropped += len(batch)
            _LOG.warning("%d trace entries were dropped: %s", len(batch), error)
