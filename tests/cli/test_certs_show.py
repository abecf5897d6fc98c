from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime

import pytest

from journeyman.cli.app import run
from journeyman.cli.certificate_lines import TARGETS
from journeyman.clock import SystemClock


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A tenant folder with certificates in it, made once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "journeyman.toml").write_text('[tenant]\nname = "contoso.onmicrosoft.com"\n')
    (folder / "secret").write_text("x")
    for command in (
        "certs ca Clients --key Authority --out {0}",
        "certs issue api --ca-key Authority --out {0}",
        "certs self-signed own --key Rest --out {0}",
        "keys create Text --secret-file {0}/secret",
    ):
        with pytest.raises(SystemExit, match="0"):
            run([*shlex.split(command.format(folder)), "--dir", str(folder)])
    return folder


@pytest.fixture
def certs(journeyman, made):
    def call(*arguments):
        return journeyman("certs", *arguments, "--dir", made)

    return call


def test_a_pfx_is_read_with_its_chain_and_the_password_beside_it(certs, made):
    ended = certs("show", made / "api.pfx", "--json")
    read = json.loads(ended.out)

    assert (ended.code, read["role"], read["has_private_key"], read["findings"]) == (0, "client", True, [])
    assert [one["subject"] for one in read["chain"]] == ["CN=api.contoso.onmicrosoft.com", "CN=Clients"]
    assert (read["chain"][0]["key"], read["chain"][0]["days_left"]) == ("RSA, 2048 bits", 364)


def test_the_text_says_what_it_is_and_that_nothing_is_wrong(certs, made):
    ended = certs("show", made / "own.pem")

    assert ended.out.startswith("certificate CN=own.contoso.onmicrosoft.com\n")
    assert ended.out.endswith("read as client, without private key\nnothing is wrong with it\n")


def test_a_certificate_that_an_api_would_refuse_ends_with_1(certs, made):
    ended = certs("show", made / "own.pem", "--as", "server")

    assert ended.code == 1
    assert "error: CN=own.contoso.onmicrosoft.com is not meant for a TLS server (extended key usage)" in ended.out


def test_a_policy_key_is_read_and_its_public_part_comes_out_in_pem(certs, made):
    ended = certs("show", "--key", "Rest", "--pem")

    assert ended.out == (made / "own.pem").read_text()


def test_lines_for_every_server_come_with_their_names(certs, made):
    issued = certs("show", made / "api.pem", "--for", "all").out
    own = json.loads(certs("show", "--key", "Rest", "--for", "nginx", "--json").out)["lines"]

    assert [f"--- {name} ---" in issued for name in TARGETS] == [True] * 5
    assert issued.count("api.ca.pem") == 3
    assert "ssl_client_fingerprint" in issued
    assert list(own) == ["nginx"]
    assert "ssl_client_fingerprint" not in own["nginx"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ((), 2, "name a FILE, or a policy key with --key NAME"),
        (("api.pem", "--key", "Rest"), 2, "name a FILE, or a policy key with --key NAME"),
        (("missing.pem",), 2, "missing.pem: the file cannot be read"),
        (("journeyman.toml",), 1, "journeyman.toml: AADB2C90179: this is not an X.509 certificate"),
        (("--key", "Nobody"), 1, "there is no policy key B2C_1A_Nobody"),
        (("--key", "Text"), 1, "B2C_1A_Text holds no certificate"),
        (("own.pem", "--as", "root"), 2, "write client, server or ca"),
    ],
)
def test_a_wrong_call_says_what_to_do(certs, made, arguments, code, text, monkeypatch):
    monkeypatch.chdir(made)
    ended = certs("show", *arguments)

    assert (ended.code, ended.out) == (code, "")
    assert text in ended.err


def test_a_wrong_password_is_the_error_of_the_real_service(certs, made):
    ended = certs("show", made / "api.pfx", "--password-file", made / "secret")

    assert (ended.code, "AADB2C90213" in ended.err) == (1, True)


def test_the_key_that_was_added_last_is_read_when_none_is_active(certs, monkeypatch):
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime(2099, 1, 1, tzinfo=UTC))
    ended = certs("show", "--key", "Rest")

    assert ended.code == 1
    assert "error: CN=own.contoso.onmicrosoft.com expired" in ended.out
