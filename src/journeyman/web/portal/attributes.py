"""The area of user attributes: the built-in ones, and custom ones that are made, described and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from journeyman.engine import Engine
from journeyman.management.caller import Right
from journeyman.management.errors import ManagementError
from journeyman.management.held import Held
from journeyman.management.identity_services import identity_context
from journeyman.management.user_attributes import UserAttributes
from journeyman.settings.identity import AttributeType, UserAttribute
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.flow_form import chosen
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.refusals import errors_of, refused_confirmation

_LIST: Final = "/portal/attributes"

TYPES: Final[Mapping[AttributeType, str]] = {
    AttributeType.STRING: "Text",
    AttributeType.BOOLEAN: "Yes or no",
    AttributeType.INT64: "Whole number",
    AttributeType.STRING_COLLECTION: "Several texts",
    AttributeType.DATE_TIME: "Date and time",
}


@dataclass(frozen=True, slots=True)
class AttributePages:
    """The pages of user attributes; data come from the management operations alone."""

    engine: Engine

    @property
    def _attributes(self) -> UserAttributes:
        return UserAttributes(identity_context(self.engine))

    async def index(self, visit: Visit) -> Response:
        """List the attributes, those of the tenant first."""
        found = await self._attributes.list(visit.caller)
        listed = sorted(found, key=lambda held: (not held.value.custom, held.value.display_name.lower()))
        return await visit.page(
            "attributes.html",
            "User attributes",
            listed=listed,
            types=TYPES,
            may_write=visit.may(Right.WRITE_USER_FLOWS),
        )

    async def new(self, visit: Visit) -> Response:
        """Ask for a new attribute."""
        return await self._form(visit, UserAttribute("", ""))

    async def create(self, visit: Visit) -> Response:
        """Make an attribute."""
        entered = UserAttribute("", visit.form.text("displayName"), visit.form.text("description"))
        try:
            held = await self._attributes.create(
                visit.caller,
                display_name=entered.display_name,
                description=entered.description,
                data_type=chosen(AttributeType, visit.form.text("dataType"), "dataType"),
            )
        except ManagementError as error:
            return await self._form(visit, entered, errors_of(error), status=error.status)
        return await visit.go(_LIST, f"{held.value.id} can be collected by user flows from now on.")

    async def one(self, visit: Visit) -> Response:
        """Show an attribute, and its description to be changed."""
        return await self._one(visit, await self._held(visit))

    async def describe(self, visit: Visit) -> Response:
        """Change the description of an attribute."""
        held = await self._held(visit)
        try:
            await self._attributes.describe(visit.caller, held.value.id, visit.form.text("description"))
        except ManagementError as error:
            return await self._one(visit, held, errors_of(error), status=error.status)
        return await visit.go(_LIST, f"The description of {held.value.display_name} is changed.")

    async def ask(self, visit: Visit) -> Response:
        """Ask whether an attribute is to be deleted."""
        return await self._ask(visit, await self._held(visit))

    async def delete(self, visit: Visit) -> Response:
        """Delete an attribute whose name was typed in."""
        held = await self._held(visit)
        name = held.value.display_name
        refused = await refused_confirmation(
            visit, name, lambda: self._attributes.delete(visit.caller, held.value.id), partial(self._ask, visit, held)
        )
        return refused or await visit.go(_LIST, f"{name} is deleted. Users keep the values that they have.")

    async def _held(self, visit: Visit) -> Held[UserAttribute]:
        return await self._attributes.get(visit.caller, visit.segment("id"))

    async def _form(
        self, visit: Visit, entered: UserAttribute, errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "attribute_new.html",
            "New user attribute",
            status=status,
            entered=entered,
            types=[(one.value, text) for one, text in TYPES.items()],
            errors=errors or {},
        )

    async def _one(
        self, visit: Visit, held: Held[UserAttribute], errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "attribute.html",
            held.value.display_name,
            status=status,
            attribute=held.value,
            declared=held.declared and held.value.custom,
            type=TYPES[held.value.data_type],
            address=_address(held.value),
            may_write=visit.may(Right.WRITE_USER_FLOWS) and not held.declared,
            errors=errors or {},
        )

    async def _ask(
        self, visit: Visit, held: Held[UserAttribute], errors: Mapping[str, str] | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "attribute_delete.html",
            f"Delete {held.value.display_name}",
            crumbs=((held.value.display_name, _address(held.value)),),
            status=status,
            attribute=held.value,
            address=_address(held.value),
            errors=errors or {},
        )


def _address(attribute: UserAttribute) -> str:
    return f"{_LIST}/{quote(attribute.id, safe='')}"


def attributes_area(engine: Engine) -> Area:
    """Return the area of user attributes."""
    pages = AttributePages(engine)
    read, write = Right.READ_USER_FLOWS, Right.WRITE_USER_FLOWS
    one = f"{_LIST}/{{id}}"
    return Area(
        "attributes",
        "User attributes",
        Group.BUILD,
        (
            Page(_LIST, pages.index, read),
            Page(f"{_LIST}/new", pages.new, write),
            Page(f"{_LIST}/new", pages.create, write, "POST"),
            Page(one, pages.one, read),
            Page(one, pages.describe, write, "POST"),
            Page(f"{one}/delete", pages.ask, write, step_up=True),
            Page(f"{one}/delete", pages.delete, write, "POST", step_up=True),
        ),
    )
