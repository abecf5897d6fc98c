"""The steps of a rotation on the store, with the waiting times that keep every client and every node working.

A signing key is published for a while before it signs, because clients keep the key set that they have read; and it
stays published until the last token that it signed has ended. The lengths are this project's decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journeyman.clock import Clock
from journeyman.engine.key_uses import KeyUse, UseKind
from journeyman.errors import KeyStoreError
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.ring import KeyRing
from journeyman.keys.rotation import Keys, Rotation, State, promote, retire, rotation_of, stage, undo
from journeyman.keys.store import KeyStore

PUBLISH: Final = timedelta(hours=24)
"""Longer than clients keep a key set: our own answer allows an hour, libraries read it again once a day."""
PUBLISH_IN_DEVELOPMENT: Final = timedelta(minutes=2)
KEEP: Final = timedelta(hours=24)
KEEP_SIGNING: Final = timedelta(hours=48)
"""A token lives for a day at most (protocol.md §8.1); the other day is for clocks and caches."""
LONGEST_KEEP: Final = timedelta(days=365)

STAGED: Final = "Stage key of policy key"
REHEARSED: Final = "Rehearse key of policy key"
PROMOTED: Final = "Promote key of policy key"
RETIRED: Final = "Retire key of policy key"
UNDONE: Final = "Undo rotation of policy key"

_ISSUER_KEY: Final = "issuer_secret"


@dataclass(frozen=True, slots=True)
class Rotations:
    """Rotate the policy keys of a tenant.

    Attributes:
        uses: who uses the policy keys; it decides which of them sign tokens.
        force: whether the waiting times of signing keys are passed over.
    """

    store: KeyStore
    clock: Clock
    uses: tuple[KeyUse, ...]
    development: bool
    force: bool = False

    async def stage(self, id: str, key: Key) -> KeySet:
        """Add the next version, not used yet. Raises KeyStoreError when a rotation is under way."""
        return await self.store.rewrite(id, stage(key), activity=STAGED)

    async def promote(self, id: str, keep: timedelta | None = None) -> KeySet:
        """Put the staged version into use; the one before stays the fallback of refused calls for ``keep``.

        Raises:
            KeyStoreError: there is none, it cannot be used, or clients may not have read it yet.
        """
        now, signing = self.clock.now(), self.signs(id)
        keep = keep if keep is not None else (KEEP_SIGNING if signing else KEEP)
        step = promote(now, keep)

        def change(key_set: KeySet) -> Keys:
            earliest = self.earliest_promotion(key_set)
            if earliest is not None and earliest > now and not self.force:
                detail = f"{key_set.id} signs tokens, and clients may not have read its next version yet"
                raise KeyStoreError(f"{detail}; promote it from {earliest:%Y-%m-%dT%H:%M:%SZ} on, or add --force")
            return step(key_set)

        return await self.store.rewrite(id, change, activity=PROMOTED)

    async def retire(self, id: str) -> KeySet:
        """Take the previous version out of use.

        Raises:
            KeyStoreError: there is none, or tokens that it signed may still be good.
        """
        now, signing = self.clock.now(), self.signs(id)

        def change(key_set: KeySet) -> Keys:
            until = rotation_of(key_set).until
            if signing and until is not None and until > now and not self.force:
                detail = f"tokens that the previous version of {key_set.id} signed may still be good"
                raise KeyStoreError(f"{detail}; retire it from {until:%Y-%m-%dT%H:%M:%SZ} on, or add --force")
            return retire(key_set)

        return await self.store.rewrite(id, change, activity=RETIRED)

    async def undo(self, id: str) -> KeySet:
        """Take the last step back. Raises KeyStoreError when there is none."""
        return await self.store.rewrite(id, undo, activity=UNDONE)

    def signs(self, id: str) -> bool:
        """Whether the key set signs tokens that clients check with the keys that are published."""
        return any(_signs(use) for use in self.uses if use.set_id.lower() == id.lower())

    def earliest_promotion(self, key_set: KeySet) -> datetime | None:
        """Return from when on the staged version of a signing key may be promoted; None when there is nothing to wait for."""
        staged = rotation_of(key_set).staged
        if staged is None or not self.signs(key_set.id):
            return None
        return staged.added_at + (PUBLISH_IN_DEVELOPMENT if self.development else PUBLISH)


async def retire_due(store: KeyStore, keys: KeyRing, now: datetime) -> tuple[str, ...]:
    """Retire every previous version whose time is over, and return the ids of their sets.

    Of several nodes that do so at once one writes; the others find nothing left to do.
    """
    retired = []
    for key_set in keys.key_sets():
        if _due(rotation_of(key_set), now):
            await store.rewrite(key_set.id, lambda present: _retired_if_due(present, now), activity=RETIRED)
            retired.append(key_set.id)
    return tuple(retired)


def rotations_under_way(key_sets: Iterable[KeySet]) -> tuple[tuple[KeySet, Rotation], ...]:
    """Return the key sets whose rotation is staged or promoted."""
    found = ((key_set, rotation_of(key_set)) for key_set in key_sets)
    return tuple(pair for pair in found if pair[1].state in {State.STAGED, State.PROMOTED})


def _retired_if_due(key_set: KeySet, now: datetime) -> Keys:
    return retire(key_set) if _due(rotation_of(key_set), now) else key_set.keys


def _due(rotation: Rotation, now: datetime) -> bool:
    return rotation.state is State.PROMOTED and rotation.until is not None and rotation.until <= now


def _signs(use: KeyUse) -> bool:
    return use.kind is UseKind.TOKEN_ENDPOINT or (use.kind is UseKind.ISSUER and use.key_name.casefold() == _ISSUER_KEY)
