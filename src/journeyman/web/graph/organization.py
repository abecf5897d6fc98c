"""``/organization`` and ``/domains``: the tenant's id and names, which clients ask for when they sign in.

Source: graph-api.md §8.
"""

from __future__ import annotations

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import NotFoundError
from journeyman.web.graph.answers import Entity, entity, listed
from journeyman.web.graph.envelope import NOT_FOUND
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import FLAG, GUID, TEXT, array, collection
from journeyman.web.graph.schema import entity as schema_of

DOMAIN = schema_of(("id",), id=TEXT, isDefault=FLAG, isInitial=FLAG, isVerified=FLAG, authenticationType=TEXT)
ORGANIZATION = schema_of(("id", "displayName"), id=GUID, displayName=TEXT, verifiedDomains=array(schema_of(name=TEXT)))


def organization_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes that tell of the tenant itself."""
    tenant = engine.tenant
    domain = {
        "id": tenant.name,
        "authenticationType": "Managed",
        "isAdminManaged": True,
        "isDefault": True,
        "isInitial": True,
        "isRoot": True,
        "isVerified": True,
        "supportedServices": [],
    }
    own = {
        "id": tenant.id,
        "displayName": tenant.name,
        "tenantType": "AAD B2C",
        "verifiedDomains": [
            {"capabilities": "None", "isDefault": True, "isInitial": True, "name": tenant.name, "type": "Managed"}
        ],
    }

    async def domains(request: GraphRequest) -> Response:
        return listed(request, [domain], "domains")

    async def one_domain(request: GraphRequest) -> Response:
        return entity(request, _named(domain, request.parameters["id"], tenant.name), "domains/$entity")

    async def organizations(request: GraphRequest) -> Response:
        return listed(request, [own], "organization")

    async def organization(request: GraphRequest) -> Response:
        return entity(request, _named(own, request.parameters["id"], tenant.id), "organization/$entity")

    read = Right.READ_ORGANIZATION
    return (
        GraphRoute("GET", "domains", read, domains, "List the tenant's domains", gives={200: collection(DOMAIN)}),
        GraphRoute("GET", "domains/{id}", read, one_domain, "Get a domain", gives={200: DOMAIN}),
        GraphRoute(
            "GET", "organization", read, organizations, "List the tenant itself", gives={200: collection(ORGANIZATION)}
        ),
        GraphRoute("GET", "organization/{id}", read, organization, "Get the tenant", gives={200: ORGANIZATION}),
    )


def _named(found: Entity, asked: str, name: str) -> Entity:
    if asked.lower() != name.lower():
        raise NotFoundError(f"there is nothing here with the id {asked[:64]!r}", service_code=NOT_FOUND)
    return found
