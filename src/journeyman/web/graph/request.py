"""One request of the management API, after its caller is known and may do what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from journeyman.management.caller import Caller
from journeyman.management.errors import ChangedError, InvalidError, TooLargeError
from journeyman.web.graph.json_text import parse_body
from journeyman.web.graph.members import Members
from journeyman.web.graph.query import Query


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """What a handler gets.

    Attributes:
        http: the request itself; handlers read bodies through this class only.
        base: ``https://id.example/beta``: origin and version.
        rest: the path after the version, still percent-encoded.
        parameters: those of the route's pattern, decoded, by their names there.
    """

    http: Request
    caller: Caller
    base: str
    rest: str
    parameters: Mapping[str, str]
    query: Query
    body_limit_bytes: int

    async def body(self) -> bytes:
        """Return the body. Raises TooLargeError as soon as it is longer than the route allows."""
        return await bounded_body(self.http, self.body_limit_bytes)

    async def json(self, *, optional: bool = False) -> Members:
        """Return the body as a JSON object. Raises InvalidError when it is none; ``optional`` takes no body for {}."""
        body = await self.body()
        if optional and not body.strip():
            return Members({})
        value = parse_body(body)
        if not isinstance(value, dict):
            raise InvalidError("the body is not a JSON object; write one in { }")
        return Members(value)

    def url(self, path: str) -> str:
        """Return the absolute address of something of this API: ``path`` comes after the version."""
        return f"{self.base}/{path}"

    def refuse_changed(self, etag: str) -> None:
        """Raise ChangedError when the caller has named by If-Match another version of the object than ``etag``."""
        wanted = self.http.headers.get("if-match")
        if wanted is None or wanted.strip() == "*":
            return
        if _bare(etag) not in [_bare(tag) for tag in wanted.split(",")]:
            raise ChangedError("the object was changed since it was read; read it again and repeat the change")


def etag_of(version: int | str) -> str:
    """Return the ETag of a version."""
    return f'W/"{version}"'


async def bounded_body(http: Request, limit_bytes: int) -> bytes:
    """Read a body of at most ``limit_bytes``; what is announced as longer is not read at all."""
    announced = http.headers.get("content-length", "0")
    too_large = TooLargeError(f"the body is longer than {limit_bytes} bytes")
    if not (announced.isdecimal() and len(announced) < 12 and int(announced) <= limit_bytes):
        raise too_large
    parts: list[bytes] = []
    received = 0
    try:
        async for part in http.stream():
            received += len(part)
            if received > limit_bytes:
                raise too_large
            parts.append(part)
    except ClientDisconnect:
        raise InvalidError("the body was not sent to its end") from None
    return b"".join(parts)


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')
