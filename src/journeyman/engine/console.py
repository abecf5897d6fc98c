"""The portal's own tenant: its administrators, their passwords, and the link of a development engine.

Administrators are accounts under a tenant id of their own, so no policy of the tenant finds them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.store import UserStore
from journeyman.secret import Secret


@dataclass(frozen=True, slots=True)
class Console:
    """What the sign-in of the portal works with.

    Attributes:
        users: the directory of the administrators.
        link: opens a session at a development engine on this machine, as long as this process runs.
    """

    users: UserStore
    passwords: PasswordHasher
    link: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(32)))


def console_tenant(tenant_id: str) -> str:
    """Return the tenant id under which the administrators of a tenant are kept."""
    return f"{tenant_id}/administrators"
