"""``journeyman guard`` for API connectors: the guard that it writes lets in what user flows send."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeyman.keys.certificate import self_signed
from journeyman.secret import Secret

SECRET = "canary-0f9c2b7d1e"
TOML = """
[[api_connectors]]
name = "A"
url = "https://api.example/check"
authentication = {}
[[user_flows]]
id = "B2C_1_flow"
type = "signUp"
connectors = {{ postAttributeCollection = "A" }}
"""


@pytest.fixture
def declare(tenant, monkeypatch):
    def write(authentication):
        with (tenant / "journeyman.toml").open("a", encoding="utf-8") as toml:
            toml.write(TOML.format(authentication))
        (tenant / "keys").mkdir()
        (tenant / "keys" / "B2C_1A_Word.txt").write_text(SECRET, encoding="utf-8")
        issued = self_signed("CN=api", now=datetime.now(UTC))
        (tenant / "keys" / "B2C_1A_Cert.pfx").write_bytes(issued.pfx(Secret("")))
        monkeypatch.chdir(tenant)
        return tenant

    return write


NAME = ("--for", "PreUserWriteRestful", "--policy", "B2C_1_flow")


@pytest.mark.parametrize(
    ("authentication", "caller"),
    [
        ('{ type = "basic", username = "ada", password_key = "B2C_1A_Word" }', "ada"),
        ('{ type = "bearer", key = "B2C_1A_Word" }', "PreUserWriteRestful"),
        ('{ type = "api_key", header = "x-key", key = "B2C_1A_Word" }', "PreUserWriteRestful"),
        ('{ type = "certificate", key = "B2C_1A_Cert" }', "CN=api"),
    ],
)
def test_the_guard_that_is_written_lets_the_connector_in(journeyman, declare, authentication, caller):
    declare(authentication)
    written = journeyman("guard", "init", *NAME, "--output", "guard.toml")
    checked = journeyman("guard", "check", *NAME, "--config", "guard.toml")

    assert (written.code, checked.code) == (0, 0), written.err + checked.err
    assert checked.out == f"PreUserWriteRestful  POST /check  gets in: {caller}\n"
    assert SECRET not in written.out


def test_a_managed_bearer_is_that_of_the_tenant(journeyman, declare):
    declare(
        '{ type = "managed", token_url = "https://login.example/t", client_id = "c", key = "B2C_1A_Word", '
        'scope = "api://check/.default" }'
    )
    journeyman("guard", "init", *NAME, "--output", "guard.toml")
    checked = journeyman("guard", "check", *NAME, "--config", "guard.toml")

    assert (checked.code, "cannot be said" in checked.out) == (0, True)
