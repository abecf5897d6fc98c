"""``/applications``: make them, give them secrets, list, change and delete them. Source: graph-api.md §8."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.applications.application import Application
from journeyman.engine import Engine
from journeyman.management.applications import Applications, TenantName, version_of
from journeyman.management.caller import Right
from journeyman.web.graph import schema
from journeyman.web.graph.answers import Entity, count, created, entity, listed, no_content, selected
from journeyman.web.graph.application_body import application_change
from journeyman.web.graph.application_json import application_json, secret_json
from journeyman.web.graph.conditional import chosen
from journeyman.web.graph.request import GraphRequest, etag_of
from journeyman.web.graph.route import GraphRoute, Handler, Schema

_OPTIONS: Final = ("$select", "$filter", "$top", "$skip", "$count", "$orderby")
_URIS: Final = schema.entity(redirectUris=schema.array(schema.TEXT))
_BODY: Final = schema.entity(
    displayName=schema.TEXT,
    identifierUris=schema.array(schema.TEXT),
    web=schema.or_null(_URIS),
    spa=schema.or_null(_URIS),
    publicClient=schema.or_null(_URIS),
    api=schema.or_null(
        schema.entity(oauth2PermissionScopes=schema.array(schema.entity(("value",), value=schema.TEXT)))
    ),
    requiredResourceAccess=schema.or_null(schema.array(schema.entity(resourceAppId=schema.TEXT))),
)
_APPLICATION: Final = schema.entity(id=schema.GUID, appId=schema.GUID, displayName=schema.TEXT)
_NEW_SECRET: Final = schema.entity(
    passwordCredential=schema.or_null(
        schema.entity(
            displayName=schema.or_null(schema.TEXT),
            startDateTime=schema.or_null(schema.MOMENT),
            endDateTime=schema.or_null(schema.MOMENT),
        )
    )
)
_SECRET: Final = schema.entity(("keyId", "secretText"), keyId=schema.GUID, secretText=schema.TEXT, hint=schema.TEXT)
_KEY_ID: Final = schema.entity(("keyId",), keyId=schema.GUID)
_CONTEXT: Final = "applications/$entity"


def applications_of(engine: Engine) -> Applications:
    """Return the operations on the applications of an engine."""
    tenant = engine.tenant
    return Applications(engine.applications, engine.clock, TenantName(tenant.name, tenant.id, tenant.extensions_app))


def application_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of applications; one is named by its object id, or by ``(appId='…')``."""
    api = ApplicationApi(applications_of(engine), engine.tenant.name)
    read, write = Right.READ_APPLICATIONS, Right.WRITE_APPLICATIONS
    many, one = schema.collection(_APPLICATION), {200: _APPLICATION}
    routes = [
        GraphRoute("GET", "applications", read, api.list, "List applications", gives={200: many}, options=_OPTIONS),
        GraphRoute(
            "GET",
            "applications/$count",
            read,
            api.count,
            "Count applications",
            gives={200: schema.TEXT},
            gives_type="text/plain",
            options=("$filter",),
        ),
        GraphRoute(
            "POST", "applications", write, api.create, "Create an application", _BODY, gives={201: _APPLICATION}
        ),
    ]
    for place in ("applications/{id}", "applications(appId='{appId}')"):

        def action(name: str, handler: Handler, summary: str, takes: Schema, place: str = place) -> GraphRoute:
            gives = {200: _SECRET} if name == "addPassword" else {204: None}
            return GraphRoute("POST", f"{place}/{name}", write, handler, summary, takes, gives=gives)

        routes += [
            GraphRoute("GET", place, read, api.get, "Get an application", gives=one, options=("$select",)),
            GraphRoute("PATCH", place, write, api.update, "Update an application", _BODY),
            GraphRoute("DELETE", place, write, api.delete, "Delete an application"),
            action("addPassword", api.add_password, "Add a client secret", _NEW_SECRET),
            action("removePassword", api.remove_password, "Remove a client secret", _KEY_ID),
        ]
    return tuple(routes)


@dataclass(frozen=True, slots=True)
class ApplicationApi:
    """The handlers of applications."""

    applications: Applications
    tenant: str

    async def list(self, request: GraphRequest) -> Response:
        """Answer with one page of applications."""
        found = chosen(request, [await self._json(request, one) for one in await self.applications.all(request.caller)])
        return listed(request, [selected(request, item) for item in found], "applications")

    async def count(self, request: GraphRequest) -> Response:
        """Answer how many there are."""
        found = chosen(request, [await self._json(request, one) for one in await self.applications.all(request.caller)])
        return count(len(found))

    async def create(self, request: GraphRequest) -> Response:
        """Add an application; it has no roles."""
        made = await self.applications.create(request.caller, application_change(await request.json(), None))
        content = await self._json(request, made)
        return created(request, content, _CONTEXT, f"applications/{content['id']}", etag=etag_of(version_of(made)))

    async def get(self, request: GraphRequest) -> Response:
        """Answer with one application."""
        found = await self.found(request)
        content = selected(request, await self._json(request, found))
        return entity(request, content, _CONTEXT, etag=etag_of(version_of(found)))

    async def update(self, request: GraphRequest) -> Response:
        """Change an application."""
        body = await request.json()
        await self.applications.update(
            request.caller,
            await self.found(request),
            lambda before: application_change(body, before),
            check=_unchanged(request),
        )
        return no_content()

    async def delete(self, request: GraphRequest) -> Response:
        """Delete an application."""
        await self.applications.delete(request.caller, await self.found(request), check=_unchanged(request))
        return no_content()

    async def add_password(self, request: GraphRequest) -> Response:
        """Add a client secret and answer with it, once."""
        body = await request.json(optional=True)
        given = body.inner("passwordCredential") or body
        shown, secret = await self.applications.add_secret(
            request.caller,
            await self.found(request),
            name=given.optional_text("displayName", max_length=256),
            starts_at=given.moment("startDateTime"),
            ends_at=given.moment("endDateTime"),
        )
        content = {**secret_json(shown), "secretText": secret.reveal()}
        return entity(request, content, "microsoft.graph.passwordCredential")

    async def remove_password(self, request: GraphRequest) -> Response:
        """Remove a client secret."""
        key_id = (await request.json()).text("keyId", max_length=64)
        await self.applications.remove_secret(request.caller, await self.found(request), key_id)
        return no_content()

    async def found(self, request: GraphRequest) -> Application:
        """Return the application that the address names. Raises NotFoundError."""
        client_id = request.parameters.get("appId")
        if client_id is not None:
            wanted = client_id.lower()
            return await self.applications.get(request.caller, lambda one: one.client_id == wanted, client_id)
        id = request.parameters["id"].lower()  # noqa: A001  the field's name
        return await self.applications.get(
            request.caller, lambda one: self.applications.object_id(one) == id, request.parameters["id"]
        )

    async def _json(self, request: GraphRequest, application: Application) -> Entity:
        secrets = await self.applications.secrets(request.caller, application)
        return application_json(application, self.applications.object_id(application), self.tenant, secrets)


def _unchanged(request: GraphRequest) -> Callable[[Application], None]:
    return lambda application: request.refuse_changed(etag_of(version_of(application)))
