from __future__ import annotations

import json
import sqlite3

import pytest


@pytest.fixture
def command(journeyman, tenant):
    def call(*arguments):
        return journeyman(*arguments, "--dir", tenant)

    return call


@pytest.fixture
def filled(command):
    for name in ("One", "Two", "Three"):
        command("keys", "generate", name, "--type", "secret")
    return command


def change(tenant, sql):
    with sqlite3.connect(tenant / ".journeyman" / "journeyman.db") as database:
        database.execute(sql)


def test_before_the_first_entry_the_trail_is_empty_and_good(command):
    assert command("audit", "list").out == "no entry yet\n"
    assert command("audit", "list", "--json").out == "[]\n"
    assert json.loads(command("audit", "verify", "--json").out) == {"ok": True, "entries": 0, "head": f"0:{'0' * 64}"}


def test_entries_are_listed_newest_first(filled):
    listed = json.loads(filled("audit", "list", "--json").out)

    assert [(one["sequence"], one["activity"], one["target"]) for one in listed] == [
        (3, "Create policy key", "B2C_1A_Three"),
        (2, "Create policy key", "B2C_1A_Two"),
        (1, "Create policy key", "B2C_1A_One"),
    ]
    assert listed[0]["actor"].startswith("command line, ")


def test_entries_of_one_target_are_listed(filled):
    ended = filled("audit", "list", "--target", "b2c_1a_two", "--limit", "5")

    assert len(ended.out.splitlines()) == 1
    assert "  Create policy key  B2C_1A_Two  by command line, " in ended.out
    assert filled("audit", "list", "--target", "Nobody").out == "no entry of Nobody\n"


def test_a_chain_as_written_is_proved_and_its_head_told(filled):
    ended = filled("audit", "verify")

    assert ended.code == 0
    assert ended.out.splitlines()[0] == "3 entries are as written"
    assert filled("audit", "verify", "--head", ended.out.split()[-1]).code == 0


@pytest.mark.parametrize(
    ("sql", "broken", "problem"),
    [
        ("UPDATE audit SET target = 'x' WHERE sequence = 2", 2, "entry 2 is not what was written"),
        ("UPDATE audit SET detail = x'00' WHERE sequence = 2", 2, "entry 2 is not what was written"),
        ("UPDATE audit SET hash = 'x' WHERE sequence = 3", 3, "entry 3 is not what was written"),
        ("DELETE FROM audit WHERE sequence = 1", 1, "entry 1 is missing"),
        ("UPDATE audit SET sequence = 0 WHERE sequence = 1", 0, "entry 0 was never written"),
    ],
)
def test_the_first_broken_entry_is_named(filled, tenant, sql, broken, problem):
    change(tenant, sql)
    ended, as_json = filled("audit", "verify"), filled("audit", "verify", "--json")

    assert (ended.code, ended.err) == (
        1,
        f"error JM5080: the audit log is broken: {problem}; entries before it are as they were written\n",
    )
    assert as_json.code == 1
    assert json.loads(as_json.out) == {
        "ok": False,
        "broken": broken,
        "problem": f"the audit log is broken: {problem}",
    }


def test_entries_that_were_cut_off_are_found_by_a_head_that_was_kept(filled, tenant):
    head = json.loads(filled("audit", "verify", "--json").out)["head"]
    change(tenant, "DELETE FROM audit WHERE sequence = 3")

    assert filled("audit", "verify").code == 0
    assert "entry 3 is missing" in filled("audit", "verify", "--head", head).err


def test_a_trail_that_was_written_anew_is_found_by_a_head_that_was_kept(filled, tenant):
    ended = filled("audit", "verify", "--head", f"2:{'ab' * 32}")

    assert "entry 2 is not the one whose hash was kept" in ended.err
    assert filled("audit", "verify", "--head", f"0:{'0' * 64}").code == 0


def test_a_head_of_a_trail_that_is_gone_is_missed(command):
    assert "entry 2 is missing" in command("audit", "verify", "--head", f"2:{'ab' * 32}").err


def test_a_head_that_is_none_is_refused(command):
    ended = command("audit", "verify", "--head", "hello")

    assert (ended.code, ended.err) == (
        2,
        "error: --head 'hello' is not NUMBER:HASH; write what `journeyman audit verify` printed\n",
    )


def test_without_a_command_the_help_is_shown(journeyman):
    ended = journeyman("audit")

    assert ended.code == 2
    assert "verify" in ended.out
