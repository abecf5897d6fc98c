"""The HTTP surface: every request below ``/v1.0`` and ``/beta`` in, an answer or the error envelope out.

In this order: who asks (401), how often (429), what for (404, 405), may they (403); only then the query and the body
are looked at, and the handler looks for the object. Source: graph-api.md §2, and agreed behaviour 4.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from journeyman.clock import Clock
from journeyman.errors import JourneymanError
from journeyman.management.caller import Caller
from journeyman.web.graph.envelope import Marks, error_answer, refusal
from journeyman.web.graph.path import parse_segments, version_of
from journeyman.web.graph.query import parse_query
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import Schema
from journeyman.web.graph.router import Found, Router
from journeyman.web.graph.unread import UnreadBody

LOG: Final = logging.getLogger(__name__)
DOCUMENT: Final = "openapi.json"
_CLIENT_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_UNKNOWN: Final = "There is nothing at this address; {origin}/v1.0/openapi.json lists what is."


@dataclass(frozen=True, slots=True)
class Surface:
    """The management API.

    Attributes:
        origin: the public origin, of all addresses in answers.
        authenticate: returns the caller of a request or raises a ManagementError.
        document: makes the published document for a version.
    """

    router: Router
    origin: str
    clock: Clock
    authenticate: Callable[[Request], Awaitable[Caller]]
    document: Callable[[str], Schema]

    async def handle(self, http: Request, version: str) -> Response:
        """Answer one request."""
        marks = self.marks(http)
        try:
            answer = await self._answer(http, version, marks)
        except JourneymanError as error:
            return _refused(marks, error)
        for name, value in marks.headers.items():
            answer.headers[name] = value
        return answer

    def marks(self, http: Request) -> Marks:
        """Return the ids of a request; the one that the client has made is echoed."""
        own = str(uuid.uuid4())
        sent = http.headers.get("client-request-id", "")
        return Marks(own, sent if _CLIENT_REQUEST_ID.fullmatch(sent) else own, self.clock.now())

    async def _answer(self, http: Request, version: str, marks: Marks) -> Response:
        raw: bytes = http.scope.get("raw_path") or http.scope["path"].encode()
        rest = raw.lstrip(b"/").partition(b"/")[2]
        if http.method in {"GET", "HEAD"} and rest.strip(b"/").lower() == DOCUMENT.encode():
            return JSONResponse(self.document(version))
        if http.method == "OPTIONS":
            found = self.router.find(parse_segments(rest))
            return self._unknown(marks) if found is None else _allowed(found)
        caller = await self.authenticate(http)
        found = self.router.find(parse_segments(rest))
        if found is None:
            return self._unknown(marks)
        route = found.route(http.method)
        if route is None:
            message = f"{http.method} is not served at this address; {', '.join(found.methods)} are"
            refused = error_answer(marks, HTTPStatus.METHOD_NOT_ALLOWED, "Request_BadRequest", message)
            refused.headers["Allow"] = ", ".join(found.methods)
            return refused
        caller.require(route.right)
        request = GraphRequest(
            http=http,
            caller=caller,
            base=f"{self.origin}/{version}",
            rest=rest.decode("latin-1"),
            parameters=found.parameters(route),
            query=parse_query(http.scope["query_string"]),
            body_limit_bytes=route.body_limit_bytes,
        )
        return await route.handler(request)

    def _unknown(self, marks: Marks) -> Response:
        return error_answer(marks, 404, "ResourceNotFound", _UNKNOWN.format(origin=self.origin))


def _refused(marks: Marks, error: JourneymanError) -> Response:
    """Answer for an error; the log has what happens inside, without a traceback: it is no defect."""
    answer = refusal(marks, error)
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOG.error("request %s failed: %s: %s", marks.request_id, error.code, error)
    return answer


def _allowed(found: Found) -> Response:
    return Response(status_code=204, headers={"Allow": ", ".join(found.methods)})


class SurfaceSwitch:
    """Hand what is below ``/v1.0`` and ``/beta`` to the management API, before the limits of the other surfaces."""

    def __init__(self, app: ASGIApp, surface: Surface) -> None:
        self._app = app
        self._surface = surface

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        version = version_of(scope["path"]) if scope["type"] == "http" else None
        if version is None:
            await self._app(scope, receive, send)
            return
        body = UnreadBody(scope, receive)
        answer = await self._surface.handle(Request(scope, body.receive), version)
        await body.discard()
        await answer(scope, receive, send)


def is_management(path: str) -> bool:
    """Whether a path belongs to this API, for those who answer for a defect of ours."""
    return version_of(path) is not None
