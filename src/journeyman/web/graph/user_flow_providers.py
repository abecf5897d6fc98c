"""``…/userFlowIdentityProviders`` and the older ``…/identityProviders``: which a user flow offers. Source: graph-api.md §4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.configuration.identity import find
from journeyman.management.caller import Right
from journeyman.management.errors import NotFoundError
from journeyman.management.flow_edits import with_provider, without_provider
from journeyman.management.user_flows import UserFlows
from journeyman.settings.identity import IdentityProvider, IdentitySettings, UserFlow
from journeyman.web.graph.answers import Entity, listed, no_content
from journeyman.web.graph.provider_json import PROVIDER, provider_shown
from journeyman.web.graph.references import required_reference
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import TEXT, collection
from journeyman.web.graph.schema import entity as schema_of

RELATIONS: Final[Mapping[str, bool]] = {"userFlowIdentityProviders": False, "identityProviders": True}
"""Relation of a user flow -> whether it shows identity providers in their old shape."""

_REFERENCE: Final = schema_of((), **{"@odata.id": TEXT})


def flow_provider_routes(flows: UserFlows, place: str) -> tuple[GraphRoute, ...]:
    """Return the routes of one collection of user flows."""
    return tuple(route for relation in RELATIONS for route in _routes(flows, place, relation))


def _routes(flows: UserFlows, place: str, relation: str) -> tuple[GraphRoute, ...]:
    handlers = FlowProviderHandlers(flows, place, relation)
    all_of_it = f"{place}/{{id}}/{relation}"
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    add = [
        GraphRoute(
            method, f"{all_of_it}/$ref", write, handlers.add, "Offer one identity provider more", takes=_REFERENCE
        )
        for method in ("POST", "PATCH")
    ]
    return (
        GraphRoute(
            "GET", all_of_it, read, handlers.list, "List the identity providers that a user flow offers",
            gives={200: collection(PROVIDER)}, options=("$top",),
        ),
        GraphRoute(
            "GET", f"{all_of_it}/$ref", read, handlers.references, "List the addresses of identity providers",
            gives={200: collection(_REFERENCE)},
        ),
        *add,
        GraphRoute(
            "DELETE", f"{all_of_it}/{{provider}}/$ref", write, handlers.remove, "Offer an identity provider no longer"
        ),
    )  # fmt: skip


def offered(flow: UserFlow, snapshot: IdentitySettings) -> tuple[IdentityProvider, ...]:
    """Return the identity providers that a user flow offers, in its order."""
    found = (find(snapshot.identity_providers, each) for each in flow.identity_providers)
    return tuple(each for each in found if each is not None)


def expanded_providers(request: GraphRequest, flow: UserFlow, snapshot: IdentitySettings) -> Entity:
    """Return the relations that ``$expand`` names."""
    wanted = {name.casefold() for name in request.query.expand}
    return {
        relation: [provider_shown(each, old_shape=old) for each in offered(flow, snapshot)]
        for relation, old in RELATIONS.items()
        if relation.casefold() in wanted or "*" in wanted
    }


@dataclass(frozen=True, slots=True)
class FlowProviderHandlers:
    """What answers the requests."""

    flows: UserFlows
    place: str
    relation: str

    async def list(self, request: GraphRequest) -> Response:
        """List."""
        old = RELATIONS[self.relation]
        shown = [provider_shown(each, old_shape=old) for each in await self._offered(request)]
        return listed(request, shown, f"{self.place}/{self.relation}")

    async def references(self, request: GraphRequest) -> Response:
        """List addresses."""
        found = await self._offered(request)
        shown = [{"@odata.id": request.url(f"identity/identityProviders/{each.id}")} for each in found]
        return listed(request, shown, "Collection($ref)")

    async def add(self, request: GraphRequest) -> Response:
        """Offer one more."""
        wanted = required_reference(await request.json(), "identityProviders")
        found = find((await self.flows.context.snapshot()).identity_providers, wanted)
        if found is None:
            raise NotFoundError(f"there is no identity provider with the id {wanted[:200]!r}", member="@odata.id")
        await self.flows.update(
            request.caller,
            request.parameters["id"],
            lambda flow: with_provider(flow, found.id),
            changed=self.relation,
            if_match=request.http.headers.get("if-match"),
        )
        return no_content()

    async def remove(self, request: GraphRequest) -> Response:
        """Offer one less."""
        await self.flows.update(
            request.caller,
            request.parameters["id"],
            lambda flow: without_provider(flow, request.parameters["provider"]),
            changed=self.relation,
            if_match=request.http.headers.get("if-match"),
        )
        return no_content()

    async def _offered(self, request: GraphRequest) -> tuple[IdentityProvider, ...]:
        flow = (await self.flows.get(request.caller, request.parameters["id"])).value
        return offered(flow, await self.flows.context.snapshot())
