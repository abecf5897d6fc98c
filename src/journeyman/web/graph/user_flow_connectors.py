"""``…/apiConnectorConfiguration``: which API connector a user flow calls at which step. Source: graph-api.md §4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.configuration.identity import find
from journeyman.management.api_connectors import ApiConnectors
from journeyman.management.caller import Right
from journeyman.management.errors import NotFoundError
from journeyman.management.flow_edits import with_connector
from journeyman.management.user_flows import UserFlows
from journeyman.settings.identity import ApiConnector, ConnectorStep
from journeyman.web.graph.answers import Entity, entity, no_content
from journeyman.web.graph.api_connectors import CONNECTOR, UPLOAD, connector_shown
from journeyman.web.graph.authentication_configuration import PFX_BODY_LIMIT_BYTES, read_certificate
from journeyman.web.graph.references import referenced
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute, Schema
from journeyman.web.graph.schema import TEXT, or_null
from journeyman.web.graph.schema import entity as schema_of
from journeyman.web.graph.user_flow_json import step_of

REFERENCE: Final[Schema] = schema_of((), **{"@odata.id": TEXT})
_CONFIGURATION: Final[Schema] = schema_of((), **{step.value: or_null(CONNECTOR) for step in ConnectorStep})
_CONNECTORS: Final = "identity/apiConnectors"


def flow_connector_routes(flows: UserFlows, place: str) -> tuple[GraphRoute, ...]:
    """Return the routes of one collection of user flows."""
    handlers = FlowConnectorHandlers(flows, ApiConnectors(flows.context))
    configuration = f"{place}/{{id}}/apiConnectorConfiguration"
    step, reference = f"{configuration}/{{step}}", f"{configuration}/{{step}}/$ref"
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    return (
        GraphRoute(
            "GET", configuration, read, handlers.configuration, "Get the API connectors of a user flow, by $expand",
            gives={200: _CONFIGURATION}, options=("$expand",),
        ),
        GraphRoute("GET", step, read, handlers.connector, "Get the API connector of a step", gives={200: CONNECTOR}),
        GraphRoute(
            "GET", reference, read, handlers.reference, "Get the address of a step's API connector", gives={200: REFERENCE}
        ),
        GraphRoute(
            "PUT", reference, write, handlers.bind, "Call an API connector at a step; an empty object calls none",
            takes=REFERENCE,
        ),
        GraphRoute(
            "POST", f"{step}/uploadClientCertificate", Right.WRITE_CONNECTORS, handlers.upload,
            "Add a client certificate to the API connector of a step",
            takes=UPLOAD, gives={200: CONNECTOR}, body_limit_bytes=PFX_BODY_LIMIT_BYTES,
        ),
        GraphRoute("DELETE", reference, write, handlers.unbind, "Call no API connector at a step"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FlowConnectorHandlers:
    """What answers the requests."""

    flows: UserFlows
    connectors: ApiConnectors

    async def configuration(self, request: GraphRequest) -> Response:
        """Answer with the relations that ``$expand`` names."""
        flow = (await self.flows.get(request.caller, request.parameters["id"])).value
        wanted = [step for name in request.query.expand if (step := step_of(name)) is not None]
        if "*" in request.query.expand:
            wanted = [*ConnectorStep]
        shown: dict[str, object] = {}
        for step in wanted:
            connector = await self._bound(flow.connectors.get(step))
            shown[step.value] = None if connector is None else await self._shown(connector)
        return entity(request, shown, "microsoft.graph.userFlowApiConnectorConfiguration")

    async def connector(self, request: GraphRequest) -> Response:
        """Answer with the connector of a step."""
        return entity(request, await self._shown(await self._of_step(request)), f"{_CONNECTORS}/$entity")

    async def reference(self, request: GraphRequest) -> Response:
        """Answer with the address of the connector of a step."""
        connector = await self._of_step(request)
        return entity(request, {"@odata.id": request.url(f"{_CONNECTORS}/{connector.id}")}, "$ref")

    async def bind(self, request: GraphRequest) -> Response:
        """Bind or, with an empty object, unbind."""
        step = _step(request)
        wanted = referenced(await request.json(), "apiConnectors")
        if wanted is None:
            return await self._set(request, step, None)
        found = find((await self.flows.context.snapshot()).api_connectors, wanted)
        if found is None:
            raise NotFoundError(f"there is no API connector with the id {wanted[:200]!r}", member="@odata.id")
        return await self._set(request, step, found.id)

    async def upload(self, request: GraphRequest) -> Response:
        """Upload a certificate; the caller needs the right to read user flows, too."""
        connector = await self._of_step(request)
        held = await self.connectors.upload_certificate(
            request.caller, connector.id, read_certificate(await request.json())
        )
        return entity(request, await self._shown(held.value), f"{_CONNECTORS}/$entity", etag=held.etag)

    async def unbind(self, request: GraphRequest) -> Response:
        """Unbind."""
        return await self._set(request, _step(request), None)

    async def _set(self, request: GraphRequest, step: ConnectorStep, connector_id: str | None) -> Response:
        await self.flows.update(
            request.caller,
            request.parameters["id"],
            lambda flow: with_connector(flow, step, connector_id),
            changed=f"apiConnectorConfiguration/{step.value}",
            if_match=request.http.headers.get("if-match"),
        )
        return no_content()

    async def _of_step(self, request: GraphRequest) -> ApiConnector:
        step = _step(request)
        flow = (await self.flows.get(request.caller, request.parameters["id"])).value
        connector = await self._bound(flow.connectors.get(step))
        if connector is None:
            raise NotFoundError(f"the user flow {flow.id!r} calls no API connector at {step.value}")
        return connector

    async def _bound(self, connector_id: str | None) -> ApiConnector | None:
        if connector_id is None:
            return None
        return find((await self.flows.context.snapshot()).api_connectors, connector_id)

    async def _shown(self, connector: ApiConnector) -> Entity:
        return connector_shown(connector, await self.connectors.certificates(connector))


def _step(request: GraphRequest) -> ConnectorStep:
    name = request.parameters["step"]
    step = step_of(name)
    if step is None:
        known = ", ".join(each.value for each in ConnectorStep)
        raise NotFoundError(f"there is no step {name[:64]!r}; there are {known}")
    return step
