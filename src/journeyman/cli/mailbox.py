"""``journeyman mailbox``: the messages that development mode kept, read beside a running engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from journeyman.cli.terminal import errors_in_words, say, say_json, utc_text
from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import read_database
from journeyman.errors import SettingsError
from journeyman.mail.mailbox import Delivered, Mailbox
from journeyman.mail.mailbox import as_json as message_json
from journeyman.settings import Settings, load_settings
from journeyman.trace.printable import printable


def mailbox(folder: Path, *, limit: int, as_json: bool) -> None:
    """Print the messages, newest first."""
    with errors_in_words():
        settings = load_settings(folder, environment=os.environ)
        if not settings.development:
            detail = "production mode keeps no mailbox, because one-time codes would be in it in clear"
            raise SettingsError(f'{detail}; set mode = "development" under [server] to try a journey')
        found = asyncio.run(_messages(settings, limit))
        if as_json:
            say_json([message_json(delivered) for delivered in found])
            return
        for line in _lines(found):
            say(line)


async def _messages(settings: Settings, limit: int) -> Sequence[Delivered]:
    async with read_database(settings) as database:
        return () if database is None else await Mailbox(database, SystemClock()).list(limit)


def _lines(found: Sequence[Delivered]) -> Iterator[str]:
    if not found:
        yield "the mailbox is empty: no journey has sent a message yet"
    for delivered in found:
        message = delivered.message
        yield f"{utc_text(delivered.at)}  {printable(message.to)}  {printable(message.subject)}"
        if message.code is not None:
            yield f"  code {printable(message.code)}"
        for line in message.text.splitlines():
            yield f"  {printable(line)}"
