"""User attributes: the built-in ones, and custom ones that can be made, described and deleted.

A custom attribute may be named by its id, without the client id of the extensions application, or with that of zeros:
all are one. Source: graph-api.md §5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from journeyman.directory.attributes import DEFAULT_EXTENSIONS_APP, MAX_EXTENSIONS
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ConflictingError, InvalidError
from journeyman.management.held import Held, HeldObjects
from journeyman.management.identity_context import IdentityContext
from journeyman.management.texts import one_line
from journeyman.policy.user_flow.attributes import BUILT_IN, CUSTOM
from journeyman.settings.identity import AttributeType, UserAttribute, UserFlow

BUILT_IN_ATTRIBUTES: Final = tuple(
    UserAttribute(each.claim, each.label, each.description, each.type, custom=False) for each in BUILT_IN.values()
)
READ_ONLY: Final = "AADB2C99014"

_TOO_MANY: Final = "AADB2C99012"
_EXISTS: Final = "AADB2C90074"
_NAME_LIMIT: Final = 100
_DESCRIPTION_LIMIT: Final = 1024


@dataclass(frozen=True, slots=True)
class UserAttributes:
    """The user attributes of a tenant."""

    context: IdentityContext

    @property
    def held(self) -> HeldObjects[UserAttribute]:
        """The objects as they are stored."""
        declared = (replace(each, id=self.id_of(each.id)) for each in self.context.declared.user_attributes)
        return HeldObjects(
            self.context,
            UserAttribute,
            "user attribute",
            Right.READ_USER_FLOWS,
            Right.WRITE_USER_FLOWS,
            (*BUILT_IN_ATTRIBUTES, *declared),
            self.id_of,
        )

    async def list(self, caller: Caller) -> tuple[Held[UserAttribute], ...]:
        """Return all attributes, the built-in ones first."""
        return await self.held.all(caller)

    async def get(self, caller: Caller, id: str) -> Held[UserAttribute]:
        """Return one. Raises NotFoundError."""
        return await self.held.get(caller, id)

    async def create(
        self, caller: Caller, *, display_name: str, description: str = "", data_type: AttributeType
    ) -> Held[UserAttribute]:
        """Store a new custom attribute; its id is made of its name.

        Raises:
            InvalidError: the name cannot be one, or there are too many.
            ConflictingError: AADB2C90074, there is one of this name.
        """
        caller.require(Right.WRITE_USER_FLOWS)
        name = re.sub(r"[^A-Za-z0-9_]", "", one_line(display_name, "displayName", limit=_NAME_LIMIT))
        if not name[:1].isalpha():
            raise InvalidError(
                "displayName must begin with a letter from A to Z; the id is made of it", member="displayName"
            )
        _refuse_bad_description(description)
        attribute = UserAttribute(self.id_of(f"extension_{name}"), display_name, description, data_type)

        async def refuse_more() -> None:
            custom = [each for each in (await self.context.snapshot()).user_attributes if each.custom]
            if any(self.id_of(each.id).casefold() == attribute.id.casefold() for each in custom):
                detail = (
                    f"User attribute with id: '{attribute.id}' already exists in directory '{self.context.tenant}'."
                )
                raise ConflictingError(detail, service_code=_EXISTS, member="displayName")
            if len(custom) >= MAX_EXTENSIONS:
                detail = f"a tenant has at most {MAX_EXTENSIONS} custom user attributes; delete one first"
                raise InvalidError(detail, service_code=_TOO_MANY)

        await refuse_more()
        return await self.held.create(caller, attribute, check=refuse_more)

    async def describe(
        self, caller: Caller, id: str, description: str, *, if_match: str | None = None
    ) -> Held[UserAttribute]:
        """Give a custom attribute another description; nothing else of it changes."""
        caller.require(Right.WRITE_USER_FLOWS)
        _refuse_built_in(self.id_of(id))
        _refuse_bad_description(description)

        async def edit(present: UserAttribute) -> UserAttribute:
            return replace(present, description=description)

        return await self.held.change(caller, id, edit, changed="description", if_match=if_match)

    async def delete(self, caller: Caller, id: str, *, if_match: str | None = None) -> None:
        """Delete a custom attribute; users keep their values. Raises ConflictingError when a user flow uses it."""
        caller.require(Right.WRITE_USER_FLOWS)
        wanted = self.id_of(id)
        _refuse_built_in(wanted)

        async def refuse_used() -> None:
            using = [
                flow.id
                for flow in (await self.context.snapshot()).user_flows
                if wanted.casefold() in self._used_by(flow)
            ]
            if using:
                detail = f"the user attribute {wanted!r} is used by {', '.join(using)}; take it out there first"
                raise ConflictingError(detail)

        await self.held.delete(caller, id, if_match=if_match, check=refuse_used)

    def id_of(self, name: str) -> str:
        """Return the id under which an attribute is stored, whichever of its names this is."""
        return attribute_id(name, self.context.extensions_app)

    def _used_by(self, flow: UserFlow) -> set[str]:
        return {self.id_of(each).casefold() for each in attributes_of(flow)}


def attribute_id(name: str, extensions_app: str) -> str:
    """Return the full id of a custom attribute, the name of a built-in one as it is written there."""
    text = name.strip()
    if text.casefold() in BUILT_IN:
        return BUILT_IN[text.casefold()].claim
    found = CUSTOM.fullmatch(text)
    own = _digits(extensions_app)
    if found is None or (found["app"] or own).lower() not in {own, _digits(DEFAULT_EXTENSIONS_APP)}:
        return text
    return f"extension_{own}_{found['name']}"


def shown_attribute_id(id: str) -> str:
    """Return the id as answers write it: that of a built-in attribute begins with a capital, as in ``City``.

    Source: graph-api.md §5. Requests may write it in any case.
    """
    return f"{id[0].upper()}{id[1:]}" if id.casefold() in BUILT_IN else id


def attributes_of(flow: UserFlow) -> Iterable[str]:
    """Return the attributes that a user flow names."""
    return (*(each.attribute for each in flow.attributes), *flow.claims)


def _digits(client_id: str) -> str:
    return client_id.replace("-", "").lower()


def _refuse_built_in(name: str) -> None:
    if name.casefold() in BUILT_IN:
        raise InvalidError(f"the user attribute {name!r} is built in; only custom ones change", service_code=READ_ONLY)


def _refuse_bad_description(text: str) -> None:
    one_line(text, "description", limit=_DESCRIPTION_LIMIT, empty=True)
