"""Routes in, a ``$count`` beside every collection that has none of its own out. Source: graph-api.md §2.

The SDKs have a builder for it at every collection. The number is what the collection itself would say with
``$count=true``, so a filter counts here as it does there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.responses import Response

from journeyman.web.graph.answers import count
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute, Handler
from journeyman.web.graph.schema import INTEGER

SEGMENT: Final = "$count"
_TEXT: Final = "text/plain"


def with_counts(routes: Iterable[GraphRoute]) -> tuple[GraphRoute, ...]:
    """Return the routes and, for each collection, the one that counts it."""
    known = tuple(routes)
    patterns = {route.pattern for route in known}
    counted = [_counted(route) for route in known if _is_collection(route) and _place(route) not in patterns]
    return (*known, *counted)


@dataclass(frozen=True, slots=True)
class Count:
    """Answers with the number of objects in a collection."""

    handler: Handler

    async def __call__(self, request: GraphRequest) -> Response:
        """Ask the collection for none of its objects, and for their number."""
        query = replace(request.query, top=0, skip=0, skip_token="", count=True, expand=())
        answer = await self.handler(replace(request, query=query))
        body: Mapping[str, Any] = json.loads(bytes(answer.body))
        return count(body["@odata.count"])


def _counted(route: GraphRoute) -> GraphRoute:
    return GraphRoute(
        "GET",
        _place(route),
        route.right,
        Count(route.handler),
        f"Count: {route.summary[0].lower()}{route.summary[1:]}",
        gives={200: INTEGER},
        gives_type=_TEXT,
        options=("$filter",) if "$filter" in route.options else (),
    )


def _place(route: GraphRoute) -> str:
    return f"{route.pattern}/{SEGMENT}"


def _is_collection(route: GraphRoute) -> bool:
    """Whether a route lists objects; functions and ``$ref`` have no count of their own."""
    schema = route.gives.get(200)
    members = schema.get("properties") if route.method == "GET" and schema else None
    if not isinstance(members, Mapping) or "@odata.nextLink" not in members:
        return False
    return not route.pattern.endswith(("()", "$ref"))
