"""The HTTP application of an engine."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from journeyman.engine import Engine
from journeyman.engine.expiry import readiness
from journeyman.service_codes import service_error
from journeyman.settings.values import is_loopback
from journeyman.web.graph.build import build_surface
from journeyman.web.graph.envelope import error_answer
from journeyman.web.graph.surface import Surface, SurfaceSwitch, is_management
from journeyman.web.metrics import metrics_endpoint
from journeyman.web.middleware import DefaultHeaders, HostCheck, SizeLimit
from journeyman.web.pages.static_files import static_routes
from journeyman.web.portal.build import portal_is_local, portal_routes
from journeyman.web.problems import error_page
from journeyman.web.tenant import tenant_endpoints

LOG: Final = logging.getLogger(__name__)
METHODS: Final = ["GET", "HEAD", "POST", "OPTIONS"]
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def build_app(engine: Engine) -> Starlette:
    """Make the HTTP application of an open engine."""
    headers = default_headers(engine)
    surface = build_surface(engine)
    return Starlette(
        routes=[
            Route("/healthz", _healthy),
            Route("/readyz", _ready(engine)),
            Route("/metrics", _metrics(engine)),
            *static_routes(),
            *portal_routes(engine),
            Route("/", _start("/portal" if portal_is_local(engine) else "/healthz")),
            Route("/{path:path}", tenant_endpoints(engine).handle, methods=METHODS),
        ],
        middleware=[
            Middleware(DefaultHeaders, headers=headers),
            Middleware(HostCheck, hosts=served_hosts(engine)),
            Middleware(SurfaceSwitch, surface=surface),
            Middleware(SizeLimit),
        ],
        exception_handlers={Exception: _unhandled(engine, headers, surface), ClientDisconnect: _cut_off},
    )


def default_headers(engine: Engine) -> dict[str, str]:
    """Return the headers of every answer that does not say otherwise."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    public = urlsplit(engine.origin)
    # Browsers apply it to every port of a host: on this machine it would lock a developer's other servers.
    if public.scheme == "https" and not engine.settings.development and not is_loopback(public.hostname or ""):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def served_hosts(engine: Engine) -> frozenset[str]:
    """Return the Host values that are ours, in lower case."""
    server = engine.settings.server
    public = urlsplit(server.public_url)
    literal = f"[{server.host}]" if ":" in server.host else server.host
    hosts = {public.netloc, f"{literal}:{server.port}"}
    if public.port is None:
        hosts.add(f"{public.netloc}:{DEFAULT_PORTS[public.scheme]}")
    if engine.settings.development or is_loopback(server.host):
        hosts |= {f"{name}:{server.port}" for name in LOOPBACK}
    return frozenset(host.lower() for host in hosts)


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


def _ready(engine: Engine) -> Callable[[Request], Awaitable[Response]]:
    async def ready(_request: Request) -> Response:
        state = {
            "status": "ready" if engine.ready else "starting",
            "policies": sorted(engine.policies.ids()),
            "expiry": _expiry(engine),
        }
        return JSONResponse(state, status_code=200 if engine.ready else 503)

    return ready


def _expiry(engine: Engine) -> dict[str, object]:
    """Return how many keys end when; anybody may ask, so their names are in the log and on the command line only."""
    found = readiness(engine.key_upkeep.found if engine.key_upkeep is not None else (), engine.clock.now())
    within = {str(days): number for days, number in found.within.items()}
    return {"soonest_days": found.soonest_days, "within_days": within, "expired": found.expired}


def _metrics(engine: Engine) -> Callable[[Request], Awaitable[Response]]:
    """Return the page of metrics; where none is configured there is nothing."""
    if engine.metrics is None:
        return _nothing
    allowed, proxies = engine.settings.telemetry.metrics_from, engine.settings.server.trusted_proxies
    return metrics_endpoint(engine.metrics, allowed, proxies, served_hosts(engine))


async def _nothing(_request: Request) -> Response:
    return PlainTextResponse("Not found.\n", status_code=404)


def _start(path: str) -> Callable[[Request], Awaitable[Response]]:
    async def start(_request: Request) -> Response:
        return RedirectResponse(path, status_code=302)

    return start


def _unhandled(
    engine: Engine, headers: dict[str, str], surface: Surface
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def unhandled(request: Request, error: Exception) -> Response:
        """Answer for a defect of ours; the server logs its traceback after the answer."""
        marks = surface.marks(request)
        LOG.error("unhandled %s, correlation id %s", type(error).__name__, marks.request_id)
        if is_management(request.scope["path"]):
            response = error_answer(marks, 500, "InternalServerError", "An error of ours; the log has more.")
        else:
            response = error_page(engine, service_error(90048), correlation_id=marks.request_id, status=500)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return unhandled


async def _cut_off(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("The body is too long, or it was not sent to its end.\n", status_code=413)
