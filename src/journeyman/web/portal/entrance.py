"""How one gets into the portal and out again: sign in, the link of a development engine, sign out, own sessions."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from journeyman.engine import Engine
from journeyman.engine.console import CALLBACK, CONSOLE
from journeyman.management.caller import ROLES
from journeyman.management.links import WELCOME
from journeyman.storage.audit import AuditEvent
from journeyman.web.client_address import client_address
from journeyman.web.portal.answers import bare, not_found
from journeyman.web.portal.area import Page
from journeyman.web.portal.console import PortalClient, SignInRefusedError
from journeyman.web.portal.door import DEVELOPER, DEVELOPMENT, EngineDoor
from journeyman.web.portal.frame import SIGN_IN, Frame, Visit, page_route
from journeyman.web.portal.sessions import SessionCookie
from journeyman.web.portal.welcome import Welcome

OPEN: Final = "/portal/open"
ME: Final = "/portal/me"
HOME: Final = "/portal"


@dataclass(frozen=True, slots=True)
class Entrance:
    """The addresses that stand before the frame; nobody is signed in there yet."""

    engine: Engine
    door: EngineDoor
    frame: Frame
    client: PortalClient

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
        """Go to the authorization endpoint, or say what stands before that."""
        if not self.door.open_to(request):
            return not_found()
        if (elsewhere := self._at_origin(request)) is not None:
            return elsewhere
        if not await self.door.administrators.exist():
            return self._without_administrators(request)
        session = await self.door.sessions.find(self.door.cookie.read(request))
        known = await self.door.administrators.find(session.administrator) if session else None
        back = safe_back(request.query_params.get("back", ""))
        state, address = await self.client.begin(back, login_hint=known.email if known else "")
        response = RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
        self._begun.write(response, state)
        return response

    async def callback(self, request: Request) -> Response:
        """Take the answer of the authorization endpoint and begin a session under a new id."""
        if not self.door.open_to(request):
            return not_found()
        asked = request.query_params
        if "error" in asked:
            return self._refused(SignInRefusedError("the sign-in was not finished"))
        try:
            subject, back = await self.client.finish(
                asked.get("state", ""), self._begun.read(request), asked.get("code", "")
            )
        except SignInRefusedError as error:
            return self._refused(error)
        administrator = await self.door.administrators.find(subject)
        if administrator is None:
            return self._refused(SignInRefusedError("this account was removed"))
        session = await self.door.sessions.begin(
            administrator.id,
            address=self.address(request),
            agent=request.headers.get("user-agent", ""),
            old=self.door.cookie.read(request),
        )
        await self.note("Sign in to portal", administrator.email, {"by": "password"})
        response = RedirectResponse(back, status_code=303, headers={"Cache-Control": "no-store"})
        self.door.cookie.write(response, session.id)
        self._begun.remove(response)
        return response

    async def tenant(self, request: Request) -> Response:
        """Answer below the portal's own tenant, to those who may see the portal."""
        if not self.door.open_to(request):
            return not_found()
        return await self.client.handle(request, self.address(request))

    def _at_origin(self, request: Request) -> Response | None:
        """Send a browser that came under another name to the public one, because cookies belong to a name."""
        if request.headers.get("host", "").lower() == self.engine.host_name.lower():
            return None
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{self.engine.origin}{SIGN_IN}{query}", status_code=303)

    def _without_administrators(self, request: Request) -> Response:
        if self.door.is_reader(request):
            return bare(
                "Open the link of the terminal",
                "This engine runs in development mode: the terminal in which it was started shows a link that signs you in.",
                "Open the line that begins with “portal”, or add an administrator with journeyman admins add.",
            )
        return bare(
            "No administrator yet",
            "Nobody can sign in before there is an administrator.",
            "Open the one-time link that journeyman up has printed, or make one with journeyman admins add.",
        )

    def _refused(self, error: SignInRefusedError) -> Response:
        response = bare(
            "You are not signed in", f"{str(error).capitalize()}.", status=400, link=("Sign in again", SIGN_IN)
        )
        self._begun.remove(response)
        return response

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

    @property
    def _begun(self) -> SessionCookie:
        """The cookie that binds a sign-in to the browser in which it was begun."""
        return replace(self.door.cookie, plain_name="journeyman-portal-sign-in")

    def address(self, request: Request) -> str:
        """Return the address of the browser."""
        return client_address(request, self.engine.settings.server.trusted_proxies)

    async def note(self, activity: str, actor: str, detail: dict[str, str]) -> None:
        """Write an entry of the audit trail."""
        event = AuditEvent(activity, actor, "portal", detail)
        await self.engine.audit.append_all([event], tenant=self.engine.tenant.id)


def entrance_routes(entrance: Entrance, welcome: Welcome) -> list[Route]:
    """Return the routes that belong to no area."""
    pages = (
        Page("/portal/sign-out", entrance.sign_out, method="POST"),
        Page(ME, entrance.me),
        Page(ME, entrance.end_session, method="POST"),
    )
    return [
        Route(OPEN, entrance.open, methods=["GET"]),
        Route(SIGN_IN, entrance.sign_in, methods=["GET"]),
        Route(CALLBACK, entrance.callback, methods=["GET"]),
        Route(f"/{CONSOLE}/{{path:path}}", entrance.tenant, methods=["GET", "HEAD", "POST", "OPTIONS"]),
        Route(WELCOME, welcome.show, methods=["GET"]),
        Route(WELCOME, welcome.submit, methods=["POST"]),
        *(page_route(entrance.frame, page) for page in pages),
    ]


def safe_back(path: str) -> str:
    """Return where to go after the sign-in: a page of the portal, whatever was asked for."""
    parts = urlsplit(path)
    inside = parts.path == HOME or parts.path.startswith(f"{HOME}/")
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 2000
    return path if inside and plain and not parts.scheme and not parts.netloc else HOME
