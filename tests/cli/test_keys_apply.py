from __future__ import annotations

import io
import json
import sys
import tomllib

import pytest

SECRET = '[keys.Rest]\nsecret = { env = "REST_PASSWORD" }\n'
CANARY = "canary-hunter2"


@pytest.fixture
def keys(journeyman, tenant, monkeypatch):
    monkeypatch.setenv("REST_PASSWORD", CANARY)
    (tenant / "keys.toml").write_text(SECRET, encoding="utf-8")

    def call(*arguments):
        return journeyman("keys", *arguments, "--dir", tenant)

    return call


@pytest.fixture
def apply(keys, tenant):
    return lambda *options: keys("apply", tenant / "keys.toml", *options)


def test_the_plan_is_shown_and_carried_out(apply, keys):
    ended = apply("--yes")

    assert (ended.code, ended.out) == (0, "+ add     B2C_1A_Rest  secret from env REST_PASSWORD\napplied\n")
    assert json.loads(keys("show", "Rest", "--json").out)["keys"][0]["length_bytes"] == len(CANARY)
    assert apply("--yes").out == "nothing to do: 1 policy keys are as declared\n"


def test_check_changes_nothing_and_ends_with_1_when_there_is_something_to_do(apply, tenant):
    before = apply("--check")
    assert (before.code, before.out) == (1, "+ add     B2C_1A_Rest  secret from env REST_PASSWORD\n")
    assert not (tenant / ".journeyman").exists()
    apply("--yes")

    assert apply("--check").code == 0


def test_a_drift_is_told(apply, keys, tenant, monkeypatch):
    apply("--yes")
    keys("generate", "ByHand", "--type", "secret")
    monkeypatch.setenv("REST_PASSWORD", "another")
    ended = apply("--check", "--json")
    told = json.loads(ended.out)

    assert ended.code == 1
    assert [(one["action"], one["id"], one["reason"]) for one in told["actions"]] == [
        ("rotate", "B2C_1A_Rest", "another value in env REST_PASSWORD")
    ]
    assert (told["unmanaged"], told["applied"]) == (["B2C_1A_ByHand"], False)
    assert "  left    B2C_1A_ByHand  is not in the file and was not made by it" in apply("--check").out


def test_a_key_added_by_hand_is_disabled(apply, keys, tenant):
    apply("--yes")
    (tenant / "hand.txt").write_text("by hand", encoding="utf-8")
    keys("create", "Rest", "--add", "--secret-file", tenant / "hand.txt")
    ended = apply("--yes")

    assert "~ rotate  B2C_1A_Rest  the key in use was added by other means (" in ended.out
    assert "; disables " in ended.out


def test_a_deletion_is_told_with_its_backup_and_who_needs_the_key(apply, keys, tenant):
    (tenant / "policies" / "Base.xml").write_text(
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        'PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Base" '
        'PublicPolicyUri="http://x"><ClaimsProviders><ClaimsProvider><DisplayName>A</DisplayName><TechnicalProfiles>'
        '<TechnicalProfile Id="REST-Get"><CryptographicKeys><Key Id="k" StorageReferenceId="B2C_1A_Rest" />'
        "</CryptographicKeys></TechnicalProfile></TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
        "</TrustFrameworkPolicy>"
    )
    apply("--yes")
    (tenant / "keys.toml").write_text("", encoding="utf-8")
    ended = apply("--yes")

    assert ended.out == "- delete  B2C_1A_Rest  it is no longer declared; kept as B2C_1A_Rest.bak\napplied\n"
    assert ended.err == "warning: technical profile REST-Get needs B2C_1A_Rest\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("no\n", 2), ("", 2)])
def test_on_a_terminal_it_is_asked(apply, keys, monkeypatch, answer, code):
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    ended = apply()

    assert (ended.code, "Type yes to apply: " in ended.err) == (code, True)
    assert len(json.loads(keys("list", "--json").out)) == (1 if code == 0 else 0)


def test_without_a_terminal_and_without_yes_nothing_is_done(apply):
    ended = apply()

    assert ended.code == 2
    assert ended.err == (
        "error: apply asks on a terminal before it changes anything; add --yes, or --check to only look\n"
    )


def test_applying_as_json_tells_what_was_done(apply):
    told = json.loads(apply("--yes", "--json").out)

    assert (told["applied"], told["actions"][0]["action"], len(told["actions"][0]["added"])) == (True, "add", 1)


def test_a_missing_value_is_named(apply, monkeypatch):
    monkeypatch.delenv("REST_PASSWORD")

    assert apply("--yes").err == (
        "error JM5101: B2C_1A_Rest (env REST_PASSWORD): the environment has no variable 'REST_PASSWORD'; set it\n"
    )


def test_a_secret_in_the_file_is_refused_and_not_repeated(apply, tenant):
    (tenant / "keys.toml").write_text(f'[keys.Rest]\nsecret = "{CANARY}"\n', encoding="utf-8")
    ended = apply("--check")

    assert ended.code == 2
    assert ended.err.startswith("error: keys.toml:2:1: secret does not stand in this file; say where it is")
    assert CANARY not in ended.out + ended.err


def test_a_file_in_the_folder_that_waits_to_be_imported_is_in_the_way(apply, tenant):
    (tenant / "keys").mkdir()
    (tenant / "keys" / "Rest.txt").write_text("x", encoding="utf-8")

    assert "takes B2C_1A_Rest over from this file; change the file, or move it out of keys/" in apply("--yes").err


def test_values_of_the_vault(apply, keys, tenant, vault_server, monkeypatch):
    vault_server.call("POST", "secret/data/apply", {"data": {"password": CANARY}})
    monkeypatch.setenv("VAULT_TOKEN", vault_server.token)
    toml = tenant / "journeyman.toml"
    toml.write_text(f'{toml.read_text()}[vault]\naddress = "{vault_server.address}"\ntrust = "{vault_server.ca}"\n')
    (tenant / "keys.toml").write_text('[keys.Rest]\nsecret = { vault = "secret/data/apply#password" }\n')

    assert apply("--yes").out == "+ add     B2C_1A_Rest  secret from vault secret/data/apply#password\napplied\n"
    assert apply("--check").code == 0


def test_no_output_holds_a_secret(apply, keys):
    outputs = [apply("--check"), apply("--yes"), apply("--check", "--json"), keys("export", "--public")]

    assert CANARY not in "".join(ended.out + ended.err for ended in outputs)


def test_what_is_exported_can_be_applied(apply, keys, tenant):
    apply("--yes")
    exported = keys("export", "--public").out
    (tenant / "keys.toml").write_text(exported.replace('"REST"', '"REST_PASSWORD"'), encoding="utf-8")

    assert tomllib.loads(exported) == {"keys": {"B2C_1A_Rest": {"secret": {"env": "REST"}, "use": "sig"}}}
    assert apply("--check").code == 0


def test_export_as_json_holds_public_members_only(apply, keys):
    apply("--yes")
    (found,) = json.loads(keys("export", "--public", "--json").out)["keySets"]

    assert found["id"] == "B2C_1A_Rest"
    assert sorted(found["keys"][0]) == ["kid", "kty", "status", "use"]


def test_export_without_public_is_refused(keys):
    ended = keys("export")

    assert (ended.code, ended.err) == (
        2,
        "error: secrets and private keys do not leave the store; add --public for the rest\n",
    )
