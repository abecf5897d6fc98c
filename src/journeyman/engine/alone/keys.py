"""The policy keys for one call: those of the store and of ``keys/``, as the next start would have them."""

from __future__ import annotations

from collections.abc import Iterable

from journeyman.clock import Clock
from journeyman.errors import KeySetNotFoundError
from journeyman.keys.keyset import Key, KeySet


class KnownKeys:
    """Answer which key to use, as connector.authenticator.ActiveKeys asks."""

    def __init__(self, key_sets: Iterable[KeySet], clock: Clock) -> None:
        self._sets = {key_set.id.lower(): key_set for key_set in key_sets}
        self._clock = clock

    def get(self, key_id: str) -> KeySet:
        """Return a key set. Raises KeySetNotFoundError."""
        found = self._sets.get(key_id.lower())
        if found is None:
            raise KeySetNotFoundError(f"there is no policy key {key_id!r}")
        return found

    def active(self, key_id: str) -> Key:
        """Return the key that is used now. Raises KeySetNotFoundError and NoActiveKeyError."""
        return self.get(key_id).active(self._clock.now())

    def fallback(self, key_id: str) -> Key | None:
        """Return the key that a rotation has just replaced, while a call may still fall back to it."""
        found = self._sets.get(key_id.lower())
        return None if found is None else found.fallback(self._clock.now())
