"""The change of the master key: a store and a new master key in, every record sealed anew out.

    begin ──▶ both master keys open the store ──▶ switch ──▶ reseal ──▶ finish ──▶ only the new one opens it

Each step is one transaction, and the row ``rewrap`` says which new root key and which new master key they lead to,
so a process that is killed anywhere leaves a store that opens, and the same command goes on from there.
Engines that run meanwhile take the new root key over within a second, wrapped by the master key that they know.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from journeyman.database import Statement, text
from journeyman.engine.sealed import SEALED, SealedRecord, sealed_records
from journeyman.engine.tenant_store import TenantStore
from journeyman.errors import ConflictError, KeyStoreError, SealError
from journeyman.keys.root_keys import ROOT_KEY, RootKey, new_root_key, read_root_keys, wrapped_copies
from journeyman.keys.sealing import MasterKey
from journeyman.storage.audit import AuditEvent

BEGUN: Final = "Begin change of master key"
FINISHED: Final = "Finish change of master key"

_STATE: Final = "SELECT value FROM tenant_values WHERE tenant = '' AND name = 'rewrap'"
_BEGIN: Final = "INSERT INTO tenant_values (tenant, name, value) SELECT '', 'rewrap', ?"
_SWITCH: Final = "UPDATE tenant_values SET value = ? WHERE tenant = '' AND name = ?"
_OVERWRITE: Final = "UPDATE tenant_values SET value = ? WHERE tenant = '' AND name = ?"
_DROP: Final = "DELETE FROM tenant_values WHERE tenant = '' AND name = ?"
_TRIES: Final = 50
_PASSES: Final = 20
_BATCH: Final = 50

Tell = Callable[[str], None]
"""Takes a sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the master key that is under way: the ids of the new root key and of the new master key."""

    root_id: str
    master_id: str

    @property
    def row(self) -> str:
        """The row as the database holds it."""
        return f"{self.root_id}/{self.master_id}"


@dataclass(slots=True)
class Resealed:
    """What was sealed anew: table -> number of records; and the records that do not open, with the reason.

    ``progress`` is told after each page how many records were sealed anew so far.
    """

    records: dict[str, int] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    progress: Callable[[int], None] = field(default=lambda _: None, repr=False)


async def change_under_way(store: TenantStore) -> Change | None:
    """Return the change that was begun and is not finished."""
    row = await store.database.fetch_one(_STATE)
    if row is None:
        return None
    root_id, _, master_id = text(row[0]).partition("/")
    return Change(root_id, master_id)


async def reseal_under(
    store: TenantStore,
    target: MasterKey,
    *,
    wait_s: float,
    actor: str,
    tell: Tell,
    progress: Callable[[int], None] = lambda _: None,
) -> Resealed:
    """Begin or go on: afterwards both master keys open the store, and no record is sealed under an old root key.

    Args:
        target: the new master key; it may be the present one, when that is finished what another call began.
        wait_s: how long running engines are given to take the new root key over.
        progress: is told after each page how many records were sealed anew so far.

    Raises:
        KeyStoreError: another change is under way; or engines write faster than their records are sealed anew.
        KeyServiceError: the external key service cannot be used.
    """
    change = await change_under_way(store) or await _begin(store, target, actor)
    if change.master_id != target.key_id.hex():
        detail = f"a change to the master key {change.master_id} is under way, this is {target.key_id.hex()}"
        raise KeyStoreError(f"{detail}; go on with the one that it was begun with, then begin another")
    await store.sealer.refresh()
    if store.sealer.current != change.root_id:
        tell("both master keys open the store now; running engines take the new root key over")
        await asyncio.sleep(wait_s)
        await store.database.execute(_SWITCH, (change.root_id, ROOT_KEY))
        await store.sealer.refresh()
    return await _reseal_all(store, change, wait_s, Resealed(progress=progress))


async def finish(store: TenantStore, change: Change, *, actor: str) -> None:
    """Refuse the old master key from now on. Root keys that are out of use since before this change are dropped.

    The root key that was in use until now is kept, wrapped by the new master key: an engine that stood still
    may yet write a record under it. The next change drops it.
    """
    for _ in range(_TRIES):
        rows = await read_root_keys(store.database)
        known = {} if rows is None else rows.wrapped
        used = {change.root_id, await _root_before(store, change)}
        gone = {ids: copy for ids, copy in known.items() if ids[1] != change.master_id or ids[0] not in used}
        dropped = [statement for ids, copy in gone.items() for statement in _overwritten(ids, copy)]
        statements = [*dropped, (_DROP, ("rewrap",)), (_DROP, ("rewrap/before",))]
        if await _written(store, [*statements, *await _audited(store, FINISHED, change, actor)]):
            await store.sealer.refresh()
            return
    raise KeyStoreError("the audit trail is written to by too many at once; try again")


async def _begin(store: TenantStore, target: MasterKey, actor: str) -> Change:
    root = new_root_key()
    change = Change(root.id, target.key_id.hex())
    roots = [*store.sealer.roots.values(), root]
    copies = await asyncio.to_thread(_copies, roots, (store.sealer.master, target))
    for _ in range(_TRIES):
        before = (_BEGIN.replace("'rewrap'", "'rewrap/before'"), (store.sealer.current,))
        statements = [(_BEGIN, (change.row,)), before, *copies, *await _audited(store, BEGUN, change, actor)]
        if await _written(store, statements):
            return change
        if (other := await change_under_way(store)) is not None:
            return other
    raise KeyStoreError("the audit trail is written to by too many at once; try again")


def _overwritten(ids: tuple[str, str], copy: bytes) -> list[Statement]:
    # Deleted rows stay readable in the file of the database until their place is used again.
    name, as_long = f"{ROOT_KEY}/{ids[0]}/{ids[1]}", "." * len(base64.b64encode(copy))
    return [(_OVERWRITE, (as_long, name)), (_DROP, (name,))]


def _copies(roots: Sequence[RootKey], masters: Sequence[MasterKey]) -> list[Statement]:
    return [statement for master in masters for statement in wrapped_copies(roots, master)]


async def _root_before(store: TenantStore, change: Change) -> str:
    row = await store.database.fetch_one("SELECT value FROM tenant_values WHERE tenant = '' AND name = 'rewrap/before'")
    return change.root_id if row is None else text(row[0])


async def _written(store: TenantStore, statements: Sequence[Statement]) -> bool:
    try:
        await store.database.execute_many(statements)
    except ConflictError:
        return False
    return True


async def _audited(store: TenantStore, activity: str, change: Change, actor: str) -> list[Statement]:
    event = AuditEvent(activity, actor, f"master key {change.master_id}", {"rootKey": change.root_id})
    return [] if store.audit is None else await store.audit.statements([event], tenant=store.tenant_id)


async def _reseal_all(store: TenantStore, change: Change, wait_s: float, result: Resealed) -> Resealed:
    """Seal everything anew until a pass, begun after the engines had time to switch, finds nothing more to do."""
    for _ in range(_PASSES):
        found = await _pass(store, change, result)
        if not found:
            return result
        await asyncio.sleep(wait_s)
    detail = "a running engine still seals records under the old root key"
    raise KeyStoreError(f"{detail}; restart the engines that do not take over the new one, and run this command again")


async def _pass(store: TenantStore, change: Change, result: Resealed) -> int:
    number = 0
    for column in SEALED:
        async for page in sealed_records(store.database, column):
            old = [record for record in page if record.root_id != change.root_id]
            done = await _reseal(store, old, result)
            result.records[column.table] = result.records.get(column.table, 0) + done
            number += done
            result.progress(sum(result.records.values()))
    return number


async def _reseal(store: TenantStore, records: Sequence[SealedRecord], result: Resealed) -> int:
    statements: list[Statement] = []
    for record in records:
        try:
            clear = store.sealer.open(record.sealed, context=record.context)
        except SealError as error:
            result.damaged[record.context] = str(error)
            continue
        statements.append(record.column.update(record, store.sealer.seal(clear, context=record.context)))
    for start in range(0, len(statements), _BATCH):
        await store.database.execute_many(statements[start : start + _BATCH])
    return len(statements)
