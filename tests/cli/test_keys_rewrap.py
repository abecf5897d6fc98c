from __future__ import annotations

import base64
import json
import sqlite3
import stat
import sys

import pytest

from journeyman.keys.master_key import master_key_from_file


@pytest.fixture
def keys(journeyman, tenant, monkeypatch):
    monkeypatch.delenv("JOURNEYMAN_MASTER_KEY", raising=False)

    def call(*arguments):
        return journeyman("keys", *arguments, "--dir", tenant)

    call("generate", "Token", "--type", "secret")
    return call


@pytest.fixture
def rewrap(keys):
    return lambda *arguments: keys("rewrap", "--wait", "0", *arguments)


def fingerprint(keys):
    return json.loads(keys("show", "Token", "--json").out)["keys"][0]["length_bytes"]


def files(tenant):
    return sorted(path.name for path in (tenant / ".journeyman").glob("master*"))


def test_without_an_option_a_new_key_takes_the_place_of_the_file(keys, rewrap, tenant):
    path = tenant / ".journeyman" / "master.key"
    old = master_key_from_file(path).key_id.hex()
    ended = rewrap()

    assert ended.code == 0
    assert f"only the master key {master_key_from_file(path).key_id.hex()} opens the store now" in ended.out
    assert files(tenant) == ["master.key", f"master.key.old-{old}"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert fingerprint(keys) == 43
    assert keys("rewrap", "--wait", "0").code == 0


def test_the_old_file_no_longer_opens_the_store(keys, rewrap, tenant):
    rewrap()
    (old,) = (tenant / ".journeyman").glob("master.key.old-*")
    old.replace(tenant / ".journeyman" / "master.key")

    assert "start it with the master key that this store was made with" in keys("list").err


def test_a_key_in_another_file_is_finished_when_the_settings_name_it(keys, rewrap, tenant):
    begun = rewrap("--new-key-file", tenant / "new.key")
    before = rewrap("--finish")
    toml = tenant / "journeyman.toml"
    toml.write_text(toml.read_text() + '[master_key]\nfile = "new.key"\n', encoding="utf-8")
    both = fingerprint(keys)
    finished = rewrap("--finish")

    assert f"both master keys open the store; let [master_key] file name {tenant}/new.key" in begun.out
    assert (before.code, "the settings still name the old master key" in before.err) == (1, True)
    assert both == fingerprint(keys) == 43
    assert (finished.code, "only the master key" in finished.out) == (0, True)
    assert rewrap("--finish").err == (
        "error JM5101: no change of the master key is under way; `journeyman keys rewrap` begins one\n"
    )
    assert rewrap().err.startswith("error: the master key comes from [master_key] file, ")


def test_a_key_in_an_environment_variable(keys, rewrap, monkeypatch):
    value = base64.b64encode(bytes(range(32))).decode()
    assert rewrap("--new-key-env", "NEW_KEY").err == (
        "error: --new-key-env 'NEW_KEY': there is no such environment variable\n"
    )
    monkeypatch.setenv("NEW_KEY", value)
    begun = rewrap("--new-key-env", "NEW_KEY")
    monkeypatch.setenv("JOURNEYMAN_MASTER_KEY", value)
    finished = rewrap()

    assert "set JOURNEYMAN_MASTER_KEY to the new key" in begun.out
    assert (finished.code, fingerprint(keys)) == (0, 43)
    assert rewrap().err == (
        "error: the master key comes from JOURNEYMAN_MASTER_KEY, which this command does not change; "
        "name the new one with --new-key-file or --new-key-env\n"
    )
    assert value not in begun.out + begun.err + finished.out + finished.err


def test_to_a_vault_and_on_to_the_newest_version_of_its_key(keys, rewrap, tenant, vault_server, monkeypatch):
    monkeypatch.setenv("VAULT_TOKEN", vault_server.token)
    vault_server.call("POST", "transit/keys/cli", {})
    toml, vault = tenant / "journeyman.toml", f'[vault]\naddress = "{vault_server.address}"\nkey = "cli"\n'
    toml.write_text(toml.read_text() + vault + f'trust = "{vault_server.ca}"\n', encoding="utf-8")
    begun = rewrap("--to-vault")
    toml.write_text(toml.read_text() + '[master_key]\nsource = "vault"\n', encoding="utf-8")
    finished = rewrap("--finish")
    (tenant / ".journeyman" / "master.key").unlink()
    vault_server.call("POST", "transit/keys/cli/rotate", {})
    newest = json.loads(rewrap("--json").out)

    assert 'write source = "vault" under [master_key]' in begun.out
    assert (finished.code, fingerprint(keys), newest["finished"]) == (0, 43, True)
    with sqlite3.connect(tenant / ".journeyman" / "journeyman.db") as database:
        copies = database.execute("SELECT value FROM tenant_values WHERE name LIKE 'root_key/%'").fetchall()
    assert {base64.b64decode(copy)[:9] for (copy,) in copies} == {b"vault:v2:"}


def test_a_vault_that_is_away_is_an_error_in_words(keys, rewrap, tenant, monkeypatch):
    monkeypatch.setenv("VAULT_TOKEN", "t")
    toml = tenant / "journeyman.toml"
    toml.write_text(toml.read_text() + '[vault]\naddress = "http://127.0.0.1:9"\n', encoding="utf-8")

    assert rewrap("--to-vault").err == (
        "error JM5180: http://127.0.0.1:9: the vault cannot be reached: Connection refused; "
        "start it, or correct [vault] address\n"
    )
    assert fingerprint(keys) == 43


def test_without_a_vault_in_the_settings_there_is_none(rewrap):
    assert rewrap("--to-vault").err == (
        'error: journeyman.toml names no vault; add [vault] with address = "https://…"\n'
    )


def test_options_that_exclude_each_other_are_named(rewrap):
    ended = rewrap("--to-vault", "--new-key-env", "A")

    assert (ended.code, ended.err) == (2, "error: --new-key-env and --to-vault exclude each other; name one of them\n")


def test_a_folder_without_a_store_has_nothing_to_change(journeyman, tenant):
    ended = journeyman("keys", "rewrap", "--dir", tenant)

    assert ended.code == 1
    assert "has no store yet; the first start makes it with its master key" in ended.err
    assert not (tenant / ".journeyman").exists()


def test_a_damaged_record_is_named_and_both_keys_still_open_the_store(keys, rewrap, tenant):
    keys("generate", "Other", "--type", "secret")
    with sqlite3.connect(tenant / ".journeyman" / "journeyman.db") as database:
        database.execute("UPDATE keys SET record = substr(record, 1, 60) WHERE set_key = 'b2c_1a_other'")
    ended = rewrap("--json")

    assert ended.code == 1
    assert "error JM5104: policy-key/" in ended.err
    told = json.loads(ended.out)
    assert (told["finished"], len(told["damaged"])) == (False, 1)
    assert "do not open: restore them from a backup" in rewrap().out


def test_a_command_that_was_killed_after_the_exchange_of_the_files_is_finished_by_the_next(keys, rewrap, tenant):
    rewrap("--new-key-file", tenant / ".journeyman" / "master.key.new")
    (tenant / ".journeyman" / "master.key.new").replace(tenant / ".journeyman" / "master.key")
    ended = rewrap()

    assert (ended.code, "only the master key" in ended.out) == (0, True)
    assert fingerprint(keys) == 43


def test_progress_is_shown_on_a_terminal_only(rewrap, monkeypatch):
    in_a_pipe = rewrap().err
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda _self: True)

    assert "\r" not in in_a_pipe
    assert "\r2 records sealed anew\r" in rewrap().err
