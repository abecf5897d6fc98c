"""The parameters of a protocol request: query or form in, one value for each name out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from journeyman.secret import Secret
from journeyman.service_codes import service_error

FORM_LIMIT_BYTES: Final = 64 * 1024
"""The largest form that is read; our choice, four times the largest authorization request seen."""

MAX_FIELDS: Final = 500
URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """What a Basic header says.

    Attributes:
        secrets: the password as RFC 6749 §2.3.1 encodes it, and as it stands when that differs:
            many clients leave the encoding out.
    """

    client_id: str
    secrets: tuple[Secret, ...]


def unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters by name. Raises ServiceError when a name stands twice."""
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            raise service_error(90122, name[:64])
        parameters[name] = value
    return parameters


async def read_form(request: Request) -> dict[str, str]:
    """Read a form of bounded size. Raises ServiceError when it is too long or not a form."""
    return unique(await _read_pairs(request))


async def read_page_form(request: Request) -> dict[str, str]:
    """Read the form of a page: like ``read_form``, but several values of one field are joined by commas."""
    pairs = await _read_pairs(request)
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return {name: ",".join(values) for name, values in fields.items()}


def basic_credentials(request: Request) -> BasicCredentials | None:
    """Return what a Basic header says, None when there is no such header.

    Raises:
        ServiceError: the header is there and cannot be read.
    """
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, separator, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError) as error:
        raise service_error(90081) from error
    if not separator:
        raise service_error(90081)
    texts = dict.fromkeys((unquote_plus(password), password))
    return BasicCredentials(unquote_plus(user), tuple(Secret(text) for text in texts if text))


async def _read_pairs(request: Request) -> Pairs:
    """Read a form once for all who ask: the way to an endpoint may depend on it as well."""
    pairs: Pairs | None = getattr(request.state, "form_pairs", None)
    if pairs is None:
        pairs = request.state.form_pairs = await _parse_pairs(request)
    return pairs


async def _parse_pairs(request: Request) -> Pairs:
    header = request.headers.get("content-type", "")
    content_type = header.partition(";")[0].strip().lower()
    if content_type not in {URLENCODED, MULTIPART}:
        raise service_error(90122, "Content-Type")
    body = await request.body()
    if len(body) > FORM_LIMIT_BYTES:
        raise service_error(90122, "body")
    try:
        if content_type == MULTIPART:
            return _multipart(header, body)
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except (ValueError, LookupError, MessageError) as error:
        raise service_error(90122, "body") from error


def _multipart(header: str, body: bytes) -> Pairs:
    """Read the text fields of a multipart form, as ``curl -F`` sends them."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + header.encode("latin-1") + b"\r\n\r\n" + body)
    pairs = [_field(part) for part in message.iter_parts()]
    if len(pairs) > MAX_FIELDS:
        raise ValueError
    return pairs


def _field(part: Message) -> tuple[str, str]:
    name = part.get_param("name", "", header="content-disposition")
    content = part.get_payload(decode=True)
    return str(name), content.decode() if isinstance(content, bytes) else ""
