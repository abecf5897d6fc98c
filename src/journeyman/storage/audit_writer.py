"""Audit events of many tasks in, few transactions on the chain out.

Every entry needs the hash of the one before, so entries cannot be written side by side: what comes
while a transaction runs is written in the next one, together.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from typing import Final

from journeyman.errors import StorageError
from journeyman.storage.audit import AuditEvent, AuditLog

_LOG: Final = logging.getLogger(__name__)
_BATCH_LIMIT: Final = 256
_GATHERED_S: Final = 0.04
"""How long noted events are gathered; nobody waits for them."""

_Waiting = asyncio.Future[None] | None


class AuditWriter:
    """Write events from a task of its own; call ``start`` and ``close``.

    Attributes:
        dropped: events of ``note`` that could not be written.
    """

    def __init__(self, log: AuditLog, *, tenant: str, capacity: int = 10_000) -> None:
        self.dropped = 0
        self._log = log
        self._tenant = tenant
        self._capacity = capacity
        self._queue: deque[tuple[AuditEvent, _Waiting]] = deque()
        self._waiting = asyncio.Event()
        self._urgent = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write; needs the running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="journeyman-audit-writer")

    def note(self, event: AuditEvent) -> None:
        """Queue an event; one that does not fit into the queue, or cannot be written, is dropped and counted."""
        if self._closing or len(self._queue) >= self._capacity:
            self._drop(1, "the queue is full or closed")
            return
        self._put(event, None)

    async def write(self, event: AuditEvent) -> None:
        """Return when the event is in the log. Raises StorageError when it could not be written."""
        if self._closing or len(self._queue) >= self._capacity:
            raise StorageError("the audit log takes no more entries at the moment")
        written = asyncio.get_running_loop().create_future()
        self._put(event, written)
        self._urgent.set()
        await written

    async def close(self) -> None:
        """Write what is queued and end."""
        self._closing = True
        self._waiting.set()
        self._urgent.set()
        if self._task is not None:
            await self._task

    def _put(self, event: AuditEvent, waiting: _Waiting) -> None:
        self._queue.append((event, waiting))
        self._waiting.set()

    async def _run(self) -> None:
        while self._queue or not self._closing:
            await self._waiting.wait()
            with contextlib.suppress(TimeoutError):
                # A transaction for each noted call would cost more than all else of the call.
                await asyncio.wait_for(self._urgent.wait(), _GATHERED_S)
            if not self._closing:
                self._waiting.clear()
                self._urgent.clear()
            while self._queue:
                await self._write([self._queue.popleft() for _ in range(min(len(self._queue), _BATCH_LIMIT))])

    async def _write(self, batch: list[tuple[AuditEvent, _Waiting]]) -> None:
        try:
            await self._log.append_all([event for event, _ in batch], tenant=self._tenant)
        except StorageError as error:
            noted = sum(waiting is None for _, waiting in batch)
            if noted:
                self._drop(noted, str(error))
            _resolve(batch, error)
        else:
            _resolve(batch, None)

    def _drop(self, number: int, reason: str) -> None:
        self.dropped += number
        _LOG.error("%d audit entries were dropped: %s", number, reason)


def _resolve(batch: list[tuple[AuditEvent, _Waiting]], error: StorageError | None) -> None:
    for _, waiting in batch:
        if waiting is None or waiting.done():
            continue
        if error is None:
            waiting.set_result(None)
        else:
            waiting.set_exception(error)
