"""The contract of the store of policy keys: key sets of one tenant, sealed at rest.

Implementations are in ``stores/``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from journeyman.database import Statement
from journeyman.keys.keyset import Key, KeySet


@dataclass(frozen=True, slots=True)
class StoredKey:
    """One key as the store holds it; ``record`` is sealed."""

    set_key: str
    kid: str
    sequence: int
    record: bytes


@dataclass(frozen=True, slots=True)
class StoredKeySet:
    """One key set as the store holds it, its keys in the order in which they were added."""

    id: str
    created_at: datetime
    keys: tuple[StoredKey, ...]


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One change of a key set, for the audit trail; ``detail`` names keys by their ``kid`` and holds no secret."""

    activity: str
    target: str
    detail: Mapping[str, str] = field(default_factory=dict)


class KeyAudit(Protocol):
    """The audit trail: a change and its entry are one transaction, so neither is there without the other."""

    def by(self, actor: str) -> KeyAudit:
        """Return the trail of changes that somebody else makes."""
        ...

    async def statements(self, events: Sequence[KeyEvent], *, tenant: str) -> Sequence[Statement]:
        """Return ``INSERT … SELECT`` statements without a condition; their transaction may end in a ConflictError."""
        ...


class KeyStore(Protocol):
    """The key sets of one tenant; ids are compared without regard to case.

    Every change is one transaction, together with the version, which grows at every change.
    Writes raise KeyStoreError with an AADB2C code in front where the real service has one.
    """

    @property
    def tenant(self) -> str:
        """The tenant whose key sets these are, for messages."""
        ...

    def by(self, actor: str) -> KeyStore:
        """Return the store with the name under which the audit trail keeps changes made through it."""
        ...

    async def version(self) -> int:
        """Return a number that grows at every change; cheap to ask for."""
        ...

    async def stored(self) -> tuple[StoredKeySet, ...]:
        """Return all key sets, backups included, still sealed."""
        ...

    def unseal(self, stored: StoredKey) -> Key:
        """Open and parse one key. Raises SealError when its record was damaged or moved."""
        ...

    async def get(self, id: str) -> KeySet:
        """Return one key set, or a backup. Raises KeySetNotFoundError (AADB2C90073)."""
        ...

    async def create(self, id: str, keys: Sequence[Key] = ()) -> str:
        """Create a key set, with its first keys if any, and return its stored id (AADB2C95028)."""
        ...

    async def add(self, id: str, key: Key) -> Key:
        """Append a key and return it as stored (AADB2C95052, 95032, 95042, 90180)."""
        ...

    async def replace(self, id: str, keys: Sequence[Key], *, create: bool = False) -> KeySet:
        """Replace all keys of a set; ``create`` makes a missing one (AADB2C95052, 95032, 95042, 90180)."""
        ...

    async def rewrite(self, id: str, change: Callable[[KeySet], Sequence[Key]], *, activity: str) -> KeySet:
        """Make of a set what ``change`` makes of its keys, in one transaction, and return it as stored.

        ``change`` may run several times; keys that it adds must have another ``kid`` than those there are.
        ``activity`` names the change in the audit trail. Raises KeySetNotFoundError (AADB2C95052), and
        KeyStoreError (AADB2C95032, 95042) when the keys cannot stand in one set.
        """
        ...

    async def enable(self, id: str, kid: str, *, enabled: bool) -> Key:
        """Enable or disable one key and return it. Raises KeyStoreError when there is none of this ``kid``."""
        ...

    async def delete(self, id: str) -> str | None:
        """Delete a set and return the id of its backup; deleting a backup is final and returns None."""
        ...

    async def discard(self, id: str) -> str:
        """Delete a set whose records do not open, without a backup; one that opens is refused."""
        ...

    async def restore(self, backup: str) -> str:
        """Give a backup its old id back and return it (AADB2C95027, 90073, 95028)."""
        ...
