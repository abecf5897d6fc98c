"""Forms of the portal: a request in, its fields and files out; everything bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from journeyman.errors import JourneymanError
from journeyman.secret import Secret

MAX_FIELDS: Final = 500

_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_Part = tuple[str, str, bytes]


class FormUnreadableError(JourneymanError):
    """The body is no form."""

    code = "JM6040"


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent: name -> (file name, content) in the order of the form."""

    parts: Mapping[str, Sequence[tuple[str, bytes]]] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """Return a field without the spaces around it; "" when it was not sent."""
        return self._first(name)[1].decode("utf-8", "replace").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field that may stand in the form more than once."""
        return tuple(content.decode("utf-8", "replace").strip() for _, content in self.parts.get(name, ()))

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))

    def secret(self, name: str) -> Secret:
        """Return a field byte for byte, spaces included."""
        return Secret(self._first(name)[1])

    def file(self, name: str) -> tuple[str, bytes]:
        """Return the name and the content of a file; both empty when none was chosen."""
        return self._first(name)

    def lines(self, name: str) -> tuple[str, ...]:
        """Return the lines of a text area that are not empty, without the spaces around them."""
        return tuple(line.strip() for line in self.text(name).splitlines() if line.strip())

    def _first(self, name: str) -> tuple[str, bytes]:
        return next(iter(self.parts.get(name, ())), ("", b""))


async def read_form(request: Request) -> Form:
    """Read a form, urlencoded or multipart. Raises FormUnreadableError."""
    header = request.headers.get("content-type", "")
    content_type = header.partition(";")[0].strip().lower()
    if content_type not in {_URLENCODED, _MULTIPART}:
        raise FormUnreadableError("the form was not sent as a form; open the page again")
    body = await request.body()
    try:
        found = list(_multipart(header, body) if content_type == _MULTIPART else _urlencoded(body))
    except (MessageError, ValueError, LookupError, AttributeError) as error:
        raise FormUnreadableError("the form cannot be read; open the page again") from error
    if len(found) > MAX_FIELDS:
        raise FormUnreadableError("the form has too many fields; open the page again")
    parts: dict[str, list[tuple[str, bytes]]] = {}
    for name, file_name, content in found:
        parts.setdefault(name, []).append((file_name, content))
    return Form(parts)


def _urlencoded(body: bytes) -> Iterator[_Part]:
    for name, value in parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS):
        yield name, "", value.encode()


def _multipart(header: str, body: bytes) -> Iterator[_Part]:
    head = b"Content-Type: " + header.encode("latin-1") + b"\r\n\r\n"
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        yield _part(part)


def _part(part: Message) -> _Part:
    name = part.get_param("name", "", header="content-disposition")
    content = part.get_payload(decode=True)
    return str(name), part.get_filename() or "", content if isinstance(content, bytes) else b""
