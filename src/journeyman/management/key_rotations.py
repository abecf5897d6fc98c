"""The rotation of a policy key, step by step: a caller and the next version in, the key set after the step out.

The steps and their waiting times are those of ``journeyman keys rotate``. Key sets that belong to API connectors,
identity providers and the engine itself are not rotated here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from journeyman.engine import Engine
from journeyman.engine.key_uses import KeyUse, uses_of
from journeyman.engine.rehearsal import Light, NextKeys, Rehearsal, rehearse
from journeyman.engine.rotation import REHEARSED, Rotations
from journeyman.errors import KeyStoreError
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.names import is_backup, is_reserved, stored_id
from journeyman.keys.ring import KeyRing
from journeyman.keys.rotation import rotation_of
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ConflictingError, InvalidError
from journeyman.management.key_errors import refused_key


@dataclass(frozen=True, slots=True)
class KeyRotations:
    """The rotations of a tenant."""

    engine: Engine

    async def stage(self, caller: Caller, id: str, key: Key) -> KeySet:
        """Add the next version; it is published, and not used yet."""
        name = self._writable(caller, id)
        return await self._kept((await self._rotations(caller)).stage(name, key))

    async def rehearse(self, caller: Caller, id: str) -> tuple[Rehearsal, ...]:
        """Send the staged version to the APIs that say how it may be tried; nothing changes for anybody else.

        Raises:
            ConflictingError: no version is staged.
        """
        name = self._writable(caller, id)
        engine = self.engine
        # A ring of its own: the staged key must not be seen by journeys that run meanwhile.
        ring = KeyRing(engine.key_store, engine.clock)
        await ring.load()
        staged = rotation_of(ring.get(name)).staged
        if staged is None:
            raise ConflictingError(f"no next version of {name} is staged")
        uses = uses_of(await self._uses(), name)
        next_keys = NextKeys(ring, name, staged)
        done = await rehearse(engine.settings, engine.policies.stored, ring, next_keys, uses, engine.clock, send=True)
        await self._record(caller, name, done)
        return done

    async def promote(self, caller: Caller, id: str) -> KeySet:
        """Put the staged version into use; the one before stays the fallback of refused calls for a while."""
        name = self._writable(caller, id)
        return await self._kept((await self._rotations(caller)).promote(name))

    async def retire(self, caller: Caller, id: str) -> KeySet:
        """Take the previous version out of use now."""
        name = self._writable(caller, id)
        return await self._kept((await self._rotations(caller)).retire(name))

    async def undo(self, caller: Caller, id: str) -> KeySet:
        """Take the last step back."""
        name = self._writable(caller, id)
        return await self._kept((await self._rotations(caller)).undo(name))

    async def restore(self, caller: Caller, backup: str) -> str:
        """Give a deleted policy key its name back and return it."""
        caller.require(Right.WRITE_KEYS)
        try:
            found = await self.engine.key_store.by(caller.actor).restore(backup)
        except KeyStoreError as error:
            raise refused_key(error, "id") from None
        await self.engine.keys.refresh()
        return found

    def _writable(self, caller: Caller, id: str) -> str:
        """Return the id as it is stored. Raises ForbiddenError, InvalidError."""
        caller.require(Right.WRITE_KEYS)
        try:
            name = stored_id(id)
        except KeyStoreError as error:
            raise refused_key(error, "id") from None
        if is_reserved(name) or is_backup(name):
            detail = f"{name} is not rotated here: it belongs to Journeyman, an API connector or an identity provider"
            raise InvalidError(f"{name} is a backup" if is_backup(name) else detail, member="id")
        return name

    async def _uses(self) -> tuple[KeyUse, ...]:
        return await asyncio.to_thread(self.engine.key_uses)

    async def _rotations(self, caller: Caller) -> Rotations:
        engine = self.engine
        store = engine.key_store.by(caller.actor)
        return Rotations(store, engine.clock, await self._uses(), engine.settings.development)

    async def _kept(self, step: Awaitable[KeySet]) -> KeySet:
        try:
            found = await step
        except KeyStoreError as error:
            raise refused_key(error, "id") from None
        await self.engine.keys.refresh()
        return found

    async def _record(self, caller: Caller, id: str, rehearsals: tuple[Rehearsal, ...]) -> None:
        """Write into the audit trail that the new version was sent to an API, and what came of it."""
        sent = {one.user: f"{one.light.value}: {one.target}" for one in rehearsals if one.light is not Light.DRY}
        if sent:
            await self.engine.audit.append(REHEARSED, caller.actor, id, sent, tenant=self.engine.tenant.id)
