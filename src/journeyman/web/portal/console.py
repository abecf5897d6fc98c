"""The portal as a client of the engine's own OpenID Connect: a sign-in begun, its code redeemed, its id token checked.

The browser goes through the authorization endpoint of the portal's tenant as of any other. The code is redeemed at the
token endpoint inside the process: neither a proxy nor a private authority stands between the two.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from journeyman.engine import Engine, ServedPolicy
from journeyman.engine.console import CALLBACK, CONSOLE, PORTAL_CLIENT, SIGN_IN_POLICY
from journeyman.errors import JourneymanError
from journeyman.keys.jose import public_jwks
from journeyman.state.store import Kind
from journeyman.web.endpoints import TenantEndpoints
from journeyman.web.oidc.token_endpoint import TokenEndpoint
from journeyman.web.tenant import tenant_endpoints

LIFETIME: Final = timedelta(minutes=15)
"""How long a sign-in may take; our choice."""

TRIES: Final = 60
WINDOW: Final = timedelta(minutes=10)
"""How many passwords one address may try in a while, whatever the account; our choice."""

REFUSED: Final = "Refuse sign-in to portal"
_LEEWAY_S: Final = 5


class SignInRefusedError(JourneymanError):
    """A sign-in to the portal did not end with an administrator."""

    code = "JM6041"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: what its answer must fit."""

    verifier: str
    nonce: str
    back: str


@dataclass(slots=True)
class PortalClient:
    """The portal as an application of its own tenant."""

    engine: Engine
    _endpoints: TenantEndpoints | None = None

    async def handle(self, request: Request, address: str) -> Response:
        """Answer a request to the portal's tenant: its pages, its authorization and token endpoint."""
        if request.method == "POST" and await self._too_many(network_of(address)):
            text = "Too many attempts from your address. Please try again in ten minutes."
            return JSONResponse({"status": "400", "errorCode": SignInRefusedError.code, "message": text})
        if self._endpoints is None:
            self._endpoints = tenant_endpoints(await self.engine.console.engine())
        response = await self._endpoints.handle(request)
        if request.method == "POST" and _refused(response):
            # Told of with its address only: what was typed in as a name may be a password.
            await self.engine.audit.append(REFUSED, address, "portal", tenant=self.engine.tenant.id)
        return response

    async def begin(self, back: str, *, login_hint: str = "") -> tuple[str, str]:
        """Return the state of a new sign-in and the address of the authorization endpoint for it."""
        state = secrets.token_urlsafe(32)
        begun = Begun(secrets.token_urlsafe(48), secrets.token_urlsafe(24), back)
        await self.engine.state.put(
            Kind.PORTAL_SIGN_IN,
            state,
            json.dumps(asdict(begun)).encode(),
            expires_at=self.engine.clock.now() + LIFETIME,
        )
        query = {
            "client_id": PORTAL_CLIENT,
            "redirect_uri": self._redirect_uri,
            "response_type": "code",
            "response_mode": "query",
            "scope": "openid",
            "state": state,
            "nonce": begun.nonce,
            "code_challenge": _challenge(begun.verifier),
            "code_challenge_method": "S256",
            "prompt": "login",
            **({"login_hint": login_hint} if login_hint else {}),
        }
        path = f"/{CONSOLE}/{SIGN_IN_POLICY}/oauth2/v2.0/authorize"
        return state, f"{self.engine.origin}{path}?{urlencode(query)}"

    async def finish(self, state: str, remembered: str, code: str) -> tuple[str, str]:
        """Return the object id of who has signed in, and where they wanted to go.

        Args:
            state: as the answer has it; ``remembered`` as the browser has it.

        Raises:
            SignInRefusedError: the answer is not one to a sign-in of this browser, or its code or token is not good.
        """
        stored = None
        if state and hmac.compare_digest(state.encode(), remembered.encode()):
            stored = await self.engine.state.take(Kind.PORTAL_SIGN_IN, state)
        if stored is None:
            raise SignInRefusedError("this sign-in took too long, or it was begun in another browser or tab")
        begun = Begun(**json.loads(stored))
        console = await self.engine.console.engine()
        served = console.policies.find(SIGN_IN_POLICY)
        if served is None:
            raise SignInRefusedError("the policy of the sign-in is not served")
        token = await self._redeem(console, served, code, begun)
        return _subject(console, served, token, begun.nonce), begun.back

    async def _redeem(self, console: Engine, served: ServedPolicy, code: str, begun: Begun) -> str:
        form = {
            "grant_type": "authorization_code",
            "client_id": PORTAL_CLIENT,
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": begun.verifier,
        }
        response = await TokenEndpoint(console).handle(_posted(form), served)
        answer: Mapping[str, Any] = json.loads(bytes(response.body))
        if "id_token" not in answer:
            raise SignInRefusedError("the code of this sign-in is not good, or it was used already")
        return str(answer["id_token"])

    async def _too_many(self, address: str) -> bool:
        ends = self.engine.clock.now() + WINDOW
        return await self.engine.state.count(f"portal/sign-in/{address}", expires_at=ends) > TRIES

    @property
    def _redirect_uri(self) -> str:
        return f"{self.engine.origin}{CALLBACK}"


def _refused(response: Response) -> bool:
    """Whether a page of the sign-in was refused; a page answers with an object that has a status."""
    if not isinstance(response, JSONResponse):
        return False
    answer = json.loads(bytes(response.body))
    return isinstance(answer, dict) and answer.get("status") == "400"


def network_of(address: str) -> str:
    """Return what tries are counted for: an IPv4 address, or the /64 that one connection has of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def _subject(console: Engine, served: ServedPolicy, token: str, nonce: str) -> str:
    """Check an id token as any client must (OpenID Connect Core §3.1.3.7) and return its subject."""
    now = console.clock.now()
    issuer = served.default_issuer
    keys = jwk.KeySet.import_key_set(public_jwks(console.keys.get(issuer.signing_key), now))  # type: ignore[arg-type]  # a JWK Set as a mapping
    try:
        claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    except (JoseError, ValueError) as error:
        raise SignInRefusedError("the id token of this sign-in is not good") from error
    expected = {
        "iss": issuer.name(console.origin, console.tenant.id, served.policy.policy_id),
        "aud": PORTAL_CLIENT,
        "nonce": nonce,
    }
    wrong = [name for name, value in expected.items() if claims.get(name) != value]
    if wrong or not now.timestamp() - _LEEWAY_S < claims.get("exp", 0) or not claims.get("sub"):
        raise SignInRefusedError(f"the id token of this sign-in is not good: {', '.join(wrong) or 'exp'}")
    return str(claims["sub"])


def _posted(form: Mapping[str, str]) -> Request:
    """Return a form as the token endpoint of this process gets it."""
    body = urlencode(form).encode()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(body)).encode())]
    scope = {"type": "http", "method": "POST", "path": "/token", "query_string": b"", "headers": headers, "state": {}}
    return Request(scope, receive)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
