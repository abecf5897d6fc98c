"""The demo's application: a page that signs in with code and PKCE, and shows the token beside the calls behind it.

It is an ordinary client of the engine: it knows a client id and an origin, and checks the id token by
the published keys. Only the list of calls is read from the engine's trace, because no client could.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from jinja2 import Environment, FileSystemLoader, select_autoescape
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from journeyman.demo.folder import POLICY, TENANT
from journeyman.engine import Engine
from journeyman.trace.records import CallRecord, Verdict

TEMPLATES: Final = Path(__file__).parent / "templates"
COOKIE: Final = "demo-sign-in"
MAX_WAITING: Final = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-in that has begun: what its answer must fit."""

    verifier: str
    nonce: str
    correlation_id: str


@dataclass(slots=True)
class DemoApplication:
    """The application; ``origin`` is its own, ``client_id`` how the engine knows it."""

    engine: Engine
    client_id: str
    origin: str
    waiting: dict[str, Waiting] = field(default_factory=dict)
    templates: Environment = field(
        default_factory=lambda: Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(), trim_blocks=True, lstrip_blocks=True
        )
    )

    async def home(self, _request: Request) -> Response:
        """Show the button."""
        return self._page("home.html", journeys=f"{self.engine.origin}/portal/journeys")

    async def sign_in(self, _request: Request) -> Response:
        """Send the browser to the engine."""
        state = secrets.token_urlsafe(24)
        begun = Waiting(secrets.token_urlsafe(48), secrets.token_urlsafe(16), str(uuid.uuid4()))
        if len(self.waiting) >= MAX_WAITING:
            self.waiting.pop(next(iter(self.waiting)))
        self.waiting[state] = begun
        query = {
            "client_id": self.client_id,
            "redirect_uri": f"{self.origin}/callback",
            "response_type": "code",
            "scope": "openid offline_access",
            "state": state,
            "nonce": begun.nonce,
            "code_challenge": _challenge(begun.verifier),
            "code_challenge_method": "S256",
            "client-request-id": begun.correlation_id,
        }
        response = RedirectResponse(f"{self._policy}/oauth2/v2.0/authorize?{urlencode(query)}", status_code=302)
        response.set_cookie(COOKIE, state, httponly=True, samesite="lax", path="/callback", max_age=3600)
        return response

    async def callback(self, request: Request) -> Response:
        """Take the answer of the engine, redeem the code, check the id token, show what it says."""
        query = request.query_params
        state = query.get("state", "")
        begun = self.waiting.pop(state, None)
        if begun is None or not secrets.compare_digest(state, request.cookies.get(COOKIE, "")):
            return self._page(
                "problem.html", heading="This sign-in is not one of ours", text="Start again.", status=400
            )
        if "error" in query:
            text = query.get("error_description", query["error"])
            return self._page("problem.html", heading="You were not signed in", text=text, status=400)
        try:
            claims = await self._redeem(query.get("code", ""), begun)
        except (JoseError, ValueError, KeyError, aiohttp.ClientError) as error:
            return self._page("problem.html", heading="The token was refused", text=str(error), status=400)
        return self._page(
            "signed_in.html",
            claims=_shown(claims),
            calls=await self._calls(begun.correlation_id),
            name=claims.get("name", "there"),
            journeys=f"{self.engine.origin}/portal/journeys",
        )

    async def _redeem(self, code: str, begun: Waiting) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": f"{self.origin}/callback",
            "code_verifier": begun.verifier,
        }
        async with aiohttp.ClientSession(trust_env=False) as session:
            async with session.get(f"{self._policy}/v2.0/.well-known/openid-configuration") as response:
                document = await response.json()
            async with session.post(document["token_endpoint"], data=form) as response:
                body = await response.json()
            if "id_token" not in body:
                raise ValueError(body.get("error_description", "no id_token in the answer"))
            async with session.get(document["jwks_uri"]) as response:
                keys = jwk.KeySet.import_key_set(await response.json())
        token = jwt.decode(body["id_token"], keys, algorithms=["RS256"])
        expected = {"iss": document["issuer"], "aud": self.client_id, "nonce": begun.nonce}
        for name, value in expected.items():
            if token.claims.get(name) != value:
                message = f"the id token has another {name} than this application expects"
                raise ValueError(message)
        if token.claims["exp"] <= self.engine.clock.now().timestamp():
            message = "the id token has expired"
            raise ValueError(message)
        return token.claims

    async def _calls(self, correlation_id: str) -> list[CallRecord]:
        await self.engine.trace_writer.flush()
        for summary in await self.engine.traces.journeys(50):
            if summary.correlation_id == correlation_id:
                entries = await self.engine.traces.journey(summary.journey_id)
                return [entry.record for entry in entries if isinstance(entry.record, CallRecord)]
        return []

    def _page(self, template: str, *, status: int = 200, **values: object) -> Response:
        nonce = secrets.token_urlsafe(16)
        html = self.templates.get_template(template).render(nonce=nonce, ok=Verdict.OK, **values)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self' data:; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return HTMLResponse(html, status_code=status, headers=headers)

    @property
    def _policy(self) -> str:
        return f"{self.engine.origin}/{TENANT}/{POLICY}"


def build_application(application: DemoApplication) -> Starlette:
    """Return the application as ASGI."""
    return Starlette(
        routes=[
            Route("/", application.home),
            Route("/sign-in", application.sign_in),
            Route("/callback", application.callback),
        ]
    )


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _shown(claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in claims.items()]
