"""The frame of the portal: a request in; who asks, what they may, where they came from checked; a page out.

Each area gives its pages; what stands before a handler is here, in one order for all: address, session, right,
origin and token of a form, a recent proof of who it is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from journeyman.clock import Clock
from journeyman.errors import JourneymanError
from journeyman.management.caller import ROLES, Caller, Right
from journeyman.management.errors import ForbiddenError, ManagementError, NotFoundError
from journeyman.web.pages.security import new_nonce
from journeyman.web.portal.answers import json_answer, not_found, page_answer
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.drawing import draw
from journeyman.web.portal.form import Form, FormUnreadableError, read_form
from journeyman.web.portal.origin import same_origin
from journeyman.web.portal.sessions import PortalSession, PortalSessions

SIGN_IN: Final = "/portal/sign-in"
_LOG: Final = logging.getLogger(__name__)
_LONGEST_QUERY: Final = 500
_CSRF: Final = "csrf"

Crumbs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Guest:
    """Who visits the portal.

    Attributes:
        session: None for the reader on this machine whom a development engine lets in without one.
    """

    caller: Caller
    name: str
    session: PortalSession | None = None


class Door(Protocol):
    """Who is let in."""

    def open_to(self, request: Request) -> bool:
        """Whether the sender may know that there is a portal; anybody else is told that there is nothing."""
        ...

    async def guest(self, request: Request, *, touch: bool) -> Guest | None:
        """Return who it is; None when they have to sign in. ``touch`` makes a session live on."""
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages share.

    Attributes:
        origin: the public origin of the engine.
        areas: the entries of the navigation, in their order.
    """

    tenant: str
    origin: str
    development: bool
    door: Door
    sessions: PortalSessions
    clock: Clock
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a page, with everything that is known of it; what a handler gets."""

    request: Request
    frame: Frame
    guest: Guest
    area: Area | None = None
    form: Form = field(default_factory=Form)

    @property
    def caller(self) -> Caller:
        """Who asks and what they may do; management services take it."""
        return self.guest.caller

    @property
    def csrf(self) -> str:
        """What a form of this visitor carries; "" for who has no session and so can send none."""
        return self.guest.session.csrf if self.guest.session else ""

    def may(self, right: Right) -> bool:
        """Whether the visitor has a right: leave out what they cannot use."""
        return right in self.caller.rights

    def segment(self, name: str) -> str:
        """Return a segment of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        """Return a parameter of the address, cut at 500 characters."""
        return self.request.query_params.get(name, default)[:_LONGEST_QUERY].strip()

    async def page(  # what a page may say of itself
        self,
        template: str,
        title: str,
        *,
        crumbs: Crumbs = (),
        status: int = 200,
        poll: str = "",
        poll_ms: int = 500,
        version: str = "",
        **values: object,
    ) -> Response:
        """Draw a page.

        Args:
            template: in the folder ``templates``; it extends ``portal.html`` and fills the block ``content``.
            crumbs: (text, address) of the pages above this one, below the area itself.
            poll: an address that answers ``{"version": …}``; the page takes its content anew when that changes.
            poll_ms: how often the page asks there.
        """
        nonce = new_nonce()
        session = self.guest.session
        shown = {
            "page_title": title,
            "crumbs": _trail(self, crumbs),
            "poll": poll,
            "poll_ms": poll_ms,
            "version": version,
            "nonce": nonce,
            "notices": await self.frame.sessions.told(session) if session else (),
            **frame_values(self),
            **values,
        }
        return page_answer(draw(template, shown), nonce, status=status)

    async def go(self, path: str, notice: str = "", *, tone: str = "good") -> Response:
        """Send the browser to another page after a form; ``notice`` is what that page says on top."""
        if notice and self.guest.session:
            await self.frame.sessions.tell(self.guest.session, notice, tone)
        return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})

    def json(self, content: Mapping[str, object]) -> Response:
        """Answer a script."""
        return json_answer(content)

    async def not_found(self, what: str = "") -> Response:
        """Answer that there is no such object."""
        return await self.problem(
            404, "Not found", what or "There is nothing at this address. It may have been deleted."
        )

    async def problem(self, status: int, title: str, text: str, *, remedy: str = "") -> Response:
        """Answer with a page that says what is wrong."""
        return await self.page("problem.html", title, status=status, crumbs=(), text=text, remedy=remedy)


def _trail(visit: Visit, crumbs: Crumbs) -> Crumbs:
    """Return the pages above a page; the first page of an area has none."""
    if visit.area is None or visit.request.url.path == visit.area.path:
        return ()
    return ((visit.area.title, visit.area.path), *crumbs)


def frame_values(visit: Visit) -> dict[str, object]:
    """Return what the layout is drawn with."""
    frame, guest = visit.frame, visit.guest
    here = visit.area.key if visit.area else ""
    seen = [area for area in frame.areas if area.right is None or area.right in guest.caller.rights]
    groups = [(group.value, [area for area in seen if area.group is group]) for group in Group]
    return {
        "here": here,
        "navigation": [(title, areas) for title, areas in groups if areas],
        "tenant": frame.tenant,
        "development": frame.development,
        "guest": guest,
        "csrf": visit.csrf,
        "sign_in": _sign_in(visit.request),
    }


def frame_routes(frame: Frame) -> list[Route]:
    """Return the routes of all areas."""
    return [page_route(frame, page, area) for area in frame.areas for page in area.pages]


def page_route(frame: Frame, page: Page, area: Area | None = None) -> Route:
    """Return the route of a page, with everything that stands before its handler."""

    async def answer(request: Request) -> Response:
        if not frame.door.open_to(request):
            return not_found()
        guest = await frame.door.guest(request, touch=not page.by_script)
        if guest is None:
            return _turned_away(request, page)
        visit = Visit(request, frame, guest, area)
        lacking = page.right if page.right is not None and not visit.may(page.right) else None
        if guest.session is None and (lacking or page.method == "POST"):
            return _turned_away(request, page)
        if lacking is not None:
            return await _forbidden(visit, page, lacking)
        return await _admitted(visit, page)

    return Route(page.path, answer, methods=[page.method])


async def _admitted(visit: Visit, page: Page) -> Response:
    try:
        if page.method == "POST":
            visit = Visit(visit.request, visit.frame, visit.guest, visit.area, await _checked_form(visit))
        if page.step_up and (session := visit.guest.session) and not session.recent(visit.frame.clock.now()):
            return RedirectResponse(_sign_in(visit.request, again=True), status_code=303)
        return await page.handler(visit)
    except FormUnreadableError as error:
        return await visit.problem(400, "This form cannot be read", str(error))
    except ForbiddenError as error:
        return await visit.problem(403, "You may not do this", str(error))
    except NotFoundError as error:
        return await visit.not_found(str(error))
    except ManagementError as error:
        return await visit.problem(error.status, "This was refused", str(error))
    except JourneymanError as error:
        _LOG.error("a page of the portal failed: %s: %s", error.code, error)
        return await visit.problem(500, "This did not work", f"{error.code}: {error}", remedy="Try again in a moment.")


async def _checked_form(visit: Visit) -> Form:
    """Read a form that this browser was given by us. Raises ForbiddenError, FormUnreadableError."""
    session = visit.guest.session
    if session is None or not same_origin(visit.request, visit.frame.origin):
        raise ForbiddenError("the form was sent from another site; open the page here and send it from there")
    form = await read_form(visit.request)
    if not session.allows(form.text(_CSRF)):
        raise ForbiddenError(
            "this form was opened before you signed in here; go back, load the page again and send it once more"
        )
    return form


def _turned_away(request: Request, page: Page) -> Response:
    """Answer who has to sign in first."""
    if page.by_script:
        return json_answer({"error": "signed out"}, status=401)
    return RedirectResponse(_sign_in(request), status_code=303, headers={"Cache-Control": "no-store"})


async def _forbidden(visit: Visit, page: Page, right: Right) -> Response:
    if page.by_script:
        return json_answer({"error": "forbidden"}, status=403)
    roles = sorted(name for name, rights in ROLES.items() if right in rights)
    text = f"Your account may not {right.value}."
    remedy = f"An administrator can give you the role {' or '.join(roles)}."
    return await visit.problem(403, "No permission", text, remedy=remedy)


def _sign_in(request: Request, *, again: bool = False) -> str:
    """Return the address of the sign-in that comes back to this page; a form cannot be sent again, its page can."""
    back = quote(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
    return f"{SIGN_IN}?{urlencode({**({'again': '1'} if again else {}), 'back': back})}"
