"""The guard around an HTTP function of Azure Functions; needs ``azure-functions``, which every function app has.

The host of Azure Functions checks function keys itself where ``auth_level`` asks for it. This checks what it cannot: Basic,
tokens, client certificates, and every key in constant time with rotation.
"""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from journeyman_guard.blocking import BlockingGuard
from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.errors import MisconfiguredError, Refused
from journeyman_guard.guard import BODY, Guard, guard_of, refusal_headers
from journeyman_guard.proxies import TrustedProxies, read_networks, without_spoofable
from journeyman_guard.request import GuardRequest

if TYPE_CHECKING:
    from azure.functions import HttpRequest, HttpResponse

_FRONT_END: Final = "127.0.0.1"
_PLATFORM: Final = "WEBSITE_INSTANCE_ID"
CALLER: Final = "caller"


def guarded(
    policy: Guard | Mapping[str, Check], *, client_certificates: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator for HTTP functions; it stands directly above ``def``, below those of the function app.

    A function with a parameter ``caller`` gets the ``Caller``.

    Args:
        policy: a ``Guard``, or ``"METHOD /api/path"`` -> check.
        client_certificates: believe ``X-ARR-ClientCert``. The front end of Azure App Service sets it when the app asks
            for client certificates, and takes away what a caller wrote; outside of App Service it is never believed.
    """
    platform = _platform_proxies(client_certificates=client_certificates)
    blocking = BlockingGuard(guard_of(policy))

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        wanted = inspect.signature(function).parameters
        if "req" not in wanted:
            raise MisconfiguredError("the function has no parameter req with the HTTP request")
        wrapper = _asynchronous if inspect.iscoroutinefunction(function) else _blocking
        wrapped = wrapper(function, blocking, platform, gives_caller=CALLER in wanted)
        # The function app binds parameters by name, and nothing binds the caller.
        parameters = [parameter for name, parameter in wanted.items() if name != CALLER]
        wrapped.__signature__ = inspect.signature(function).replace(parameters=parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__.pop(CALLER, None)
        return wrapped

    return decorate


def _blocking(
    function: Callable[..., Any],
    blocking: BlockingGuard,
    platform: TrustedProxies,
    *,
    gives_caller: bool,
) -> Callable[..., Any]:
    @wraps(function)
    def run(req: HttpRequest, **others: Any) -> Any:  # noqa: ANN401  # what the function returns
        try:
            caller = blocking.admit(request_of_function(req, platform))
        except Refused as refusal:
            return _answer(refusal)
        return function(req=req, **others, **_named(caller, gives_caller=gives_caller))

    return run


def _asynchronous(
    function: Callable[..., Awaitable[Any]],
    blocking: BlockingGuard,
    platform: TrustedProxies,
    *,
    gives_caller: bool,
) -> Callable[..., Any]:
    @wraps(function)
    async def run(req: HttpRequest, **others: Any) -> Any:  # noqa: ANN401  # what the function returns
        try:
            # The worker may run functions on several loops; what the checks keep belongs to one.
            caller = await asyncio.to_thread(blocking.admit, request_of_function(req, platform))
        except Refused as refusal:
            return _answer(refusal)
        return await function(req=req, **others, **_named(caller, gives_caller=gives_caller))

    return run


def request_of_function(req: HttpRequest, platform: TrustedProxies) -> GuardRequest:
    """Read the request of a function; its peer is the front end of the platform."""
    url = urlsplit(req.url)
    headers = tuple((name.lower().encode("latin-1", "replace"), _bytes(value)) for name, value in req.headers.items())
    request = GuardRequest(
        method=req.method,
        path=unquote(url.path),
        headers=headers,
        source=_FRONT_END,
        query=url.query.encode("latin-1", "replace"),
        raw_path=url.path.encode("latin-1", "replace"),
    )
    if not platform.networks:
        return replace(request, headers=without_spoofable(headers))
    return platform.believed(request)


def _platform_proxies(*, client_certificates: bool) -> TrustedProxies:
    if not os.environ.get(_PLATFORM):
        return TrustedProxies()
    header = "x-arr-clientcert" if client_certificates else None
    return TrustedProxies(read_networks([_FRONT_END]), header)


def _answer(refusal: Refused) -> HttpResponse:
    from azure.functions import HttpResponse

    headers = {name: value for name, value in refusal_headers(refusal) if name != "www-authenticate"}
    if refusal.challenges:
        headers["www-authenticate"] = ", ".join(refusal.challenges)
    headers.pop("content-length")
    status = HTTPStatus(refusal.status).value
    return HttpResponse(BODY, status_code=status, headers=headers, mimetype="application/json")


def _named(caller: Caller, *, gives_caller: bool) -> dict[str, Caller]:
    return {CALLER: caller} if gives_caller else {}


def _bytes(value: str) -> bytes:
    return value.encode("latin-1", "replace")
