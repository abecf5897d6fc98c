"""Delete the key sets of credentials that were replaced, when no process can use them any more.

A process that has not seen yet that an API connector has new credentials still calls with the old ones, for a second at
most, and calls that are on their way end within their budget. What an interrupted change has left goes the same way.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Final

from journeyman.clock import Clock
from journeyman.configuration.identity import merged_identity, named_keys, stored_identity
from journeyman.configuration.store import ConfigurationStore
from journeyman.errors import KeySetNotFoundError
from journeyman.keys.names import API_CONNECTOR_PREFIX, IDENTITY_PROVIDER_PREFIX
from journeyman.keys.store import KeyStore
from journeyman.settings import IdentitySettings

EVERY_S: Final = 15.0
GRACE_S: Final = 60.0

_MADE_HERE: Final = re.compile(
    rf"{API_CONNECTOR_PREFIX}[0-9a-f]{{32}}-(?:password|certificate|token|key|secret)(?:-[0-9a-f]{{6}})?"
    rf"|{IDENTITY_PROVIDER_PREFIX}[A-Za-z0-9-]{{1,32}}-secret-[0-9a-f]{{6}}",
    re.IGNORECASE,
)
"""Ids that the management operations give; a person who types such an id means one of these sets."""

_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class ReplacedKeys:
    """Look for key sets that nothing names; ``declared`` is what ``journeyman.toml`` says."""

    configuration: ConfigurationStore
    keys: KeyStore
    declared: IdentitySettings
    clock: Clock
    _next_s: float = 0.0
    _since_s: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Do it when some seconds have passed since the last time. Raises JourneymanError; then it is done next time."""
        now_s = self.clock.monotonic_s()
        if now_s < self._next_s:
            return
        unnamed = await self._unnamed()
        self._since_s = {each: self._since_s.get(each, now_s) for each in unnamed}
        for key_id, since_s in self._since_s.items():
            if now_s - since_s >= GRACE_S:
                await self._delete(key_id)
        self._next_s = now_s + EVERY_S

    async def _unnamed(self) -> list[str]:
        # The sets are read first: one that is made and named in between is not among them.
        made = [each.id for each in await self.keys.stored() if _MADE_HERE.fullmatch(each.id)]
        if not made:
            return []
        found = merged_identity(self.declared, await stored_identity(self.configuration))
        if found.problems:
            # What cannot be read may name any of them.
            return []
        named = named_keys(found.settings)
        return [each for each in made if each.lower() not in named]

    async def _delete(self, key_id: str) -> None:
        try:
            backup = await self.keys.delete(key_id)
            if backup is not None:
                await self.keys.delete(backup)
        except KeySetNotFoundError:
            # Another process was faster.
            return
        _LOG.info("the policy key %s was deleted: nothing names it any more", key_id)
