"""A record in, JSON text out, and back without loss.

Members that this version does not know are left out when a record of a newer version is read.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, TypeVar

from journeyman.errors import StorageError
from journeyman.trace.records import CallRecord, Exchange, Phases, StepRecord, Verdict

STEP: Final = "step"
CALL: Final = "call"

_NAMES: Final[Mapping[type, tuple[str, ...]]] = {
    record_type: tuple(field.name for field in dataclasses.fields(record_type))
    for record_type in (StepRecord, CallRecord, Exchange, Phases)
}

_D = TypeVar("_D", StepRecord, Exchange, Phases, CallRecord)


def encode(record: StepRecord | CallRecord) -> tuple[str, str]:
    """Return the type of the record, ``step`` or ``call``, and its JSON text in ASCII."""
    return (CALL if isinstance(record, CallRecord) else STEP), _ENCODER.encode(record)


def decode(type: str, text: str) -> StepRecord | CallRecord:
    """Return the record. Raises StorageError when the text is not one of this type."""
    try:
        members = json.loads(text)
        if type == STEP:
            return _build(StepRecord, members)
        if type == CALL:
            return _call(members)
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(f"a trace record of type {type!r} cannot be read") from error
    raise StorageError(f"a trace record has the unknown type {type!r}")


def to_json(record: StepRecord | CallRecord) -> dict[str, Any]:
    """Return the record as an object of JSON values, as the command line prints it."""
    members: dict[str, Any] = json.loads(encode(record)[1])
    return members


def _plain(value: object) -> object:
    names = _NAMES.get(type(value))
    if names is not None:
        return {name: getattr(value, name) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a record holds a {type(value).__name__}")


# One encoder for all records: json.dumps makes a new one for every call that has options.
_ENCODER: Final = json.JSONEncoder(default=_plain, separators=(",", ":"))


def _call(members: dict[str, Any]) -> CallRecord:
    exchange = members["exchange"]
    for name in ("request_headers", "response_headers"):
        exchange[name] = tuple((header, value) for header, value in exchange[name])
    members["exchange"] = _build(Exchange, exchange)
    members["phases"] = _build(Phases, members["phases"])
    members["verdict"] = Verdict(members["verdict"])
    for name in ("credential", "earlier"):
        members[name] = tuple(members.get(name, ()))
    return _build(CallRecord, members)


def _build(record_type: type[_D], members: Mapping[str, Any]) -> _D:
    known = _NAMES[record_type]
    return record_type(**{name: value for name, value in dict(members).items() if name in known})
