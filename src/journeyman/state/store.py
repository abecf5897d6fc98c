"""The contract of the state store.

Ids are bearer values (codes, cookies, refresh tokens): a store keeps only their SHA-256, and keeps
values sealed, bound to their kind and id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What a value is; kinds do not see each other's ids."""

    JOURNEY = "journey"
    SESSION = "session"
    CODE = "code"
    RETURNED = "returned"
    REFRESH = "refresh"
    EMAIL_CODE = "email_code"
    ONE_TIME_CODE = "one_time_code"
    COUNTER = "counter"
    PORTAL_SESSION = "portal_session"
    PORTAL_SESSIONS = "portal_sessions"
    PORTAL_LINK = "portal_link"
    PORTAL_SIGN_IN = "portal_sign_in"


@dataclass(frozen=True, slots=True)
class Stored:
    """A value and the version under which it was read."""

    value: bytes
    version: int


class StateStore(Protocol):
    """Keep small values until they expire. An expired value is never returned."""

    async def put(self, kind: Kind, id: str, value: bytes, *, expires_at: datetime) -> None:
        """Write a value, new or over an old one."""
        ...

    async def get(self, kind: Kind, id: str) -> Stored | None:
        """Read a value."""
        ...

    async def replace(self, kind: Kind, id: str, value: bytes, *, version: int, expires_at: datetime) -> bool:
        """Write over the value only if it is still of ``version``; say whether it was."""
        ...

    async def take(self, kind: Kind, id: str) -> bytes | None:
        """Read and delete in one step: of any number of callers only one gets the value."""
        ...

    async def delete(self, kind: Kind, id: str) -> None:
        """Delete a value, if it is there."""
        ...

    async def count(self, id: str, *, expires_at: datetime) -> int:
        """Add one to a counter, made on first use to live until ``expires_at``; return its new value."""
        ...

    async def clear(self, id: str) -> None:
        """Forget a counter, if it is there."""
        ...

    async def purge(self, *, limit: int = 1000) -> int:
        """Delete expired values, at most ``limit``; return how many."""
        ...
