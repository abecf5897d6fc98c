"""How one gets into the portal and out again: sign in, the link of a development engine, sign out, own sessions."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from journeyman.engine import Engine
from journeyman.management.caller import ROLES
from journeyman.storage.audit import AuditEvent
from journeyman.web.client_address import client_address
from journeyman.web.pages.security import new_nonce
from journeyman.web.portal.answers import not_found, page_answer
from journeyman.web.portal.area import Page
from journeyman.web.portal.door import DEVELOPER, DEVELOPMENT, EngineDoor
from journeyman.web.portal.drawing import draw
from journeyman.web.portal.frame import SIGN_IN, Frame, Visit, page_route

OPEN: Final = "/portal/open"
ME: Final = "/portal/me"
HOME: Final = "/portal"


@dataclass(frozen=True, slots=True)
class Entrance:
    """The addresses that stand before the frame; nobody is signed in there yet."""

    engine: Engine
    door: EngineDoor
    frame: Frame

    async def open(self, request: Request) -> Response:
        """Begin a session by the link that a development engine prints; it works on this machine alone."""
        if not self.door.open_to(request):
            return not_found()
        link = request.query_params.get("link", "")
        good = hmac.compare_digest(link.encode("utf-8", "replace"), self.engine.console.link.reveal_bytes())
        if not (self.door.is_reader(request) and good):
            return bare(
                "This link opens nothing",
                "It belongs to an engine that was started before, or to another machine.",
                "Take the line that begins with “portal” from the terminal in which journeyman up runs.",
                status=403,
            )
        session = await self.door.sessions.begin(
            DEVELOPMENT,
            address=self.address(request),
            agent=request.headers.get("user-agent", ""),
            old=self.door.cookie.read(request),
            passwordless=True,
        )
        await self.note("Sign in to portal", DEVELOPER.actor, {"by": "development link"})
        response = RedirectResponse(safe_back(request.query_params.get("back", "")), status_code=303)
        self.door.cookie.write(response, session.id)
        return response

    async def sign_in(self, request: Request) -> Response:
        """Say how to sign in."""
        if not self.door.open_to(request):
            return not_found()
        return bare(
            "Sign in",
            "This engine runs in development mode: the terminal in which it was started shows a link that signs you in.",
            "Open the line that begins with “portal”.",
        )

    async def sign_out(self, visit: Visit) -> Response:
        """End the session."""
        if visit.guest.session is not None:
            await self.door.sessions.end(visit.guest.session.id)
            await self.note("Sign out of portal", visit.caller.actor, {})
        response = bare("You are signed out", "The session of this browser has ended.", link=("Sign in", SIGN_IN))
        self.door.cookie.remove(response)
        return response

    async def me(self, visit: Visit) -> Response:
        """Show who is signed in and their sessions."""
        session = visit.guest.session
        if session is None:
            return await visit.not_found()
        listed = await self.door.sessions.list(session.administrator)
        roles = sorted(role for role, rights in ROLES.items() if rights <= visit.caller.rights)
        return await visit.page("me.html", "Your account", sessions=listed, here_handle=session.handle, roles=roles)

    async def end_session(self, visit: Visit) -> Response:
        """End another session of the same administrator, or all others."""
        session = visit.guest.session
        if session is None:
            return await visit.not_found()
        handle = visit.form.text("session")
        if handle:
            await self.door.sessions.end_listed(session.administrator, handle)
        else:
            await self.door.sessions.end_others(session.administrator, but=session.handle)
        await self.note("End portal session", visit.caller.actor, {"which": "one" if handle else "all others"})
        return await visit.go(ME, "The session has ended." if handle else "All other sessions have ended.")

    def address(self, request: Request) -> str:
        """Return the address of the browser."""
        return client_address(request, self.engine.settings.server.trusted_proxies)

    async def note(self, activity: str, actor: str, detail: dict[str, str]) -> None:
        """Write an entry of the audit trail."""
        event = AuditEvent(activity, actor, "portal", detail)
        await self.engine.audit.append_all([event], tenant=self.engine.tenant.id)


def entrance_routes(entrance: Entrance) -> list[Route]:
    """Return the routes that belong to no area."""
    pages = (
        Page("/portal/sign-out", entrance.sign_out, method="POST"),
        Page(ME, entrance.me),
        Page(ME, entrance.end_session, method="POST"),
    )
    return [
        Route(OPEN, entrance.open, methods=["GET"]),
        Route(SIGN_IN, entrance.sign_in, methods=["GET"]),
        *(page_route(entrance.frame, page) for page in pages),
    ]


def safe_back(path: str) -> str:
    """Return where to go after the sign-in: a page of the portal, whatever was asked for."""
    parts = urlsplit(path)
    inside = parts.path == HOME or parts.path.startswith(f"{HOME}/")
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 2000
    return path if inside and plain and not parts.scheme and not parts.netloc else HOME


def bare(title: str, text: str, remedy: str = "", *, status: int = 200, **values: object) -> Response:
    """Answer with a page outside of the frame."""
    nonce = new_nonce()
    html = draw(
        "bare.html", {"nonce": nonce, "page_title": title, "text": text, "remedy": remedy, "link": None, **values}
    )
    return page_answer(html, nonce, status=status)
