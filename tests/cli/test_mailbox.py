from __future__ import annotations

import asyncio
import json
import os

import pytest

from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.mail.mailbox import Mailbox
from journeyman.mail.mailer import Message
from journeyman.settings import load_settings

MESSAGES = (
    Message("ada@example.com", "Your code", "Your code is 123456.\nIt is good for 5 minutes.", "123456"),
    Message("bob@example.com", "Hello \x1b[31m", "No code here."),
)


@pytest.fixture
def filled(tenant):
    async def send():
        async with open_tenant_store(load_settings(tenant, environment=os.environ), SystemClock()) as store:
            for message in MESSAGES:
                await Mailbox(store.database, SystemClock()).send(message)

    asyncio.run(send())
    return tenant


def test_json_is_newest_first_and_has_a_code_where_there_is_one(filled, journeyman):
    messages = json.loads(journeyman("mailbox", "--json", "--dir", filled).out)

    assert [message["to"] for message in messages] == ["bob@example.com", "ada@example.com"]
    assert [message.get("code") for message in messages] == [None, "123456"]
    assert messages[1]["subject"] == "Your code"
    assert messages[1]["text"] == "Your code is 123456.\nIt is good for 5 minutes."
    assert "code" not in messages[0]


def test_text_shows_the_code_and_no_control_characters(filled, journeyman):
    ended = journeyman("mailbox", "--dir", filled)

    assert "  code 123456\n" in ended.out
    assert "\x1b" not in ended.out


def test_limit_takes_the_newest(filled, journeyman):
    assert len(json.loads(journeyman("mailbox", "--json", "--limit", "1", "--dir", filled).out)) == 1


def test_an_empty_mailbox_says_so_and_makes_no_store(tenant, journeyman):
    assert journeyman("mailbox", "--dir", tenant).out == "the mailbox is empty: no journey has sent a message yet\n"
    assert json.loads(journeyman("mailbox", "--dir", tenant, "--json").out) == []
    assert not (tenant / ".journeyman").exists()


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_production_mode_says_why_there_is_none(filled, journeyman, options, monkeypatch):
    monkeypatch.setenv("JOURNEYMAN_MODE", "production")
    ended = journeyman("mailbox", "--dir", filled, *options)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "error: production mode keeps no mailbox, because one-time codes would be in it in clear; "
        'set mode = "development" under [server] to try a journey\n'
    )


def test_it_works_beside_a_running_engine(served, journeyman):
    assert journeyman("mailbox", "--json", "--dir", served.folder).code == 0
