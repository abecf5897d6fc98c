"""``/identity/b2cUserFlows``, and ``b2xUserFlows`` as its twin. Source: graph-api.md §4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.held import Held
from journeyman.management.identity_services import identity_context
from journeyman.management.user_flows import UserFlows
from journeyman.settings.identity import IdentitySettings, UserFlow
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content, selected
from journeyman.web.graph.equality import filtered
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import collection
from journeyman.web.graph.user_flow_attributes import flow_attribute_routes
from journeyman.web.graph.user_flow_connectors import flow_connector_routes
from journeyman.web.graph.user_flow_json import (
    FLOW,
    FLOW_CHANGE,
    FLOW_CHANGE_MEMBERS,
    NEW_FLOW,
    changed_flow,
    flow_shown,
    new_flow,
    refuse_fixed,
)
from journeyman.web.graph.user_flow_languages import flow_language_routes
from journeyman.web.graph.user_flow_providers import expanded_providers, flow_provider_routes

COLLECTIONS: Final = ("b2cUserFlows", "b2xUserFlows")


def user_flow_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of user flows."""
    flows = UserFlows(identity_context(engine))
    return tuple(route for name in COLLECTIONS for route in _routes(flows, f"identity/{name}"))


def _routes(flows: UserFlows, place: str) -> tuple[GraphRoute, ...]:
    handlers, one = UserFlowHandlers(flows, place), f"{place}/{{id}}"
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    return (
        GraphRoute(
            "GET", place, read, handlers.list, "List user flows",
            gives={200: collection(FLOW)}, options=("$top", "$filter", "$expand"),
        ),
        GraphRoute("POST", place, write, handlers.create, "Create a user flow", takes=NEW_FLOW, gives={201: FLOW}),
        GraphRoute("GET", one, read, handlers.get, "Get a user flow", gives={200: FLOW}, options=("$expand",)),
        GraphRoute("PATCH", one, write, handlers.update, "Change a user flow", takes=FLOW_CHANGE),
        GraphRoute("DELETE", one, write, handlers.delete, "Delete a user flow"),
        *flow_connector_routes(flows, place),
        *flow_attribute_routes(flows, place),
        *flow_provider_routes(flows, place),
        *flow_language_routes(flows, place),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UserFlowHandlers:
    """What answers the requests; ``place`` is the collection."""

    flows: UserFlows
    place: str

    async def list(self, request: GraphRequest) -> Response:
        """List."""
        held = await self.flows.list(request.caller)
        snapshot = await self.flows.context.snapshot()
        found = [self._shown(request, each.value, snapshot) for each in held]
        return listed(request, [selected(request, each) for each in filtered(request, found)], self.place)

    async def create(self, request: GraphRequest) -> Response:
        """Create."""
        held = await self.flows.create(request.caller, new_flow(await request.json()))
        location = f"{self.place}/{held.value.id}"
        return created(request, flow_shown(held.value), self._context, location, etag=held.etag)

    async def get(self, request: GraphRequest) -> Response:
        """Get."""
        held = await self.flows.get(request.caller, request.parameters["id"])
        return self._one(request, held, await self.flows.context.snapshot())

    async def update(self, request: GraphRequest) -> Response:
        """Change."""
        body = await request.json()

        def edit(present: UserFlow) -> UserFlow:
            refuse_fixed(present, body)
            return changed_flow(present, body)

        # What a client calls its own members is no text for the audit trail.
        changed = ", ".join(name for name in FLOW_CHANGE_MEMBERS if body.has(name))
        if_match = request.http.headers.get("if-match")
        await self.flows.update(request.caller, request.parameters["id"], edit, changed=changed, if_match=if_match)
        return no_content()

    async def delete(self, request: GraphRequest) -> Response:
        """Delete."""
        if_match = request.http.headers.get("if-match")
        await self.flows.delete(request.caller, request.parameters["id"], if_match=if_match)
        return no_content()

    def _one(self, request: GraphRequest, held: Held[UserFlow], snapshot: IdentitySettings) -> Response:
        shown = selected(request, self._shown(request, held.value, snapshot))
        return entity(request, shown, self._context, etag=held.etag)

    def _shown(self, request: GraphRequest, flow: UserFlow, snapshot: IdentitySettings) -> Entity:
        return {**flow_shown(flow), **expanded_providers(request, flow, snapshot)}

    @property
    def _context(self) -> str:
        return f"{self.place}/$entity"
