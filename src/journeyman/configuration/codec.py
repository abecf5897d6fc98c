"""Objects of ``settings/identity.py`` and JSON records: either in, the other out.

A record holds the fields of its dataclass under their names. A field that a record lacks has its default, so that
records outlive a release that adds one; a member that no field has is left out. All else must be as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Final, TypeVar, Union, get_args, get_origin, get_type_hints

from journeyman.configuration.errors import DamagedObjectError
from journeyman.configuration.store import Entry, Kind
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    BasicCredentials,
    CertificateCredentials,
    ConnectorCredentials,
    IdentityProvider,
    ManagedBearerCredentials,
    StaticBearerCredentials,
    UserAttribute,
    UserFlow,
)

IdentityObject = ApiConnector | UserFlow | UserAttribute | IdentityProvider

KIND_OF: Final[Mapping[type, Kind]] = {
    ApiConnector: Kind.API_CONNECTOR,
    UserFlow: Kind.USER_FLOW,
    UserAttribute: Kind.USER_ATTRIBUTE,
    IdentityProvider: Kind.IDENTITY_PROVIDER,
}
"""Class of an object -> the kind under which the store keeps it."""

_Object = TypeVar("_Object", bound=IdentityObject)

_CREDENTIALS: Final[Mapping[str, type]] = {
    "basic": BasicCredentials,
    "certificate": CertificateCredentials,
    "staticBearer": StaticBearerCredentials,
    "managedBearer": ManagedBearerCredentials,
    "apiKey": ApiKeyCredentials,
}
_TAG: Final = "type"


def encode(value: IdentityObject) -> dict[str, object]:
    """Return the record of an object."""
    return _encoded_fields(value)


def decode(entry: Entry, expected: type[_Object]) -> _Object:
    """Return the object of an entry. Raises DamagedObjectError, which names the entry and the member."""
    try:
        found = _decoded(expected, entry.record, "")
    except ValueError as error:
        raise DamagedObjectError(f"the stored {entry.kind.value} {entry.id!r} is damaged: {error}") from None
    if not isinstance(found, expected) or found.id.casefold() != entry.id.casefold():
        raise DamagedObjectError(f"the stored {entry.kind.value} {entry.id!r} is damaged: id names another object")
    return found


def _encoded_fields(value: object) -> dict[str, object]:
    if not is_dataclass(value):
        raise TypeError(f"{type(value).__name__} is no object of the configuration")
    return {each.name: _encoded(getattr(value, each.name)) for each in fields(value)}


def _encoded(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_encoded(each) for each in value]
    if isinstance(value, Mapping):
        return {str(_encoded(name)): _encoded(each) for name, each in value.items()}
    if is_dataclass(value):
        tag = next((tag for tag, known in _CREDENTIALS.items() if type(value) is known), None)
        return ({_TAG: tag} if tag else {}) | _encoded_fields(value)
    return value


def _decoded(hint: object, value: object, path: str) -> object:
    """Return what a field of this type holds. Raises ValueError, which names the member by its path."""
    if hint == ConnectorCredentials:
        return _decoded_credentials(value, path)
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return _decoded_optional(hint, value, path)
    if origin is tuple:
        (item, _) = get_args(hint)
        items = _typed(value, list, path)
        return tuple(_decoded(item, each, f"{path}/{number}") for number, each in enumerate(items))
    if origin is not None and issubclass(origin, Mapping):
        name_hint, item = get_args(hint)
        members = _typed(value, dict, path)
        return {_decoded(name_hint, n, f"{path}/{n}"): _decoded(item, v, f"{path}/{n}") for n, v in members.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return _decoded_fields(hint, value, path)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _decoded_enum(hint, value, path)
    return _decoded_scalar(hint, value, path)


def _decoded_fields(known: type, value: object, path: str) -> object:
    members = _typed(value, dict, path)
    hints = _hints(known)
    given = {
        each.name: _decoded(hints[each.name], members[each.name], f"{path}/{each.name}")
        for each in fields(known)
        if each.name in members
    }
    missing = [each.name for each in fields(known) if each.name not in given and _required(each)]
    if missing:
        raise ValueError(f"{_shown(f'{path}/{missing[0]}')} is missing")
    return known(**given)


def _decoded_credentials(value: object, path: str) -> object:
    members = _typed(value, dict, path)
    known = _CREDENTIALS.get(str(members.get(_TAG)))
    if known is None:
        raise ValueError(f"{_shown(f'{path}/{_TAG}')} is not known")
    return _decoded_fields(known, members, path)


def _decoded_optional(hint: object, value: object, path: str) -> object:
    (inner,) = (each for each in get_args(hint) if each is not NoneType)
    return None if value is None else _decoded(inner, value, path)


def _decoded_enum(known: type[Enum], value: object, path: str) -> Enum:
    try:
        return known(value)
    except ValueError:
        raise ValueError(f"{_shown(path)} is not known") from None


def _decoded_scalar(hint: object, value: object, path: str) -> object:
    if hint is float and type(value) in {int, float}:
        return value
    # bool is a subclass of int, and is no number here.
    if type(value) is not hint:
        raise ValueError(f"{_shown(path)} has the wrong type")
    return value


_Container = TypeVar("_Container", list[object], dict[str, object])


def _typed(value: object, known: type[_Container], path: str) -> _Container:
    if not isinstance(value, known):
        raise ValueError(f"{_shown(path)} has the wrong type")  # noqa: TRY004  the caller asks for one kind of error
    return value


def _required(field: Field[object]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _shown(path: str) -> str:
    return path.removeprefix("/") or "the record"


@cache
def _hints(known: type) -> Mapping[str, object]:
    return get_type_hints(known)
