"""The root keys of a store: wrapped copies in the database and a master key in, a sealer of records out.

A root key wraps the data keys of records; the master key wraps root keys. So an external key service is
asked once at a start and not for every record, a running engine needs no new master key to read what was
sealed after a change of it, and two master keys can open one store while it is changed.

Rows of ``tenant_values`` without a tenant: ``root_key`` names the root key that seals, and
``root_key/ROOT/MASTER`` holds one root key wrapped by one master key. The id of a root key is derived
from it, so a copy that was moved to another name does not open.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman.database import Database, Statement, text
from journeyman.errors import SealError
from journeyman.keys.sealing import (
    MASTER_KEY_BYTES,
    EnvelopeSealer,
    LocalMasterKey,
    MasterKey,
    envelope_key_id,
    local_master_key,
)

ROOT_KEY: Final = "root_key"
_PREFIX: Final = "root_key/"
_SELECT: Final = (
    "SELECT name, value FROM tenant_values WHERE tenant = '' AND (name = 'root_key' OR name LIKE 'root_key/%') "
    "ORDER BY name"
)
_MAKE_CURRENT: Final = (
    "INSERT INTO tenant_values (tenant, name, value) VALUES ('', 'root_key', ?) ON CONFLICT DO NOTHING"
)
_ADD_WRAPPED: Final = (
    "INSERT INTO tenant_values (tenant, name, value) VALUES ('', ?, ?) "
    "ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value"
)
_SOME_RECORD: Final = "SELECT record FROM keys LIMIT 1"


@dataclass(frozen=True, slots=True)
class RootKey:
    """A root key: what it does, and its 32 bytes, which go nowhere but into a master key."""

    cipher: LocalMasterKey
    material: bytes

    @property
    def id(self) -> str:
        """The id by which rows and envelopes name it."""
        return self.cipher.key_id.hex()

    def __repr__(self) -> str:
        return f"RootKey({self.id})"


@dataclass(frozen=True, slots=True)
class RootKeyRows:
    """What the database holds: the id of the root key that seals, and (root id, master id) -> wrapped key."""

    current: str
    wrapped: Mapping[tuple[str, str], bytes]

    def wrapped_by(self, master_id: str) -> dict[str, bytes]:
        """Return the root keys that one master key can unwrap."""
        return {root: wrapped for (root, master), wrapped in self.wrapped.items() if master == master_id}


class RootKeySealer:
    """Seal and open records; ``refresh`` takes over root keys that another process has made."""

    def __init__(self, database: Database, master: MasterKey) -> None:
        self._database = database
        self._master = master
        self._rows: RootKeyRows | None = None
        self._roots: dict[str, RootKey] = {}
        self._sealer = EnvelopeSealer(master)

    @property
    def master(self) -> MasterKey:
        """The master key with which the store was opened."""
        return self._master

    @property
    def roots(self) -> Mapping[str, RootKey]:
        """The root keys that this process holds, by id."""
        return self._roots

    @property
    def current(self) -> str:
        """The id of the key that seals."""
        return self._sealer.master.key_id.hex()

    def seal(self, clear: bytes, *, context: str) -> bytes:
        """Encrypt ``clear`` so that it opens only under the same ``context``."""
        return self._sealer.seal(clear, context=context)

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Decrypt a record. Raises SealError when it was damaged, moved or sealed by another key."""
        return self._sealer.open(sealed, context=context)

    async def refresh(self) -> bool:
        """Take over the root keys of the database if they have changed, and say whether they had.

        Raises:
            SealError: the root key that seals is not wrapped by the master key, or was changed.
            KeyServiceError: the external key service cannot be used.
        """
        rows = await read_root_keys(self._database)
        if rows == self._rows:
            return False
        if rows is None:
            raise SealError("the root keys of this store were removed from the database; put a backup in its place")
        await self._unwrap(rows)
        self._sealer = self._sealer_of(rows.current)
        self._rows = rows
        return True

    async def make_first(self) -> None:
        """Make the root key of a store that has none; of processes that start at once all take the same."""
        if self._rows is not None:
            return
        await self._refuse_foreign_records()
        root = new_root_key()
        wrapped = await asyncio.to_thread(self._master.wrap, root.material)
        made, _ = await self._database.execute_many(
            [(_MAKE_CURRENT, (root.id,)), add_wrapped(root.id, self._master.key_id.hex(), wrapped)]
        )
        if not made:
            await self._database.execute(*drop_wrapped(root.id, self._master.key_id.hex()))
        await self.refresh()

    async def _refuse_foreign_records(self) -> None:
        """Refuse to make a root key beside records of another master key: nothing would open either afterwards."""
        row = await self._database.fetch_one(_SOME_RECORD)
        record = row[0] if row else None
        if isinstance(record, bytes) and envelope_key_id(record) not in {b"", self._master.key_id}:
            raise _wrong_master(envelope_key_id(record).hex(), self._master)

    async def _unwrap(self, rows: RootKeyRows) -> None:
        for root_id, wrapped in rows.wrapped_by(self._master.key_id.hex()).items():
            if root_id not in self._roots:
                self._roots[root_id] = await asyncio.to_thread(unwrap_root_key, self._master, root_id, wrapped)
        if rows.current not in self._roots:
            masters = sorted({master for root, master in rows.wrapped if root == rows.current})
            raise _wrong_master(", ".join(masters) or "nobody knows", self._master)

    def _sealer_of(self, current: str) -> EnvelopeSealer:
        others: list[MasterKey] = [root.cipher for id, root in self._roots.items() if id != current]  # noqa: A001
        # Stores that were made before there were root keys hold records directly under the master key.
        direct = [self._master] if isinstance(self._master, LocalMasterKey) else []
        return EnvelopeSealer(self._roots[current].cipher, former=(*others, *direct))


async def open_root_keys(database: Database, master: MasterKey, *, make: bool) -> RootKeySealer:
    """Return the sealer of a store; ``make`` makes the first root key where there is none.

    Raises:
        SealError: the store belongs to another master key.
        KeyServiceError: the external key service cannot be used.
    """
    sealer = RootKeySealer(database, master)
    await sealer.refresh()
    if make:
        await sealer.make_first()
    return sealer


async def read_root_keys(database: Database) -> RootKeyRows | None:
    """Return what the database holds of root keys; None when it has none yet."""
    rows = {text(name): text(value) for name, value in await database.fetch_all(_SELECT)}
    current = rows.pop(ROOT_KEY, None)
    if current is None:
        return None
    return RootKeyRows(current, {_ids(name): _decoded(name, value) for name, value in rows.items()})


def new_root_key() -> RootKey:
    """Make a root key."""
    return _root_key(secrets.token_bytes(MASTER_KEY_BYTES))


def unwrap_root_key(master: MasterKey, root_id: str, wrapped: bytes) -> RootKey:
    """Unwrap a root key. Raises SealError when it was changed or stands under the name of another."""
    try:
        root = _root_key(master.unwrap(wrapped))
    except SealError as error:
        raise SealError(f"the root key {root_id} of this store was changed in the database") from error
    if root.id != root_id:
        raise SealError(f"the root key {root_id} of this store was exchanged in the database")
    return root


def add_wrapped(root_id: str, master_id: str, wrapped: bytes) -> Statement:
    """Return the statement that stores a wrapped copy of a root key."""
    return _ADD_WRAPPED, (f"{_PREFIX}{root_id}/{master_id}", base64.b64encode(wrapped).decode())


def drop_wrapped(root_id: str, master_id: str) -> Statement:
    """Return the statement that removes a wrapped copy of a root key."""
    return "DELETE FROM tenant_values WHERE tenant = '' AND name = ?", (f"{_PREFIX}{root_id}/{master_id}",)


def wrapped_copies(roots: Iterable[RootKey], master: MasterKey) -> Sequence[Statement]:
    """Return the statements that store copies of root keys for one more master key; asks a key service."""
    return [add_wrapped(root.id, master.key_id.hex(), master.wrap(root.material)) for root in roots]


def _root_key(material: bytes) -> RootKey:
    if len(material) != MASTER_KEY_BYTES:
        raise SealError("a root key of this store has not the length of one")
    return RootKey(local_master_key(material), material)


def _ids(name: str) -> tuple[str, str]:
    root, _, master = name.removeprefix(_PREFIX).partition("/")
    return root, master


def _decoded(name: str, value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealError(f"the row {name!r} of this store was changed in the database") from error


def _wrong_master(found: str, master: MasterKey) -> SealError:
    return SealError(
        f"this store was sealed under master key {found}, this engine holds {master.key_id.hex()}; "
        "start it with the master key that this store was made with"
    )
