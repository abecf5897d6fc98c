"""Put the portal of an engine together: an open engine in, the routes of its portal out."""

from __future__ import annotations

from starlette.routing import Route

from journeyman.engine import Engine
from journeyman.management.administrators import Administrators
from journeyman.management.links import Invitation, OneTimeLinks, Purpose, welcome_link
from journeyman.settings.values import is_loopback
from journeyman.web.portal.areas import portal_areas
from journeyman.web.portal.console import PortalClient
from journeyman.web.portal.door import EngineDoor
from journeyman.web.portal.entrance import OPEN, Entrance, entrance_routes
from journeyman.web.portal.frame import Frame, frame_routes
from journeyman.web.portal.sessions import PortalSessions, SessionCookie
from journeyman.web.portal.welcome import Welcome


def portal_routes(engine: Engine) -> list[Route]:
    """Return all routes of the portal."""
    sessions = PortalSessions(engine.state, engine.clock)
    door = EngineDoor(
        settings=engine.settings.portal,
        trusted_proxies=engine.settings.server.trusted_proxies,
        local=portal_is_local(engine),
        cookie=SessionCookie(secure=engine.origin.startswith("https://"), port=engine.settings.server.port),
        sessions=sessions,
        administrators=Administrators(engine.console.users, engine.audit, engine.tenant.id),
    )
    frame = Frame(
        tenant=engine.tenant.name,
        origin=engine.origin,
        development=engine.settings.development,
        door=door,
        sessions=sessions,
        clock=engine.clock,
        areas=portal_areas(engine),
    )
    entrance = Entrance(engine, door, frame, PortalClient(engine))
    return [*entrance_routes(entrance, Welcome(engine, door)), *frame_routes(frame)]


def portal_is_local(engine: Engine) -> bool:
    """Whether the engine runs in development mode on a loopback address: this machine then reads without a sign-in."""
    local = engine.settings.development and is_loopback(engine.settings.server.host)
    return local and engine.settings.portal.enabled


def portal_link(engine: Engine) -> str:
    """Return the address that opens a session at a development engine, for the terminal of who has started it."""
    return f"{engine.origin}{OPEN}?link={engine.console.link.reveal()}"


async def first_link(engine: Engine) -> str | None:
    """Return a one-time link for the first administrator; None when there is one, or nobody needs one."""
    if not engine.settings.portal.enabled or portal_is_local(engine) or await engine.console.users.page(limit=1):
        return None
    token = await OneTimeLinks(engine.state, engine.clock).issue(Invitation(Purpose.FIRST, by="up"))
    return welcome_link(engine.origin, token)
