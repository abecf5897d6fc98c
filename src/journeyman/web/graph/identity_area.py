"""All routes below ``/identity``, and ``/identityProviders``, which is older."""

from __future__ import annotations

from journeyman.engine import Engine
from journeyman.web.graph.api_connectors import api_connector_routes
from journeyman.web.graph.identity_providers import identity_provider_routes
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.user_attributes import user_attribute_routes
from journeyman.web.graph.user_flows import user_flow_routes


def identity_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of API connectors, user flows, user attributes and identity providers."""
    return (
        *api_connector_routes(engine),
        *user_flow_routes(engine),
        *user_attribute_routes(engine),
        *identity_provider_routes(engine),
    )
