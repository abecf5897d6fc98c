"""What an engine does for its keys while it runs: retire what is due, and warn of what ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from journeyman.applications.registry import ApplicationRegistry
from journeyman.clock import Clock
from journeyman.engine.expiry import Expiring, expiring_of, warning
from journeyman.engine.key_uses import KeyUse
from journeyman.engine.rotation import retire_due
from journeyman.keys.ring import KeyRing
from journeyman.keys.store import KeyStore
from journeyman.settings import Settings

EVERY_S: Final = 60.0

_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class KeyUpkeep:
    """Look after the policy keys and client secrets of a tenant.

    Attributes:
        uses: reads who uses which key; it is asked when there is something to warn of, because it reads files.
        found: what ends, as of the last look.
    """

    settings: Settings
    store: KeyStore
    keys: KeyRing
    applications: ApplicationRegistry
    clock: Clock
    uses: Callable[[], tuple[KeyUse, ...]]
    found: tuple[Expiring, ...] = ()
    _next_s: float = 0.0
    _warned: dict[tuple[str, str], int] = field(default_factory=dict)

    async def run(self) -> None:
        """Do it when a minute has passed since the last time. Raises JourneymanError; then it is done next time."""
        now_s = self.clock.monotonic_s()
        if now_s < self._next_s:
            return
        for key_id in await retire_due(self.store, self.keys, self.clock.now()):
            _LOG.warning("rotation: the previous version of %s is retired, its time is over", key_id)
        await self._warn()
        self._next_s = now_s + EVERY_S

    async def _warn(self) -> None:
        """Log each warning once, when it is reached: at the start, then at 60, 30, 14, 7 and 1 days and at the end."""
        now = self.clock.now()
        found = await self._expiring(())
        levels = {(one.id, one.version): one.level(now) for one in found}
        new = {name for name, level in levels.items() if level is not None and level != self._warned.get(name)}
        if new:
            found = await self._expiring(await asyncio.to_thread(self.uses))
            for one in found:
                if (one.id, one.version) in new:
                    _LOG.log(logging.ERROR if one.level(now) == 0 else logging.WARNING, "%s", warning(one, now))
        self.found = found
        self._warned = {name: level for name, level in levels.items() if level is not None}

    async def _expiring(self, uses: tuple[KeyUse, ...]) -> tuple[Expiring, ...]:
        return await expiring_of(self.keys.key_sets(), uses, self.applications, self.settings)
