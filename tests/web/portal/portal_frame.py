"""The frame around one area, without an engine: who visits is what the test says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.types import Message

from journeyman.management.caller import Caller, Right
from journeyman.state.memory import MemoryStateStore
from journeyman.web.portal.frame import Frame, Guest, frame_routes
from journeyman.web.portal.sessions import PortalSession, PortalSessions

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:8080"


class NoonClock:
    def now(self):
        return NOON

    def monotonic_s(self):
        return 0.0


def session(**changes):
    values = {
        "id": "i" * 43,
        "handle": "h",
        "administrator": "a",
        "created_at": NOON,
        "seen_at": NOON,
        "proved_at": NOON,
        "csrf": "good token",
    }
    return PortalSession(**{**values, **changes})


@dataclass
class FakeDoor:
    """Lets everybody in as one guest; ``guest_is`` None asks to sign in, ``closed`` hides the portal."""

    guest_is: Guest | None
    closed: bool = False
    touched: list[bool] = field(default_factory=list)

    def open_to(self, request):
        return not self.closed

    async def guest(self, request, *, touch):
        self.touched.append(touch)
        return self.guest_is


def guest(*rights, own=None, all=False):
    return Guest(Caller("ada@contoso.com", frozenset(Right) if all else frozenset(rights)), "Ada", own)


def framed(*areas, door=None, development=True):
    """Return an application of these areas; by default an administrator with every right visits."""
    door = door or FakeDoor(guest(all=True, own=session()))
    clock = NoonClock()
    frame = Frame(
        "contoso.onmicrosoft.com",
        ORIGIN,
        development,
        door,
        PortalSessions(MemoryStateStore(clock), clock),
        clock,
        areas,
    )
    return Starlette(routes=frame_routes(frame))


def ask(app, path, method="GET", body=b"", **headers) -> tuple[int, dict[str, str], str]:
    """Send one request and return status, headers and text."""
    return asyncio.run(asked(app, path, method, body, **headers))


async def asked(app, path, method="GET", body=b"", **headers) -> tuple[int, dict[str, str], str]:
    """Send one request, in the loop of the test."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    named = {"host": "127.0.0.1:8080", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
    }
    await app(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]).decode()
