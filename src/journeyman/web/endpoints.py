"""The endpoints of a tenant: a request in, the endpoint that its path names, its answer out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from journeyman.engine import Engine, ServedPolicy
from journeyman.errors import KeyStoreError, ServiceError
from journeyman.keys.jose import public_jwks
from journeyman.web.federation import FederationEndpoint
from journeyman.web.oidc.authorize import AuthorizationEndpoint
from journeyman.web.oidc.client_authentication import preflight_headers
from journeyman.web.oidc.client_credentials import PlatformTokenEndpoint
from journeyman.web.oidc.discovery import CORS_PREFLIGHT, cached, platform_document, policy_document
from journeyman.web.oidc.logout import LogoutEndpoint
from journeyman.web.oidc.parameters import read_form
from journeyman.web.oidc.token_endpoint import TokenEndpoint
from journeyman.web.page_files import PageFiles
from journeyman.web.pages.endpoints import PageEndpoints
from journeyman.web.problems import error_page
from journeyman.web.public_errors import key_failure
from journeyman.web.routing import Endpoint, Target, match_path

READ: Final = ("GET", "HEAD", "OPTIONS")
METHODS: Final = {
    Endpoint.AUTHORIZE: ("GET", "POST"),
    # The token endpoint answers every method itself: its clients read JSON.
    Endpoint.TOKEN: ("GET", "HEAD", "POST", "OPTIONS"),
    Endpoint.LOGOUT: ("GET", "POST"),
    Endpoint.DISCOVERY: READ,
    Endpoint.KEYS: READ,
    Endpoint.SELF_ASSERTED: ("POST",),
    Endpoint.DISPLAY_CONTROL: ("POST",),
    Endpoint.PAGE: ("GET",),
    Endpoint.FILE: READ,
    Endpoint.FEDERATION: ("GET", "POST"),
}


@dataclass(frozen=True, slots=True)
class TenantEndpoints:
    """The endpoints of a tenant."""

    engine: Engine
    authorization: AuthorizationEndpoint
    token: TokenEndpoint
    platform_token: PlatformTokenEndpoint
    logout: LogoutEndpoint
    pages: PageEndpoints
    federation: FederationEndpoint
    files: PageFiles

    async def handle(self, request: Request) -> Response:
        """Find what a path means and hand the request on."""
        target = match_path(request.scope["path"], request.query_params.get("p"))
        if target is None or not self.engine.tenant.is_called(target.tenant):
            return self._unknown()
        methods = METHODS[target.endpoint]
        if request.method not in methods:
            return Response(status_code=405, headers={"Allow": ", ".join(methods)})
        try:
            return await self._answer(request, target)
        except ServiceError as error:
            return error_page(self.engine, error)
        except KeyStoreError as error:
            return error_page(self.engine, key_failure(error), status=500)

    async def _answer(self, request: Request, target: Target) -> Response:
        if request.method == "OPTIONS":
            token = target.endpoint is Endpoint.TOKEN
            return Response(
                status_code=204, headers=await preflight_headers(self.engine, request) if token else CORS_PREFLIGHT
            )
        if target.endpoint is Endpoint.FILE:
            return await self.files.serve(target.file)
        if target.endpoint is Endpoint.FEDERATION:
            return await self.federation.handle(request)
        if target.policy is None:
            return await self._without_policy(request, target)
        served = self.engine.policies.find(target.policy)
        if served is None:
            return self._unserved(target.policy)
        return await self._of_policy(request, target, served)

    async def _of_policy(self, request: Request, target: Target, served: ServedPolicy) -> Response:
        match target.endpoint:
            case Endpoint.AUTHORIZE:
                return await self.authorization.handle(request, served)
            case Endpoint.TOKEN:
                return await self.token.handle(request, served)
            case Endpoint.LOGOUT:
                return await self.logout.handle(request, served)
            case Endpoint.DISCOVERY:
                return self._discovery(target, served)
            case Endpoint.KEYS:
                issuers = (served.default_issuer, *served.issuers.values())
                return self._keys(dict.fromkeys(issuer.signing_key for issuer in issuers))
            case Endpoint.SELF_ASSERTED | Endpoint.DISPLAY_CONTROL:
                return await self.pages.submit(request, target)
            case _:
                return await self.pages.navigate(request, target)

    async def _without_policy(self, request: Request, target: Target) -> Response:
        match target.endpoint:
            case Endpoint.DISCOVERY:
                document = platform_document(
                    origin=self.engine.origin, tenant=self._tenant(target), tenant_id=self.engine.tenant.id
                )
                return self._document(document)
            case Endpoint.KEYS:
                return self._keys([self.engine.platform_signing_key])
            case Endpoint.TOKEN:
                if target.first_version:
                    return await self.platform_token.handle(request, first_version=True)
                return await self._token_without_policy(request)
            case _:
                return self._unknown()

    async def _token_without_policy(self, request: Request) -> Response:
        named = await _policy_in_form(request)
        if not named:
            return await self.platform_token.handle(request)
        served = self.engine.policies.find(named)
        return await self.token.handle(request, served) if served else self._unserved(named)

    def _discovery(self, target: Target, served: ServedPolicy) -> Response:
        document = policy_document(
            served.policy,
            issuer=served.default_issuer.name(self.engine.origin, self.engine.tenant.id, served.policy.policy_id),
            origin=self.engine.origin,
            tenant=self._tenant(target),
            query_form=target.query_form,
        )
        return self._document(document)

    def _keys(self, key_ids: Iterable[str]) -> Response:
        now = self.engine.clock.now()
        documents = [public_jwks(self.engine.keys.get(key_id), now)["keys"] for key_id in key_ids]
        unique = {key["kid"]: key for keys in documents for key in keys}
        return self._document({"keys": list(unique.values())})

    def _document(self, content: Mapping[str, object]) -> Response:
        return JSONResponse(content, headers=cached(development=self.engine.settings.development))

    def _tenant(self, target: Target) -> str:
        """Return the tenant segment as our addresses have it: by name or by id, as it was asked for."""
        tenant = self.engine.tenant
        return tenant.id if target.tenant.casefold() == tenant.id.casefold() else tenant.name

    def _unserved(self, policy_id: str) -> Response:
        problems = self.engine.policies.problems_of(policy_id)
        if not problems or not self.engine.settings.development:
            return self._unknown()
        detail = "This policy has errors and is not served:\n" + "\n".join(problems)
        error = ServiceError(detail, service_code="AADB2C90037", user_message="This policy is not served.")
        return error_page(self.engine, error, status=404)

    def _unknown(self) -> Response:
        error = ServiceError("There is no tenant or policy at this address.", user_message="There is no such page.")
        return error_page(self.engine, error, status=404)


async def _policy_in_form(request: Request) -> str:
    """Return ``p`` of a form; a form that cannot be read is the endpoint's to refuse."""
    try:
        return (await read_form(request)).get("p", "")
    except ServiceError:
        return ""
