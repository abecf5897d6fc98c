"""What a page sends and where it navigates: the wire protocol of pages.md §5.

Every request names its transaction (``tx``), comes from the browser in which the journey began, and
brings the token of the page that is shown now, in the query or in ``X-CSRF-TOKEN``.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from journeyman.engine import ServedPolicy
from journeyman.errors import ServiceError
from journeyman.journey.outcome import Outcome, PageAnswer
from journeyman.journey.state import JourneyState, lost_state
from journeyman.journey.verification import EmailVerification
from journeyman.journey.visit import Visit
from journeyman.web.journeys import Journeys, Loaded, Move
from journeyman.web.oidc.parameters import read_page_form
from journeyman.web.public_errors import public_text
from journeyman.web.routing import Endpoint, Target

CONTROL_NAMES: Final = frozenset({"request_type", "claim_id", "claim_value", "user_input"})


@dataclass(frozen=True, slots=True)
class PageEndpoints:
    """The endpoints that pages talk to."""

    journeys: Journeys
    verification: EmailVerification

    async def submit(self, request: Request, target: Target) -> Response:
        """``POST /SelfAsserted``: check the fields, send or check an e-mail code, or run an action of a control."""
        try:
            form = await read_page_form(request)
            tx = request.query_params.get("tx", "")
            async with self.journeys.turn(tx):
                loaded = await self.journeys.load(request, tx)
                _check_policy(loaded, target)
                _check_token(request, loaded.state)
                if target.endpoint is Endpoint.DISPLAY_CONTROL:
                    answer = await self._act(request, loaded, form, target.page)
                else:
                    answer = await self._answer(request, loaded, form)
                await self.journeys.store(loaded)
        except ServiceError as error:
            text = public_text(error, development=self.journeys.engine.settings.development)
            return _reply(PageAnswer(error.service_code, text), status=400)
        return _reply(answer)

    async def _answer(self, request: Request, loaded: Loaded, form: dict[str, str]) -> PageAnswer:
        kind = form.get("request_type", "RESPONSE").upper()
        if kind == "VERIFICATION_REQUEST":
            return await self.verification.send(loaded.state, form.get("claim_id", ""), form.get("claim_value", ""))
        if kind == "VALIDATION_REQUEST":
            return await self.verification.check(
                loaded.state, form.get("claim_id", ""), form.get("claim_value", ""), form.get("user_input", "")
            )
        visit = await self.journeys.visit(request, loaded.served, loaded.state)
        posted = {name.casefold(): value for name, value in form.items() if name not in CONTROL_NAMES}
        return await loaded.served.runner.submit(loaded.state, posted, visit)

    async def _act(self, request: Request, loaded: Loaded, form: dict[str, str], names: tuple[str, str]) -> PageAnswer:
        visit = await self.journeys.visit(request, loaded.served, loaded.state)
        posted = {name.casefold(): value for name, value in form.items()}
        return await loaded.served.runner.act(loaded.state, names, posted, visit)

    async def navigate(self, request: Request, target: Target) -> Response:
        """``GET /api/{page}/{action}``: go on, choose a provider, sign up, forget a password, cancel."""
        tx = request.query_params.get("tx", "")
        async with self.journeys.turn(tx):
            loaded = await self.journeys.load(request, tx)
            _check_policy(loaded, target)
            if not _has_token(request, loaded.state):
                # A reload, or the back button: nothing moves, the page that is current is shown.
                return await self.journeys.move(request, loaded, _show_again)
            loaded.state.keep_me_signed_in |= request.query_params.get("rememberMe", "").lower() == "true"
            return await self.journeys.move(request, loaded, _move_of(request, target.page[1].lower()))


def _move_of(request: Request, action: str) -> Move:
    query = request.query_params
    exchange = query.get("social") or query.get("claimsexchange") or query.get("claimsprovider") or ""

    async def move(served: ServedPolicy, state: JourneyState, visit: Visit) -> Outcome:
        runner = served.runner
        match action:
            case "confirmed":
                return await runner.confirm(state, visit)
            case "unified" if query.get("local", "").lower() == "signup":
                return await runner.sign_up(state, visit)
            case "unified":
                return await runner.select(state, exchange, visit)
            case "forgotpassword":
                return await runner.forgot_password(state, visit)
            case "cancelled" | "error":
                return runner.cancel(state, visit)
            case _:
                raise lost_state()

    return move


async def _show_again(served: ServedPolicy, state: JourneyState, visit: Visit) -> Outcome:
    return await served.runner.show_again(state, visit)


def _check_policy(loaded: Loaded, target: Target) -> None:
    if (target.policy or "").casefold() != loaded.state.policy_id.casefold():
        raise lost_state()


def _check_token(request: Request, state: JourneyState) -> None:
    if not _has_token(request, state):
        raise lost_state()


def _has_token(request: Request, state: JourneyState) -> bool:
    sent = request.headers.get("x-csrf-token") or request.query_params.get("csrf_token", "")
    return state.page is not None and hmac.compare_digest(sent.encode(), state.page.csrf.encode())


def _reply(answer: PageAnswer, *, status: int = 200) -> JSONResponse:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if answer.error_code is None:
        return JSONResponse({"status": "200"}, headers=headers)
    body = {"status": "400", "errorCode": answer.error_code, "message": answer.message}
    return JSONResponse(body, status_code=status, headers=headers)
