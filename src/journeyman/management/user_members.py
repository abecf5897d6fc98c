"""The members of a user as the management API and the portal name them, and where the directory keeps them.

Source: graph-api.md §8; technical-profiles.md §6.4 for the directory's names and lengths.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from journeyman.directory.attributes import DEFAULT_EXTENSIONS_APP, own_name
from journeyman.directory.read import read
from journeyman.directory.user import FEDERATED, AttributeValue, Identity, User

PRINCIPAL_NAME: Final = "userPrincipalName"
_DIRECTORY_NAMES: Final = {"id": "objectId", "passwordProfile": "password"}
_EXTENSION: Final = re.compile(r"extension_[0-9a-f]{32}_[A-Za-z][A-Za-z0-9_]{0,127}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UserMember:
    """A member with a plain value.

    Attributes:
        stored: the name under which the directory keeps it, in lower case.
        many: whether it is a list of texts.
    """

    name: str
    stored: str
    max_length: int = 256
    many: bool = False


MEMBERS: Final[Mapping[str, UserMember]] = {
    member.name: member
    for member in (
        UserMember("displayName", "displayname"),
        UserMember("givenName", "givenname", 64),
        UserMember("surname", "surname", 64),
        UserMember("jobTitle", "jobtitle", 128),
        UserMember("mail", "mail"),
        UserMember("mobilePhone", "mobile", 64),
        UserMember("businessPhones", "telephonenumber", 64, many=True),
        UserMember("officeLocation", "physicaldeliveryofficename", 128),
        UserMember("preferredLanguage", "preferredlanguage", 64),
        UserMember("mailNickname", "mailnickname", 64),
        UserMember("otherMails", "othermails", many=True),
        UserMember("city", "city", 128),
        UserMember("state", "state", 128),
        UserMember("country", "country", 128),
        UserMember("postalCode", "postalcode", 40),
        UserMember("streetAddress", "streetaddress", 1024),
        UserMember("department", "department", 64),
        UserMember("companyName", "companyname", 64),
        UserMember("employeeId", "employeeid", 16),
        UserMember("faxNumber", "facsimiletelephonenumber", 64),
        UserMember("usageLocation", "usagelocation", 2),
        UserMember("onPremisesImmutableId", "immutableid"),
        UserMember("ageGroup", "agegroup", 64),
        UserMember("consentProvidedForMinor", "consentprovidedforminor", 64),
    )
}

READ_ONLY: Final = (
    "id", "createdDateTime", "creationType", "legalAgeGroupClassification", "signInSessionsValidFromDateTime", "userType",
)  # fmt: skip
FIELDS: Final = ("accountEnabled", "passwordPolicies", "passwordProfile", "identities", PRINCIPAL_NAME)
NAMES: Final[Mapping[str, str]] = {name.lower(): name for name in (*MEMBERS, *READ_ONLY, *FIELDS)}
"""Every member but extension attributes: name in lower case -> name."""


def is_extension(name: str) -> bool:
    """Whether a name is that of an extension attribute, ``extension_<client id without dashes>_<Name>``."""
    return _EXTENSION.fullmatch(name) is not None


def stored_extension(name: str, extensions_app: str) -> str:
    """Return the name under which the directory keeps an extension attribute."""
    return own_name(name, extensions_app).lower()


def shown_name(stored: str, extensions_app: str) -> str:
    """Return the name under which an extension attribute is shown, from the name the directory keeps."""
    default = f"extension_{DEFAULT_EXTENSIONS_APP.replace('-', '')}_"
    own = f"extension_{extensions_app.replace('-', '').lower()}_"
    return own + stored.removeprefix(default) if stored.startswith(default) else stored


def member_value(user: User, name: str, *, tenant: str, extensions_app: str) -> object:
    """Return a member of a user as JSON has it; None when there is no value or no such member.

    Args:
        name: in any case.
        tenant: the tenant's name, which is the issuer of local identities.
    """
    known = NAMES.get(name.lower(), "")
    member = MEMBERS.get(known)
    if member is not None:
        value = user.attributes.get(member.stored)
        return _many(value) if member.many else value
    if known:
        return _field(user, known, tenant)
    if is_extension(name):
        return _plain(user.attributes.get(stored_extension(name, extensions_app)))
    return None


def _field(user: User, name: str, tenant: str) -> object:
    if name == "identities":
        return [identity_json(one) for one in shown_identities(user, tenant)]
    if name == "signInSessionsValidFromDateTime":
        return moment(user.refresh_tokens_valid_from or user.created_at)
    value = read(user, _DIRECTORY_NAMES.get(name, name))
    return moment(value) if isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class ShownIdentity:
    """An identity as the API shows it."""

    sign_in_type: str
    issuer: str
    assigned_id: str


def shown_identities(user: User, tenant: str) -> list[ShownIdentity]:
    """Return the identities of a user; the principal name is the last."""
    found = [
        ShownIdentity(one.kind, tenant if one.local else one.issuer, one.value if one.local else plain_id(one.value))
        for one in user.identities
    ]
    if user.principal_name:
        found.append(ShownIdentity(PRINCIPAL_NAME, tenant, user.principal_name))
    return found


def identity_json(identity: ShownIdentity) -> dict[str, str]:
    """Return an identity as JSON has it."""
    return {
        "signInType": identity.sign_in_type,
        "issuer": identity.issuer,
        "issuerAssignedId": identity.assigned_id,
    }


def plain_id(value: str) -> str:
    """Return the user id of a federated issuer: claims, and so the directory, hold its base64."""
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return value


def federated(issuer: str, user_id: str) -> Identity:
    """Return the identity of a user whom ``issuer`` knows under ``user_id``."""
    return Identity(FEDERATED, issuer, base64.b64encode(user_id.encode()).decode())


def moment(at: datetime) -> str:
    """Return a time as answers have it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _many(value: AttributeValue | None) -> list[str]:
    if value is None:
        return []
    return [*value] if isinstance(value, tuple) else [str(value)]


def _plain(value: AttributeValue | None) -> object:
    return [*value] if isinstance(value, tuple) else value
