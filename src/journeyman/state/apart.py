"""A part of a state store: ids of one user of it never meet those of another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journeyman.state.store import Kind, StateStore, Stored


@dataclass(frozen=True, slots=True)
class StateApart:
    """A state store whose ids all begin with a name; what others have stored is not found through it."""

    state: StateStore
    name: str

    async def put(self, kind: Kind, id: str, value: bytes, *, expires_at: datetime) -> None:
        """Write a value, new or over an old one."""
        await self.state.put(kind, self._id(id), value, expires_at=expires_at)

    async def get(self, kind: Kind, id: str) -> Stored | None:
        """Read a value."""
        return await self.state.get(kind, self._id(id))

    async def replace(self, kind: Kind, id: str, value: bytes, *, version: int, expires_at: datetime) -> bool:
        """Write over the value only if it is still of ``version``; say whether it was."""
        return await self.state.replace(kind, self._id(id), value, version=version, expires_at=expires_at)

    async def take(self, kind: Kind, id: str) -> bytes | None:
        """Read and delete in one step."""
        return await self.state.take(kind, self._id(id))

    async def delete(self, kind: Kind, id: str) -> None:
        """Delete a value, if it is there."""
        await self.state.delete(kind, self._id(id))

    async def count(self, id: str, *, expires_at: datetime) -> int:
        """Add one to a counter; return its new value."""
        return await self.state.count(self._id(id), expires_at=expires_at)

    async def clear(self, id: str) -> None:
        """Forget a counter, if it is there."""
        await self.state.clear(self._id(id))

    async def purge(self, *, limit: int = 1000) -> int:
        """Delete expired values of the whole store."""
        return await self.state.purge(limit=limit)

    def _id(self, id: str) -> str:
        return f"{self.name}/{id}"
