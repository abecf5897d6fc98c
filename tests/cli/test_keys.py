from __future__ import annotations

import io
import json
import os
import pty
import pwd
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.cli.keys import actor
from journeyman.keys.certificate import Purpose, issue, make_ca
from journeyman.secret import Secret

SECRET = "s3cret with spaces  "


@pytest.fixture
def secret_file(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text(f"{SECRET}\n")
    return path


@pytest.fixture
def keys(journeyman, tenant):
    def call(*arguments):
        return journeyman("keys", *arguments, "--dir", tenant)

    return call


def shown(ended):
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_create_before_the_first_start_makes_the_store_and_adds_the_prefix(keys, tenant, secret_file):
    created = shown(keys("create", "RestApiPassword", "--secret-file", secret_file, "--json"))

    assert (tenant / ".journeyman" / "journeyman.db").exists()
    assert (created["id"], created["kty"], created["use"], created["state"]) == (
        "B2C_1A_RestApiPassword",
        "oct",
        "sig",
        "active",
    )
    assert created["keys"][0]["length_bytes"] == len(SECRET)


def test_no_output_of_any_command_holds_the_secret(keys, secret_file):
    printed = [
        keys("create", "A", "--secret-file", secret_file),
        keys("create", "A", "--secret-file", secret_file),
        keys("create", "A", "--secret-file", secret_file, "--add", "--json"),
        keys("show", "A"),
        keys("show", "A", "--json"),
        keys("list"),
        keys("delete", "A", "--yes"),
    ]

    assert [ended.code for ended in printed] == [0, 1, 0, 0, 0, 0, 0]
    assert all(SECRET.strip() not in ended.out + ended.err for ended in printed)


def test_create_on_an_existing_set_is_the_documented_error_with_the_remedy(keys, secret_file):
    keys("create", "A", "--secret-file", secret_file)
    ended = keys("create", "A", "--secret-file", secret_file)

    assert ended.code == 1
    assert ended.err == (
        "error JM5101: AADB2C95028: Can't create trustframework key set with name 'B2C_1A_A' because it already "
        "exists. Add a key to it with --add.\n"
    )


def test_add_appends_a_version_and_the_last_one_is_active(keys, secret_file):
    keys("create", "A", "--secret-file", secret_file)
    added = shown(keys("create", "A", "--secret-file", secret_file, "--add", "--json"))

    assert [key["status"] for key in added["keys"]] == ["superseded", "active"]


def test_add_to_a_set_that_is_missing_says_so(keys, secret_file):
    ended = keys("create", "A", "--secret-file", secret_file, "--add")

    assert ended.code == 1
    assert ended.err.startswith("error JM5102: AADB2C95052: ")
    assert ended.err.endswith("Leave out --add to create it.\n")


def test_the_secret_is_read_from_standard_input(keys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"abc \r\n")))
    created = shown(keys("create", "A", "--secret-stdin", "--json"))

    assert created["keys"][0]["length_bytes"] == 4


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ([], "error: where is the secret? add --secret-file FILE, or --secret-stdin to read standard input\n"),
        (
            ["--secret-file", "x", "--secret-stdin"],
            "error: --secret-file and --secret-stdin exclude each other; name one of them\n",
        ),
        (
            ["--secret-file", "nowhere"],
            "error: nowhere: the file cannot be read (No such file or directory); name another one\n",
        ),
        (["--use", "both"], "error: --use 'both' is unknown; write sig or enc\n"),
        (["--expire", "soon"], "error: --expire 'soon' is not a time; write 2027-01-31 or 2027-01-31T12:00:00Z\n"),
    ],
)
def test_a_wrong_call_of_create_is_exit_code_2(keys, tenant, options, error, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    ended = keys("create", "A", *options)

    assert (ended.code, ended.out, ended.err) == (2, "", error)
    assert not (tenant / ".journeyman").exists()


def test_a_name_that_no_key_can_have_is_exit_code_2(keys, secret_file):
    ended = keys("create", "a/b", "--secret-file", secret_file)

    assert ended.code == 2
    assert ended.err.startswith("error: 'a/b' is not a name for a policy key: ")


def test_a_secret_that_is_not_utf_8_is_refused_without_being_quoted(keys, tmp_path):
    (tmp_path / "raw").write_bytes(b"\xffhidden")
    ended = keys("create", "A", "--secret-file", tmp_path / "raw")

    assert (ended.code, ended.err) == (2, "error: the secret is not in UTF-8; store it as UTF-8 text\n")


def test_a_secret_that_is_too_long_is_refused(keys, tmp_path):
    (tmp_path / "raw").write_bytes(b"a" * 70_000)
    ended = keys("create", "A", "--secret-file", tmp_path / "raw")

    assert ended.code == 2
    assert ended.err.endswith("it holds more than 65536 bytes; this is not a policy key\n")


def test_dates_are_kept_and_a_key_of_the_future_is_not_active(keys, secret_file):
    dates = ("--activate", "2090-01-31", "--expire", "2091-01-31T12:00:00+02:00")
    created = shown(keys("create", "A", "--secret-file", secret_file, *dates, "--json"))

    assert created["state"] == "no active key"
    assert created["keys"][0]["status"] == "future"
    assert created["keys"][0]["not_before"] == "2090-01-31T00:00:00Z"
    assert created["keys"][0]["expires_at"] == "2091-01-31T10:00:00Z"


def test_an_expiry_in_the_past_is_refused(keys, secret_file):
    ended = keys("create", "A", "--secret-file", secret_file, "--expire", "2001-01-01")

    assert ended.code == 1
    assert "AADB2C90214" in ended.err


@pytest.mark.parametrize(("type", "kty", "use"), [("rsa", "RSA", "enc"), ("secret", "oct", "sig")])
def test_generate_makes_a_random_key(keys, type, kty, use):
    created = shown(keys("generate", "Made", "--type", type, "--use", use, "--json"))

    assert (created["kty"], created["use"], created["state"]) == (kty, use, "active")


def test_generate_of_another_type_is_exit_code_2(keys):
    ended = keys("generate", "Made", "--type", "ec")

    assert (ended.code, ended.err) == (2, "error: --type 'ec' is unknown; write rsa or secret\n")


def test_a_key_of_another_type_is_not_added(keys):
    keys("generate", "Made", "--type", "secret")
    ended = keys("generate", "Made", "--type", "rsa", "--add")

    assert ended.code == 1
    assert "AADB2C95032" in ended.err


@pytest.fixture
def pfx(tmp_path):
    now = datetime.now(UTC)
    client = issue(make_ca("CN=CA", now=now), "CN=client.example", purpose=Purpose.CLIENT, names=(), now=now)
    (tmp_path / "client.pfx").write_bytes(client.pfx(Secret("pfx password")))
    (tmp_path / "password").write_text("pfx password\n")
    (tmp_path / "client.cer").write_bytes(client.chain_pem())
    return tmp_path


def test_upload_of_a_pfx_takes_certificate_key_and_dates(keys, pfx):
    uploaded = shown(
        keys("upload", "Client", "--file", pfx / "client.pfx", "--password-file", pfx / "password", "--json")
    )
    key = uploaded["keys"][0]

    assert key["certificate"]["subject"] == "CN=client.example"
    assert key["has_private_key"] is True
    assert key["expires_at"] == key["certificate"]["not_after"]


def test_a_wrong_pfx_password_is_the_documented_error(keys, pfx):
    ended = keys("upload", "Client", "--file", pfx / "client.pfx")

    assert ended.code == 1
    assert "AADB2C90213" in ended.err
    assert str(pfx / "client.pfx") in ended.err


def test_upload_of_a_certificate_has_no_private_key(keys, pfx):
    uploaded = shown(keys("upload", "Partner", "--file", pfx / "client.cer", "--json"))

    assert uploaded["keys"][0]["has_private_key"] is False


def test_an_upload_inherits_the_use_of_its_set(keys, pfx):
    keys("generate", "Client", "--type", "rsa", "--use", "enc")
    uploaded = shown(keys("upload", "Client", "--file", pfx / "client.cer", "--add", "--json"))

    assert [key["use"] for key in uploaded["keys"]] == ["enc", "enc"]


def test_upload_of_a_jwk_set_keeps_the_kids(keys, tmp_path):
    jwks = {"keys": [{"kty": "oct", "use": "sig", "kid": "one", "k": "c2VjcmV0"}]}
    (tmp_path / "set.jwks").write_text(json.dumps(jwks))
    uploaded = shown(keys("upload", "Set", "--file", tmp_path / "set.jwks", "--json"))

    assert [key["kid"] for key in uploaded["keys"]] == ["one"]


def test_upload_of_a_file_of_another_kind_says_what_to_do(keys, secret_file):
    ended = keys("upload", "A", "--file", secret_file)

    assert ended.code == 2
    assert ended.err.endswith("rename it, or store a text with `journeyman keys create --secret-file`\n")


def test_list_says_in_words_that_there_is_none_and_makes_no_store(keys, tenant):
    ended = keys("list")

    assert ended.code == 0
    assert ended.out.startswith("no policy key yet; ")
    assert not (tenant / ".journeyman").exists()


def test_list_names_files_that_the_next_start_takes_over(keys, tenant):
    (tenant / "keys").mkdir()
    (tenant / "keys" / "B2C_1A_Waiting.txt").write_text("x")
    keys("generate", "Stored", "--type", "secret")
    listed = shown(keys("list", "--json"))

    assert [(key["id"], key["source"]) for key in listed] == [("B2C_1A_Stored", "store"), ("B2C_1A_Waiting", "file")]


def test_a_key_that_the_next_start_would_replace_is_not_created(keys, tenant, secret_file):
    (tenant / "keys").mkdir()
    (tenant / "keys" / "B2C_1A_A.txt").write_text("x")
    ended = keys("create", "A", "--secret-file", secret_file)

    assert ended.code == 1
    assert ended.err.endswith("change the file, or move it out of keys/\n")


def test_show_of_an_unknown_key_is_the_documented_error(keys):
    ended = keys("show", "Nobody")

    assert ended.code == 1
    assert ended.err == (
        "error JM5102: AADB2C90073: KeyContainer with 'id': 'B2C_1A_Nobody' cannot be found in the directory "
        "'contoso.onmicrosoft.com'; `journeyman keys list` shows those there are\n"
    )


def test_show_prints_the_hash_that_records_show_in_place_of_the_secret(served, journeyman):
    shown_key = json.loads(journeyman("keys", "show", "RestApiUsername", "--json", "--dir", served.folder).out)

    assert len(shown_key["keys"][0]["fingerprint"]) == 12


def test_dates_are_utc_and_relative_to_the_certificate(keys, pfx):
    uploaded = shown(keys("upload", "Partner", "--file", pfx / "client.cer", "--json"))
    begins = datetime.fromisoformat(uploaded["keys"][0]["not_before"])

    assert timedelta(0) <= datetime.now(UTC) - begins < timedelta(hours=1)


def test_on_a_terminal_the_secret_is_asked_for_twice_and_not_echoed(tenant):
    primary, secondary = pty.openpty()
    command = [sys.executable, "-m", "journeyman", "keys", "create", "Typed", "--dir", str(tenant), "--json"]
    process = subprocess.Popen(
        command, stdin=secondary, stdout=subprocess.PIPE, stderr=secondary, start_new_session=True
    )
    os.close(secondary)
    screen = answer_prompts(primary, [b"typed secret\n", b"typed secret\n"])
    out, _ = process.communicate(timeout=30)
    os.close(primary)

    assert process.returncode == 0
    assert json.loads(out)["keys"][0]["length_bytes"] == 12
    assert b"typed secret" not in screen


def answer_prompts(terminal, answers):
    screen = b""
    for answer in answers:
        seen = b""
        while b": " not in seen:
            seen += os.read(terminal, 1024)
        screen += seen
        os.write(terminal, answer)
    return screen


def test_the_audit_trail_names_the_user_by_the_user_id_and_not_by_a_variable(monkeypatch):
    monkeypatch.setenv("USER", "somebody-else")
    monkeypatch.setenv("LOGNAME", "somebody-else")
    named = actor()
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)

    assert named == f"command line, {pwd.getpwuid(os.geteuid()).pw_name}"
    assert actor() == "command line, user 4000000000"
