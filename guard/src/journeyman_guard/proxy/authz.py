"""The answer to a proxy that asks who may come in: nginx ``auth_request``, Traefik ForwardAuth, Envoy ext_authz over HTTP.

Only the named proxies may ask, because the question itself says what is asked for. 200 lets the request through, with
``X-Guard-Caller``; everything else keeps it out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes

from journeyman_guard.asgi import Receive, Scope, Send
from journeyman_guard.errors import MisconfiguredError, Refused, forbidden
from journeyman_guard.guard import Guard
from journeyman_guard.guard import log_refusal as write_refusal
from journeyman_guard.middleware import send_refusal
from journeyman_guard.proxy.forward import header_text
from journeyman_guard.request import GuardRequest, request_of_scope

_METHOD: Final = {"nginx": "x-original-method", "traefik": "x-forwarded-method"}
_TARGET: Final = {"nginx": "x-original-uri", "traefik": "x-forwarded-uri"}
_FORBIDDEN_TO_NGINX: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class AuthzApplication:
    """Decide about the request that the question describes; an ASGI application.

    Attributes:
        mode: "nginx" and "traefik" name method and path in headers; "envoy" repeats them in the question itself.
    """

    guard: Guard
    mode: str

    def __post_init__(self) -> None:
        if not self.guard.proxies.networks:
            raise MisconfiguredError("authz needs the addresses of the proxies that ask: set proxies.addresses")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question."""
        if scope["type"] != "http":
            raise ValueError(f"an ASGI scope of type {scope['type']!r} cannot be answered")
        try:
            caller = await self.guard.admit(self._asked(request_of_scope(scope)))
        except Refused as refusal:
            await send_refusal(send, self._for_the_proxy(refusal))
            return
        name = header_text(caller.subject).encode("ascii")
        headers = [(b"content-length", b"0"), (b"cache-control", b"no-store"), (b"x-guard-caller", name)]
        await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _asked(self, question: GuardRequest) -> GuardRequest:
        """Return the request that the question is about. Raises Refused, logged."""
        try:
            if not self.guard.proxies.trusts(question.source):
                raise forbidden("the question does not come from a named proxy", attempt=False)
            return self.guard.proxies.believed(self._described(question))
        except Refused as refusal:
            write_refusal(question, refusal)
            self.guard.metrics.refuse(refusal.status, refusal.reason)
            raise

    def _described(self, question: GuardRequest) -> GuardRequest:
        if self.mode == "envoy":
            return question
        method = _single(question, _METHOD[self.mode])
        target = _single(question, _TARGET[self.mode])
        raw_path, _, query = target.partition(b"?")
        try:
            path = unquote_to_bytes(raw_path).decode("utf-8")
        except UnicodeError:
            raise forbidden("the path of the question is not UTF-8", attempt=False) from None
        return replace(question, method=method.decode("latin-1"), path=path, raw_path=raw_path, query=query)

    def _for_the_proxy(self, refusal: Refused) -> Refused:
        # nginx takes any other status than 401 and 403 for an error of its own.
        if self.mode == "nginx" and refusal.status in _FORBIDDEN_TO_NGINX:
            return Refused(refusal.reason, HTTPStatus.FORBIDDEN, attempt=False)
        return refusal


def _single(question: GuardRequest, name: str) -> bytes:
    values = question.header_values(name)
    if len(values) != 1 or not values[0]:
        raise forbidden(f"the question has no header {name}, or several", attempt=False)
    return values[0]
