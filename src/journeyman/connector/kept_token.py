"""The token of a profile that acquires one: kept between calls, where an operator has asked for it.

The real service acquires a token in every journey. Keeping it is off by default, because a profile whose
inputs hold something of a person would hand that person's token to others; the compiler refuses to keep for
such a profile, and so does this.

Source: rest-connectors.md §14; the numbers are those of a managed bearer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakSet

from journeyman.clock import Clock
from journeyman.connector.answer import Result, Success
from journeyman.connector.errors import ApiTimeoutError, ConnectorError
from journeyman.connector.token_answer import life_s

RENEWED_AT: Final = 0.8

Versions = tuple[tuple[str, str], ...]
Acquire = Callable[[], Awaitable[Result]]


@dataclass(slots=True, weakref_slot=True, eq=False)
class KeptToken:
    """The last good answer of one profile, for all journeys."""

    clock: Clock
    _success: Success | None = field(default=None, repr=False)
    _versions: Versions = ()
    _renew_at_s: float = 0.0
    _running: asyncio.Future[Result] | None = None

    def get(self, versions: Versions) -> Success | None:
        """Return the answer while 80 % of the token's life last and the credential is the one it was acquired with."""
        good = self._versions == versions and self.clock.monotonic_s() < self._renew_at_s
        return self._success if good else None

    async def acquired(self, versions: Versions, acquire: Acquire, within_s: float) -> Result:
        """Return the answer of ``acquire``; while one call runs the others wait for it.

        Raises:
            ConnectorError: the call failed, or did not end in the time of this one.
        """
        ends_s = self.clock.monotonic_s() + within_s
        while (running := self._running) is not None:
            try:
                async with asyncio.timeout(max(ends_s - self.clock.monotonic_s(), 0.0)):
                    return await asyncio.shield(running)
            except asyncio.CancelledError:
                if not running.cancelled() or _cancelled():
                    raise
                # The journey that acquired the token has gone away: one of those that wait takes over.
            except TimeoutError as error:
                raise ApiTimeoutError("another journey acquires the token, and it took too long") from error
            except ConnectorError as error:
                raise error.copied(f"another journey acquired the token: {error.operator}") from error
        return await self._first(versions, acquire)

    def drop(self, token: str) -> None:
        """Forget the answer if the token is in it: an API has refused it."""
        if self._success is not None and token in self._success.values.values():
            self._success = None
            self._renew_at_s = 0.0

    async def _first(self, versions: Versions, acquire: Acquire) -> Result:
        running = self._running = asyncio.get_running_loop().create_future()
        begun_s = self.clock.monotonic_s()
        result: Result | None = None
        try:
            result = await acquire()
        except ConnectorError as error:
            running.set_exception(error)
            running.exception()  # It is not lost when nobody waits: this call raises it.
            raise
        finally:
            self._running = None
            if not running.done():
                running.cancel() if result is None else running.set_result(result)
        if isinstance(result, Success) and isinstance(result.body, dict):
            self._success, self._versions = result, versions
            self._renew_at_s = begun_s + RENEWED_AT * life_s(result.body)
        return result


def _cancelled() -> bool:
    """Whether this journey itself is to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@dataclass(slots=True)
class KeptTokens:
    """The kept tokens of an engine, so that a refused one can be forgotten by whoever acquired it."""

    _kept: WeakSet[KeptToken] = field(default_factory=WeakSet)

    def new(self, clock: Clock) -> KeptToken:
        """Return a place for the token of one profile."""
        kept = KeptToken(clock)
        self._kept.add(kept)
        return kept

    def refused(self, authorization: str) -> None:
        """Forget the token in an ``Authorization`` header that an API answered with 401."""
        scheme, _, token = authorization.partition(" ")
        if scheme == "Bearer" and token:
            for kept in list(self._kept):
                kept.drop(token)
