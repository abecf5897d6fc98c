"""The routes of the portal: who may see it, which records it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from typing import Final, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from journeyman.mail.mailbox import Delivered, as_json
from journeyman.trace.records import Entry, JourneySummary
from journeyman.web.pages.security import new_nonce
from journeyman.web.portal.answers import Endpoint, guarded, json_answer, not_found, page_answer
from journeyman.web.portal.pages import journey_page, journeys_page, mailbox_page

LISTED: Final = 200
"""The number of journeys and of messages that a page lists."""

_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Journeys(Protocol):
    """The part of the trace store that the portal reads."""

    async def journeys(self, limit: int) -> Sequence[JourneySummary]:
        """Return the last journeys, newest first."""
        ...

    async def journey(self, journey_id: str) -> Sequence[Entry]:
        """Return what happened in a journey, in order; empty when it is not known."""
        ...


class Messages(Protocol):
    """The part of the mailbox that the portal reads."""

    async def list(self, limit: int) -> Sequence[Delivered]:
        """Return the last messages, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class PortalServices:
    """What the portal reads, and who may see it.

    Attributes:
        allowed: whether the sender of a request may see the portal; anybody else is told that there
            is nothing at the address. Until the portal has a sign-in of its own this is the only guard.
        mailbox: None in production mode, where messages are really sent.
        applications: client id -> name.
    """

    trace: Journeys
    allowed: Callable[[Request], bool]
    mailbox: Messages | None = None
    applications: Mapping[str, str] = field(default_factory=dict)


def from_loopback(request: Request) -> bool:
    """Say whether a request comes from this machine and asks for it by a loopback name.

    The name is looked at because a foreign page can make its own host name resolve to 127.0.0.1.
    Behind a proxy on this machine every request comes from it: do not use this there.
    """
    try:
        peer = ip_address(request.client.host if request.client else "")
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname
    except ValueError:
        return False
    return peer.is_loopback and name in _LOOPBACK_NAMES


def portal_routes(services: PortalServices) -> list[Route]:
    """Return the routes of the portal."""
    portal = _Portal(services)
    endpoints: Mapping[str, Endpoint] = {
        "/portal": portal.start,
        "/portal/journeys": portal.journeys,
        "/portal/journeys/{journey_id}": portal.journey,
        "/portal/mailbox": portal.mailbox,
        "/portal/api/journeys": portal.journeys_json,
        "/portal/api/journeys/{journey_id}": portal.journey_json,
        "/portal/api/mailbox": portal.mailbox_json,
    }
    return [Route(path, guarded(endpoint, services.allowed), methods=["GET"]) for path, endpoint in endpoints.items()]


@dataclass(frozen=True, slots=True)
class _Portal:
    services: PortalServices

    async def start(self, _: Request) -> Response:
        return RedirectResponse("/portal/journeys", status_code=302)

    async def journeys(self, _: Request) -> Response:
        summaries = await self.services.trace.journeys(LISTED)
        nonce = new_nonce()
        html = journeys_page(
            summaries,
            nonce=nonce,
            version=_version(summaries),
            applications=self.services.applications,
            mailbox=self.services.mailbox is not None,
        )
        return page_answer(html, nonce)

    async def journey(self, request: Request) -> Response:
        entries = await self.services.trace.journey(request.path_params["journey_id"])
        if not entries:
            return not_found()
        nonce = new_nonce()
        html = journey_page(
            entries,
            nonce=nonce,
            version=_version(entries),
            applications=self.services.applications,
            mailbox=self.services.mailbox is not None,
        )
        return page_answer(html, nonce)

    async def mailbox(self, _: Request) -> Response:
        if self.services.mailbox is None:
            return not_found()
        messages = await self.services.mailbox.list(LISTED)
        nonce = new_nonce()
        return page_answer(mailbox_page(messages, nonce=nonce, version=_version(messages)), nonce)

    async def journeys_json(self, _: Request) -> Response:
        summaries = await self.services.trace.journeys(LISTED)
        return json_answer({"version": _version(summaries), "journeys": [_summary(summary) for summary in summaries]})

    async def journey_json(self, request: Request) -> Response:
        entries = await self.services.trace.journey(request.path_params["journey_id"])
        return json_answer({"version": _version(entries), "entries": len(entries)}) if entries else not_found()

    async def mailbox_json(self, _: Request) -> Response:
        if self.services.mailbox is None:
            return not_found()
        messages = await self.services.mailbox.list(LISTED)
        return json_answer({"version": _version(messages), "messages": [as_json(message) for message in messages]})


def _summary(summary: JourneySummary) -> dict[str, object]:
    return {
        "journey_id": summary.journey_id,
        "correlation_id": summary.correlation_id,
        "policy_id": summary.policy_id,
        "client_id": summary.client_id,
        "started_at": summary.started_at.isoformat(),
        "last_at": summary.last_at.isoformat(),
        "outcome": summary.outcome,
        "calls": summary.calls,
        "failed_calls": summary.failed_calls,
        "profiles": list(summary.profiles),
    }


def _version(records: Sequence[JourneySummary] | Sequence[Entry] | Sequence[Delivered]) -> str:
    """Return a text that changes when the records do. Records are never rewritten, so their number and ends do."""
    ends = [_mark(record) for record in records] if len(records) <= LISTED else [_mark(records[-1])]
    return sha256(repr((len(records), ends)).encode("utf-8", "replace")).hexdigest()[:16]


def _mark(record: JourneySummary | Entry | Delivered) -> tuple[object, ...]:
    match record:
        case JourneySummary():
            return (record.journey_id, record.last_at, record.outcome, record.calls, record.failed_calls)
        case Entry():
            return (record.at,)
        case Delivered():
            return (record.id,)
