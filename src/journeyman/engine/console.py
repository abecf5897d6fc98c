"""The portal's own tenant: its administrators, their passwords, and the link of a development engine.

Administrators are accounts under a tenant id of their own, so no policy of the tenant finds them.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.store import UserStore
from journeyman.secret import Secret

if TYPE_CHECKING:
    from journeyman.engine.engine import Engine

CONSOLE: Final = "journeyman._portal"
"""The name of that tenant in addresses; no other can have it, because of the underscore."""

PORTAL_CLIENT: Final = "10000000-0000-4000-8000-706f7274616c"
"""The client id of the portal there, its only application."""

SIGN_IN_POLICY: Final = "B2C_1A_PortalSignIn"
CALLBACK: Final = "/portal/callback"


@dataclass(slots=True)
class Console:
    """What the sign-in of the portal works with.

    Attributes:
        users: the directory of the administrators.
        link: opens a session at a development engine on this machine, as long as this process runs.
    """

    users: UserStore
    passwords: PasswordHasher
    make: Callable[[], Awaitable[Engine]]
    link: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(32)))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _made: Engine | None = None

    async def engine(self) -> Engine:
        """Return the engine of that tenant; it is made when somebody first signs in, because few processes need it."""
        async with self._turn:
            if self._made is None:
                self._made = await self.make()
            return self._made


def console_tenant(tenant_id: str) -> str:
    """Return the id of the tenant in which the administrators of a tenant are kept."""
    return str(uuid.uuid5(uuid.UUID(tenant_id), "administrators"))
