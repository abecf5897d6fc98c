"""Answers that an identity journey understands: typed values in, exactly the JSON of the contract out.

Sources: restful-technical-profile.md, section Returning validation error message (rest-connectors.md §11.2); for the steps of
user flows add-api-connector.md (rest-connectors.md §15.4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, Protocol

from journeyman_guard.asgi import Receive, Scope, Send

VERSION: Final = "1.0.0"
_MEMBERS: Final = {
    "code": "code",
    "request_id": "requestId",
    "developer_message": "developerMessage",
    "more_info": "moreInfo",
}
_RESERVED: Final = frozenset({"version", "action", "status", "userMessage"})


class Answer(Protocol):
    """An answer with its HTTP status."""

    http_status: ClassVar[int]

    def members(self) -> dict[str, object]:
        """Return the JSON object."""
        ...


@dataclass(frozen=True, slots=True)
class Continue:
    """Let the user flow go on, and give it claims: status 200.

    Attributes:
        claims: values by name; own attributes as ``extension_Name``, the application id may be left out.
    """

    http_status: ClassVar[int] = 200

    claims: Mapping[str, object] = field(default_factory=dict)
    version: str = VERSION

    def __post_init__(self) -> None:
        taken = _RESERVED & self.claims.keys()
        if taken:
            raise ValueError(f"{min(taken)!r} is a member of the answer itself and no claim")

    def members(self) -> dict[str, object]:
        """Return the JSON object; a claim that is None is left out."""
        given = {name: value for name, value in self.claims.items() if value is not None}
        return {"version": self.version, "action": "Continue", **given}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await _send(self, send)


@dataclass(frozen=True, slots=True)
class ShowBlockPage:
    """End the user flow with a message: status 200. Before the token is issued it has no effect."""

    http_status: ClassVar[int] = 200

    user_message: str
    version: str = VERSION

    def __post_init__(self) -> None:
        _require_message(self.user_message)

    def members(self) -> dict[str, object]:
        """Return the JSON object."""
        return {"version": self.version, "action": "ShowBlockPage", "userMessage": self.user_message}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await _send(self, send)


@dataclass(frozen=True, slots=True)
class ValidationError:
    """Keep the person at the form of the user flow with a message: status 400. Only after attributes were collected."""

    http_status: ClassVar[int] = 400

    user_message: str
    version: str = VERSION

    def __post_init__(self) -> None:
        _require_message(self.user_message)

    def members(self) -> dict[str, object]:
        """Return the JSON object."""
        return {
            "version": self.version,
            "action": "ValidationError",
            "status": 400,
            "userMessage": self.user_message,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await _send(self, send)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A refusal of the input to a technical profile: status 409 with a message that the journey shows to the user.

    Like the other answers it is an ASGI application, so a Starlette endpoint can return it; elsewhere send ``members()`` as JSON
    with ``http_status``.

    Attributes:
        developer_message: like the code, shown only where the technical profile has ``DebugMode``.
    """

    http_status: ClassVar[int] = 409

    user_message: str
    code: str | None = None
    request_id: str | None = None
    developer_message: str | None = None
    more_info: str | None = None
    version: str = VERSION

    def __post_init__(self) -> None:
        if not self.user_message:
            raise ValueError("a conflict needs a message for the user")

    def members(self) -> dict[str, object]:
        """Return the JSON object; what is not set is left out."""
        members: dict[str, object] = {"version": self.version, "status": 409, "userMessage": self.user_message}
        for ours, theirs in _MEMBERS.items():
            value = getattr(self, ours)
            if value is not None:
                members[theirs] = value
        return members

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await _send(self, send)


async def _send(answer: Answer, send: Send) -> None:
    body = json.dumps(answer.members()).encode("ascii")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode("ascii"))]
    await send({"type": "http.response.start", "status": answer.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _require_message(text: str) -> None:
    if not text:
        raise ValueError("the answer needs a message for the user")
