"""The HTTP application of an engine: paths in, endpoints out."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import ServiceError
from journeyman.keys.jose import public_jwks
from journeyman.service_codes import service_error
from journeyman.web.cookies import Cookies
from journeyman.web.journeys import Journeys
from journeyman.web.middleware import BodyLimit, HostCheck, StrictTransport
from journeyman.web.oidc.authorize import AuthorizationEndpoint
from journeyman.web.oidc.client_authentication import preflight_headers
from journeyman.web.oidc.client_credentials import PlatformTokenEndpoint
from journeyman.web.oidc.discovery import CACHE, CORS, platform_document, policy_document
from journeyman.web.oidc.logout import LogoutEndpoint
from journeyman.web.oidc.token_endpoint import TokenEndpoint
from journeyman.web.pages.endpoints import PageEndpoints
from journeyman.web.pages.static_files import static_routes
from journeyman.web.portal.routes import PortalServices, from_loopback, portal_routes
from journeyman.web.problems import error_page
from journeyman.web.routing import Endpoint, Target, match_path

LOG: Final = logging.getLogger(__name__)
METHODS: Final = ["GET", "POST", "OPTIONS"]


@dataclass(frozen=True, slots=True)
class Tenant:
    """The endpoints of a tenant."""

    engine: Engine
    authorization: AuthorizationEndpoint
    token: TokenEndpoint
    platform_token: PlatformTokenEndpoint
    logout: LogoutEndpoint
    pages: PageEndpoints

    async def handle(self, request: Request) -> Response:
        """Find what a path means and hand the request on."""
        target = match_path(request.url.path, request.query_params.get("p"))
        if target is None or not self.engine.tenant.is_called(target.tenant):
            return self._unknown(request)
        try:
            if target.endpoint is Endpoint.TOKEN and request.method == "OPTIONS":
                return Response(status_code=204, headers=await preflight_headers(self.engine, request))
            if target.policy is None:
                return await self._without_policy(request, target)
            served = self.engine.policies.find(target.policy)
            if served is None:
                return self._unserved(request, target.policy)
            return await self._endpoint(request, target, served)
        except ServiceError as error:
            return error_page(self.engine, error)

    async def _endpoint(self, request: Request, target: Target, served: ServedPolicy) -> Response:
        match target.endpoint, request.method:
            case Endpoint.AUTHORIZE, "GET" | "POST":
                return await self.authorization.handle(request, served)
            case Endpoint.TOKEN, _:
                return await self.token.handle(request, served)
            case Endpoint.LOGOUT, "GET" | "POST":
                return await self.logout.handle(request, served)
            case Endpoint.DISCOVERY, "GET":
                return self._discovery(target, served)
            case Endpoint.KEYS, "GET":
                return self._keys(served)
            case Endpoint.SELF_ASSERTED, "POST":
                return await self.pages.submit(request, target)
            case Endpoint.PAGE, "GET":
                return await self.pages.navigate(request, target)
            case _:
                return PlainTextResponse("This method is not served here.\n", status_code=405)

    async def _without_policy(self, request: Request, target: Target) -> Response:
        if target.endpoint is Endpoint.DISCOVERY:
            engine = self.engine
            document = platform_document(origin=engine.origin, tenant=target.tenant, tenant_id=engine.tenant.id)
            return JSONResponse(document, headers={**CORS, **CACHE})
        if target.endpoint is Endpoint.KEYS:
            key_set = self.engine.keys.get(self.engine.platform_signing_key)
            return JSONResponse(public_jwks(key_set, self.engine.clock.now()), headers={**CORS, **CACHE})
        if target.endpoint is not Endpoint.TOKEN:
            return self._unknown(request)
        named = parse_qs((await request.body()).decode("latin-1")).get("p")
        served = self.engine.policies.find(named[0]) if named else None
        return await (self.token.handle(request, served) if served else self.platform_token.handle(request))

    def _discovery(self, target: Target, served: ServedPolicy) -> Response:
        document = policy_document(
            served.policy,
            issuer=served.default_issuer.name(self.engine.origin, self.engine.tenant.id, served.policy.policy_id),
            origin=self.engine.origin,
            tenant=target.tenant,
            query_form=target.query_form,
        )
        return JSONResponse(document, headers={**CORS, **CACHE})

    def _keys(self, served: ServedPolicy) -> Response:
        now = self.engine.clock.now()
        documents = [
            public_jwks(self.engine.keys.get(issuer.signing_key), now)["keys"] for issuer in served.issuers.values()
        ]
        unique = {key["kid"]: key for keys in documents for key in keys}
        return JSONResponse({"keys": list(unique.values())}, headers={**CORS, **CACHE})

    def _unserved(self, request: Request, policy_id: str) -> Response:
        problems = self.engine.policies.problems_of(policy_id)
        if not problems or not self.engine.settings.development:
            return self._unknown(request)
        detail = "This policy has errors and is not served:\n" + "\n".join(problems)
        error = ServiceError(detail, service_code="AADB2C90037", user_message=detail)
        return error_page(self.engine, error, status=404)

    def _unknown(self, request: Request) -> Response:
        error = ServiceError("There is no tenant or policy at this address.", user_message="There is no such page.")
        return error_page(self.engine, error, status=404)


def portal_is_open(engine: Engine) -> bool:
    """Whether the journeys page is served: in development mode on a loopback address, as it has no sign-in yet."""
    return engine.settings.development and engine.settings.server.host in {"127.0.0.1", "::1", "localhost"}


def build_app(engine: Engine) -> Starlette:
    """Make the HTTP application of an open engine."""
    portal = portal_is_open(engine)
    cookies = Cookies(secure=engine.origin.startswith("https://"))
    journeys = Journeys(engine, cookies)
    tenant = Tenant(
        engine=engine,
        authorization=AuthorizationEndpoint(engine, journeys),
        token=TokenEndpoint(engine),
        platform_token=PlatformTokenEndpoint(engine),
        logout=LogoutEndpoint(engine, cookies),
        pages=PageEndpoints(journeys, engine.email_verification),
    )

    async def unhandled(request: Request, error: Exception) -> Response:
        correlation_id = str(uuid.uuid4())
        LOG.error("unhandled %s, correlation id %s", type(error).__name__, correlation_id, exc_info=error)
        return error_page(engine, service_error(90048), correlation_id=correlation_id, status=500)

    async def disconnected(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)

    middleware = [Middleware(HostCheck, hosts=served_hosts(engine)), Middleware(BodyLimit)]
    if cookies.secure:
        middleware.append(Middleware(StrictTransport))
    services = PortalServices(
        trace=engine.traces,
        allowed=lambda request: portal and from_loopback(request),
        mailbox=engine.mailbox,
        applications={one.client_id: one.name for one in engine.settings.applications},
    )
    return Starlette(
        routes=[
            Route("/healthz", _healthy),
            Route("/readyz", _ready(engine)),
            *static_routes(),
            *portal_routes(services),
            Route("/", lambda _: RedirectResponse("/portal/journeys" if portal else "/healthz")),
            Route("/{path:path}", tenant.handle, methods=METHODS),
        ],
        middleware=middleware,
        exception_handlers={Exception: unhandled, ClientDisconnect: disconnected},
    )


def served_hosts(engine: Engine) -> frozenset[str]:
    """Return the Host values that are ours, in lower case."""
    server = engine.settings.server
    public = urlsplit(server.public_url).netloc.lower()
    hosts = {public, f"{server.host}:{server.port}".lower()}
    if engine.settings.development or server.host in {"127.0.0.1", "::1", "localhost"}:
        hosts |= {f"{name}:{server.port}" for name in ("localhost", "127.0.0.1", "[::1]")}
    return frozenset(hosts)


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


def _ready(engine: Engine) -> Callable[[Request], Awaitable[Response]]:
    async def ready(_request: Request) -> Response:
        state = {"status": "ready" if engine.ready else "starting", "policies": sorted(engine.policies.ids())}
        return JSONResponse(state, status_code=200 if engine.ready else 503)

    return ready
