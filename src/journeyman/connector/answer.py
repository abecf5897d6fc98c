"""What an answer means: status and body in; claims, a refusal or an error out.

Source: rest-connectors.md §10 and §11. The border between AADB2C90075 and 90261, the layout of
DebugMode and the treatment of null are this project's decisions there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from journeyman.claims.values import ClaimValue, ConversionError, DataType, Json, convert
from journeyman.connector.client import Answer
from journeyman.connector.errors import (
    AnswerMappingError,
    CredentialRefusedError,
    HttpStatusError,
    UnparsableAnswerError,
)
from journeyman.connector.json_body import NotJsonError, parse_body
from journeyman.connector.json_path import JsonPath
from journeyman.connector.status_names import status_name, status_phrase
from journeyman.service_codes import SERVICE_CODES

MESSAGE_LIMIT: Final = 4_000
"""The longest user message, in characters; this project's decision."""

_DEBUG_MEMBERS: Final = ("code", "requestId", "developerMessage", "moreInfo")


@dataclass(frozen=True, slots=True)
class Output:
    """An output claim that the answer may set.

    Attributes:
        name: the name on the wire: a top-level member, or a path.
        path: None when the name is a member as it stands (``ResolveJsonPathsInJsonTokens`` is false).
        data_type: None when several claims share the name; the value then stays as it is.
    """

    name: str
    path: JsonPath | None
    data_type: DataType | None

    def find(self, body: Json) -> Json:
        """Return the value in the answer; null counts as absent."""
        if self.path is not None:
            return self.path.find(body)
        return body.get(self.name) if isinstance(body, dict) else None


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """What is the same for every answer of a profile.

    Attributes:
        certificate: whether the profile proves itself by a client certificate.
        debug: whether a refusal shows the members for developers.
    """

    profile_id: str
    outputs: tuple[Output, ...] = ()
    certificate: bool = False
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Success:
    """The API agreed; ``values`` is keyed by the name on the wire, ``body`` is the answer as JSON where it was read."""

    values: Mapping[str, Json | ClaimValue] = field(default_factory=dict)
    note: str = ""
    body: Json = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rejection:
    """The API said no, with a message for the person."""

    user_message: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Blocking:
    """The API ends the journey with a message for the person."""

    user_message: str
    note: str = ""


Result = Success | Rejection | Blocking


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text of the service says that the call was made."""

    exchange_id: str
    step: str


def read_answer(
    plan: AnswerPlan, answer: Answer, place: Place, conceal: Callable[[str], str] = str
) -> Success | Rejection:
    """Classify an answer.

    Args:
        conceal: takes out of the texts for people what was entrusted to the API.

    Raises:
        CredentialRefusedError: 401 or 403; AADB2C90027 or, with a client certificate, AADB2C90028.
        HttpStatusError: another status without a usable message; AADB2C90075.
        UnparsableAnswerError: an error body that should be JSON and is not an object; AADB2C90261.
        AnswerMappingError: a value does not fit the data type of its claim; AADB2C90261.
    """
    if 200 <= answer.status < 300:
        return _success(plan, answer, place)
    if answer.status in {401, 403}:
        raise credential_refused(answer, plan.profile_id, certificate=plan.certificate)
    body = _error_body(answer, place)
    message = body.get("userMessage")
    if 400 <= answer.status < 500 and isinstance(message, str) and message.strip():
        return Rejection(_shown(message, body, conceal, debug=plan.debug), _status_note(body))
    raise status_failure(answer, place, conceal)


def credential_refused(answer: Answer, profile_id: str, *, certificate: bool) -> CredentialRefusedError:
    """Return the error of a 401 or 403: AADB2C90027 or, with a client certificate, AADB2C90028."""
    row = SERVICE_CODES[90028 if certificate else 90027]
    operator = f"the API answered {answer.status}"
    return CredentialRefusedError(row.text.format(profile_id), operator=operator, service_code=row.code)


def status_failure(answer: Answer, place: Place, conceal: Callable[[str], str], operator: str = "") -> HttpStatusError:
    """Return the error of a status that is neither success nor a refusal that can be shown: AADB2C90075."""
    reason = status_phrase(answer.status, conceal(answer.reason))
    text = SERVICE_CODES[90075].text.format(place.exchange_id, place.step, status_name(answer.status), reason)
    return HttpStatusError(text, operator=operator)


def unparsable(place: Place, operator: str) -> UnparsableAnswerError:
    """Return the error of an answer that cannot be read: AADB2C90261."""
    row = SERVICE_CODES[90261]
    return UnparsableAnswerError(
        row.text.format(place.exchange_id, place.step), operator=operator, service_code=row.code
    )


def unfit(place: Place, name: str, data_type: DataType) -> AnswerMappingError:
    """Return the error of a value that does not fit its claim; it names the claim and never the value."""
    row = SERVICE_CODES[90261]
    operator = f"the value of {name!r} in the answer is not a {data_type.value}"
    return AnswerMappingError(row.text.format(place.exchange_id, place.step), operator=operator, service_code=row.code)


def shown_text(message: str, conceal: Callable[[str], str]) -> str:
    """Return a text of an API as a person may see it: nothing entrusted to it, nothing that disturbs a page or a log."""
    return _plain(conceal(message))[:MESSAGE_LIMIT]


def _success(plan: AnswerPlan, answer: Answer, place: Place) -> Success:
    if not plan.outputs or not answer.body.strip():
        return Success()
    try:
        body = parse_body(answer.body)
    except NotJsonError as error:
        return Success(note=f"{error}; only defaults were applied")
    values: dict[str, Json | ClaimValue] = {}
    for output in plan.outputs:
        value = output.find(body)
        if value is not None:
            values[output.name] = _converted(output, value, place)
    note = "" if isinstance(body, dict | list) else "the body is not a JSON object; only defaults were applied"
    return Success(values, note, body)


def _converted(output: Output, value: Json, place: Place) -> Json | ClaimValue:
    if output.data_type is None:
        return value
    try:
        return convert(value, output.data_type)
    except ConversionError as error:
        raise unfit(place, output.name, output.data_type) from error


def _error_body(answer: Answer, place: Place) -> dict[str, Json]:
    """Return the object in an error answer, an empty one where the body does not even look like JSON."""
    start = answer.body.lstrip()[:1]
    claimed = "json" in answer.headers.get("Content-Type", "").lower() or start in {b"{", b"["}
    if not start or not (claimed or start == b'"'):
        return {}
    try:
        body = parse_body(answer.body)
    except NotJsonError as error:
        if not claimed:
            return {}
        raise unparsable(place, f"the API answered {answer.status}, and {error}") from error
    if not isinstance(body, dict):
        raise unparsable(place, f"the API answered {answer.status}, and the body is JSON but not an object")
    return body


def _shown(message: str, body: Mapping[str, Json], conceal: Callable[[str], str], *, debug: bool) -> str:
    lines = [_plain(conceal(message))]
    if debug:
        lines += [f"{name}: {_plain(conceal(str(body[name])))}" for name in _DEBUG_MEMBERS if _present(body.get(name))]
    return "\n".join(lines)[:MESSAGE_LIMIT]


def _present(value: Json) -> bool:
    return value is not None and value != ""


def _plain(text: str) -> str:
    """Take away what could disturb a page, a log or a header; the page escapes markup."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t").strip()


def _status_note(body: Mapping[str, Json]) -> str:
    status = body.get("status")
    return "" if str(status) == "409" else "the member 'status' of the error should be 409"
