"""A scope in, the audience of a management token out. Source: graph-api.md §9."""

from __future__ import annotations

from typing import Final

from journeyman.applications.scopes import DEFAULT_SCOPE
from journeyman.engine import Engine

GRAPH: Final = "https://graph.microsoft.com"
GRAPH_CLIENT_ID: Final = "00000003-0000-0000-c000-000000000000"
"""The client id of the real service's graph, which clients may name as audience instead of its address."""


def management_audiences(engine: Engine) -> tuple[str, ...]:
    """Return the audiences of management tokens."""
    return (engine.origin, GRAPH, GRAPH_CLIENT_ID, *engine.settings.management.audiences)


def management_audience(engine: Engine, scope: str) -> str | None:
    """Return the audience that a scope asks for, None when it does not ask for the management API."""
    uri, slash, name = scope.strip().rpartition("/")
    if not slash or name != DEFAULT_SCOPE:
        return None
    asked = uri.rstrip("/").lower()
    return next((one for one in management_audiences(engine) if one.lower() == asked), None)
