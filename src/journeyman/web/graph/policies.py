"""``/trustFramework/policies``: custom policies as XML. Source: graph-api.md §6.2.

The media type of an upload means nothing: clients send XML as ``application/octet-stream`` and as JSON.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError
from journeyman.management.policies import Policies, Upload, Uploaded, etag_of
from journeyman.web.graph.answers import entity, listed, no_content, selected, text
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute
from journeyman.web.graph.schema import TEXT, collection
from journeyman.web.graph.schema import entity as schema_of

XML: Final = "application/xml"

_COLLECTION: Final = "trustFramework/policies"
_POLICY: Final = "trustFramework/policies/{id}"
_VALUE: Final = "trustFramework/policies/{id}/$value"
_SCHEMA: Final = schema_of(("id",), id=TEXT)
_PUT_TEXT: Final = (
    "Put operation not supported for this entity on this uri. "
    "Please append '$value' to the request uri and send the request again."
)


def policy_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of custom policies."""
    policies, read, write = Policies(engine), Right.READ_POLICIES, Right.WRITE_POLICIES
    limit = engine.settings.management.policy_limit_bytes
    takes = partial(GraphRoute, right=write, takes=TEXT, takes_type=XML, gives_type=XML, body_limit_bytes=limit)
    gives = partial(GraphRoute, "GET", right=read)
    deletes = partial(GraphRoute, "DELETE", right=write, handler=partial(_delete, policies))
    return (
        gives(_COLLECTION, handler=partial(_list, policies), summary="List policies", gives={200: collection(_SCHEMA)}),
        gives(_POLICY, handler=partial(_get, policies), summary="Get the id of a policy", gives={200: _SCHEMA}),
        gives(_VALUE, handler=partial(_read, policies), summary="Read a policy", gives={200: TEXT}, gives_type=XML),
        takes("POST", _COLLECTION, handler=partial(_create, policies), summary="Create a policy", gives={201: TEXT}),
        takes(
            "PUT",
            _VALUE,
            handler=partial(_put, policies),
            summary="Create or replace a policy",
            gives={200: TEXT, 201: TEXT},
        ),
        GraphRoute("PUT", _POLICY, write, _put_without_value, "Refused: append $value", gives={}),
        deletes(_POLICY, summary="Delete a policy"),
        deletes(_VALUE, summary="Delete a policy, by the address of its content"),
    )


async def _list(policies: Policies, request: GraphRequest) -> Response:
    items = [selected(request, {"id": entry.id}) for entry in policies.all(request.caller)]
    return listed(request, items, _COLLECTION)


async def _get(policies: Policies, request: GraphRequest) -> Response:
    entry = policies.get(request.caller, request.parameters["id"])
    return entity(request, {"id": entry.id}, f"{_COLLECTION}/$entity", etag=etag_of(entry.text.data))


async def _read(policies: Policies, request: GraphRequest) -> Response:
    entry = policies.get(request.caller, request.parameters["id"])
    return _xml(entry.text.data, 200, etag_of(entry.text.data))


async def _create(policies: Policies, request: GraphRequest) -> Response:
    done = await policies.upload(request.caller, Upload(await request.body(), new=True))
    return _uploaded(request, done)


async def _put(policies: Policies, request: GraphRequest) -> Response:
    upload = Upload(await request.body(), request.parameters["id"], if_match=request.http.headers.get("if-match"))
    return _uploaded(request, await policies.upload(request.caller, upload))


async def _put_without_value(_: GraphRequest) -> Response:
    raise InvalidError(_PUT_TEXT, service_code="AADB2C99009")


async def _delete(policies: Policies, request: GraphRequest) -> Response:
    await policies.delete(request.caller, request.parameters["id"], if_match=request.http.headers.get("if-match"))
    return no_content()


def _uploaded(request: GraphRequest, done: Uploaded) -> Response:
    answer = _xml(done.data, 201 if done.created else 200, done.etag)
    if done.created:
        answer.headers["Location"] = request.url(f"{_COLLECTION}('{done.id}')")
    return answer


def _xml(data: bytes, status: int, etag: str) -> Response:
    answer = text(data, media_type=XML, status=status)
    answer.headers["ETag"] = etag
    return answer
