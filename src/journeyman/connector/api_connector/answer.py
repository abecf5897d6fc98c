"""What the answer of an API connector means: status, body and step in; claims, a refusal, a block page or an error out.

Everything that is not exactly one of the documented answers fails closed, but for the two cases that
rest-connectors.md §15.5 lets pass: no ``action`` where nothing is decided, and a block page at the token step.

Source: rest-connectors.md §15.4 and §15.5. That a name which stands twice and a value that is no plain one make an
answer unreadable, and that an answer without a body has no action, is this project's decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from journeyman.claims.values import ClaimValue, ConversionError, DataType, Json, convert
from journeyman.connector.answer import (
    Blocking,
    Place,
    Rejection,
    Result,
    Success,
    credential_refused,
    shown_text,
    status_failure,
    unfit,
    unparsable,
)
from journeyman.connector.api_connector.names import short_name
from journeyman.connector.api_connector.step import Step
from journeyman.connector.client import Answer
from journeyman.connector.json_body import NotJsonError, parse_body

CONTINUE: Final = "Continue"
SHOW_BLOCK_PAGE: Final = "ShowBlockPage"
VALIDATION_ERROR: Final = "ValidationError"

_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_COLLECTIONS: Final = frozenset({DataType.STRING_COLLECTION})

Conceal = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ConnectorOutput:
    """A claim that an answer may set; ``data_type`` is None when several claims share the name."""

    name: str
    data_type: DataType | None

    def find(self, body: Mapping[str, Json]) -> Json:
        """Return the value, under the whole name or without the id of the extensions application; null is none."""
        found = body.get(self.name)
        short = short_name(self.name) if found is None else None
        return body.get(short) if short is not None else found


@dataclass(frozen=True, slots=True)
class ConnectorAnswerPlan:
    """What is the same for every answer of a connector."""

    profile_id: str
    step: Step
    outputs: tuple[ConnectorOutput, ...] = ()
    certificate: bool = False


def read_connector_answer(plan: ConnectorAnswerPlan, answer: Answer, place: Place, conceal: Conceal = str) -> Result:
    """Classify an answer.

    Raises:
        CredentialRefusedError: 401 or 403; AADB2C90027 or, with a client certificate, AADB2C90028.
        HttpStatusError: 400 that is no ValidationError of this step, or another status; AADB2C90075.
        UnparsableAnswerError: success with a body that says nothing that can be relied on; AADB2C90261.
        AnswerMappingError: a value does not fit its claim; AADB2C90261.
    """
    if answer.status in _REFUSED:
        raise credential_refused(answer, plan.profile_id, certificate=plan.certificate)
    if 200 <= answer.status < 300:
        return _agreed(plan, _object(answer, place), place, conceal)
    if answer.status == HTTPStatus.BAD_REQUEST:
        return _invalid(plan, answer, place, conceal)
    raise status_failure(answer, place, conceal)


def _agreed(plan: ConnectorAnswerPlan, body: dict[str, Json], place: Place, conceal: Conceal) -> Result:
    match body.get("action"):
        case "Continue":
            return _claims(plan, body, place, _version_note(body))
        case None if plan.step is not Step.POST_ATTRIBUTE_COLLECTION:
            return _claims(plan, body, place, "the answer has no action; it was taken as Continue")
        case None:
            # A check that a broken body passes by is no check.
            raise unparsable(place, "the answer has no action")
        case "ShowBlockPage" if plan.step is Step.PRE_TOKEN_ISSUANCE:
            return Success(note="ShowBlockPage has no effect at this step, and nothing was taken from the answer")
        case "ShowBlockPage":
            message = _message(body, conceal)
            if not message:
                raise unparsable(place, "ShowBlockPage without a userMessage")
            return Blocking(message, _joined("ShowBlockPage", _version_note(body)))
        case "ValidationError":
            raise unparsable(place, "ValidationError with a status that is not 400")
        case _:
            raise unparsable(place, "the action is none of Continue, ShowBlockPage and ValidationError")


def _invalid(plan: ConnectorAnswerPlan, answer: Answer, place: Place, conceal: Conceal) -> Rejection:
    try:
        body = parse_body(answer.body, unique=True)
    except NotJsonError as error:
        raise status_failure(answer, place, conceal, f"the API answered 400, and {error}") from error
    reason = _not_a_validation_error(plan.step, body)
    if reason or not isinstance(body, dict):
        raise status_failure(answer, place, conceal, f"the API answered 400, and {reason}")
    message = _message(body, conceal)
    if not message:
        raise status_failure(answer, place, conceal, "the API answered 400, and there is no userMessage")
    return Rejection(message, _joined(VALIDATION_ERROR, _version_note(body)))


def _not_a_validation_error(step: Step, body: Json) -> str:
    if not isinstance(body, dict):
        return "the body is JSON but not an object"
    if body.get("action") != VALIDATION_ERROR:
        return "the action is not ValidationError"
    status = body.get("status")
    if isinstance(status, bool) or not (status == "400" or (isinstance(status, int) and status == 400)):
        return "the member 'status' of the body is not 400"
    return "" if step is Step.POST_ATTRIBUTE_COLLECTION else f"ValidationError is not allowed at {step.value}"


def _claims(plan: ConnectorAnswerPlan, body: dict[str, Json], place: Place, note: str) -> Success:
    values: dict[str, Json | ClaimValue] = {}
    for output in plan.outputs:
        value = output.find(body)
        if value is not None:
            values[output.name] = _converted(output, value, place)
    return Success(values, note, body)


def _converted(output: ConnectorOutput, value: Json, place: Place) -> Json | ClaimValue:
    kind = output.data_type
    items = value if isinstance(value, list) and (kind is None or kind in _COLLECTIONS) else [value]
    if any(isinstance(item, dict | list) for item in items):
        raise unfit(place, output.name, kind or DataType.STRING)
    if kind is None:
        return value
    try:
        return convert(value, kind)
    except ConversionError as error:
        raise unfit(place, output.name, kind) from error


def _object(answer: Answer, place: Place) -> dict[str, Json]:
    if not answer.body.strip():
        return {}
    try:
        body = parse_body(answer.body, unique=True)
    except NotJsonError as error:
        raise unparsable(place, f"the API answered {answer.status}, and {error}") from error
    if not isinstance(body, dict):
        raise unparsable(place, f"the API answered {answer.status}, and the body is JSON but not an object")
    return body


def _message(body: Mapping[str, Json], conceal: Conceal) -> str:
    message = body.get("userMessage")
    return shown_text(message, conceal) if isinstance(message, str) else ""


def _version_note(body: Mapping[str, Json]) -> str:
    return "" if isinstance(body.get("version"), str) else "the answer has no version"


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))
