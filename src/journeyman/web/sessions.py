"""Sign-in sessions of browsers: a cookie and a policy's scope in, the session out.

A session is stored under its scope and its id, so that a cookie of one policy or application opens
nothing at another. Source: protocol.md §9, technical-profiles.md §27.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from journeyman.engine import Engine, ServedPolicy
from journeyman.journey.session import DAY_S, Session, load_session, scope_name, session_expiry
from journeyman.journey.state import JourneyState
from journeyman.journey.visit import Visit
from journeyman.state.store import Kind
from journeyman.web.cookies import Cookies, session_cookie

ROTATION_GRACE: Final = timedelta(seconds=60)
"""How long an old session id still works: requests of other tabs may be under way with it."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sign-in sessions of an engine."""

    engine: Engine
    cookies: Cookies

    async def find(self, request: Request, served: ServedPolicy, client_id: str) -> Session | None:
        """Return the session of the browser in the policy's scope, None when it has none."""
        scope = _scope(served, client_id)
        cookie = request.cookies.get(self._cookie(scope)) if scope else None
        if scope is None or not cookie:
            return None
        stored = await self.engine.state.get(Kind.SESSION, _id(scope, cookie))
        if stored is None:
            return None
        session = load_session(cookie, stored.value)
        return session if session.expires_at > self.engine.clock.now() else None

    async def keep(
        self, request: Request, served: ServedPolicy, state: JourneyState, visit: Visit, response: Response
    ) -> None:
        """Begin or prolong the session of a journey that has ended well.

        It always gets a new id, so that a planted one is worth nothing. It takes over what an older session
        held only when the journey stood on that session: somebody else may have signed in meanwhile.
        """
        client_id = state.parameters.get("client_id", "")
        scope = _scope(served, client_id)
        old = await self.find(request, served, client_id)
        if scope is None or not (state.session_writes or old):
            return
        kept = old if old and _stands_on(state, old) else None
        behavior = served.relying_party.session
        persistent = behavior.keep_alive_days > 0 and (state.keep_me_signed_in or bool(kept and kept.persistent))
        session = Session(
            id=secrets.token_urlsafe(32),
            created_at=kept.created_at if kept else visit.now,
            expires_at=visit.now,
            auth_time=state.auth_time or (kept.auth_time if kept else int(visit.now.timestamp())),
            entries={**(kept.entries if kept else {}), **state.session_writes},
            clients=sorted({*(kept.clients if kept else ()), client_id}),
            persistent=persistent,
        )
        session.expires_at = session_expiry(behavior, session, visit.now, persistent=persistent)
        if old is not None:
            await self._retire(scope, old, visit.now)
        await self._put(scope, session)
        max_age_s = behavior.keep_alive_days * DAY_S if persistent else None
        self.cookies.set(response, self._cookie(scope), session.id, max_age_s=max_age_s)

    async def end(self, request: Request, served: ServedPolicy, client_id: str, response: Response) -> None:
        """End the session of the browser in the policy's scope."""
        scope = _scope(served, client_id)
        if scope is None:
            return
        name = self._cookie(scope)
        session_id = request.cookies.get(name)
        if session_id:
            await self.engine.state.delete(Kind.SESSION, _id(scope, session_id))
        self.cookies.delete(response, name)

    def _cookie(self, scope: str) -> str:
        """Return the name of the cookie; browsers do not tell two tenants apart that differ by their port alone."""
        return session_cookie(f"{self.engine.tenant.id}/{scope}")

    async def _retire(self, scope: str, old: Session, now: datetime) -> None:
        old.expires_at = min(old.expires_at, now + ROTATION_GRACE)
        await self._put(scope, old)

    async def _put(self, scope: str, session: Session) -> None:
        await self.engine.state.put(
            Kind.SESSION, _id(scope, session.id), session.to_bytes(), expires_at=session.expires_at
        )


def _stands_on(state: JourneyState, session: Session) -> bool:
    writes = state.session_writes
    return not writes or any(session.entries.get(name) == entry for name, entry in writes.items())


def _scope(served: ServedPolicy, client_id: str) -> str | None:
    return scope_name(served.relying_party.session, policy_id=served.policy.policy_id, client_id=client_id.lower())


def _id(scope: str, session_id: str) -> str:
    return f"{scope}/{session_id}"
