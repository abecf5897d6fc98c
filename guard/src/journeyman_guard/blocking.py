"""Checks are asynchronous; this runs them for applications that are not.

Most decide at once and are run on the spot. Those that may wait (for the keys of an issuer, for a slow hash) run on one event
loop in a thread of its own, so that what they keep is shared by all threads of the application.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as WaitedTooLongError
from http import HTTPStatus
from typing import Any, Final, TypeVar

from journeyman_guard.caller import Caller
from journeyman_guard.errors import Refused
from journeyman_guard.guard import Guard
from journeyman_guard.request import GuardRequest

WAIT_S: Final = 15.0

_T = TypeVar("_T")


class BlockingGuard:
    """Ask a guard from any thread."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def admit(self, request: GuardRequest) -> Caller:
        """Return who calls. Raises Refused."""
        route = self.guard.routes.find(request)
        if route is None or getattr(route.check, "never_waits", False):
            return run_at_once(self.guard.admit(request))
        future = asyncio.run_coroutine_threadsafe(self.guard.admit(request), self._started())
        try:
            return future.result(WAIT_S)
        except WaitedTooLongError:
            future.cancel()
            raise Refused("the check took too long", HTTPStatus.FORBIDDEN, attempt=False) from None

    def close(self) -> None:
        """End the thread; for tests and for servers that reload."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = None

    def _started(self) -> asyncio.AbstractEventLoop:
        # A server that forks would inherit a loop without its thread, so the first request starts it.
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_run, args=(self._loop,), name="journeyman-guard", daemon=True)
                thread.start()
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def run_at_once(decision: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that never waits."""
    try:
        decision.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    decision.close()
    raise RuntimeError("a check that says it never waits has waited")
