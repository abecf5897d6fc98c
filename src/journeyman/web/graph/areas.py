"""All routes of the management API: each area registers through one function that takes the engine."""

from __future__ import annotations

from journeyman.engine import Engine
from journeyman.web.graph.applications import application_routes
from journeyman.web.graph.audit_logs import audit_log_routes
from journeyman.web.graph.counting import with_counts
from journeyman.web.graph.extension_properties import extension_property_routes
from journeyman.web.graph.identity_area import identity_routes
from journeyman.web.graph.key_sets import key_set_routes
from journeyman.web.graph.organization import organization_routes
from journeyman.web.graph.policies import policy_routes
from journeyman.web.graph.releases import release_routes
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.service_principals import service_principal_routes
from journeyman.web.graph.users import user_routes


def all_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of every area."""
    areas = (
        *organization_routes(engine),
        *policy_routes(engine),
        *identity_routes(engine),
        *key_set_routes(engine),
        *release_routes(engine),
        *user_routes(engine),
        *application_routes(engine),
        *service_principal_routes(engine),
        *extension_property_routes(engine),
        *audit_log_routes(engine),
    )
    return with_counts(areas)
