"""The logout endpoint: a browser in, its sign-in session ended, a redirect or a page out.

Source: protocol.md §12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from journeyman.applications.application import Application
from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.journey.session import scope_name
from journeyman.keys.jose import Expected, verify_jwt
from journeyman.service_codes import service_error
from journeyman.state.store import Kind
from journeyman.web.cookies import Cookies, session_cookie
from journeyman.web.oidc.parameters import read_form, unique
from journeyman.web.oidc.responses import NO_STORE
from journeyman.web.pages.errors import render_signed_out
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.problems import error_page


@dataclass(frozen=True, slots=True)
class LogoutEndpoint:
    """``/oauth2/v2.0/logout`` of every policy."""

    engine: Engine
    cookies: Cookies

    async def handle(self, request: Request, served: ServedPolicy) -> Response:
        """End the session, then go where the application wants the browser to go."""
        try:
            parameters = await _read(request)
            client_id = self._hinted_client(served, parameters)
            target = await self._target(parameters, client_id)
        except ServiceError as error:
            return error_page(self.engine, error)
        response = self._leave(target, parameters)
        await self._end_session(request, served, client_id, response)
        return response

    def _hinted_client(self, served: ServedPolicy, parameters: Mapping[str, str]) -> str:
        hint = parameters.get("id_token_hint", "")
        if not hint:
            if served.relying_party.session.enforce_id_token_hint_on_logout:
                raise service_error(90272)
            return parameters.get("client_id", "")
        return self._audience(served, hint)

    def _audience(self, served: ServedPolicy, hint: str) -> str:
        """Return the client an id token was made for; an expired one still says who logs out."""
        names = [
            issuer.name(self.engine.origin, self.engine.tenant.id, served.policy.policy_id)
            for issuer in served.issuers.values()
        ]
        key_set = self.engine.keys.get(served.default_issuer.signing_key)
        claims = verify_jwt(hint, key_set, self.engine.clock.now(), Expected(issuers=names, expired=True))
        audience = claims.get("aud")
        if not isinstance(audience, str):
            raise service_error(90237)
        return audience

    async def _target(self, parameters: Mapping[str, str], client_id: str) -> str | None:
        uri = parameters.get("post_logout_redirect_uri", "")
        if not uri:
            return None
        parts = urlsplit(uri)
        if not parts.scheme or not (parts.netloc or parts.path):
            raise service_error(90067, uri[:256])
        if client_id:
            application = await self.engine.applications.get(client_id)
            candidates: list[Application] = [application] if application else []
        else:
            candidates = list(await self.engine.applications.all())
        if not any(uri in application.redirect_uris for application in candidates):
            raise service_error(90006, uri[:256], client_id or "any")
        return uri

    def _leave(self, target: str | None, parameters: Mapping[str, str]) -> Response:
        if target is None:
            nonce = new_nonce()
            html = render_signed_out(nonce=nonce)
            return HTMLResponse(html, headers=page_headers(PageSecurity(nonce)))
        state = parameters.get("state")
        if state is not None:
            target += f"{'&' if urlsplit(target).query else '?'}state={quote_plus(state)}"
        return RedirectResponse(target, status_code=302, headers=NO_STORE)

    async def _end_session(self, request: Request, served: ServedPolicy, client_id: str, response: Response) -> None:
        scope = scope_name(served.relying_party.session, policy_id=served.policy.policy_id, client_id=client_id)
        if scope is None:
            return
        name = session_cookie(scope)
        session_id = request.cookies.get(name)
        if session_id:
            await self.engine.state.delete(Kind.SESSION, session_id)
        self.cookies.delete(response, name)


async def _read(request: Request) -> dict[str, str]:
    if request.method == "POST":
        return await read_form(request)
    return unique(request.query_params.multi_items())
