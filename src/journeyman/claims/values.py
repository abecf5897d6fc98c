"""Values of claims: JSON or text in, typed values out, and back.

Representation of each data type in Python (policy-language.md §3.1.1):

    boolean -> bool      int, long -> int      date -> datetime.date      dateTime -> datetime in UTC
    string, phoneNumber (E.164), duration (ISO 8601) -> str      stringCollection -> tuple of str
    userIdentity -> UserIdentity      userIdentityCollection, alternativeSecurityIdCollection -> tuple of them
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

type_of_json = "JSON values are None, bool, int, float, str, list and dict with str keys"
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class DataType(Enum):
    """The data types of the language, as written in ``<DataType>``."""

    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "dateTime"
    DURATION = "duration"
    INT = "int"
    LONG = "long"
    STRING = "string"
    STRING_COLLECTION = "stringCollection"
    PHONE_NUMBER = "phoneNumber"
    USER_IDENTITY = "userIdentity"
    USER_IDENTITY_COLLECTION = "userIdentityCollection"
    ALTERNATIVE_SECURITY_ID_COLLECTION = "alternativeSecurityIdCollection"
    OBJECT_IDENTITY = "objectIdentity"
    OBJECT_IDENTITY_COLLECTION = "objectIdentityCollection"


@dataclass(frozen=True, slots=True)
class UserIdentity:
    """One identity of a user at an issuer; ``issuer_user_id`` is base64 as the service stores it."""

    issuer: str
    issuer_user_id: str


ClaimValue = bool | int | str | date | datetime | tuple[str, ...] | UserIdentity | tuple[UserIdentity, ...]
