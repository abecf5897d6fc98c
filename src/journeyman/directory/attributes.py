"""The attributes of a user: a name in, what it takes and who may read or write it out.

Source: technical-profiles.md §6.3 (lengths), §6.4 (the table). Names are matched without regard to
case. ``createdDateTime`` and its neighbours are read only: this project's decision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from journeyman.claims.values import ClaimValue, ConversionError, DataType, convert, to_text
from journeyman.directory.errors import AttributeValueError
from journeyman.directory.user import AttributeValue

DEFAULT_EXTENSIONS_APP: Final = "00000000-0000-0000-0000-000000000000"
"""Stands in the stored names of extension attributes of the tenant's own extensions application, whatever its id."""

MAX_EXTENSIONS: Final = 100
_MAX_EXTENSION_TEXT = 256
_MAX_ITEMS = 250
_EXTENSION: Final = re.compile(r"extension_(?:[0-9a-f]{32}_)?[^\x00-\x20]{1,128}")
_SIGN_IN_NAME: Final = re.compile(r"signinnames\.[a-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute under its documented name.

    Attributes:
        type: what it takes; None when it takes any text, number, boolean or date (extensions).
        max_length: in characters, of a text or of each element.
        key: whether an account can be found by it.
        persisted: whether a policy may write it.
        output: whether a policy may read it.
    """

    name: str
    type: DataType | None = DataType.STRING
    max_length: int = 1024
    key: bool = False
    persisted: bool = True
    output: bool = True


def _table(*rows: Attribute) -> dict[str, Attribute]:
    return {row.name.lower(): row for row in rows}


_PLAIN: Final = {
    "displayName": 256, "givenName": 64, "surname": 64, "jobTitle": 128, "city": 128, "state": 128, "country": 128,
    "postalCode": 40, "streetAddress": 1024, "department": 64, "mobile": 64, "telephoneNumber": 64,
    "facsimileTelephoneNumber": 64, "physicalDeliveryOfficeName": 128, "preferredLanguage": 64, "usageLocation": 2,
    "mailNickName": 64, "immutableId": 256, "netId": 256, "strongAuthenticationPhoneNumber": 64,
    "strongAuthenticationAlternativePhoneNumber": 64, "strongAuthenticationEmailAddress": 256, "ageGroup": 64,
    "consentProvidedForMinor": 64, "legalCountry": 64,
}  # fmt: skip

_IDENTITIES: Final = DataType.USER_IDENTITY_COLLECTION

ATTRIBUTES: Final[Mapping[str, Attribute]] = _table(
    *(Attribute(name, max_length=length) for name, length in _PLAIN.items()),
    Attribute("objectId", key=True),
    Attribute("userPrincipalName", key=True, max_length=256),
    Attribute("signInNames", key=True, persisted=False, output=False),
    Attribute("alternativeSecurityId", key=True),
    Attribute("alternativeSecurityIds", _IDENTITIES),
    Attribute("userIdentities", _IDENTITIES, key=True),
    Attribute("password", output=False),
    Attribute("passwordPolicies"),
    Attribute("passwordProfile.forceChangePasswordNextLogin", DataType.BOOLEAN),
    Attribute("accountEnabled", DataType.BOOLEAN),
    Attribute("otherMails", DataType.STRING_COLLECTION, max_length=256),
    Attribute("dateOfBirth", DataType.DATE),
    Attribute("legalAgeGroupClassification", persisted=False),
    Attribute("createdDateTime", DataType.DATE_TIME, persisted=False),
    Attribute("creationType", persisted=False),
    Attribute("userType", persisted=False),
    Attribute("refreshTokensValidFromDateTime", DataType.DATE_TIME, persisted=False),
    Attribute("newClaimsPrincipalCreated", DataType.BOOLEAN, persisted=False),
)


def find_attribute(name: str) -> Attribute | None:
    """Return the attribute of this name, None when the directory has none."""
    lower = name.strip().lower()
    if lower in ATTRIBUTES:
        return ATTRIBUTES[lower]
    if _SIGN_IN_NAME.fullmatch(lower):
        return Attribute(name.strip(), key=True, max_length=256)
    if _EXTENSION.fullmatch(lower):
        return Attribute(name.strip(), None, max_length=_MAX_EXTENSION_TEXT)
    return None


def own_name(name: str, extensions_app: str) -> str:
    """Return an attribute's name with the default in place of the tenant's extensions application.

    ``extension_X``, ``extension_<32 hex of the tenant's>_X`` and the default spelled out are one attribute.

    Args:
        extensions_app: the client id of the tenant's extensions application.
    """
    prefix = f"extension_{extensions_app.replace('-', '').lower()}_"
    if not name.strip().lower().startswith(prefix):
        return name
    return f"extension_{DEFAULT_EXTENSIONS_APP.replace('-', '')}_{name.strip()[len(prefix) :]}"


def stored_name(name: str, *, extensions_app: str = DEFAULT_EXTENSIONS_APP) -> str:
    """Return the name under which a user's attributes hold it: ``extension_<client id without dashes>_<name>``.

    Args:
        name: ``city``, ``extension_LoyaltyNumber``, or an extension that already names its application.
        extensions_app: the client id of the extensions application, with or without dashes.
    """
    lower = name.strip().lower()
    if not lower.startswith("extension_") or re.match(r"extension_[0-9a-f]{32}_", lower):
        return lower
    return f"extension_{extensions_app.replace('-', '').lower()}_{lower.removeprefix('extension_')}"


def stored_value(attribute: Attribute, value: ClaimValue) -> AttributeValue:
    """Return a claim's value as the directory keeps it.

    Raises:
        AttributeValueError: of another type, too long, or with ``<`` or ``>`` in a display name. The
            text names the attribute and never the value.
    """
    kept = _converted(attribute, value)
    texts = kept if isinstance(kept, tuple) else (kept,)
    if len(texts) > _MAX_ITEMS or any(isinstance(t, str) and len(t) > attribute.max_length for t in texts):
        raise AttributeValueError(f"the value of {attribute.name} is longer than {attribute.max_length} characters")
    if attribute.name == "displayName" and isinstance(kept, str) and ("<" in kept or ">" in kept):
        raise AttributeValueError("the value of displayName holds < or >")
    return kept


def _converted(attribute: Attribute, value: ClaimValue) -> AttributeValue:
    try:
        typed = value if attribute.type is None else convert(value, attribute.type)
    except ConversionError as error:
        raise AttributeValueError(f"{attribute.name}: {error}") from None
    if isinstance(typed, date):
        return to_text(typed)
    if isinstance(typed, str | bool | int):
        return typed
    if isinstance(typed, tuple):
        return tuple(item for item in typed if isinstance(item, str))
    raise AttributeValueError(f"{attribute.name} cannot take a value of this type")
