"""``check`` on user flows: a mistake is shown where the flow is written."""

from __future__ import annotations

import json

import pytest

GOOD = """[tenant]
name = "contoso.onmicrosoft.com"

[[user_flows]]
id = "B2C_1_in"
type = "signIn"
claims = ["displayName"]
"""


@pytest.fixture
def folder(tmp_path):
    def write(text=GOOD):
        (tmp_path / "journeyman.toml").write_text(text)
        return tmp_path

    return write


def test_a_folder_with_a_flow_and_no_policy_file_is_ok(folder, journeyman):
    ended = journeyman("check", str(folder()))

    assert ended.code == 0
    assert ended.out.splitlines() == ["journeyman.toml: B2C_1_in ok"]


def test_a_mistake_stands_at_its_key(folder, journeyman):
    ended = journeyman("check", str(folder(GOOD.replace('"displayName"', '"displayName", "ciyt"'))), "--json")

    report = json.loads(ended.out)
    (found,) = report["diagnostics"]
    assert ended.code == 1
    assert (found["code"], found["path"], found["line"], found["column"]) == ("JM1500", "journeyman.toml", 7, 26)
    assert found["help"] == "did you mean 'city'?"
    assert report["policies"] == [{"id": "B2C_1_in", "path": "journeyman.toml", "ok": False}]


def test_the_keys_of_tokens_are_made_by_the_engine_so_that_production_misses_none(folder, journeyman):
    ended = journeyman("check", str(folder()), "--mode", "production")

    assert ended.code == 0


def test_one_policy_file_is_checked_without_the_flows(folder, journeyman):
    place = folder(GOOD.replace('"displayName"', '"ciyt"'))
    (place / "policies").mkdir()
    (place / "policies" / "base.xml").write_text(
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        'PolicySchemaVersion="0.3.0.0" TenantId="contoso.onmicrosoft.com" PolicyId="B2C_1A_Base" '
        'PublicPolicyUri="http://contoso.onmicrosoft.com/B2C_1A_Base" />'
    )

    ended = journeyman("check", str(place / "policies" / "base.xml"))

    assert ended.code == 0
    assert "B2C_1_in" not in ended.out
