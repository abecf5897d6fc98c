from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from journeyman_guard import __version__, hash_secret, parse_secret
from journeyman_guard.cli.main import main

GUARD = f"""
[checks.key]
type = "api_key"
header = "x-key"
keys = [{{ secret = "{hash_secret("s")}" }}]
[routes]
"GET /health" = "anyone"
"POST /api/{{x}}" = "key"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "guard.toml").write_text(GUARD)
    (tmp_path / "secret").write_text("Pq7-canary_x3k9LmZ\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_check_lists_the_routes(folder, capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr().out.splitlines() == ["POST /api/{x}  key", "GET /health    anyone"]
    assert main(["check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True,
        "routes": {"GET /health": "anyone", "POST /api/{x}": "key"},
    }


def test_check_of_a_wrong_file_is_1(folder, capsys):
    (folder / "guard.toml").write_text("[routes]\n")

    assert main(["check"]) == 1
    assert (
        capsys.readouterr().err
        == 'error: guard.toml: routes: give at least one, for example "POST /api/members" = "journeys"\n'
    )
    assert main(["check", "none.toml", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["ok"] is False


@pytest.mark.parametrize("flags", [[], ["--argon2"]])
def test_a_hash_recognises_its_secret(monkeypatch, capsys, flags):
    monkeypatch.setattr("sys.stdin", io.StringIO("my secret\n"))

    assert main(["hash", *flags]) == 0
    assert parse_secret(capsys.readouterr().out.strip()).matches(b"my secret")


def test_a_secret_can_be_generated(capsys):
    assert main(["hash", "--generate", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert len(made["secret"]) == 43
    assert parse_secret(made["hash"]).matches(made["secret"].encode())
    assert main(["hash", "--generate"]) == 0
    assert capsys.readouterr().out.startswith("secret: ")


def test_the_empty_secret_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    assert main(["hash"]) == 2
    assert capsys.readouterr().err == "error: an empty secret would let everyone in\n"


@pytest.mark.parametrize("same", [True, False])
def test_on_a_terminal_the_secret_is_asked_for_twice(monkeypatch, capsys, same):
    typed = iter(["one", "one" if same else "two"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))

    assert main(["hash"]) == (0 if same else 2)


def test_the_version_and_the_help(capsys):
    for arguments, shown in (
        (["--version"], __version__),
        (["--help"], "conformance"),
        (["conformance", "--help"], "--rate"),
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        assert shown in capsys.readouterr().out


def test_the_module_runs(folder):
    done = subprocess.run(
        [sys.executable, "-m", "journeyman_guard", "check"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


BEARER = ["--auth", "bearer", "--secret-file", "secret"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ftp://x/", *BEARER], "give a URL such as"),
        (["http://u:p@x/", *BEARER], "without a user in it"),
        (["http://[x/", *BEARER], "is not a URL"),
        (["http://x:99999/", *BEARER], "is not a URL"),
        (["http://x/", "--auth", "bearer"], "either by --secret-file or by --secret-env"),
        (["http://x/", "--auth", "bearer", "--secret-env", "NONE"], "the secret of NONE is empty"),
        (["http://x/", "--auth", "bearer", "--secret-file", "none"], "the secret file none cannot be read"),
        (["http://x/", "--auth", "basic", "--secret-file", "secret"], "needs --user"),
        (["http://x/", "--auth", "jwt", "--secret-file", "secret"], "the right token is not a JWT"),
        (["http://x/", "--auth", "client-certificate"], "needs an https URL"),
        (["https://x/", "--auth", "client-certificate"], "needs --certificate and --key"),
        (["https://x/", "--auth", "client-certificate", "--certificate", "secret", "--key", "secret"], "are PEM files"),
        (["http://x/", *BEARER, "--only", "zzz"], "there is no case or family 'zzz'; the families are missing"),
        (["http://x/", *BEARER, "--method", "JEFF"], "--method is one of"),
        (["http://x/", *BEARER, "--rate", "-1"], "--rate is 0 or more"),
        (["http://x/", *BEARER, "--body", "none"], "the body none cannot be read"),
        (["http://127.0.0.1:1/", *BEARER], "127.0.0.1:1 cannot be reached"),
    ],
)
def test_a_wrong_call_is_2_and_says_why(folder, capsys, arguments, message):
    assert main(["conformance", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_secret_that_no_header_can_hold_is_refused(folder, capsys):
    (folder / "secret").write_bytes(b"a\tb\n")
    assert main(["conformance", "http://x/", *BEARER]) == 2
    (folder / "secret").write_bytes(b"\xff\n")
    assert main(["conformance", "http://x/", *BEARER]) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_the_catalogue_can_be_listed(folder, capsys):
    assert main(["conformance", "http://x/", *BEARER, "--list", "--only", "verb"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "18 cases"
    assert main(["conformance", "http://x/", *BEARER, "--list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) > 280


def test_the_secret_may_come_from_standard_input(folder, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))

    assert main(["conformance", "http://x/", "--auth", "bearer", "--secret-file", "-", "--list"]) == 0
