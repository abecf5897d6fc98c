"""One-time links of administrators: what a link is for in, a random token out; the token in, what it is for out, once.

A link is how a password is set: a command prints it, the administrator opens it and types the password in a page, so
no password stands in an argument or a terminal.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from journeyman.clock import Clock
from journeyman.secret import Secret
from journeyman.state.store import Kind, StateStore

LIFETIME: Final = timedelta(hours=1)
WELCOME: Final = "/portal/welcome"
"""The page that takes a link."""

_LENGTH: Final = 43


class Purpose(Enum):
    """What a link does."""

    FIRST = "first"  # add the first administrator; worth nothing once there is one
    ADD = "add"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is for.

    Attributes:
        administrator: whose password is set anew; "" for a new administrator.
        roles: those of a new administrator.
        by: who has asked for the link.
    """

    purpose: Purpose
    email: str = ""
    name: str = ""
    roles: tuple[str, ...] = ()
    administrator: str = ""
    by: str = "engine"


@dataclass(frozen=True, slots=True)
class OneTimeLinks:
    """The links that are out, in the state store."""

    state: StateStore
    clock: Clock

    async def issue(self, invitation: Invitation) -> Secret:
        """Return the token of a new link; it works once, and for an hour."""
        token = secrets.token_urlsafe(32)
        await self.put_back(token, invitation)
        return Secret(token)

    async def put_back(self, token: str, invitation: Invitation) -> None:
        """Make a link good again that was taken for something that then was refused."""
        value = json.dumps({**asdict(invitation), "purpose": invitation.purpose.value}).encode()
        await self.state.put(Kind.PORTAL_LINK, token, value, expires_at=self.clock.now() + LIFETIME)

    async def look(self, token: str) -> Invitation | None:
        """Return what a link is for, and leave it as it is; None when it is over or never was."""
        stored = await self.state.get(Kind.PORTAL_LINK, token) if _possible(token) else None
        return _invitation(stored.value) if stored else None

    async def take(self, token: str) -> Invitation | None:
        """Return what a link is for and end it: of any number of callers only one gets it."""
        value = await self.state.take(Kind.PORTAL_LINK, token) if _possible(token) else None
        return _invitation(value) if value else None


def welcome_link(origin: str, token: Secret) -> str:
    """Return the address of a one-time link."""
    return f"{origin}{WELCOME}?link={token.reveal()}"


def _possible(token: str) -> bool:
    return len(token) == _LENGTH and token.isascii()


def _invitation(value: bytes) -> Invitation:
    raw = json.loads(value)
    return Invitation(**{**raw, "purpose": Purpose(raw["purpose"]), "roles": tuple(raw["roles"])})
