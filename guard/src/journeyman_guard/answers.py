"""Answers that an identity journey understands.

Source: restful-technical-profile.md, section Returning validation error message (rest-connectors.md §11.2).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from journeyman_guard.asgi import Receive, Scope, Send

_MEMBERS: Final = {
    "code": "code",
    "request_id": "requestId",
    "developer_message": "developerMessage",
    "more_info": "moreInfo",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A refusal of the input: status 409 with a message that the journey shows to the user.

    It is an ASGI application, so a Starlette endpoint can return it. With FastAPI return
    ``JSONResponse(conflict.members(), 409)``.

    Attributes:
        developer_message: like the code, shown only where the technical profile has ``DebugMode``.
    """

    user_message: str
    code: str | None = None
    request_id: str | None = None
    developer_message: str | None = None
    more_info: str | None = None
    version: str = "1.0.0"

    def __post_init__(self) -> None:
        if not self.user_message:
            raise ValueError("a conflict needs a message for the user")

    def members(self) -> dict[str, str | int]:
        """Return the JSON object; what is not set is left out."""
        members: dict[str, str | int] = {"version": self.version, "status": 409, "userMessage": self.user_message}
        for ours, theirs in _MEMBERS.items():
            value = getattr(self, ours)
            if value is not None:
                members[theirs] = value
        return members

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        body = json.dumps(self.members()).encode("ascii")
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode("ascii"))]
        await send({"type": "http.response.start", "status": 409, "headers": headers})
        await send({"type": "http.response.body", "body": body})
