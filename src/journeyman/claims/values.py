"""Values of claims: JSON or text in, typed values out, and back.

Representation of each data type in Python (policy-language.md §3.1.1):

    boolean -> bool      int, long -> int      date -> datetime.date      dateTime -> datetime in UTC
    string, phoneNumber (E.164), duration (ISO 8601) -> str      stringCollection -> tuple of str
    userIdentity -> UserIdentity      userIdentityCollection, alternativeSecurityIdCollection -> tuple of them
    objectIdentity, objectIdentityCollection -> str (opaque JSON text)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Final, Literal, TypeAlias, overload

from journeyman.claims import json_text
from journeyman.claims.json_text import MAX_TEXT, compact, parse_json

Json: TypeAlias = json_text.Json

MAX_ITEMS: Final = 10_000
"""How many items a collection may hold; our choice."""


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


class ConversionError(ValueError):
    """A value does not fit a data type; the message names the type and never contains the value."""


@overload
def convert(value: object, data_type: Literal[DataType.BOOLEAN]) -> bool: ...
@overload
def convert(value: object, data_type: Literal[DataType.INT, DataType.LONG]) -> int: ...
@overload
def convert(value: object, data_type: Literal[DataType.DATE_TIME]) -> datetime: ...
@overload
def convert(value: object, data_type: Literal[DataType.DATE]) -> date: ...
@overload
def convert(value: object, data_type: Literal[DataType.STRING]) -> str: ...
@overload
def convert(value: object, data_type: Literal[DataType.STRING_COLLECTION]) -> tuple[str, ...]: ...
@overload
def convert(value: object, data_type: Literal[DataType.USER_IDENTITY]) -> UserIdentity: ...
@overload
def convert(value: object, data_type: Literal[DataType.USER_IDENTITY_COLLECTION]) -> tuple[UserIdentity, ...]: ...
@overload
def convert(value: object, data_type: DataType) -> ClaimValue: ...
def convert(value: object, data_type: DataType) -> ClaimValue:
    """Turn what an API, a page, a policy or a method gave into a value of ``data_type``.

    Args:
        value: parsed JSON, text, or a typed value.
        data_type: the type of the claim that takes the value.

    Raises:
        ConversionError: the value does not fit, or it is too long, too deep or has too many items.

    Source: rest-connectors.md §10.5, policy-language.md §3.1.1. The limits are this project's decisions.
    """
    try:
        return _CONVERTERS[data_type](value)
    except (ValueError, OverflowError):
        # Messages of int() and fromisoformat() quote the value, so the cause is not chained.
        message = f"the value is not a {data_type.value}"
        raise ConversionError(message) from None


def to_text(value: ClaimValue) -> str:
    """Write a value as preconditions and string methods see it: ``True``, ``2031-04-02``, a JSON array."""
    match value:
        case str():
            return value
        case bool():
            return "True" if value else "False"
        case int():
            return str(value)
        case datetime():
            return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}0Z"
        case date():
            return value.isoformat()
        case _:
            return compact(to_json(value))


def to_json(value: ClaimValue) -> Json:
    """Write a value as it stands in the JSON body of a REST call (rest-connectors.md §4.1)."""
    match value:
        case bool() | int() | str():
            return value
        case UserIdentity():
            return {"issuer": value.issuer, "issuerUserId": value.issuer_user_id}
        case tuple():
            return [to_json(item) for item in value]
        case _:
            return to_text(value)


def to_wire_text(value: ClaimValue) -> str:
    """Write a value as it stands in a form, header, query or URL (the column "text" of rest-connectors.md §4.1)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        names = [item for item in value if isinstance(item, str)]
        return ",".join(names) if len(names) == len(value) else to_text(value)
    return to_text(value)


def encode_state(value: ClaimValue) -> Json:
    """Write a value so that ``decode_state`` gives it back."""
    return to_json(value)


def decode_state(state: Json, data_type: DataType) -> ClaimValue:
    """Read what ``encode_state`` wrote. Raises ConversionError when the claim has another type by now."""
    return convert(state, data_type)


_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}")
_US_DATE_TIME: Final = re.compile(r"([0-9]{1,2}/[0-9]{1,2}/[0-9]{4}) ([0-9]{1,2}):([0-9]{2}:[0-9]{2}) ([AP])M")
_DURATION: Final = re.compile(
    r"(?P<sign>[-+]?)(?P<letter>[PN])(?P<rest>(?=[0-9T])"
    r"([0-9]+Y)?([0-9]+MO?)?([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+([.,][0-9]+)?S)?)?)"
)
_PHONE_PUNCTUATION: Final = re.compile(r"[\s().\-/]")
_E164: Final = re.compile(r"\+[1-9][0-9]{1,14}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_SCALAR: Final = 64
_BOOLEANS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}


def _scalar_text(value: object) -> str:
    """Return the trimmed text of a number, date or the like."""
    if isinstance(value, str) and len(value) <= _LONGEST_SCALAR:
        return value.strip()
    raise ValueError


def _boolean(value: object) -> bool:
    text = str(int(value)) if isinstance(value, int) else _scalar_text(value).lower()
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    raise ValueError


def _int(value: object) -> int:
    return _whole_number(value, bits=32)


def _long(value: object) -> int:
    return _whole_number(value, bits=64)


def _whole_number(value: object, *, bits: int) -> int:
    match value:
        case int() if not isinstance(value, bool):
            number = value
        case float() if value.is_integer():
            number = int(value)
        case str() if _WHOLE_NUMBER.fullmatch(_scalar_text(value)):
            number = int(value)
        case _:
            raise ValueError
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError
    return number


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return _date_time(value).date()


def _date_time(value: object) -> datetime:
    match value:
        case datetime():
            moment = value
        case date():
            moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
        case int() | float() if not isinstance(value, bool):
            moment = _EPOCH + timedelta(seconds=value)
        case _:
            moment = _parse_date_time(_scalar_text(value).upper())
    # A time without a zone is UTC.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _parse_date_time(text: str) -> datetime:
    american = _US_DATE_TIME.fullmatch(text)
    if american is None:
        return datetime.fromisoformat(text)
    # The resolver Context:DateTimeInUtc writes this form, and its text may be meant for a dateTime claim.
    day, hour, rest, half = american.groups()
    month, day_of_month, year = day.split("/")
    if not 1 <= int(hour) <= 12:
        raise ValueError
    hour_of_day = int(hour) % 12 + (12 if half == "P" else 0)
    return datetime.fromisoformat(f"{year}-{month:0>2}-{day_of_month:0>2}T{hour_of_day:02}:{rest}")


def _duration(value: object) -> str:
    found = _DURATION.fullmatch(_scalar_text(value).upper())
    if found is None:
        raise ValueError
    # The service's documents write the sign as the first letter and months as Mo.
    negative = (found["sign"] == "-") is not (found["letter"] == "N")
    return f"{'-' if negative else ''}P{found['rest'].replace('MO', 'M').replace(',', '.')}"


def _string(value: object) -> str:
    match value:
        case str():
            text = value
        case None:
            raise ValueError
        case bool() | int() | float() | list() | dict():
            text = compact(value)
        case date() | tuple() | UserIdentity():
            text = to_text(value)
        case _:
            raise ValueError
    if len(text) > MAX_TEXT:
        raise ValueError
    if not text.isascii():
        text.encode()  # a lone surrogate could be neither sent nor stored
    return text


def _string_collection(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > MAX_ITEMS:
        raise ValueError
    return tuple(_string(item) for item in items if item is not None or item is value)


def _phone_number(value: object) -> str:
    text = _PHONE_PUNCTUATION.sub("", _scalar_text(value))
    if _E164.fullmatch(text) is None:
        raise ValueError
    return text


def _user_identity(value: object) -> UserIdentity:
    if isinstance(value, UserIdentity):
        return value
    match parse_json(value) if isinstance(value, str) else value:
        case {"issuer": str() as issuer, "issuerUserId": str() as issuer_user_id}:
            return UserIdentity(_string(issuer), _string(issuer_user_id))
        case _:
            raise ValueError


def _user_identities(value: object) -> tuple[UserIdentity, ...]:
    parsed = parse_json(value) if isinstance(value, str) else value
    items = parsed if isinstance(parsed, list | tuple) else [parsed]
    if len(items) > MAX_ITEMS:
        raise ValueError
    return tuple(_user_identity(item) for item in items)


_CONVERTERS: Final[Mapping[DataType, Callable[[object], ClaimValue]]] = {
    DataType.BOOLEAN: _boolean,
    DataType.DATE: _date,
    DataType.DATE_TIME: _date_time,
    DataType.DURATION: _duration,
    DataType.INT: _int,
    DataType.LONG: _long,
    DataType.STRING: _string,
    DataType.STRING_COLLECTION: _string_collection,
    DataType.PHONE_NUMBER: _phone_number,
    DataType.USER_IDENTITY: _user_identity,
    DataType.USER_IDENTITY_COLLECTION: _user_identities,
    DataType.ALTERNATIVE_SECURITY_ID_COLLECTION: _user_identities,
    DataType.OBJECT_IDENTITY: _string,
    DataType.OBJECT_IDENTITY_COLLECTION: _string,
}
