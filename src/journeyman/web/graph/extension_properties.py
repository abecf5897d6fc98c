"""``/applications/{id}/extensionProperties``: the custom attributes of users, as clients of directories see them.

Only the extensions application has any. Source: graph-api.md §8.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.applications import DIRECTORY_NOT_FOUND
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import NotFoundError
from journeyman.management.identity_services import identity_context
from journeyman.management.user_attributes import UserAttributes
from journeyman.settings.extensions_app import EXTENSIONS_APP_NAME
from journeyman.settings.identity import AttributeType, UserAttribute
from journeyman.web.graph import schema
from journeyman.web.graph.answers import Entity, created, entity, listed, no_content
from journeyman.web.graph.applications import ApplicationApi, applications_of
from journeyman.web.graph.conditional import chosen
from journeyman.web.graph.request import GraphRequest
from journeyman.web.graph.route import GraphRoute

TYPES: Final[Mapping[str, AttributeType]] = {
    "String": AttributeType.STRING,
    "Boolean": AttributeType.BOOLEAN,
    "Integer": AttributeType.INT64,
    "LargeInteger": AttributeType.INT64,
    "DateTime": AttributeType.DATE_TIME,
}
_NAMES: Final = {AttributeType.STRING_COLLECTION: "String", **{kind: name for name, kind in TYPES.items()}}
_PROPERTY: Final = schema.entity(("id", "name", "dataType"), id=schema.GUID, name=schema.TEXT, dataType=schema.TEXT)
_NEW: Final = schema.entity(
    ("name", "dataType"),
    name=schema.TEXT,
    dataType=schema.one_of([*TYPES]),
    targetObjects=schema.array(schema.TEXT),
)
_PLACE: Final = "applications/{id}/extensionProperties"


def extension_property_routes(engine: Engine) -> tuple[GraphRoute, ...]:
    """Return the routes of extension properties."""
    applications = ApplicationApi(applications_of(engine), engine.tenant.name)
    api = ExtensionPropertyApi(applications, UserAttributes(identity_context(engine)), engine.tenant.extensions_app)
    read, write, one = Right.READ_APPLICATIONS, Right.WRITE_APPLICATIONS, f"{_PLACE}/{{propertyId}}"
    many = {200: schema.collection(_PROPERTY)}
    return (
        GraphRoute("GET", _PLACE, read, api.list, "List custom attributes", gives=many, options=("$filter", "$top")),
        GraphRoute("POST", _PLACE, write, api.create, "Create a custom attribute", _NEW, gives={201: _PROPERTY}),
        GraphRoute("GET", one, read, api.get, "Get a custom attribute", gives={200: _PROPERTY}),
        GraphRoute("DELETE", one, write, api.delete, "Delete a custom attribute that no user flow uses"),
    )


@dataclass(frozen=True, slots=True)
class ExtensionPropertyApi:
    """The handlers of extension properties."""

    applications: ApplicationApi
    attributes: UserAttributes
    extensions_app: str

    async def list(self, request: GraphRequest) -> Response:
        """Answer with one page of extension properties."""
        items = [_json(one) for one in await self._all(request)]
        return listed(request, chosen(request, items), _PLACE.format(id=request.parameters["id"]))

    async def create(self, request: GraphRequest) -> Response:
        """Make a custom attribute of users."""
        body = await request.json()
        await self._own(request)
        name = body.text("name", max_length=100)
        kind = next((kind for word, kind in TYPES.items() if word.lower() == body.text("dataType").lower()), None)
        if kind is None:
            raise body.wrong("dataType", f"is not one of {', '.join(TYPES)}")
        if {target.lower() for target in body.texts("targetObjects") or ()} - {"user"}:
            raise body.wrong("targetObjects", "is not User")
        held = await self.attributes.create(_attributes_of(request.caller), display_name=name, data_type=kind)
        content = _json(held.value)
        place = _PLACE.format(id=request.parameters["id"])
        return created(request, content, f"{place}/$entity", f"{place}/{content['id']}")

    async def get(self, request: GraphRequest) -> Response:
        """Answer with one extension property."""
        found = await self._found(request)
        return entity(request, _json(found), f"{_PLACE.format(id=request.parameters['id'])}/$entity")

    async def delete(self, request: GraphRequest) -> Response:
        """Delete a custom attribute."""
        found = await self._found(request)
        await self.attributes.delete(_attributes_of(request.caller), found.id)
        return no_content()

    async def _all(self, request: GraphRequest) -> tuple[UserAttribute, ...]:
        application = await self.applications.found(request)
        if application.client_id != self.extensions_app:
            return ()
        held = await self.attributes.list(_attributes_of(request.caller))
        return tuple(one.value for one in held if one.value.custom)

    async def _own(self, request: GraphRequest) -> None:
        application = await self.applications.found(request)
        if application.client_id != self.extensions_app:
            detail = f"custom attributes belong to {EXTENSIONS_APP_NAME!r}; {application.name} cannot have any"
            raise NotFoundError(detail, service_code=DIRECTORY_NOT_FOUND)

    async def _found(self, request: GraphRequest) -> UserAttribute:
        wanted = request.parameters["propertyId"].lower()
        for one in await self._all(request):
            if _id(one) == wanted or one.id.lower() == wanted:
                return one
        raise NotFoundError(f"Resource {wanted[:128]!r} does not exist.", service_code=DIRECTORY_NOT_FOUND)


def _attributes_of(caller: Caller) -> Caller:
    """Return the caller with the rights on user attributes that those on applications imply here."""
    more = {
        Right.READ_APPLICATIONS: Right.READ_USER_FLOWS,
        Right.WRITE_APPLICATIONS: Right.WRITE_USER_FLOWS,
    }
    return replace(caller, rights=caller.rights | {more[right] for right in caller.rights if right in more})


def _id(attribute: UserAttribute) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, attribute.id.lower()))


def _json(attribute: UserAttribute) -> Entity:
    return {
        "id": _id(attribute),
        "name": attribute.id,
        "dataType": _NAMES[attribute.data_type],
        "isMultiValued": attribute.data_type is AttributeType.STRING_COLLECTION,
        "isSyncedFromOnPremises": False,
        "appDisplayName": EXTENSIONS_APP_NAME,
        "targetObjects": ["User"],
    }
