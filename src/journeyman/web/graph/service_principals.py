"""``/servicePrincipals`` and ``/oauth2PermissionGrants``, as far as setup scripts need them. Source: graph-api.md §8.

Every application has its service principal from the beginning, so creating one answers with what is there. A grant of an
administrator is what gives an application the scopes of an API; it is kept with the application.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.applications.application import Application
from journeyman.engine import Engine
from journeyman.management.applications import DIRECTORY_NOT_FOUND, ApplicationChange, Applications
from journeyman.management.caller import Right
from journeyman.management.errors import NotFoundError
from journeyman.web.graph import schema
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content, selected
from journeyman.web.graph.application_json import scope_json
from journeyman.web.graph.applications import applications_of
from journeyman.web.graph.conditional import chosen
from journeyman.web.graph.members import Members
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.oidc.management_audience import GRAPH_CLIENT_ID

GRANTS: Final = "grants"
"""Under this name an application keeps what was granted to it: client id of the API -> scopes."""

_GRAPH: Final = Application(GRAPH_CLIENT_ID, "Microsoft Graph", scopes=("openid", "offline_access", "profile", "email"))
_OPTIONS: Final = ("$select", "$filter", "$top", "$count", "$orderby")
_PRINCIPAL: Final = schema.entity(id=schema.GUID, appId=schema.GUID, displayName=schema.TEXT)
_GRANT: Final = schema.entity(
    ("clientId", "resourceId"),
    clientId=schema.GUID,
    resourceId=schema.GUID,
    consentType=schema.TEXT,
    principalId=schema.or_null(schema.TEXT),
    scope=schema.or_null(schema.TEXT),
)
_NEW_SCOPE: Final = schema.entity(scope=schema.or_null(schema.TEXT))


def service_principal_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of service principals and of grants."""
    api = ServicePrincipalApi(applications_of(engine))
    read, write = Right.READ_APPLICATIONS, Right.WRITE_APPLICATIONS
    many, one = {200: schema.collection(_PRINCIPAL)}, {200: _PRINCIPAL}
    new = schema.entity(("appId",), appId=schema.GUID)
    place, named = "servicePrincipals", "servicePrincipals(appId='{appId}')"
    grants = "oauth2PermissionGrants"
    return (
        GraphRoute("GET", place, read, api.list, "List service principals", gives=many, options=_OPTIONS),
        GraphRoute("POST", place, write, api.create, "Get the service principal of an application", new, gives={201: _PRINCIPAL}),
        GraphRoute("GET", f"{place}/{{id}}", read, api.get, "Get a service principal", gives=one, options=("$select",)),
        GraphRoute("GET", named, read, api.get, "Get a service principal", gives=one, options=("$select",)),
        GraphRoute("GET", grants, read, api.grants, "List grants", gives={200: schema.collection(_GRANT)}, options=_OPTIONS),
        GraphRoute("POST", grants, write, api.grant, "Grant scopes of an API", _GRANT, gives={201: _GRANT}),
        GraphRoute("GET", f"{grants}/{{id}}", read, api.one_grant, "Get a grant", gives={200: _GRANT}),
        GraphRoute("PATCH", f"{grants}/{{id}}", write, api.change_grant, "Change a grant", _NEW_SCOPE),
        GraphRoute("DELETE", f"{grants}/{{id}}", write, api.withdraw, "Withdraw a grant"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServicePrincipalApi:
    """The handlers of service principals and of grants."""

    applications: Applications

    async def list(self, request: GraphRequest) -> Response:
        """Answer with one page of service principals."""
        found = chosen(request, [self._json(one) for one in await self._all(request)])
        return listed(request, [selected(request, item) for item in found], "servicePrincipals")

    async def create(self, request: GraphRequest) -> Response:
        """Answer with the service principal of an application."""
        body = await request.json()
        app_id = body.text("appId", max_length=64).lower()
        found = next((one for one in await self._all(request) if one.client_id == app_id), None)
        if found is None:
            raise body.wrong("appId", "is not the client id of an application of this tenant")
        content = self._json(found)
        return created(request, content, "servicePrincipals/$entity", f"servicePrincipals/{content['id']}")

    async def get(self, request: GraphRequest) -> Response:
        """Answer with one service principal."""
        client_id = request.parameters.get("appId", "").lower()
        wanted = self.applications.principal_id(client_id) if client_id else request.parameters["id"].lower()
        found = await self._principal(request, wanted)
        return entity(request, selected(request, self._json(found)), "servicePrincipals/$entity")

    async def grants(self, request: GraphRequest) -> Response:
        """Answer with one page of grants."""
        found = [
            self._grant_json(client, resource, scope)
            for client in await self._all(request)
            for resource, scope in granted(client).items()
        ]
        return listed(request, chosen(request, found), "oauth2PermissionGrants")

    async def grant(self, request: GraphRequest) -> Response:
        """Grant an application scopes of an API; scopes that were granted before stay."""
        body = await request.json()
        client = await self._named(request, body, "clientId")
        resource = await self._named(request, body, "resourceId")
        words = _scopes(body, resource)
        await self._change(request, client, resource.client_id, words, keep=True)
        content = self._grant_json(client, resource.client_id, " ".join(words))
        return created(request, content, "oauth2PermissionGrants/$entity", f"oauth2PermissionGrants/{content['id']}")

    async def one_grant(self, request: GraphRequest) -> Response:
        """Answer with one grant."""
        client, resource = await self._by_id(request)
        content = self._grant_json(client, resource, granted(client)[resource])
        return entity(request, content, "oauth2PermissionGrants/$entity")

    async def change_grant(self, request: GraphRequest) -> Response:
        """Replace the scopes of a grant."""
        body = await request.json()
        client, resource = await self._by_id(request)
        owner = await self._principal(request, self.applications.principal_id(resource))
        await self._change(request, client, resource, _scopes(body, owner), keep=False)
        return no_content()

    async def withdraw(self, request: GraphRequest) -> Response:
        """Withdraw a grant."""
        client, resource = await self._by_id(request)
        await self._change(request, client, resource, (), keep=False)
        return no_content()

    async def _change(
        self, request: GraphRequest, client: Application, resource: str, words: tuple[str, ...], *, keep: bool
    ) -> None:
        def change_of(before: Application) -> ApplicationChange:
            held = granted(before)
            old = tuple(held.get(resource, "").split()) if keep else ()
            after = {**held, resource: " ".join(dict.fromkeys((*old, *words)))}
            kept = {name: scope for name, scope in after.items() if scope}
            permissions = tuple(f"{name}/{word}" for name, scope in kept.items() for word in scope.split())
            return ApplicationChange(permissions=permissions, details={GRANTS: kept or None}, described="grants")

        await self.applications.update(request.caller, client, change_of)

    async def _all(self, request: GraphRequest) -> tuple[Application, ...]:
        return (*await self.applications.all(request.caller), _GRAPH)

    async def _principal(self, request: GraphRequest, id: str) -> Application:
        found = next(
            (one for one in await self._all(request) if self.applications.principal_id(one.client_id) == id), None
        )
        if found is None:
            raise _unknown(id)
        return found

    async def _named(self, request: GraphRequest, body: Members, name: str) -> Application:
        try:
            return await self._principal(request, body.text(name, max_length=64).lower())
        except NotFoundError:
            raise body.wrong(name, "is not the id of a service principal of this tenant") from None

    async def _by_id(self, request: GraphRequest) -> tuple[Application, str]:
        id = request.parameters["id"]  # noqa: A001  the field's name
        for client in await self._all(request):
            for resource in granted(client):
                if self._grant_id(client, resource) == id.lower():
                    return client, resource
        raise _unknown(id)

    def _grant_id(self, client: Application, resource: str) -> str:
        return str(uuid.uuid5(uuid.UUID(client.client_id), resource))

    def _grant_json(self, client: Application, resource: str, scope: str) -> Entity:
        return {
            "id": self._grant_id(client, resource),
            "clientId": self.applications.principal_id(client.client_id),
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": self.applications.principal_id(resource),
            "scope": scope,
        }

    def _json(self, application: Application) -> Entity:
        return {
            "id": self.applications.principal_id(application.client_id),
            "accountEnabled": True,
            "appId": application.client_id,
            "appDisplayName": application.name,
            "displayName": application.name,
            "appOwnerOrganizationId": self.applications.tenant.id,
            "servicePrincipalType": "Application",
            "servicePrincipalNames": [application.client_id, *application.identifier_uris],
            "replyUrls": [*application.redirect_uris],
            "appRoles": [],
            "tags": [],
            "oauth2PermissionScopes": _scope_list(application),
        }


def granted(application: Application) -> Mapping[str, str]:
    """Return what was granted to an application: client id of the API -> scopes, separated by blanks."""
    found = application.details.get(GRANTS)
    return {str(name): str(scope) for name, scope in found.items()} if isinstance(found, Mapping) else {}


def _scopes(body: Members, resource: Application) -> tuple[str, ...]:
    words = tuple(dict.fromkeys((body.optional_text("scope") or "").split()))
    for word in words:
        if word not in resource.scopes:
            raise body.wrong("scope", f"{word[:64]!r} is no scope of {resource.name}")
    return words


def _scope_list(application: Application) -> object:
    api = application.details.get("api")
    kept = api.get("oauth2PermissionScopes") if isinstance(api, Mapping) else None
    return kept if isinstance(kept, list) else [scope_json(application, name) for name in application.scopes]


def _unknown(id: str) -> NotFoundError:
    return NotFoundError(f"Resource {id[:128]!r} does not exist.", service_code=DIRECTORY_NOT_FOUND)
