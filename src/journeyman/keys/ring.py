"""The key sets of a tenant in memory: every key parsed once and kept, until the store changes.

Source: policy-keys.md §4, §6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from journeyman.clock import Clock
from journeyman.compiler.spec import KeyInfo
from journeyman.errors import KeySetNotFoundError, NoActiveKeyError
from journeyman.keys.keyset import Key, KeySet, without_waiting
from journeyman.keys.names import PREFIX, is_backup
from journeyman.keys.store import KeyStore, StoredKey, StoredKeySet
from journeyman.service_codes import SERVICE_CODES

_SOON: Final = timedelta(days=30)
_GUESSES: Final = ("", "secret", "changeme")


class KeyRing:
    """Answer at once which key to use; the store is asked by ``load`` and ``refresh`` only.

    Backups are not in the ring: no policy can use them. With ``sole_future`` the only key of a set is used before
    its activation date, too.
    """

    def __init__(self, store: KeyStore, clock: Clock, *, sole_future: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._sole_future = sole_future
        self._version = -1
        self._sets: Mapping[str, KeySet] = {}
        self._parsed: Mapping[StoredKey, Key] = {}

    async def load(self) -> None:
        """Read and parse all key sets. Raises SealError when a record was damaged or moved."""
        # The version is read first: a change in between then makes the next refresh read again.
        version = await self._store.version()
        self._take(await self._store.stored())
        self._version = version

    async def refresh(self) -> bool:
        """Read the key sets again if the store has changed, parse only what is new, and say whether it had."""
        if await self._store.version() == self._version:
            return False
        await self.load()
        return True

    @property
    def version(self) -> int:
        """The version of the store that was read last."""
        return self._version

    def get(self, id: str) -> KeySet:
        """Return the key set of this id. Raises KeySetNotFoundError (AADB2C90130)."""
        found = self._sets.get(id.lower())
        if found is None:
            raise KeySetNotFoundError(_text(90130, self._store.tenant, id))
        return found

    def active(self, id: str) -> Key:
        """Return the key of the set that is used now.

        Raises:
            KeySetNotFoundError: AADB2C90130.
            NoActiveKeyError: AADB2C90019 for secrets and key pairs, AADB2C90220 for certificates.
        """
        found = self.get(id)
        try:
            return found.active(self._clock.now())
        except NoActiveKeyError as error:
            raise NoActiveKeyError(self._no_active_key(found)) from error

    def fallback(self, id: str) -> Key | None:
        """Return the key that the active key of the set has replaced, while a call may still fall back to it."""
        found = self._sets.get(id.lower())
        return None if found is None else found.fallback(self._clock.now())

    def key_sets(self) -> tuple[KeySet, ...]:
        """Return all key sets, without backups."""
        return tuple(self._sets.values())

    def infos(self) -> Mapping[str, KeyInfo]:
        """Return what the compiler may know of the key sets, by id in lower case."""
        now = self._clock.now()
        return {id_key: key_info(key_set, now) for id_key, key_set in self._sets.items()}

    def _take(self, stored: Sequence[StoredKeySet]) -> None:
        usable = [entry for entry in stored if not is_backup(entry.id)]
        kept = self._parsed
        parsed = {key: kept.get(key) or self._store.unseal(key) for entry in usable for key in entry.keys}
        sets = [KeySet(entry.id, tuple(parsed[key] for key in entry.keys)) for entry in usable]
        if self._sole_future:
            sets = [without_waiting(key_set, self._clock.now()) for key_set in sets]
        self._sets = {key_set.id.lower(): key_set for key_set in sets}
        self._parsed = parsed

    def _no_active_key(self, key_set: KeySet) -> str:
        tenant = self._store.tenant
        if any(key.certificates for key in key_set.keys):
            return _text(90220, tenant, key_set.id)
        return _text(90019, key_set.id, tenant, self._reason(key_set))

    def _reason(self, key_set: KeySet) -> str:
        enabled = [key for key in key_set.keys if key.enabled]
        if not enabled:
            return "all its keys are disabled" if key_set.keys else "it holds no key"
        future = [key for key in enabled if key.good(self._clock.now())]
        return "its keys become active in the future" if future else "its keys are expired"


def key_info(key_set: KeySet, now: datetime) -> KeyInfo:
    """Return what the compiler may know of a key set."""
    keys = key_set.keys
    return KeyInfo(
        id=key_set.id,
        kty=keys[0].kty if keys else "",
        has_private_key=any(key.private_key is not None for key in keys),
        has_certificate=any(key.certificates for key in keys),
        has_active_key=any(key.active(now) for key in keys),
        use=keys[0].use if keys else "",
        ends_soon_at=_ends_soon_at(key_set, now),
        placeholder=any(key.active(now) and _placeholder(key_set.id, key) for key in keys),
        self_signed=any(key.active(now) and _self_signed(key) for key in keys),
    )


def _ends_soon_at(key_set: KeySet, now: datetime) -> datetime | None:
    """Return when the last good key ends, if that is within 30 days."""
    good = key_set.good(now)
    ends = [key.expires_at for key in good if key.expires_at is not None]
    if not ends or len(ends) < len(good):
        return None
    return max(ends) if max(ends) - now < _SOON else None


def _placeholder(set_id: str, key: Key) -> bool:
    bare = set_id[len(PREFIX) :] if set_id.lower().startswith(PREFIX.lower()) else set_id
    guesses = (*_GUESSES, set_id, bare)
    return key.secret is not None and any(key.secret.matches(guess) for guess in guesses)


def _self_signed(key: Key) -> bool:
    return bool(key.certificates) and key.certificates[0].issuer == key.certificates[0].subject


def _text(number: int, *values: object) -> str:
    row = SERVICE_CODES[number]
    return f"{row.code}: {row.text.format(*values)}"
