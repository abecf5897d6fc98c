"""``/identity/userFlowAttributes``. Source: graph-api.md §5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import InvalidError
from journeyman.management.held import Held
from journeyman.management.identity_services import identity_context
from journeyman.management.user_attributes import READ_ONLY, UserAttributes, shown_attribute_id
from journeyman.settings.identity import AttributeType, UserAttribute
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content, selected
from journeyman.web.graph.equality import filtered
from journeyman.web.graph.members import Members
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute, Schema
from journeyman.web.graph.schema import TEXT, collection, one_of
from journeyman.web.graph.schema import entity as schema_of

DATA_TYPE: Final[Schema] = one_of([each.value for each in AttributeType])
ATTRIBUTE: Final[Schema] = schema_of(
    ("id", "displayName", "userFlowAttributeType", "dataType"),
    id=TEXT,
    displayName=TEXT,
    description=TEXT,
    userFlowAttributeType=one_of(["builtIn", "custom", "required"]),
    dataType=DATA_TYPE,
)
_NEW: Final[Schema] = schema_of(("displayName", "dataType"), displayName=TEXT, description=TEXT, dataType=DATA_TYPE)
_CHANGE: Final[Schema] = schema_of((), description=TEXT)
_PLACE: Final = "identity/userFlowAttributes"
_ONE: Final = f"{_PLACE}/{{id}}"
_CONTEXT: Final = f"{_PLACE}/$entity"
_FIXED: Final = ("displayName", "dataType", "userFlowAttributeType", "id")


def user_attribute_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of user attributes."""
    handlers = UserAttributeHandlers(UserAttributes(identity_context(engine)))
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    return (
        GraphRoute(
            "GET", _PLACE, read, handlers.list, "List user attributes, the built-in ones too",
            gives={200: collection(ATTRIBUTE)}, options=("$top", "$filter"),
        ),
        GraphRoute(
            "POST", _PLACE, write, handlers.create, "Create a custom user attribute", takes=_NEW, gives={201: ATTRIBUTE}
        ),
        GraphRoute("GET", _ONE, read, handlers.get, "Get a user attribute", gives={200: ATTRIBUTE}),
        GraphRoute(
            "PATCH", _ONE, write, handlers.update, "Change the description of a custom user attribute", takes=_CHANGE
        ),
        GraphRoute("DELETE", _ONE, write, handlers.delete, "Delete a custom user attribute that no user flow uses"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class UserAttributeHandlers:
    """What answers the requests."""

    attributes: UserAttributes

    async def list(self, request: GraphRequest) -> Response:
        """List."""
        found = [attribute_shown(held.value) for held in await self.attributes.list(request.caller)]
        return listed(request, [selected(request, each) for each in filtered(request, found)], _PLACE)

    async def create(self, request: GraphRequest) -> Response:
        """Create."""
        body = await request.json()
        data_type = body.one_of("dataType", AttributeType)
        if data_type is None:
            raise body.wrong("dataType", "is missing")
        held = await self.attributes.create(
            request.caller,
            display_name=body.text("displayName", blank=True),
            description=body.optional_text("description") or "",
            data_type=data_type,
        )
        place = f"{_PLACE}/{held.value.id}"
        return created(request, attribute_shown(held.value), _CONTEXT, place, etag=held.etag)

    async def get(self, request: GraphRequest) -> Response:
        """Get."""
        held = await self.attributes.get(request.caller, request.parameters["id"])
        return _one(request, held)

    async def update(self, request: GraphRequest) -> Response:
        """Change the description."""
        body, name = await request.json(), request.parameters["id"]
        held = await self.attributes.get(request.caller, name)
        _refuse_other_changes(body, held.value)
        description = body.optional_text("description")
        if description is not None or body.has("description"):
            if_match = request.http.headers.get("if-match")
            await self.attributes.describe(request.caller, name, description or "", if_match=if_match)
        return no_content()

    async def delete(self, request: GraphRequest) -> Response:
        """Delete."""
        if_match = request.http.headers.get("if-match")
        await self.attributes.delete(request.caller, request.parameters["id"], if_match=if_match)
        return no_content()


def attribute_shown(attribute: UserAttribute) -> Entity:
    """Return what answers say of an attribute."""
    kind = "Custom" if attribute.custom else "BuiltIn"
    return {
        "@odata.type": f"#microsoft.graph.identity{kind}UserFlowAttribute",
        "id": shown_attribute_id(attribute.id),
        "displayName": attribute.display_name,
        "description": attribute.description,
        "userFlowAttributeType": "custom" if attribute.custom else "builtIn",
        "dataType": attribute.data_type.value,
    }


def _one(request: GraphRequest, held: Held[UserAttribute]) -> Response:
    return entity(request, selected(request, attribute_shown(held.value)), _CONTEXT, etag=held.etag)


def _refuse_other_changes(body: Members, present: UserAttribute) -> None:
    """Refuse another value of what cannot change; the same value again is none of our business."""
    shown = attribute_shown(present)
    for name in _FIXED:
        sent = body.optional_text(name)
        if sent is not None and sent.casefold() != str(shown[name]).casefold():
            raise InvalidError(f"{name} cannot be changed; only description can", service_code=READ_ONLY, member=name)
