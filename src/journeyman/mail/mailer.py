"""The contract of sending a message to a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one address.

    ``code`` is the one-time code that ``text`` holds, if any. Neither is in the repr: a message in a
    log must not let its reader sign in.
    """

    to: str
    subject: str
    text: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


class Mailer(Protocol):
    """Deliver messages."""

    async def send(self, message: Message) -> None:
        """Deliver the message, or hand it over for delivery."""
        ...
