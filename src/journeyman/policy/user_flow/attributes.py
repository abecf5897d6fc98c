"""Attributes of users: ids of user flows in, claim types and names in tokens out.

Source: pages.md §13.3; technical-profiles.md §6.4 for the longest texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from journeyman.settings.identity import AttributeType, UserAttribute

CUSTOM: Final = re.compile(r"extension_(?:(?P<app>[0-9a-f]{32})_)?(?P<name>[A-Za-z0-9_]{1,100})", re.IGNORECASE)
"""The id of a custom attribute, with or without the client id of the extensions application."""

_CUSTOM_LIMIT: Final = 256
_DATA_TYPES: Final = {
    AttributeType.STRING: "string",
    AttributeType.BOOLEAN: "boolean",
    AttributeType.INT64: "long",
    AttributeType.STRING_COLLECTION: "stringCollection",
    AttributeType.DATE_TIME: "dateTime",
}


@dataclass(frozen=True, slots=True)
class FlowAttribute:
    """An attribute as user flows know it.

    Attributes:
        claim: id of the claim type; of a custom attribute without the client id of the application.
        token: its name in tokens.
        type: the attribute's data type.
        data_type: that of the claim type.
        collected: whether a page may ask for it.
        returned: whether a token may carry it.
        read: whether the directory keeps it, so that it is read for every token.
        limit: the longest text that the directory takes, in characters; 0 for none of its own.
    """

    claim: str
    token: str
    label: str
    description: str = ""
    type: AttributeType = AttributeType.STRING
    collected: bool = True
    returned: bool = True
    read: bool = True
    custom: bool = False
    limit: int = 0

    @property
    def data_type(self) -> str:
        """The data type of the claim type."""
        return _DATA_TYPES[self.type]


def _table(*rows: FlowAttribute) -> Mapping[str, FlowAttribute]:
    return {row.claim.casefold(): row for row in rows}


EMAIL: Final = FlowAttribute("email", "emails", "Email Address", read=False)
EMAILS: Final = FlowAttribute(
    "emails", "emails", "Email Addresses", type=AttributeType.STRING_COLLECTION, collected=False, read=False
)

BUILT_IN: Final = _table(
    FlowAttribute("city", "city", "City", limit=128),
    FlowAttribute("country", "country", "Country/Region", limit=128),
    FlowAttribute("displayName", "name", "Display Name", limit=256),
    FlowAttribute("givenName", "given_name", "Given Name", limit=64),
    FlowAttribute("jobTitle", "jobTitle", "Job Title", limit=128),
    FlowAttribute("postalCode", "postalCode", "Postal Code", limit=40),
    FlowAttribute("state", "state", "State/Province", limit=128),
    FlowAttribute("streetAddress", "streetAddress", "Street Address", limit=1024),
    FlowAttribute("surname", "family_name", "Surname", limit=64),
    EMAIL,
    EMAILS,
    FlowAttribute("objectId", "oid", "User's Object ID", collected=False, read=False),
    FlowAttribute("newUser", "newUser", "User is new", type=AttributeType.BOOLEAN, collected=False, read=False),
    FlowAttribute("identityProvider", "idp", "Identity Provider", collected=False, read=False),
    FlowAttribute(
        "identityProviderAccessToken", "idp_access_token", "Identity Provider Access Token", collected=False, read=False
    ),
    FlowAttribute("legalAgeGroupClassification", "legalAgeGroupClassification", "Legal Age Group", collected=False),
)
"""The built-in attributes by id in lower case."""


def claim_of(attribute_id: str) -> str:
    """Return the claim type of an attribute: without the client id of the extensions application."""
    found = CUSTOM.fullmatch(attribute_id.strip())
    return f"extension_{found['name']}" if found else attribute_id.strip()


def attribute_table(attributes: Iterable[UserAttribute]) -> Mapping[str, FlowAttribute]:
    """Return the attributes of a tenant by claim type in lower case: the built-in ones and its own."""
    own = {claim_of(each.id).casefold(): _custom(each) for each in attributes if each.custom}
    return {**own, **BUILT_IN}


def find(table: Mapping[str, FlowAttribute], attribute_id: str) -> FlowAttribute | None:
    """Return an attribute by its id, in any case and with or without the client id; None when there is none."""
    return table.get(claim_of(attribute_id).casefold())


def _custom(attribute: UserAttribute) -> FlowAttribute:
    claim = claim_of(attribute.id)
    return FlowAttribute(
        claim,
        claim,
        attribute.display_name,
        attribute.description,
        type=attribute.data_type,
        custom=True,
        limit=_CUSTOM_LIMIT if attribute.data_type is AttributeType.STRING else 0,
    )
