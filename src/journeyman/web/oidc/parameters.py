"""The parameters of a protocol request: query or form in, one value for each name out."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request

from journeyman.errors import ServiceError
from journeyman.service_codes import service_error

FORM_LIMIT_BYTES = 64 * 1024
"""The largest form that is read; our choice, four times the largest authorization request seen."""


def unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters by name. Raises ServiceError when a name stands twice."""
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            detail = f"the parameter {name!r} stands more than once"
            raise ServiceError(detail, service_code="AADB2C90122", oauth_error="invalid_request")
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


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Return client id and secret of a Basic header (RFC 6749 §2.3.1), None when there is no such header.

    Raises:
        ServiceError: the header is there and cannot be read.
    """
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, separator, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise service_error(90081) from error
    if not separator:
        raise service_error(90081)
    return unquote_plus(user), unquote_plus(password)


async def _read_pairs(request: Request) -> list[tuple[str, str]]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise service_error(90122, "Content-Type")
    body = await request.body()
    if len(body) > FORM_LIMIT_BYTES:
        raise service_error(90122, "body")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500)
    except ValueError as error:
        raise service_error(90122, "body") from error
