"""Drive journeys over HTTP: load the state, move the journey, store the state, answer with what comes out."""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.journey.messages import choose_language
from journeyman.journey.outcome import Fail, IssueTokens, Outcome, ShowStep
from journeyman.journey.page import Page
from journeyman.journey.session import Session, load_session, scope_name, session_expiry
from journeyman.journey.state import Frame, JourneyState, load_state, lost_state, read_policy_id
from journeyman.journey.visit import Visit
from journeyman.state.store import Kind
from journeyman.trace.records import Entry
from journeyman.web import cookies
from journeyman.web.client_address import client_address
from journeyman.web.cookies import Cookies, browser_hash, same_browser, session_cookie
from journeyman.web.oidc.completion import completed
from journeyman.web.oidc.responses import authorization_response, error_parameters
from journeyman.web.pages.render import render_page
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.pages.transaction import Transaction
from journeyman.web.problems import error_page

TX_PREFIX = "StateProperties="

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
        """Move a journey by a navigation of its page."""
        visit = await self.visit(request, loaded.served, loaded.state)
        outcome = await move(loaded.served, loaded.state, visit)
        return await self._respond(request, loaded.served, loaded.state, visit, outcome, version=loaded.version)

    async def load(self, request: Request, tx: str) -> Loaded:
        """Load the journey of a page. Raises ServiceError when it is gone or of another browser."""
        journey_id = read_tx(tx)
        stored = await self.engine.state.get(Kind.JOURNEY, journey_id)
        if stored is None:
            raise lost_state()
        served = self.engine.policies.find(read_policy_id(stored.value))
        if served is None:
            raise lost_state()
        state = load_state(stored.value, served.policy.claim_types)
        if not same_browser(request, state.browser):
            raise lost_state()
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
            host_name=self.engine.settings.server.public_url.partition("://")[2],
            ip_address=client_address(request, self.engine.settings.server.trusted_proxies),
            session=await self._session(request, served, state.parameters.get("client_id", "")),
        )

    def record(self, state: JourneyState, visit: Visit) -> None:
        """Hand what happened to the trace."""
        entries = [
            Entry(
                journey_id=state.id,
                correlation_id=state.correlation_id,
                tenant=state.tenant,
                policy_id=state.policy_id,
                client_id=state.parameters.get("client_id", ""),
                at=visit.now,
                record=record,
            )
            for record in visit.records
        ]
        self.engine.trace(entries)

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
        self.record(state, visit)
        match outcome:
            case ShowStep(page):
                await self._keep(state, served, version)
                return self._show(served, state, page)
            case IssueTokens() as tokens:
                await self.engine.state.delete(Kind.JOURNEY, state.id)
                response = await completed(self.engine, served, state, tokens, now=visit.now)
                await self._keep_session(served, state, visit, response)
                return response
            case Fail(error):
                await self.engine.state.delete(Kind.JOURNEY, state.id)
                return self._failed(request, state, error, visit.now)

    async def _keep(self, state: JourneyState, served: ServedPolicy, version: int | None) -> None:
        if version is None:
            await self.engine.state.put(Kind.JOURNEY, state.id, state.to_bytes(), expires_at=state.expires_at)
        else:
            await self.store(Loaded(served, state, version))

    def _show(self, served: ServedPolicy, state: JourneyState, page: Page) -> Response:
        csrf = state.page.csrf if state.page else ""
        nonce = new_nonce()
        transaction = Transaction(
            tenant=self.engine.tenant.name,
            policy=served.policy.policy_id,
            tx=write_tx(state.id),
            csrf=csrf,
            correlation_id=state.correlation_id,
            base_path=f"/{self.engine.tenant.name}/{served.policy.policy_id}",
            page_view_id=secrets.token_hex(8),
        )
        security = PageSecurity(nonce, framing_sources=served.relying_party.framing_sources)
        html = render_page(page, transaction, nonce=nonce)
        response = HTMLResponse(html, headers=page_headers(security))
        self.cookies.set(response, cookies.CSRF, csrf)
        return response

    def _failed(self, request: Request, state: JourneyState, error: ServiceError, now: datetime) -> Response:
        redirect_uri = state.parameters.get("redirect_uri", "")
        if not redirect_uri or error.service_code == "AADB2C90046":
            return error_page(self.engine, error, correlation_id=state.correlation_id)
        parameters = error_parameters(
            error, correlation_id=state.correlation_id, now=now, state=state.parameters.get("state")
        )
        return authorization_response(redirect_uri, state.parameters["response_mode"], parameters)

    # --- sign-in sessions ------------------------------------------------------------------------

    async def _session(self, request: Request, served: ServedPolicy, client_id: str) -> Session | None:
        name = self._session_name(served, client_id)
        cookie = request.cookies.get(name) if name else None
        stored = await self.engine.state.get(Kind.SESSION, cookie) if cookie else None
        if cookie is None or stored is None:
            return None
        session = load_session(cookie, stored.value)
        return session if session.expires_at > self.engine.clock.now() else None

    async def _keep_session(self, served: ServedPolicy, state: JourneyState, visit: Visit, response: Response) -> None:
        """Begin or prolong the sign-in session; it always gets a new id, so that a planted one is worth nothing."""
        client_id = state.parameters.get("client_id", "")
        name = self._session_name(served, client_id)
        if name is None or not (state.session_writes or visit.session):
            return
        old = visit.session
        behavior = served.relying_party.session
        persistent = behavior.keep_alive_days > 0 and (state.keep_me_signed_in or bool(old and old.persistent))
        session = Session(
            id=secrets.token_urlsafe(32),
            created_at=old.created_at if old else visit.now,
            expires_at=visit.now,
            auth_time=state.auth_time or (old.auth_time if old else int(visit.now.timestamp())),
            entries={**(old.entries if old else {}), **state.session_writes},
            clients=sorted({*(old.clients if old else ()), client_id}),
            persistent=persistent,
        )
        session.expires_at = session_expiry(behavior, session, visit.now, persistent=persistent)
        if old is not None:
            await self._retire_session(old, visit.now)
        await self.engine.state.put(Kind.SESSION, session.id, session.to_bytes(), expires_at=session.expires_at)
        max_age_s = behavior.keep_alive_days * 86_400 if persistent else None
        self.cookies.set(response, name, session.id, max_age_s=max_age_s)

    async def _retire_session(self, old: Session, now: datetime) -> None:
        """Let the old id live a moment longer: requests of other tabs may be under way with it."""
        old.expires_at = min(old.expires_at, now + timedelta(seconds=60))
        await self.engine.state.put(Kind.SESSION, old.id, old.to_bytes(), expires_at=old.expires_at)

    @staticmethod
    def _session_name(served: ServedPolicy, client_id: str) -> str | None:
        scope = scope_name(served.relying_party.session, policy_id=served.policy.policy_id, client_id=client_id)
        return session_cookie(scope) if scope else None


def write_tx(journey_id: str) -> str:
    """Return the transaction id of a page: what names a journey in its URLs."""
    document = json.dumps({"TID": journey_id}, separators=(",", ":")).encode()
    return TX_PREFIX + base64.urlsafe_b64encode(document).rstrip(b"=").decode()


def read_tx(tx: str) -> str:
    """Return the journey id of a transaction id. Raises ServiceError when it is none."""
    encoded = tx.removeprefix(TX_PREFIX)
    try:
        document = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        journey_id = str(uuid.UUID(document["TID"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise lost_state() from error
    return journey_id
