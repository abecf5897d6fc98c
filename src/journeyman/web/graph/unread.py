"""A refused request's body: read to its end and thrown away, within bounds, so that the client hears the refusal.

A client that is still sending when the connection is closed often sees only that it was closed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_S: Final = 3.0


@dataclass(slots=True)
class UnreadBody:
    """The body of a request; ``receive`` is handed on in place of the server's."""

    scope: Scope
    server_receive: Receive
    begun: bool = False
    ended: bool = False

    async def receive(self) -> Message:
        """Return the next part."""
        self.begun = True
        message = await self.server_receive()
        self.ended = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def discard(self) -> None:
        """Throw away what has not been read. A client that waits to be asked for its body is not asked."""
        headers = Headers(scope=self.scope)
        waits = "100-continue" in headers.get("expect", "").lower() and not self.begun
        if self.ended or waits or not {"content-length", "transfer-encoding"} & {name.lower() for name in headers}:
            return
        try:
            await asyncio.wait_for(self._to_the_end(), MOST_S)
        except TimeoutError:
            return

    async def _to_the_end(self) -> None:
        left = MOST_BYTES
        while not self.ended and left > 0:
            left -= len((await self.receive()).get("body", b""))
