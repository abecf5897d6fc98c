from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.mail.mailbox import Delivered, Mailbox, as_json
from journeyman.mail.mailer import Message
from journeyman.storage.sqlite import SqliteDatabase, open_sqlite

START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


class TickingClock:
    def __init__(self) -> None:
        self.ticks = -1

    def now(self) -> datetime:
        self.ticks += 1
        return START + timedelta(seconds=self.ticks)

    def monotonic_s(self) -> float:
        return float(self.ticks)


@pytest.fixture
async def database(tmp_path) -> AsyncIterator[SqliteDatabase]:
    database = open_sqlite(tmp_path / "mail.db")
    yield database
    await database.close()


async def test_messages_are_listed_newest_first(database):
    mailbox = Mailbox(database, TickingClock())
    await mailbox.send(Message("jane@example.com", "Your code", "Code 111111", "111111"))
    await mailbox.send(Message("joe@example.com", "Welcome", "Hello Joe"))

    assert list(await mailbox.list()) == [
        Delivered(2, START + timedelta(seconds=1), Message("joe@example.com", "Welcome", "Hello Joe", None)),
        Delivered(1, START, Message("jane@example.com", "Your code", "Code 111111", "111111")),
    ]


async def test_the_list_is_as_long_as_asked_for(database):
    mailbox = Mailbox(database, TickingClock())
    for number in range(3):
        await mailbox.send(Message("jane@example.com", f"{number}", ""))

    assert [delivered.message.subject for delivered in await mailbox.list(2)] == ["2", "1"]


async def test_only_the_last_thousand_messages_are_kept(database):
    mailbox = Mailbox(database, TickingClock())
    await database.execute_many(
        [("INSERT INTO mailbox (at, recipient, subject, text) VALUES (0, 'a', ?, '')", (f"{n}",)) for n in range(1005)]
    )
    await mailbox.send(Message("jane@example.com", "last", ""))

    kept = await mailbox.list(2000)
    assert len(kept) == 1000
    assert (kept[0].message.subject, kept[-1].message.subject) == ("last", "6")


async def test_a_message_is_seen_by_another_process_at_once(database, tmp_path):
    await Mailbox(database, TickingClock()).send(Message("jane@example.com", "Your code", "x", "1"))
    other = open_sqlite(tmp_path / "mail.db")
    messages = await Mailbox(other, TickingClock()).list()
    await other.close()

    assert [delivered.message.code for delivered in messages] == ["1"]


def test_json_has_a_code_only_where_there_is_one():
    with_code = Delivered(1, START, Message("a@example.com", "S", "T", "12"))
    without = Delivered(2, START, Message("a@example.com", "S", "T"))
    at = "2026-01-02T03:04:05.678000+00:00"

    assert as_json(with_code) == {"to": "a@example.com", "subject": "S", "text": "T", "at": at, "code": "12"}
    assert as_json(without) == {"to": "a@example.com", "subject": "S", "text": "T", "at": at}
