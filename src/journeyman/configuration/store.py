"""Objects of a tenant's configuration: a kind and an id in, a JSON object with its version out.

Records hold no secret: credentials are policy keys, and records name them. A change and its entry in the
audit trail are one transaction; ``version`` tells engines that keep the configuration in memory to read it again.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Final, TypeVar

from journeyman.clock import Clock
from journeyman.configuration.errors import ConfigurationChangedError, ObjectExistsError, ObjectNotFoundError
from journeyman.database import (
    Database,
    Row,
    Statement,
    from_milliseconds,
    integer,
    text,
    to_milliseconds,
)
from journeyman.errors import ConflictError, StorageError
from journeyman.storage.audit import AuditEvent, AuditLog
from journeyman.versions import GUARD, commit, current_version

_Result = TypeVar("_Result")
_Plan = tuple[list[Statement], _Result]

Check = Callable[[], Awaitable[None]]
"""Raises when a change may not be made; what it reads of the store is unchanged until the change is written."""

_TRIES: Final = 50  # others change the configuration rarely, and the audit trail often
_COLUMNS: Final = "kind, id, record, version, created_at, updated_at"
_ALL: Final = f"SELECT {_COLUMNS} FROM configuration WHERE tenant = ? AND kind = ? ORDER BY id_key"  # noqa: S608 - constants
_ONE: Final = f"SELECT {_COLUMNS} FROM configuration WHERE tenant = ? AND kind = ? AND id_key = ?"  # noqa: S608 - constants
_INSERT: Final = (
    "INSERT INTO configuration (tenant, kind, id_key, id, record, version, created_at, updated_at)"
    " SELECT ?, ?, ?, ?, ?, 1, ?, ? WHERE " + GUARD
)
_WRITE: Final = "UPDATE configuration SET record = ?, version = version + 1, updated_at = ?"
_UPDATE: Final = _WRITE + " WHERE tenant = ? AND kind = ? AND id_key = ? AND " + GUARD
_DELETE: Final = "DELETE FROM configuration WHERE tenant = ? AND kind = ? AND id_key = ? AND " + GUARD  # noqa: S608 - constants


class Kind(Enum):
    """The kinds of objects."""

    API_CONNECTOR = "apiConnector"
    USER_FLOW = "userFlow"
    USER_ATTRIBUTE = "userAttribute"
    IDENTITY_PROVIDER = "identityProvider"


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored object; ``version`` grows by one at every change and is what an ETag is made of."""

    kind: Kind
    id: str
    record: Mapping[str, object]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ConfigurationStore:
    """The configuration of one tenant; ids are compared without regard to case.

    ``audit`` is None in a store that was opened for reading.
    """

    database: Database
    clock: Clock
    audit: AuditLog | None
    tenant: str
    actor: str = "engine"

    def by(self, actor: str) -> ConfigurationStore:
        """Return the store with the name under which the audit trail keeps changes made through it."""
        return replace(self, actor=actor)

    async def version(self) -> int:
        """Return a number that grows at every change; cheap to ask for."""
        return await current_version(self.database, self._version_name)

    async def all(self, kind: Kind) -> tuple[Entry, ...]:
        """Return the objects of a kind, in the order of their ids."""
        return tuple(map(_entry, await self.database.fetch_all(_ALL, (self.tenant, kind.value))))

    async def get(self, kind: Kind, id: str) -> Entry:
        """Return one object. Raises ObjectNotFoundError."""
        row = await self.database.fetch_one(_ONE, self._place(kind, id))
        if row is None:
            raise ObjectNotFoundError(f"there is no {kind.value} with the id {id!r}")
        return _entry(row)

    async def create(self, kind: Kind, id: str, record: Mapping[str, object], *, check: Check | None = None) -> Entry:
        """Add an object. Raises ObjectExistsError when there is one of this id."""

        async def plan() -> _Plan[Entry]:
            if check is not None:
                await check()
            if await self.database.fetch_one(_ONE, self._place(kind, id)) is not None:
                raise ObjectExistsError(f"there is a {kind.value} with the id {id!r} already")
            now = self.clock.now()
            at = to_milliseconds(now)
            insert = (_INSERT, (*self._place(kind, id), id, _encode(record), at, at))
            return [insert], Entry(kind, id, record, 1, now, now)

        return await self._change(plan, AuditEvent(f"Create {kind.value}", self.actor, id))

    async def replace(
        self, entry: Entry, record: Mapping[str, object], *, detail: str = "", check: Check | None = None
    ) -> Entry:
        """Write an object that was read from this store; ``detail`` says for the audit trail what was changed.

        Raises:
            ConfigurationChangedError: somebody has written it since; read again and repeat.
            ObjectNotFoundError: it was deleted.
        """

        async def plan() -> _Plan[Entry]:
            if check is not None:
                await check()
            await self._refuse_changed(entry)
            now = self.clock.now()
            update = (_UPDATE, (_encode(record), to_milliseconds(now), *self._place(entry.kind, entry.id)))
            return [update], replace(entry, record=record, version=entry.version + 1, updated_at=now)

        what = {"changed": detail} if detail else {}
        return await self._change(plan, AuditEvent(f"Update {entry.kind.value}", self.actor, entry.id, what))

    async def delete(self, entry: Entry, *, check: Check | None = None) -> None:
        """Delete an object that was read from this store; raises as ``replace`` does."""

        async def plan() -> _Plan[None]:
            if check is not None:
                await check()
            await self._refuse_changed(entry)
            return [(_DELETE, self._place(entry.kind, entry.id))], None

        await self._change(plan, AuditEvent(f"Delete {entry.kind.value}", self.actor, entry.id))

    async def _refuse_changed(self, entry: Entry) -> None:
        if (await self.get(entry.kind, entry.id)).version != entry.version:
            raise ConfigurationChangedError(f"the {entry.kind.value} {entry.id!r} was changed by somebody else")

    async def _change(self, plan: Callable[[], Awaitable[_Plan[_Result]]], event: AuditEvent) -> _Result:
        """Read, plan and write; when somebody else wrote in the meantime, read and plan again."""
        if self.audit is None:
            raise StorageError("the store was opened for reading only")
        for _ in range(_TRIES):
            version = await self.version()
            statements, result = await plan()
            told = await self.audit.statements([event], tenant=self.tenant)
            statements += [(f"{sql} WHERE {GUARD}", parameters) for sql, parameters in told]
            try:
                if await commit(self.database, self._version_name, version, statements):
                    return result
            except ConflictError:
                # Somebody else has written the next entry of the audit trail.
                continue
        raise ConfigurationChangedError("the configuration was changed by others at the same time; try again")

    def _place(self, kind: Kind, id: str) -> tuple[str, str, str]:
        return self.tenant, kind.value, id.lower()

    @property
    def _version_name(self) -> str:
        return f"configuration/{self.tenant}"


def _encode(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _entry(row: Row) -> Entry:
    kind, name, record, version, created_at, updated_at = row
    return Entry(
        kind=Kind(text(kind)),
        id=text(name),
        record=json.loads(text(record)),
        version=integer(version),
        created_at=from_milliseconds(integer(created_at)),
        updated_at=from_milliseconds(integer(updated_at)),
    )
