"""``/identity/identityProviders``, and ``/identityProviders`` with its old names of members. Source: graph-api.md §5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.held import Held
from journeyman.management.identity_providers import IdentityProviders, available_types
from journeyman.management.identity_services import identity_context
from journeyman.settings.identity import IdentityProvider
from journeyman.web.graph.answers import created, entity, listed, no_content, selected, value
from journeyman.web.graph.equality import filtered
from journeyman.web.graph.members import Members
from journeyman.web.graph.provider_json import NEW_PROVIDER, PROVIDER, changed_provider, new_provider, provider_shown
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import TEXT, collection

CURRENT: Final = "identity/identityProviders"
OLD: Final = "identityProviders"


def identity_provider_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of identity providers."""
    providers = IdentityProviders(identity_context(engine))
    current = ProviderHandlers(providers, CURRENT, old_shape=False)
    old = ProviderHandlers(providers, OLD, old_shape=True)
    return (*_routes(current), *_routes(old))


def _routes(handlers: ProviderHandlers) -> tuple[GraphRoute, ...]:
    place, one = handlers.place, f"{handlers.place}/{{id}}"
    read, write = Right.READ_IDENTITY_PROVIDERS, Right.WRITE_IDENTITY_PROVIDERS
    return (
        GraphRoute(
            "GET", place, read, handlers.list, "List identity providers",
            gives={200: collection(PROVIDER)}, options=("$top", "$filter"),
        ),
        GraphRoute(
            "POST", place, write, handlers.create, "Create an identity provider",
            takes=NEW_PROVIDER, gives={201: PROVIDER},
        ),
        GraphRoute(
            "GET", f"{place}/availableProviderTypes()", read, handlers.types, "List the types of identity providers",
            gives={200: collection(TEXT)},
        ),
        GraphRoute("GET", one, read, handlers.get, "Get an identity provider", gives={200: PROVIDER}),
        GraphRoute("PATCH", one, write, handlers.update, "Change an identity provider", takes=NEW_PROVIDER),
        GraphRoute("DELETE", one, write, handlers.delete, "Delete an identity provider that no user flow offers"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProviderHandlers:
    """What answers the requests; ``place`` is the collection, ``old_shape`` whether members have their old names."""

    providers: IdentityProviders
    place: str
    old_shape: bool

    async def list(self, request: GraphRequest) -> Response:
        """List."""
        held = await self.providers.list(request.caller)
        found = [provider_shown(each.value, old_shape=self.old_shape) for each in held]
        return listed(request, [selected(request, each) for each in filtered(request, found)], self.place)

    async def create(self, request: GraphRequest) -> Response:
        """Create."""
        sent = new_provider(await request.json(), old_shape=self.old_shape)
        held = await self.providers.create(request.caller, sent.provider, sent.secret)
        shown = provider_shown(held.value, old_shape=self.old_shape)
        return created(request, shown, f"{self.place}/$entity", f"{self.place}/{held.value.id}", etag=held.etag)

    async def get(self, request: GraphRequest) -> Response:
        """Get."""
        return self._one(request, await self.providers.get(request.caller, request.parameters["id"]))

    async def types(self, request: GraphRequest) -> Response:
        """Answer with the types."""
        return value(request, [*available_types()], "Collection(Edm.String)")

    async def update(self, request: GraphRequest) -> Response:
        """Change."""
        body = await request.json()
        provider_id = request.parameters["id"]
        present = (await self.providers.get(request.caller, provider_id)).value
        sent = changed_provider(present, body, old_shape=self.old_shape)
        await self.providers.update(
            request.caller,
            provider_id,
            self._edit(body),
            secret=sent.secret,
            if_match=request.http.headers.get("if-match"),
        )
        return no_content()

    async def delete(self, request: GraphRequest) -> Response:
        """Delete."""
        if_match = request.http.headers.get("if-match")
        await self.providers.delete(request.caller, request.parameters["id"], if_match=if_match)
        return no_content()

    def _edit(self, body: Members) -> Callable[[IdentityProvider], IdentityProvider]:
        return lambda present: changed_provider(present, body, old_shape=self.old_shape).provider

    def _one(self, request: GraphRequest, held: Held[IdentityProvider]) -> Response:
        shown = selected(request, provider_shown(held.value, old_shape=self.old_shape))
        return entity(request, shown, f"{self.place}/$entity", etag=held.etag)
