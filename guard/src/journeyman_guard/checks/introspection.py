"""An opaque bearer that its issuer is asked about (RFC 7662).

Answers are kept for a short while, refusals too, and one question is asked for any number of waiting requests with the same
token. Tokens are kept only hashed. When the issuer cannot be asked nobody gets in.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote_plus, urlencode

from journeyman_guard.authorization import read_authorization, require_realm
from journeyman_guard.caller import Caller
from journeyman_guard.clock import Clock, SystemClock
from journeyman_guard.errors import MisconfiguredError, TokenError, unauthorized
from journeyman_guard.outbound import Outbound, OutboundError, safe_url
from journeyman_guard.request import GuardRequest
from journeyman_guard.strict_json import read_object
from journeyman_guard.token_rules import JwtRules

KEEP_S: Final = 30.0
KEEP_REFUSAL_S: Final = 10.0
_MAX_KEPT: Final = 4_096

Ask = Callable[[str], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class IntrospectionEndpoint:
    """Ask one issuer, with HTTP Basic (RFC 7662 §2.1, RFC 6749 §2.3.1)."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    timeout_s: float = 5.0
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        safe_url(self.url, "introspection")
        if not self.client_id or not self.client_secret:
            raise MisconfiguredError("introspection: give a client id and its secret")

    async def __call__(self, token: str) -> Mapping[str, object]:
        """Return what the issuer says. Raises OutboundError."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}".encode()
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair).decode("ascii"),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"token": token, "token_type_hint": "access_token"}).encode("ascii")
        outbound = Outbound("introspection", self.timeout_s, self.trust)
        address = safe_url(self.url, "introspection")
        data = await asyncio.to_thread(outbound.send, address, method="POST", headers=headers, body=body)
        try:
            return read_object(data)
        except ValueError as error:
            raise OutboundError("the answer of the introspection endpoint is not a JSON object") from error


class IntrospectionCheck:
    """Accept tokens that the issuer calls active, for one event loop.

    Args:
        ask: usually an ``IntrospectionEndpoint``.
        rules: what the answer must say besides; without audiences any is accepted.
        keep_s: how long an answer is used again, in seconds; a token that was revoked gets in for so long.
    """

    def __init__(
        self,
        ask: Ask,
        rules: JwtRules | None = None,
        *,
        keep_s: float = KEEP_S,
        realm: str = "api",
        clock: Clock | None = None,
    ) -> None:
        require_realm(realm)
        if not 0 <= keep_s <= 300:
            raise MisconfiguredError("introspection: an answer is kept 0 to 300 seconds")
        self._ask = ask
        self._rules = rules or JwtRules()
        self._keep_s = keep_s
        self._realm = realm
        self._clock = clock or SystemClock()
        self._known: OrderedDict[bytes, tuple[float, Mapping[str, object] | None]] = OrderedDict()
        self._flights: dict[bytes, asyncio.Task[Mapping[str, object] | None]] = {}

    async def check(self, request: GuardRequest) -> Caller:
        """Return the subject and the claims of the token. Raises Refused."""
        missing = f'Bearer realm="{self._realm}"'
        invalid = f'{missing}, error="invalid_token"'
        token = read_authorization(request, "Bearer", missing=missing, invalid=invalid)
        try:
            claims = await self._claims(token)
        except OutboundError as error:
            raise unauthorized(str(error), invalid, attempt=False) from None
        if claims is None:
            raise unauthorized("the issuer does not call the token active", invalid)
        try:
            self._rules.require_ours(claims)
            self._rules.require_time(claims, self._clock.now().timestamp(), expiry_needed=False)
        except TokenError as error:
            raise unauthorized(str(error), invalid) from None
        self._rules.require_permitted(claims, missing)
        return Caller(self._rules.subject(claims), ("introspection",), claims)

    async def _claims(self, token: str) -> Mapping[str, object] | None:
        key = hashlib.sha256(token.encode("ascii")).digest()
        until_s, claims = self._known.get(key, (0.0, None))
        if until_s > self._clock.monotonic_s():
            return claims
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fetch(key, token), name="journeyman-guard-introspection")
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    async def _fetch(self, key: bytes, token: str) -> Mapping[str, object] | None:
        answer = await self._ask(token)
        # Only the JSON value true is active; a server that says "true" is broken.
        claims = answer if answer.get("active") is True else None
        keep_s = min(self._keep_s, KEEP_REFUSAL_S) if claims is None else self._keep_s
        self._known[key] = (self._clock.monotonic_s() + keep_s, claims)
        while len(self._known) > _MAX_KEPT:
            self._known.popitem(last=False)
        return claims
