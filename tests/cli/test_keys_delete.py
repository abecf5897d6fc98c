from __future__ import annotations

import io
import json
import sqlite3
import sys

import pytest


@pytest.fixture
def keys(journeyman, tenant):
    def call(*arguments):
        return journeyman("keys", *arguments, "--dir", tenant)

    call("generate", "Token", "--type", "secret")
    return call


def ids(keys):
    return [(key["id"], key["state"]) for key in json.loads(keys("list", "--json").out)]


def test_a_deleted_key_is_kept_as_a_backup_and_can_be_restored(keys):
    deleted = json.loads(keys("delete", "Token", "--yes", "--json").out)
    after_delete = ids(keys)
    restored = keys("restore", "Token.bak")

    assert deleted == {"id": "B2C_1A_Token", "backup": "B2C_1A_Token.bak"}
    assert after_delete == [("B2C_1A_Token.bak", "deleted")]
    assert restored.out == "B2C_1A_Token is restored\n"
    assert ids(keys) == [("B2C_1A_Token", "active")]


def test_restore_takes_the_name_without_its_ending_too(keys):
    keys("delete", "Token", "--yes")

    assert keys("restore", "Token").code == 0


def test_deleting_a_backup_is_final(keys):
    keys("delete", "Token", "--yes")
    ended = keys("delete", "Token.bak", "--yes")

    assert ended.out == "B2C_1A_Token.bak is deleted for good\n"
    assert ids(keys) == []


def test_without_a_terminal_and_without_yes_nothing_is_deleted(keys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("B2C_1A_Token\n"))
    ended = keys("delete", "Token")

    assert (ended.code, ended.err) == (
        2,
        "error: deleting B2C_1A_Token asks for its name on a terminal; add --yes to delete it without\n",
    )
    assert ids(keys) == [("B2C_1A_Token", "active")]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("typed", "code"), [("B2C_1A_Token\n", 0), ("b2c_1a_token\n", 0), ("yes\n", 2), ("", 2)])
def test_on_a_terminal_the_name_must_be_typed(keys, monkeypatch, typed, code):
    monkeypatch.setattr(sys, "stdin", Terminal(typed))

    assert keys("delete", "Token").code == code


def test_deleting_an_unknown_key_is_an_error(keys):
    ended = keys("delete", "Nobody", "--yes")

    assert ended.code == 1
    assert "AADB2C90073" in ended.err


@pytest.mark.parametrize("command", [("delete", "Token", "--yes"), ("restore", "Token.bak")])
def test_without_a_store_nothing_is_made(journeyman, tmp_path, command):
    (tmp_path / "journeyman.toml").write_text('[tenant]\nname = "contoso.onmicrosoft.com"\n')
    ended = journeyman("keys", *command, "--dir", tmp_path)

    assert ended.code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["journeyman.toml"]


def test_deleting_warns_of_the_policies_that_need_the_key_and_of_its_file(keys, tenant):
    (tenant / "policies" / "Base.xml").write_text(
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        'PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Base" '
        'PublicPolicyUri="http://x"><ClaimsProviders><ClaimsProvider><DisplayName>A</DisplayName><TechnicalProfiles>'
        '<TechnicalProfile Id="REST-Get"><CryptographicKeys><Key Id="k" StorageReferenceId="b2c_1a_token" />'
        "</CryptographicKeys></TechnicalProfile></TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
        "</TrustFrameworkPolicy>"
    )
    (tenant / "keys").mkdir()
    (tenant / "keys" / "B2C_1A_Token.txt").write_text("x")
    warnings = keys("delete", "Token", "--yes").err.splitlines()
    file = f"{tenant}/keys/B2C_1A_Token.txt"

    assert warnings == [
        "warning: policies/Base.xml: technical profile REST-Get needs B2C_1A_Token",
        f"warning: {file}: the next start takes B2C_1A_Token over from this file again; move it out of keys/",
    ]


def test_a_damaged_policy_key_is_removed_on_demand_only(keys, tenant):
    refused = keys("delete", "Token", "--yes", "--damaged")
    with sqlite3.connect(tenant / ".journeyman" / "journeyman.db") as database:
        database.execute("UPDATE keys SET record = substr(record, 1, 40)")
    damaged = keys("delete", "Token", "--yes")
    removed = keys("delete", "Token", "--yes", "--damaged")

    assert "policy key 'B2C_1A_Token' is not damaged; delete it without --damaged" in refused.err
    assert (damaged.code, damaged.err.startswith("error JM5104: policy-key/")) == (1, True)
    assert removed.out == "B2C_1A_Token is deleted for good\n"
    assert ids(keys) == []
