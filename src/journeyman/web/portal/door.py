"""Who is let into the portal: a request in, an administrator or the reader on this machine out.

An engine in development mode that listens on a loopback address shows what was recorded, and the names of policy
keys, to this machine without a sign-in. Everything else needs a session.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from journeyman.management.administrators import Administrators
from journeyman.management.caller import Caller, Right, caller_of
from journeyman.settings import PortalSettings
from journeyman.web.client_address import client_address
from journeyman.web.portal.frame import Guest
from journeyman.web.portal.sessions import PortalSession, PortalSessions, SessionCookie

READER: Final = Caller(
    "portal, this machine", frozenset({Right.READ_JOURNEYS, Right.READ_KEYS, Right.READ_ORGANIZATION})
)
"""Who reads at a development engine without a session."""

DEVELOPER: Final = Caller("portal, development", frozenset(Right))
"""Who has opened the link that a development engine prints."""

DEVELOPMENT: Final = "development"
"""Stands for the object id of an administrator in the sessions of such a link."""

_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@dataclass(frozen=True, slots=True)
class EngineDoor:
    """The door of an engine.

    Attributes:
        local: whether the engine runs in development mode on a loopback address.
    """

    settings: PortalSettings
    trusted_proxies: tuple[str, ...]
    local: bool
    cookie: SessionCookie
    sessions: PortalSessions
    administrators: Administrators

    def open_to(self, request: Request) -> bool:
        """Whether the portal is served, and to this address."""
        if not self.settings.enabled:
            return False
        if not self.settings.allow_from:
            return not self.local or from_loopback(request)
        address = client_address(request, self.trusted_proxies)
        return any(_inside(address, network) for network in self.settings.allow_from)

    async def guest(self, request: Request, *, touch: bool) -> Guest | None:
        """Return the administrator of the session, or the reader on this machine."""
        session = await self.sessions.find(self.cookie.read(request), touch=touch)
        guest = await self._administrator(request, session) if session else None
        return guest or (Guest(READER, "This machine") if self.is_reader(request) else None)

    def is_reader(self, request: Request) -> bool:
        """Whether the request comes from this machine to a development engine."""
        return self.local and from_loopback(request)

    async def _administrator(self, request: Request, session: PortalSession) -> Guest | None:
        """Return who holds a session now: a role that was taken away counts from the next request on."""
        if session.passwordless:
            return Guest(DEVELOPER, "Developer", session) if self.is_reader(request) else None
        administrator = await self.administrators.find(session.administrator)
        if administrator is None:
            return None
        return Guest(caller_of(administrator.email, administrator.roles), administrator.name, session)


def from_loopback(request: Request) -> bool:
    """Say whether a request comes from this machine and asks for it by a loopback name.

    The name is looked at because a foreign page can make its own host name resolve to 127.0.0.1. What a proxy
    or a tunnel has passed on comes from somewhere else.
    """
    try:
        peer = ip_address(request.client.host if request.client else "")
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    passed_on = any(header in request.headers for header in _FORWARDED)
    return peer.is_loopback and name in _LOOPBACK_NAMES and not passed_on


def _inside(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ipaddress.ip_network(network)
    except ValueError:
        return False
