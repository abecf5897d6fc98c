"""Policy keys in the SQL database, each key sealed in a record of its own.

Source: policy-keys.md §2, §6 to §9. The record of a key is bound to its tenant, key set and ``kid``;
ids, ``kid`` and the order of keys are in clear, all else is inside the seal.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count, groupby
from typing import Final, TypeVar

from journeyman.clock import Clock
from journeyman.database import Database, Row, Statement, Value
from journeyman.errors import ConflictError, KeySetNotFoundError, KeyStoreError, SealError
from journeyman.keys.creation import distinct
from journeyman.keys.jwk import refuse_mixture
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.names import backup_id, is_backup, original_id, policy_key_id, stored_id
from journeyman.keys.record import decode_key, encode_key
from journeyman.keys.store import KeyAudit, KeyEvent, StoredKey, StoredKeySet
from journeyman.secret import Sealer
from journeyman.versions import GUARD, commit, current_version

_Result = TypeVar("_Result")
_Plan = tuple[list[Statement], _Result]

_TRIES: Final = 50  # others write keys rarely, and the audit trail often

_SELECT: Final = (
    "SELECT s.id_key, s.id, s.created_at, k.kid, k.sequence, k.record FROM key_sets s "
    "LEFT JOIN keys k ON k.tenant = s.tenant AND k.set_key = s.id_key WHERE s.tenant = ? "
)
_SELECT_ALL: Final = _SELECT + "ORDER BY s.id_key, k.sequence"
_SELECT_ONE: Final = _SELECT + "AND s.id_key = ? ORDER BY s.id_key, k.sequence"

_INSERT_SET: Final = "INSERT INTO key_sets (tenant, id, id_key, created_at) SELECT ?, ?, ?, ? WHERE " + GUARD
_INSERT_KEY: Final = "INSERT INTO keys (tenant, set_key, kid, sequence, record) SELECT ?, ?, ?, ?, ? WHERE " + GUARD
_UPDATE_KEY: Final = "UPDATE keys SET record = ? WHERE tenant = ? AND set_key = ? AND kid = ? AND " + GUARD  # noqa: S608 - both parts are constants
_DELETE_KEY: Final = "DELETE FROM keys WHERE tenant = ? AND set_key = ? AND kid = ? AND " + GUARD  # noqa: S608 - both parts are constants
_DELETE_SET: Final = "DELETE FROM key_sets WHERE tenant = ? AND id_key = ? AND " + GUARD  # noqa: S608 - both parts are constants
_DELETE_KEYS: Final = "DELETE FROM keys WHERE tenant = ? AND set_key = ? AND " + GUARD  # noqa: S608 - both parts are constants


@dataclass(frozen=True, slots=True)
class SqlKeyStore:
    """The key sets of ``tenant`` in the tables ``key_sets``, ``keys`` and ``versions``; changes go into ``audit``."""

    database: Database
    sealer: Sealer
    tenant: str
    clock: Clock
    audit: KeyAudit | None = None

    def by(self, actor: str) -> SqlKeyStore:
        """Return the store with the name under which the audit trail keeps changes made through it."""
        return self if self.audit is None else replace(self, audit=self.audit.by(actor))

    async def version(self) -> int:
        """Return a number that grows at every change of this tenant's keys."""
        return await current_version(self.database, self._version_name)

    async def stored(self) -> tuple[StoredKeySet, ...]:
        """Return all key sets, backups included, still sealed."""
        return _key_sets(await self.database.fetch_all(_SELECT_ALL, (self.tenant,)))

    def unseal(self, stored: StoredKey) -> Key:
        """Open and parse one key. Raises SealError when its record was damaged or moved."""
        context = self._context(stored.set_key, stored.kid)
        key = decode_key(self.sealer.open(stored.record, context=context))
        if key.sequence != stored.sequence:
            raise SealError(f"{context}: the order of the keys was changed in the database")
        return key

    async def get(self, id: str) -> KeySet:
        """Return one key set, or a backup. Raises KeySetNotFoundError (AADB2C90073)."""
        found = await self._find(stored_id(id))
        if found is None:
            raise self._not_found(id)
        return found

    async def create(self, id: str, keys: Sequence[Key] = ()) -> str:
        """Create a key set, with its first keys if any, and return its stored id.

        Raises:
            KeyStoreError: AADB2C95028, there is one of this name; or the keys cannot stand in one set.
        """
        name = policy_key_id(id)
        numbered = _numbered(keys, after=0)

        async def plan() -> _Plan[str]:
            await self._refuse_existing(name)
            return [self._insert_set(name), *self._insert_keys(name, numbered)], name

        return await self._change(plan, lambda _: KeyEvent("Create policy key", name, _described(numbered)))

    async def add(self, id: str, key: Key) -> Key:
        """Append a key and return it as stored, with its sequence.

        The same RSA key with another certificate is another key; it then gets the SHA-256 thumbprint of its
        certificate as ``kid``. The same text may stand in a set twice, so that its dates can be extended.

        Raises:
            KeyStoreError: AADB2C95052 no such set, 95032 another type, 95042 another use, 90180 a duplicate.
        """
        name = policy_key_id(id)

        async def plan() -> _Plan[Key]:
            present = await self._existing(name)
            added = replace(distinct(key, present.keys), sequence=_last_sequence(present) + 1)
            refuse_mixture((*present.keys, added))
            return self._insert_keys(name, (added,)), added

        return await self._change(plan, lambda added: KeyEvent("Add key to policy key", name, _described((added,))))

    async def replace(self, id: str, keys: Sequence[Key], *, create: bool = False) -> KeySet:
        """Replace all keys of a set by ``keys``, in their order; ``create`` makes a set that is missing."""
        name = policy_key_id(id)
        activity = ""

        async def plan() -> _Plan[KeySet]:
            nonlocal activity
            present = await self._find(name) if create else await self._existing(name)
            activity = "Create policy key" if present is None else "Replace keys of policy key"
            if present is None:
                numbered = _numbered(keys, after=0)
                return [self._insert_set(name), *self._insert_keys(name, numbered)], KeySet(name, numbered)
            numbered = _numbered(keys, after=_last_sequence(present))
            statements = [self._delete(_DELETE_KEYS, name), *self._insert_keys(name, numbered)]
            return statements, KeySet(present.id, numbered)

        return await self._change(plan, lambda after: _of_set(activity, after))

    async def rewrite(self, id: str, change: Callable[[KeySet], Sequence[Key]], *, activity: str) -> KeySet:
        """Make of a set what ``change`` makes of its keys, in one transaction, and return it as stored."""
        name = policy_key_id(id)

        async def plan() -> _Plan[KeySet]:
            present = await self._existing(name)
            before = {key.kid: key for key in present.keys}
            after = _renumbered(change(present), before, after=_last_sequence(present))
            refuse_mixture(after)
            changed = [key for key in after if key.kid in before and key is not before[key.kid]]
            added = [key for key in after if key.kid not in before]
            gone = before.keys() - {key.kid for key in after}
            statements = [
                *((_DELETE_KEY, (self.tenant, name.lower(), kid)) for kid in sorted(gone)),
                *(self._update_key(name, key) for key in changed),
                *self._insert_keys(name, added),
            ]
            return statements, KeySet(present.id, after)

        return await self._change(plan, lambda after: _of_set(activity, after))

    async def enable(self, id: str, kid: str, *, enabled: bool) -> Key:
        """Enable or disable one key and return it; a disabled key is used for nothing and not published."""
        name = policy_key_id(id)

        async def plan() -> _Plan[Key]:
            present = await self._existing(name)
            found = next((key for key in present.keys if key.kid == kid), None)
            if found is None:
                raise KeyStoreError(f"policy key {present.id!r} has no key with the kid {kid!r}")
            changed = replace(found, enabled=enabled)
            return [self._update_key(name, changed)], changed

        activity = "Enable key of policy key" if enabled else "Disable key of policy key"
        return await self._change(plan, lambda changed: KeyEvent(activity, name, _described((changed,))))

    async def delete(self, id: str) -> str | None:
        """Delete a set and return the id of its backup; deleting a backup is final and returns None.

        Raises:
            KeySetNotFoundError: AADB2C90073.
        """
        name = stored_id(id)

        async def plan() -> _Plan[str | None]:
            present = await self.get(name)
            if is_backup(name):
                return self._remove(name), None
            backup = backup_id(present.id)
            return [*self._remove(backup), *self._move(present, backup)], backup

        return await self._change(plan, lambda backup: _of_deletion(name, backup))

    async def discard(self, id: str) -> str:
        """Delete a set whose records do not open, without a backup, and return its id.

        Raises:
            KeySetNotFoundError: AADB2C90073.
            KeyStoreError: the set opens; then ``delete`` keeps a backup of it.
        """
        name = stored_id(id)

        async def plan() -> _Plan[str]:
            try:
                present = await self.get(name)
            except SealError:
                return self._remove(name), name
            raise KeyStoreError(f"policy key {present.id!r} is not damaged; delete it without --damaged")

        return await self._change(plan, lambda _: KeyEvent("Discard damaged policy key", name))

    async def restore(self, backup: str) -> str:
        """Give a backup its old id back and return it.

        Raises:
            KeyStoreError: AADB2C95027 not the id of a backup, 90073 no such backup, 95028 the id is taken.
        """
        name = original_id(backup)

        async def plan() -> _Plan[str]:
            present = await self.get(backup_id(name))
            await self._refuse_existing(name)
            original = original_id(present.id)
            return self._move(present, original), original

        event = KeyEvent("Restore policy key", name, {"backup": backup_id(name)})
        return await self._change(plan, lambda _: event)

    async def _change(
        self, plan: Callable[[], Awaitable[_Plan[_Result]]], event: Callable[[_Result], KeyEvent]
    ) -> _Result:
        """Read, plan and write; when somebody else wrote in the meantime, read and plan again."""
        for _ in range(_TRIES):
            version = await self.version()
            statements, result = await plan()
            if self.audit is not None:
                statements += await self._audited(self.audit, event(result))
            try:
                if await commit(self.database, self._version_name, version, statements):
                    return result
            except ConflictError:
                # Somebody else has written the next entry of the audit trail.
                continue
        raise KeyStoreError("AADB2C95053: The policy keys were changed by others at the same time. Try again.")

    async def _audited(self, audit: KeyAudit, event: KeyEvent) -> list[Statement]:
        found = await audit.statements([event], tenant=self.tenant)
        return [(f"{sql} WHERE {GUARD}", parameters) for sql, parameters in found]

    async def _find(self, name: str) -> KeySet | None:
        found = _key_sets(await self.database.fetch_all(_SELECT_ONE, (self.tenant, name.lower())))
        return KeySet(found[0].id, tuple(map(self.unseal, found[0].keys))) if found else None

    async def _existing(self, name: str) -> KeySet:
        found = await self._find(name)
        if found is None:
            detail = (
                f"AADB2C95052: The trustframework key set with id '{name}' in tenant '{self.tenant}' is not created. "
                "Please use 'Create api' to create the key set first."
            )
            raise KeySetNotFoundError(detail)
        return found

    async def _refuse_existing(self, name: str) -> None:
        if await self._find(name) is not None:
            detail = f"AADB2C95028: Can't create trustframework key set with name '{name}' because it already exists."
            raise KeyStoreError(detail)

    def _not_found(self, id: str) -> KeySetNotFoundError:
        return KeySetNotFoundError(
            f"AADB2C90073: KeyContainer with 'id': '{id}' cannot be found in the directory '{self.tenant}'."
        )

    def _move(self, present: KeySet, name: str) -> list[Statement]:
        # The seal binds a record to its set, so a move seals every key again.
        return [*self._remove(present.id), self._insert_set(name), *self._insert_keys(name, present.keys)]

    def _remove(self, name: str) -> list[Statement]:
        return [self._delete(_DELETE_KEYS, name), self._delete(_DELETE_SET, name)]

    def _delete(self, sql: str, name: str) -> Statement:
        return sql, (self.tenant, name.lower())

    def _insert_set(self, name: str) -> Statement:
        created_at = round(self.clock.now().timestamp() * 1000)
        return _INSERT_SET, (self.tenant, name, name.lower(), created_at)

    def _insert_keys(self, name: str, keys: Sequence[Key]) -> list[Statement]:
        place = (self.tenant, name.lower())
        return [(_INSERT_KEY, (*place, key.kid, key.sequence, self._seal(name, key))) for key in keys]

    def _update_key(self, name: str, key: Key) -> Statement:
        return _UPDATE_KEY, (self._seal(name, key), self.tenant, name.lower(), key.kid)

    def _seal(self, name: str, key: Key) -> bytes:
        return self.sealer.seal(encode_key(key), context=self._context(name.lower(), key.kid))

    def _context(self, set_key: str, kid: str) -> str:
        return policy_key_context(self.tenant, set_key, kid)

    @property
    def _version_name(self) -> str:
        return f"keys/{self.tenant}"


def policy_key_context(tenant: str, set_key: str, kid: str) -> str:
    """Return the place to which the record of a key is bound."""
    return f"policy-key/{tenant}/{set_key}/{kid}"


def _described(keys: Sequence[Key]) -> dict[str, str]:
    """Return what the audit trail says of keys: nothing of their secrets."""
    if not keys:
        return {"kid": ""}
    return {"kid": ", ".join(key.kid for key in keys), "kty": keys[0].kty, "use": keys[0].use}


def _of_set(activity: str, after: KeySet) -> KeyEvent:
    return KeyEvent(activity, after.id, _described(after.keys))


def _of_deletion(name: str, backup: str | None) -> KeyEvent:
    if backup is None:
        return KeyEvent("Delete backup of policy key", name)
    return KeyEvent("Delete policy key", name, {"backup": backup})


def _numbered(keys: Sequence[Key], *, after: int) -> tuple[Key, ...]:
    numbered = tuple(replace(key, sequence=number) for number, key in enumerate(keys, start=after + 1))
    refuse_mixture(numbered)
    return numbered


def _renumbered(keys: Sequence[Key], before: Mapping[str, Key], *, after: int) -> tuple[Key, ...]:
    numbers = count(after + 1)
    return tuple(key if key.kid in before else replace(key, sequence=next(numbers)) for key in keys)


def _last_sequence(present: KeySet) -> int:
    return max((key.sequence for key in present.keys), default=0)


def _key_sets(rows: Sequence[Row]) -> tuple[StoredKeySet, ...]:
    return tuple(_key_set(list(group)) for _, group in groupby(rows, key=lambda row: row[0]))


def _key_set(rows: Sequence[Row]) -> StoredKeySet:
    set_key, name, created_at = rows[0][:3]
    keys = tuple(_stored_key(str(set_key), row) for row in rows if row[3] is not None)
    return StoredKeySet(str(name), datetime.fromtimestamp(_integer(created_at) / 1000, UTC), keys)


def _stored_key(set_key: str, row: Row) -> StoredKey:
    kid, sequence, record = row[3:6]
    if not isinstance(record, bytes):
        raise SealError(f"policy key {set_key!r}: the record of key {kid!r} is missing")
    return StoredKey(set_key, str(kid), _integer(sequence), record)


def _integer(value: Value) -> int:
    if not isinstance(value, int):
        raise KeyStoreError(f"the database holds {type(value).__name__} where a number belongs")
    return value
