"""The logout endpoint: a browser in, its sign-in session ended, a redirect or a page out.

Source: protocol.md §12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from journeyman.applications.application import Application, matches_redirect_uri
from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.keys.jose import Expected, verify_jwt
from journeyman.service_codes import service_error
from journeyman.web.oidc.parameters import read_form, unique
from journeyman.web.oidc.responses import redirect, with_query
from journeyman.web.oidc.sign_outs import sign_out_frames
from journeyman.web.pages.errors import render_signed_out
from journeyman.web.pages.security import PageSecurity, new_nonce, page_headers
from journeyman.web.problems import error_page
from journeyman.web.sessions import Sessions


@dataclass(frozen=True, slots=True)
class LogoutEndpoint:
    """``/oauth2/v2.0/logout`` of every policy."""

    engine: Engine
    sessions: Sessions

    async def handle(self, request: Request, served: ServedPolicy) -> Response:
        """End the session, then go where the application wants the browser to go."""
        try:
            parameters = await _read(request)
            client_id = self._hinted_client(served, parameters)
            target = await self._target(parameters, client_id)
        except ServiceError as error:
            return error_page(self.engine, error)
        session = await self.sessions.find(request, served, client_id)
        frames = await sign_out_frames(self.engine, served, session, client_id)
        response = _leave(target, parameters, frames)
        await self.sessions.end(request, served, client_id, response)
        return response

    def _hinted_client(self, served: ServedPolicy, parameters: Mapping[str, str]) -> str:
        """Return the client that logs out, "" when the request does not say."""
        hint = parameters.get("id_token_hint", "")
        if hint:
            return self._audience(served, hint)
        if served.relying_party.session.enforce_id_token_hint_on_logout:
            raise service_error(90272)
        return parameters.get("client_id", "")

    def _audience(self, served: ServedPolicy, hint: str) -> str:
        """Return the client an id token was made for; an expired one still says who logs out."""
        names = [
            issuer.name(self.engine.origin, self.engine.tenant.id, served.policy.policy_id)
            for issuer in served.issuers.values()
        ]
        key_set = self.engine.keys.get(served.default_issuer.signing_key)
        claims = verify_jwt(hint, key_set, self.engine.clock.now(), Expected(issuers=names, expired=True))
        audience = claims.get("aud")
        if not isinstance(audience, str) or not audience:
            raise service_error(90237)
        return audience

    async def _target(self, parameters: Mapping[str, str], client_id: str) -> str | None:
        """Return where to go: a redirect URI of the client, or of some application when no client is named."""
        uri = parameters.get("post_logout_redirect_uri", "")
        if not uri:
            return None
        if not _is_absolute(uri):
            raise service_error(90067, uri[:256])
        candidates = await self._candidates(client_id)
        development = self.engine.settings.development
        if not any(matches_redirect_uri(application, uri, development=development) for application in candidates):
            raise service_error(90006, uri[:256], client_id[:64] or "any")
        return uri

    async def _candidates(self, client_id: str) -> tuple[Application, ...]:
        if not client_id:
            return await self.engine.applications.all()
        application = await self.engine.applications.get(client_id)
        return (application,) if application else ()


def _is_absolute(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def _leave(target: str | None, parameters: Mapping[str, str], frames: tuple[str, ...]) -> Response:
    if target is not None:
        target = with_query(target, {"state": parameters["state"]} if "state" in parameters else {})
    if frames or target is None:
        nonce = new_nonce()
        page = render_signed_out(nonce=nonce, frames=frames, target=target)
        return HTMLResponse(page, headers=page_headers(PageSecurity(nonce, frame_sources=frames)))
    return redirect(target)


async def _read(request: Request) -> dict[str, str]:
    if request.method == "POST":
        return await read_form(request)
    return unique(request.query_params.multi_items())
