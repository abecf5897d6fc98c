"""``/identity/apiConnectors``. Source: graph-api.md §3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.api_connectors import ApiConnectors, ConnectorChange, UploadedCertificate
from journeyman.management.caller import Right
from journeyman.management.held import Held
from journeyman.management.identity_services import identity_context
from journeyman.settings.identity import ApiConnector
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content, selected
from journeyman.web.graph.authentication_configuration import (
    CONFIGURATION,
    PFX_BODY_LIMIT_BYTES,
    configuration_of,
    read_certificate,
    read_configuration,
)
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute, Schema
from journeyman.web.graph.schema import TEXT, collection
from journeyman.web.graph.schema import entity as schema_of

CONNECTOR: Final[Schema] = schema_of(
    ("id", "displayName", "targetUrl", "authenticationConfiguration"),
    id=TEXT,
    displayName=TEXT,
    targetUrl=TEXT,
    authenticationConfiguration=CONFIGURATION,
)
_NEW: Final[Schema] = schema_of(
    ("displayName", "targetUrl", "authenticationConfiguration"),
    displayName=TEXT,
    targetUrl=TEXT,
    authenticationConfiguration=CONFIGURATION,
)
_CHANGE: Final[Schema] = schema_of((), displayName=TEXT, targetUrl=TEXT, authenticationConfiguration=CONFIGURATION)
UPLOAD: Final[Schema] = schema_of(("pkcs12Value", "password"), pkcs12Value=TEXT, password=TEXT)
_PLACE: Final = "identity/apiConnectors"
_ONE: Final = f"{_PLACE}/{{id}}"
_CONTEXT: Final = f"{_PLACE}/$entity"
_DISPLAY_NAME_LIMIT: Final = 4096


def api_connector_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of API connectors."""
    handlers = ApiConnectorHandlers(ApiConnectors(identity_context(engine)))
    read, write = Right.READ_CONNECTORS, Right.WRITE_CONNECTORS
    large = PFX_BODY_LIMIT_BYTES
    return (
        GraphRoute(
            "GET", _PLACE, read, handlers.list, "List API connectors", gives={200: collection(CONNECTOR)}, options=("$top",)
        ),
        GraphRoute(
            "POST", _PLACE, write, handlers.create, "Create an API connector",
            takes=_NEW, gives={201: CONNECTOR}, body_limit_bytes=large,
        ),
        GraphRoute("GET", _ONE, read, handlers.get, "Get an API connector", gives={200: CONNECTOR}),
        GraphRoute(
            "PATCH", _ONE, write, handlers.update, "Change an API connector; a new authenticationConfiguration replaces the old one",
            takes=_CHANGE, body_limit_bytes=large,
        ),
        GraphRoute("DELETE", _ONE, write, handlers.delete, "Delete an API connector that no user flow calls"),
        GraphRoute(
            "POST", f"{_ONE}/uploadClientCertificate", write, handlers.upload, "Add a client certificate",
            takes=UPLOAD, gives={200: CONNECTOR}, body_limit_bytes=large,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApiConnectorHandlers:
    """What answers the requests."""

    connectors: ApiConnectors

    async def list(self, request: GraphRequest) -> Response:
        """List."""
        found = [await self.shown(held.value) for held in await self.connectors.list(request.caller)]
        return listed(request, [selected(request, each) for each in found], _PLACE)

    async def create(self, request: GraphRequest) -> Response:
        """Create."""
        body = await request.json()
        if body.has("id"):
            raise body.wrong("id", "must not be sent; it is made for the new API connector", service_code="AADB2C99018")
        held = await self.connectors.create(
            request.caller,
            display_name=body.text("displayName", max_length=_DISPLAY_NAME_LIMIT, blank=True),
            target_url=body.text("targetUrl", blank=True),
            credentials=read_configuration(body.required_inner("authenticationConfiguration")),
        )
        shown = await self.shown(held.value)
        return created(request, shown, _CONTEXT, f"{_PLACE}/{held.value.id}", etag=held.etag)

    async def get(self, request: GraphRequest) -> Response:
        """Get."""
        held = await self.connectors.get(request.caller, request.parameters["id"])
        return await self._one(request, held)

    async def update(self, request: GraphRequest) -> Response:
        """Change."""
        body = await request.json()
        configuration = body.inner("authenticationConfiguration")
        change = ConnectorChange(
            display_name=body.optional_text("displayName"),
            target_url=body.optional_text("targetUrl"),
            credentials=None if configuration is None else read_configuration(configuration),
        )
        await self.connectors.update(request.caller, request.parameters["id"], change, if_match=_if_match(request))
        return no_content()

    async def delete(self, request: GraphRequest) -> Response:
        """Delete."""
        await self.connectors.delete(request.caller, request.parameters["id"], if_match=_if_match(request))
        return no_content()

    async def upload(self, request: GraphRequest) -> Response:
        """Upload a certificate."""
        new = read_certificate(await request.json())
        held = await self.connectors.upload_certificate(
            request.caller, request.parameters["id"], new, if_match=_if_match(request)
        )
        return await self._one(request, held)

    async def shown(self, connector: ApiConnector) -> Entity:
        """Return what answers say of a connector."""
        return connector_shown(connector, await self.connectors.certificates(connector))

    async def _one(self, request: GraphRequest, held: Held[ApiConnector]) -> Response:
        return entity(request, selected(request, await self.shown(held.value)), _CONTEXT, etag=held.etag)


def connector_shown(connector: ApiConnector, certificates: Sequence[UploadedCertificate]) -> Entity:
    """Return what answers say of a connector and its certificates."""
    return {
        "id": connector.id,
        "displayName": connector.display_name,
        "targetUrl": connector.target_url,
        "authenticationConfiguration": configuration_of(connector.credentials, certificates),
    }


def _if_match(request: GraphRequest) -> str | None:
    return request.http.headers.get("if-match")
