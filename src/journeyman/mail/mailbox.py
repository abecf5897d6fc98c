"""The mailer of development: messages stay in the database, where the portal and the command line show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journeyman.clock import Clock
from journeyman.database import Database, Row, from_milliseconds, integer, text, to_milliseconds
from journeyman.mail.mailer import Message

LIMIT: Final = 1000
"""The number of messages that are kept; older ones go."""

_INSERT: Final = "INSERT INTO mailbox (at, recipient, subject, text, code) VALUES (?, ?, ?, ?, ?)"
_TRIM: Final = "DELETE FROM mailbox WHERE id <= (SELECT max(id) FROM mailbox) - ?"
_LIST: Final = "SELECT id, at, recipient, subject, text, code FROM mailbox ORDER BY id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message in the mailbox; ``id`` grows with every message."""

    id: int
    at: datetime
    message: Message


class Mailbox:
    """Keep the last messages, as mailer.Mailer. Production mode never has one: codes are in it in clear."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def send(self, message: Message) -> None:
        """Put the message into the mailbox. Raises StorageError when it cannot be written."""
        at = to_milliseconds(self._clock.now())
        fields = (at, message.to, message.subject, message.text, message.code)
        await self._database.execute_many([(_INSERT, fields), (_TRIM, (LIMIT,))])

    async def list(self, limit: int = 100) -> Sequence[Delivered]:
        """Return the last messages, newest first."""
        return tuple(map(_delivered, await self._database.fetch_all(_LIST, (limit,))))


def as_json(delivered: Delivered) -> dict[str, str]:
    """Return a message as ``journeyman mailbox --json`` prints it; ``code`` is there only when there is one."""
    message = delivered.message
    shown = {"to": message.to, "subject": message.subject, "text": message.text, "at": delivered.at.isoformat()}
    return shown if message.code is None else {**shown, "code": message.code}


def _delivered(row: Row) -> Delivered:
    number, at, recipient, subject, body, code = row
    message = Message(text(recipient), text(subject), text(body), None if code is None else text(code))
    return Delivered(integer(number), from_milliseconds(integer(at)), message)
