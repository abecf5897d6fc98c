"""Which certificate of a key set an API connector uses: the newest upload that is valid now.

Policies go by activation dates; connectors do not (rest-connectors.md §6, graph-api.md §3). Nothing else of a set is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journeyman.clock import Clock
from journeyman.connector.authenticator import ActiveKeys
from journeyman.errors import NoActiveKeyError
from journeyman.keys.keyset import Key, KeySet, Stage


@dataclass(frozen=True, slots=True)
class NewestUploads:
    """Answer which key to use, as ``authenticator.ActiveKeys`` asks."""

    keys: ActiveKeys
    clock: Clock

    def get(self, key_id: str) -> KeySet:
        """Return a key set. Raises KeySetNotFoundError."""
        return self.keys.get(key_id)

    def active(self, key_id: str) -> Key:
        """Return the key that is used now. Raises KeySetNotFoundError and NoActiveKeyError."""
        found = newest_upload(self.keys.get(key_id), self.clock.now())
        if found is None:
            detail = f"policy key {key_id!r} has no certificate that is valid now"
            raise NoActiveKeyError(detail)
        return found

    def fallback(self, key_id: str) -> Key | None:
        """Return None: the API accepts the old and the new certificate while it changes."""
        return None


def newest_upload(key_set: KeySet, now: datetime) -> Key | None:
    """Return the certificate that was uploaded last among those that have begun and not ended; None when none has."""
    valid = [key for key in key_set.keys if _valid(key, now)]
    return max(valid, key=lambda key: (key.added_at, key.sequence), default=None)


def _valid(key: Key, now: datetime) -> bool:
    if not key.certificates or key.stage is not Stage.IN_USE or not key.good(now):
        return False
    leaf = key.certificates[0]
    return leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc
