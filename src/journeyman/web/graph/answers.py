"""What handlers answer: an entity, a collection, something new, nothing, a text. Source: graph-api.md §2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from journeyman.management.errors import InvalidError
from journeyman.web.graph.query import MAX_TOP
from journeyman.web.graph.request import GraphRequest

Entity = Mapping[str, object]

PAGE: Final = 100


def entity(request: GraphRequest, content: Entity, context: str, *, status: int = 200, etag: str = "") -> Response:
    """Answer with one object.

    Args:
        context: what it is, after ``$metadata#``: ``identity/apiConnectors/$entity``.
        etag: the ETag of its version, by ``etag_of``; "" for none.
    """
    body = {"@odata.context": _context(request, context), **content}
    return JSONResponse(body, status_code=status, headers={"ETag": etag} if etag else None)


def created(
    request: GraphRequest, content: Entity, context: str, location: str, *, status: int = 201, etag: str = ""
) -> Response:
    """Answer with an object that was made; ``location`` comes after the version: ``trustFramework/keySets('x')``."""
    answer = entity(request, content, context, status=status, etag=etag)
    answer.headers["Location"] = request.url(location)
    return answer


def no_content() -> Response:
    """Answer that it was done."""
    return Response(status_code=204)


def text(content: str | bytes, *, media_type: str = "text/plain", status: int = 200) -> Response:
    """Answer with something else than JSON."""
    return Response(content, status_code=status, media_type=media_type)


def value(request: GraphRequest, content: object, context: str) -> Response:
    """Answer with what a function returns that is no object: ``{"value": …}``."""
    return JSONResponse({"@odata.context": _context(request, context), "value": content})


def count(number: int) -> Response:
    """Answer a ``$count`` segment."""
    return text(str(number))


def collection(
    request: GraphRequest, items: Sequence[Entity], context: str, *, next_token: str = "", total: int | None = None
) -> Response:
    """Answer with one page of objects.

    Args:
        next_token: the ``$skiptoken`` of the next page; "" on the last one.
        total: how many there are in all, for ``$count=true``.
    """
    body: dict[str, object] = {"@odata.context": _context(request, context)}
    if total is not None and request.query.count:
        body["@odata.count"] = total
    if next_token:
        body["@odata.nextLink"] = _next_link(request, next_token)
    body["value"] = [*items]
    return JSONResponse(body)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection that is whole in memory."""

    items: Sequence[Entity]
    next_token: str
    total: int


def page_of(request: GraphRequest, items: Sequence[Entity]) -> Page:
    """Cut a collection that is in memory by ``$top``, ``$skip`` and ``$skiptoken``."""
    query = request.query
    start = _start(query.skip_token) + (0 if query.skip_token else query.skip)
    size = MAX_TOP if query.top is None else query.top
    end = start + size
    more = end < len(items) and size > 0
    return Page(items[start:end], str(end) if more else "", len(items))


def listed(request: GraphRequest, items: Sequence[Entity], context: str) -> Response:
    """Answer with one page of a collection that is in memory."""
    page = page_of(request, items)
    return collection(request, page.items, context, next_token=page.next_token, total=page.total)


def selected(request: GraphRequest, content: Entity) -> Entity:
    """Leave the members that ``$select`` names, in any case; all when it names none."""
    wanted = {name.lower() for name in request.query.select}
    if not wanted or "*" in wanted:
        return content
    return {name: member for name, member in content.items() if name.lower() in wanted or name.startswith("@")}


def _start(skip_token: str) -> int:
    if not skip_token:
        return 0
    if not (skip_token.isdecimal() and skip_token.isascii() and len(skip_token) <= 10):
        raise InvalidError("$skiptoken is not one of ours; use @odata.nextLink as it was answered", member="$skiptoken")
    return int(skip_token)


def _context(request: GraphRequest, context: str) -> str:
    return f"{request.base}/$metadata#{context}"


def _next_link(request: GraphRequest, next_token: str) -> str:
    left_out = {"skiptoken", "skip"}
    kept = [pair for pair in request.query.sent if pair[0].removeprefix("$").lower() not in left_out]
    query = urlencode([*kept, ("$skiptoken", next_token)], safe="$")
    return f"{request.base}/{request.rest}?{query}"
