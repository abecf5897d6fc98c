"""Drive journeys over HTTP: load the state, move the journey, store the state, answer with what comes out."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from journeyman.engine import Engine, ServedPolicy
from journeyman.engine.recording import Recording
from journeyman.errors import ServiceError
from journeyman.journey.messages import choose_language
from journeyman.journey.outcome import Block, Fail, GoToProvider, IssueTokens, Outcome, ShowStep
from journeyman.journey.page import Page
from journeyman.journey.session import Session
from journeyman.journey.state import Frame, JourneyState, load_state, lost_state, read_policy_id
from journeyman.journey.visit import Visit
from journeyman.state.store import Kind
from journeyman.web import cookies
from journeyman.web.blocked import BlockPages
from journeyman.web.client_address import client_address
from journeyman.web.cookies import Cookies, browser_hash, same_browser
from journeyman.web.oidc.completion import completed
from journeyman.web.oidc.responses import error_response
from journeyman.web.pages.render import render_page
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.pages.template import TemplateError
from journeyman.web.pages.template_source import Templates, template_failure
from journeyman.web.pages.transaction import Transaction
from journeyman.web.problems import error_page
from journeyman.web.sessions import Sessions
from journeyman.web.turns import Turns

TX_PREFIX: Final = "StateProperties="
TX_LIMIT: Final = 256
LOST: Final = "AADB2C90046"

Move = Callable[[ServedPolicy, JourneyState, Visit], Awaitable[Outcome]]


@dataclass(slots=True)
class Loaded:
    """A journey as it was read: its state and the version under which to write it back."""

    served: ServedPolicy
    state: JourneyState
    version: int


@dataclass(frozen=True, slots=True)
class Journeys:
    """The journeys of an engine, one HTTP request at a time."""

    engine: Engine
    cookies: Cookies
    sessions: Sessions
    templates: Templates
    turns: Turns = field(default_factory=Turns)

    async def start(
        self, request: Request, served: ServedPolicy, parameters: Mapping[str, str], *, correlation_id: str
    ) -> Response:
        """Begin a journey and answer with its first page, or with its end."""
        browser = cookies.browser_of(request)
        policy = served.policy
        now = self.engine.clock.now()
        state = JourneyState(
            id=str(uuid.uuid4()),
            correlation_id=correlation_id,
            tenant=self.engine.tenant.name,
            policy_id=policy.policy_id,
            browser=browser_hash(browser),
            parameters=dict(parameters),
            language=choose_language(
                parameters.get("ui_locales", ""),
                request.headers.get("accept-language", ""),
                supported=policy.languages.supported,
                default=policy.languages.default,
            ),
            started_at=now,
            frames=[Frame(served.relying_party.journey)],
        )
        visit = await self.visit(request, served, state)
        outcome = await served.runner.advance(state, visit)
        response = await self._respond(request, served, state, visit, outcome, version=None)
        self.cookies.set(response, cookies.BROWSER, browser)
        return response

    async def move(self, request: Request, loaded: Loaded, move: Move) -> Response:
        """Move a journey by a navigation of its page; one that an API has ended only says so again."""
        visit = await self.visit(request, loaded.served, loaded.state)
        ended = loaded.state.blocked
        outcome = await move(loaded.served, loaded.state, visit) if ended is None else Block(ended)
        return await self._respond(request, loaded.served, loaded.state, visit, outcome, version=loaded.version)

    async def load(self, request: Request, tx: str) -> Loaded:
        """Load the journey of a page. Raises ServiceError when it is gone or of another browser."""
        loaded = await self.load_by_id(read_tx(tx))
        if not same_browser(request, loaded.state.browser):
            raise lost_state()
        return loaded

    async def load_by_id(self, journey_id: str) -> Loaded:
        """Load a journey, whoever asks. Raises ServiceError when it is gone."""
        stored = await self.engine.state.get(Kind.JOURNEY, journey_id)
        if stored is None:
            raise lost_state()
        served = self.engine.policies.find(read_policy_id(stored.value))
        if served is None:
            raise lost_state()
        state = load_state(stored.value, served.policy.claim_types)
        return Loaded(served, state, stored.version)

    async def store(self, loaded: Loaded) -> None:
        """Write a journey back. Raises ServiceError when another request has moved it meanwhile."""
        kept = await self.engine.state.replace(
            Kind.JOURNEY,
            loaded.state.id,
            loaded.state.to_bytes(),
            version=loaded.version,
            expires_at=loaded.state.expires_at,
        )
        if not kept:
            raise lost_state()

    async def visit(self, request: Request, served: ServedPolicy, state: JourneyState) -> Visit:
        """Gather what a journey may know of a request."""
        return Visit(
            now=self.engine.clock.now(),
            host_name=self.engine.host_name,
            ip_address=client_address(request, self.engine.settings.server.trusted_proxies),
            session=await self._session(request, served, state),
            records=Recording(self.engine, state),
        )

    async def _session(self, request: Request, served: ServedPolicy, state: JourneyState) -> Session | None:
        """Return the session that may stand in for steps; who asks to choose an account wants to see the page."""
        if "select_account" in state.parameters.get("prompt", "").split():
            return None
        return await self.sessions.find(request, served, state.parameters.get("client_id", ""))

    def turn(self, tx: str) -> asyncio.Lock:
        """Return what a request holds while it works on the journey of a page."""
        return self.turns.of(read_tx(tx))

    # --- answers ---------------------------------------------------------------------------------

    async def _respond(
        self,
        request: Request,
        served: ServedPolicy,
        state: JourneyState,
        visit: Visit,
        outcome: Outcome,
        *,
        version: int | None,
    ) -> Response:
        match outcome:
            case ShowStep(page):
                await self._keep(state, served, version)
                return await self._show(served, state, page)
            case GoToProvider(url):
                await self._keep(state, served, version)
                return RedirectResponse(url, status_code=302, headers={"Cache-Control": "no-store"})
            case IssueTokens() as tokens:
                await self._finish(state, version)
                return await self._complete(request, served, state, visit, tokens)
            case Fail(error):
                await self._finish(state, version)
                return self._failed(state, error)
            case Block(message):
                if version is not None:
                    await self._keep(state, served, version)
                brand = self._transaction(served, state).brand_name
                return await BlockPages(self.templates).answer(served, state, visit, message, brand=brand)

    async def _keep(self, state: JourneyState, served: ServedPolicy, version: int | None) -> None:
        if version is None:
            await self.engine.state.put(Kind.JOURNEY, state.id, state.to_bytes(), expires_at=state.expires_at)
        else:
            await self.store(Loaded(served, state, version))

    async def _finish(self, state: JourneyState, version: int | None) -> None:
        """Forget a journey that has ended; of two requests that both end it only one may answer."""
        if version is not None and await self.engine.state.take(Kind.JOURNEY, state.id) is None:
            raise lost_state()

    async def _complete(
        self, request: Request, served: ServedPolicy, state: JourneyState, visit: Visit, tokens: IssueTokens
    ) -> Response:
        try:
            response = await completed(self.engine, served, state, tokens, now=visit.now)
        except ServiceError as error:
            return self._failed(state, error)
        await self.sessions.keep(request, served, state, visit, response)
        return response

    async def _show(self, served: ServedPolicy, state: JourneyState, page: Page) -> Response:
        nonce, transaction = new_nonce(), self._transaction(served, state)
        try:
            template = await self.templates.of(page.template_url)
            html = render_page(page, transaction, nonce=nonce, template=template.text if template else None)
        except TemplateError as error:
            return error_page(
                self.engine, template_failure(page.template_url, error), correlation_id=state.correlation_id, status=500
            )
        security = PageSecurity(
            nonce,
            framing_sources=served.relying_party.framing_sources,
            custom_template=template is not None,
            template_sources=template.sources if template else (),
            script_allowed=page.script_allowed,
        )
        response = HTMLResponse(html, headers=page_headers(security))
        self.cookies.set(response, cookies.CSRF, transaction.csrf)
        return response

    def _transaction(self, served: ServedPolicy, state: JourneyState) -> Transaction:
        return Transaction(
            tenant=self.engine.tenant.name,
            policy=served.policy.policy_id,
            tx=write_tx(state.id),
            csrf=state.page.csrf if state.page else "",
            correlation_id=state.correlation_id,
            base_path=f"/{self.engine.tenant.name}/{served.policy.policy_id}",
            page_view_id=secrets.token_hex(8),
        )

    def _failed(self, state: JourneyState, error: ServiceError) -> Response:
        if error.service_code == LOST:
            return error_page(self.engine, error, correlation_id=state.correlation_id)
        return error_response(self.engine, state.parameters, error, state.correlation_id)


def write_tx(journey_id: str) -> str:
    """Return the transaction id of a page: what names a journey in its URLs."""
    document = json.dumps({"TID": journey_id}, separators=(",", ":")).encode()
    return TX_PREFIX + base64.urlsafe_b64encode(document).rstrip(b"=").decode()


def read_tx(tx: str) -> str:
    """Return the journey id of a transaction id. Raises ServiceError when it is none."""
    encoded = tx.removeprefix(TX_PREFIX)
    if len(encoded) > TX_LIMIT:
        raise lost_state()
    try:
        document = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        journey_id = str(uuid.UUID(document["TID"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise lost_state() from error
    return journey_id
