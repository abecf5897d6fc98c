"""Sessions of administrators: a random cookie in, who it is out; kept on the server alone.

A session ends after half an hour without a request, twelve hours after the sign-in, at the sign-out, and when it
is ended from another one. The list of an administrator's sessions decides: what is not in it is over, whatever
else is stored. It names sessions by handles, because nobody may learn the cookie of another browser.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from journeyman.clock import Clock
from journeyman.errors import ConflictError
from journeyman.state.store import Kind, StateStore

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
RECENT: Final = timedelta(minutes=10)
"""How long the proof of who somebody is counts for acts that ask for it again."""

MOST: Final = 50
"""Sessions that one administrator may have; the oldest give way."""

_TOUCH: Final = timedelta(minutes=1)
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class PortalSession:
    """One browser in which an administrator is signed in.

    Attributes:
        id: the value of the cookie.
        handle: names the session in the list; worth nothing to who knows it.
        administrator: the object id of the administrator.
        proved_at: when they last proved who they are.
        csrf: what every form of this browser carries.
        notices: what the next page says on top, as (tone, text).
        passwordless: opened by the link of a development engine; there is no password to ask for.
    """

    id: str = field(repr=False)
    handle: str
    administrator: str
    created_at: datetime
    seen_at: datetime
    proved_at: datetime
    csrf: str = field(repr=False)
    address: str = ""
    agent: str = ""
    notices: tuple[tuple[str, str], ...] = ()
    passwordless: bool = False

    @property
    def ends_at(self) -> datetime:
        """When it ends unless there is another request."""
        return min(self.seen_at + IDLE, self.created_at + LONGEST)

    def recent(self, now: datetime) -> bool:
        """Whether the administrator has proved who they are a short while ago."""
        return self.passwordless or now - self.proved_at <= RECENT

    def allows(self, token: str) -> bool:
        """Whether a form was drawn for this session, in constant time."""
        return hmac.compare_digest(self.csrf.encode(), token.encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Listed:
    """A session as the list shows it."""

    handle: str
    created_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """The cookie of a session; over https only the host that has set it can set it again."""

    secure: bool
    plain_name: str = "journeyman-portal-session"
    port: int = 0

    @property
    def name(self) -> str:
        """The prefix makes browsers refuse the cookie from a sibling domain and over plain http."""
        if self.secure:
            return f"__Host-{self.plain_name}"
        # Cookies of a host go to all its ports; two engines of one machine would sign each other out.
        return f"{self.plain_name}-{self.port}" if self.port else self.plain_name

    def read(self, request: Request) -> str:
        """Return the value that the browser sends, "" when it is none of ours."""
        value = request.cookies.get(self.name, "")
        return value if len(value) == 43 and value.isascii() else ""

    def write(self, response: Response, value: str) -> None:
        """Set it; scripts do not get it, and it ends with the browser."""
        response.set_cookie(self.name, value, path="/", secure=self.secure, httponly=True, samesite="lax")

    def remove(self, response: Response) -> None:
        """Remove it."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")


@dataclass(frozen=True, slots=True)
class PortalSessions:
    """The sessions of all administrators, in the state store."""

    state: StateStore
    clock: Clock

    async def begin(
        self, administrator: str, *, address: str, agent: str, old: str = "", passwordless: bool = False
    ) -> PortalSession:
        """Begin a session under an id of its own; ``old`` is what the browser had, and ends."""
        now = self.clock.now()
        if old:
            await self.end(old)
        session = PortalSession(
            id=secrets.token_urlsafe(32),
            handle=secrets.token_urlsafe(12),
            administrator=administrator,
            created_at=now,
            seen_at=now,
            proved_at=now,
            csrf=secrets.token_urlsafe(32),
            address=address[:64],
            agent=agent[:200],
            passwordless=passwordless,
        )
        await self._store(session)
        listed = Listed(session.handle, now, session.address, session.agent)
        await self._relist(administrator, lambda kept: {**kept, session.handle: listed})
        return session

    async def find(self, id: str, *, touch: bool = True) -> PortalSession | None:
        """Return the session of a cookie, None when it is over; ``touch`` makes it live on."""
        session = await self._read(id)
        if session is None or session.handle not in await self._list(session.administrator):
            return None
        now = self.clock.now()
        if touch and now - session.seen_at >= _TOUCH:
            return await self.change(replace(session, seen_at=now))
        return session

    async def change(self, session: PortalSession) -> PortalSession:
        """Write a session back and return it."""
        await self._store(session)
        return session

    async def tell(self, session: PortalSession, text: str, tone: str = "good") -> None:
        """Have the next page say something."""
        fresh = await self._read(session.id) or session
        await self._store(replace(fresh, notices=(*fresh.notices, (tone, text[:500]))[-5:]))

    async def told(self, session: PortalSession) -> tuple[tuple[str, str], ...]:
        """Return what is to be said, once."""
        if session.notices:
            await self._store(replace(session, notices=()))
        return session.notices

    async def list(self, administrator: str) -> tuple[Listed, ...]:
        """Return the sessions of an administrator, the newest first."""
        kept = await self._list(administrator)
        return tuple(sorted(kept.values(), key=lambda one: one.created_at, reverse=True))

    async def end(self, id: str) -> None:
        """End the session of a cookie, if there is one."""
        session = await self._read(id)
        await self.state.delete(Kind.PORTAL_SESSION, id)
        if session is not None:
            await self.end_listed(session.administrator, session.handle)

    async def end_listed(self, administrator: str, handle: str) -> None:
        """End one session of an administrator, by its handle."""
        await self._relist(administrator, lambda kept: {name: one for name, one in kept.items() if name != handle})

    async def end_others(self, administrator: str, *, but: str = "") -> None:
        """End all sessions of an administrator but the one of a handle."""
        await self._relist(administrator, lambda kept: {name: one for name, one in kept.items() if name == but})

    async def _read(self, id: str) -> PortalSession | None:
        stored = await self.state.get(Kind.PORTAL_SESSION, id) if id else None
        session = _load(id, stored.value) if stored else None
        return session if session is not None and session.ends_at > self.clock.now() else None

    async def _store(self, session: PortalSession) -> None:
        await self.state.put(Kind.PORTAL_SESSION, session.id, _dump(session), expires_at=session.ends_at)

    async def _list(self, administrator: str) -> dict[str, Listed]:
        stored = await self.state.get(Kind.PORTAL_SESSIONS, administrator)
        return self._alive(stored.value) if stored else {}

    def _alive(self, value: bytes) -> dict[str, Listed]:
        oldest = self.clock.now() - LONGEST
        listed = (Listed(**{**one, "created_at": _moment(one["created_at"])}) for one in json.loads(value))
        return {one.handle: one for one in listed if one.created_at > oldest}

    async def _relist(self, administrator: str, change: Callable[[dict[str, Listed]], dict[str, Listed]]) -> None:
        """Change the list of an administrator; somebody else may change it at the same time."""
        ends = self.clock.now() + LONGEST
        for _ in range(_TRIES):
            stored = await self.state.get(Kind.PORTAL_SESSIONS, administrator)
            changed = change(self._alive(stored.value) if stored else {})
            newest = sorted(changed.values(), key=lambda one: one.created_at)[-MOST:]
            value = json.dumps([_plain(one) for one in newest]).encode()
            if stored is None:
                await self.state.put(Kind.PORTAL_SESSIONS, administrator, value, expires_at=ends)
                return
            if await self.state.replace(
                Kind.PORTAL_SESSIONS, administrator, value, version=stored.version, expires_at=ends
            ):
                return
        raise ConflictError("the list of sessions is changed by too many at once; try again")


def _dump(session: PortalSession) -> bytes:
    return json.dumps({name: value for name, value in _plain(session).items() if name != "id"}).encode()


def _plain(one: PortalSession | Listed) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(one).items()}


def _load(id: str, value: bytes) -> PortalSession:
    raw = json.loads(value)
    moments = {name: _moment(raw[name]) for name in ("created_at", "seen_at", "proved_at")}
    notices = tuple((tone, text) for tone, text in raw["notices"])
    return PortalSession(id=id, **{**raw, **moments, "notices": notices})


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
