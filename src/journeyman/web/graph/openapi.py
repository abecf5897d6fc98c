"""The routes in, the OpenAPI document that the server publishes out (OpenAPI 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from journeyman import __version__
from journeyman.management.caller import ROLES, Right
from journeyman.web.graph.route import GraphRoute, Schema
from journeyman.web.graph.router import parameter_names
from journeyman.web.graph.schema import TEXT, entity

ERROR: Final = entity(
    ("error",),
    error=entity(
        ("code", "message", "innerError"),
        code=TEXT,
        message=TEXT,
        target=TEXT,
        innerError=entity(("date", "request-id", "client-request-id"), date=TEXT),
    ),
)
REFUSALS: Final = (400, 401, 403, 404, 405, 409, 412, 413, 429)
_OPTION_TYPES: Final = {"$top": "integer", "$skip": "integer", "$count": "boolean"}
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9]+")


def openapi_document(routes: Iterable[GraphRoute], *, origin: str, token_url: str, version: str) -> Schema:
    """Return the document of one version; both have the same routes."""
    paths: dict[str, dict[str, object]] = {}
    for route in routes:
        paths.setdefault(f"/{route.pattern}", {})[route.method.lower()] = _operation(route)
    flow = {"tokenUrl": token_url, "scopes": {f"{origin}/.default": "what the application's roles allow"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Journeyman management API", "version": __version__},
        "servers": [{"url": f"{origin}/{version}"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "oauth2", "flows": {"clientCredentials": flow}}},
            "schemas": {"error": ERROR},
        },
    }


def _operation(route: GraphRoute) -> Schema:
    operation: dict[str, object] = {
        "operationId": _NOT_A_NAME.sub("_", f"{route.method.lower()} {route.pattern}").strip("_"),
        "summary": route.summary,
        "tags": [route.pattern.partition("/")[0].partition("(")[0]],
        "description": f"Needs one of the application roles: {', '.join(_roles(route.right))}.",
        "parameters": [*_path_parameters(route), *map(_option, route.options)],
        "responses": {**_answers(route), **_refusals()},
    }
    if route.takes is not None:
        content = {route.takes_type: {"schema": route.takes}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _roles(right: Right) -> list[str]:
    if right is Right.READ_ORGANIZATION:
        return ["any"]
    return sorted(name for name, rights in ROLES.items() if right in rights)


def _path_parameters(route: GraphRoute) -> list[Schema]:
    names = parameter_names(route.pattern)
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def _option(name: str) -> Schema:
    return {"name": name, "in": "query", "schema": {"type": _OPTION_TYPES.get(name, "string")}}


def _answers(route: GraphRoute) -> dict[str, object]:
    found: dict[str, object] = {}
    for status, schema in route.gives.items():
        answer: dict[str, object] = {"description": "Done."}
        if schema is not None:
            answer["content"] = {route.gives_type: {"schema": schema}}
        found[str(status)] = answer
    return found


def _refusals() -> dict[str, object]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}}
    return {str(status): {"description": "Refused.", "content": content} for status in REFUSALS}
