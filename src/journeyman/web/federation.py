"""Where identity providers send the browser back: an answer in, the journey that waits for it goes on.

A provider may answer by a form. That form comes from another site, and over plain http browsers send
no cookie of ours with it. So what came by a form waits for a moment under a random name, and the
browser is sent to fetch it with its cookie: only the browser in which the journey began can go on.
Source: protocol.md §1.1 (U9, U10); OAuth 2.0 Form Post Response Mode.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from journeyman.engine import ServedPolicy
from journeyman.journey.federation_state import answers, read_state
from journeyman.journey.outcome import Outcome
from journeyman.journey.state import JourneyState, lost_state
from journeyman.journey.visit import Visit
from journeyman.state.store import Kind
from journeyman.web.cookies import same_browser
from journeyman.web.journeys import Journeys, Move, write_tx
from journeyman.web.oidc.parameters import read_form, unique

FETCH: Final = "journeyman_answer"
"""The parameter that names an answer which came by a form."""

WAITS: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class FederationEndpoint:
    """``/{tenant}/oauth2/authresp``, with or without a policy in the path."""

    journeys: Journeys

    async def handle(self, request: Request) -> Response:
        """Take an answer. Raises ServiceError when no journey of this browser waits for it."""
        query = unique(request.query_params.multi_items())
        parameters: Mapping[str, str] = await read_form(request) if request.method == "POST" else query
        journey_id, secret = read_state(parameters.get("state", ""))
        async with self.journeys.turn(write_tx(journey_id)):
            loaded = await self.journeys.load_by_id(journey_id)
            if not answers(loaded.state, secret):
                raise lost_state()
            if not same_browser(request, loaded.state.browser):
                if request.method == "POST":
                    return await self._fetch_later(request, parameters)
                raise lost_state()
            if FETCH in query and request.method == "GET" and loaded.state.blocked is None:
                parameters = await self._fetched(query[FETCH], parameters["state"])
            return await self.journeys.move(request, loaded, _returned(parameters))

    async def _fetch_later(self, request: Request, parameters: Mapping[str, str]) -> Response:
        name = secrets.token_urlsafe(32)
        until = self.journeys.engine.clock.now() + WAITS
        answer = json.dumps(parameters).encode()
        await self.journeys.engine.state.put(Kind.RETURNED, name, answer, expires_at=until)
        query = urlencode({"state": parameters["state"], FETCH: name})
        url = f"{self.journeys.engine.origin}{request.url.path}?{query}"
        return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})

    async def _fetched(self, name: str, state: str) -> Mapping[str, str]:
        stored = await self.journeys.engine.state.take(Kind.RETURNED, name)
        parameters: dict[str, str] = json.loads(stored) if stored is not None else {}
        if parameters.get("state") != state:
            raise lost_state()
        return parameters


def _returned(parameters: Mapping[str, str]) -> Move:
    async def move(served: ServedPolicy, state: JourneyState, visit: Visit) -> Outcome:
        return await served.runner.returned(state, parameters, visit)

    return move
