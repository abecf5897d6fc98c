from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

BASE = """<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" PolicySchemaVersion="0.3.0.0"
  TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Base" PublicPolicyUri="http://yourtenant.onmicrosoft.com/B2C_1A_Base">
  <ClaimsProviders><ClaimsProvider><DisplayName>API</DisplayName><TechnicalProfiles>
    <TechnicalProfile Id="REST-Get"><DisplayName>Get</DisplayName>
      <Protocol Name="Proprietary" Handler="Web.TPEngine.Providers.RestfulProvider, Web.TPEngine, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null" />
      <Metadata><Item Key="ServiceUrl">https://api.example/x</Item><Item Key="AuthenticationType">Bearer</Item>
        <Item Key="SendClaimsIn">Body</Item></Metadata>
      <CryptographicKeys><Key Id="BearerAuthenticationToken" StorageReferenceId="B2C_1A_Token" /></CryptographicKeys>
    </TechnicalProfile></TechnicalProfiles></ClaimsProvider></ClaimsProviders>
</TrustFrameworkPolicy>"""
BROKEN = BASE.replace("</TrustFrameworkPolicy>", "<Nonsense></TrustFrameworkPolicy>")
CHILD = """<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" PolicySchemaVersion="0.3.0.0"
  TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Child" PublicPolicyUri="http://yourtenant.onmicrosoft.com/B2C_1A_Child">
  <BasePolicy><TenantId>yourtenant.onmicrosoft.com</TenantId><PolicyId>B2C_1A_Base</PolicyId></BasePolicy>
</TrustFrameworkPolicy>"""


def corpus():
    folder = Path(os.environ.get("JOURNEYMAN_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip("the collection of public policies is not there; set JOURNEYMAN_CORPUS")
    return folder


@pytest.mark.corpus
def test_every_file_of_the_starter_pack_is_ok(journeyman):
    ended = journeyman("check", corpus() / "starterpack" / "LocalAccounts", "--format", "json")
    report = json.loads(ended.out)

    assert ended.code == 0
    assert len(report["policies"]) == 6
    assert all(policy["ok"] for policy in report["policies"])


@pytest.fixture
def policies(tmp_path):
    folder = tmp_path / "xml"
    folder.mkdir()
    (folder / "Base.xml").write_text(BASE)
    return folder


def test_the_json_has_exactly_the_agreed_members(policies, journeyman):
    report = json.loads(journeyman("check", policies, "--format", "json").out)

    assert set(report) == {"policies", "diagnostics"}
    assert report["policies"] == [{"id": "B2C_1A_Base", "path": str(policies / "Base.xml"), "ok": True}]
    assert {frozenset(each) for each in report["diagnostics"]} == {
        frozenset({"code", "severity", "message", "path", "line", "column", "help", "element"})
    }


def test_an_error_is_exit_code_1_and_the_report_is_still_whole(policies, journeyman):
    (policies / "Broken.xml").write_text(BROKEN)
    ended = journeyman("check", policies, "--json")
    report = json.loads(ended.out)

    assert ended.code == 1
    assert ended.err == ""
    assert {Path(policy["path"]).name: policy["ok"] for policy in report["policies"]} == {
        "Base.xml": True,
        "Broken.xml": False,
    }
    assert "error" in {each["severity"] for each in report["diagnostics"]}


def test_outside_a_tenant_folder_an_unknown_key_is_information(policies, journeyman):
    report = json.loads(journeyman("check", policies, "--json").out)
    about_the_key = [each for each in report["diagnostics"] if "B2C_1A_Token" in each["message"]]

    assert [each["severity"] for each in about_the_key] == ["info"]


def test_text_names_file_line_and_column(policies, journeyman):
    (policies / "Broken.xml").write_text(BROKEN)
    ended = journeyman("check", policies)

    assert ended.code == 1
    assert f"{policies / 'Broken.xml'}:" in ended.out
    assert ended.out.splitlines()[-1].endswith("has errors")


def test_sarif_is_one_run_of_version_2_1_0(policies, journeyman):
    log = json.loads(journeyman("check", policies, "--format", "sarif").out)

    assert log["version"] == "2.1.0"
    assert log["runs"][0]["tool"]["driver"]["name"] == "journeyman"
    assert log["runs"][0]["results"][0]["ruleId"].startswith("JM")


def test_github_prints_workflow_commands_only(policies, journeyman):
    (policies / "Broken.xml").write_text(BROKEN)
    lines = journeyman("check", policies, "--format", "github").out.splitlines()

    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines)
    assert any(line.startswith("::error file=") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nowhere"], "error: nowhere does not exist; name policy files or folders\n"),
        ([".", "--format", "xml"], "error: --format 'xml' is unknown; write text, json, sarif or github\n"),
        ([".", "--mode", "test"], "error: --mode 'test' is unknown; write development or production\n"),
        (["empty"], "error: empty: no policy file (*.xml) is there; name another folder\n"),
    ],
)
def test_a_wrong_path_or_option_is_exit_code_2(arguments, error, journeyman, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    ended = journeyman("check", *arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", error)


def key_diagnostics(ended):
    return [
        each["severity"] for each in json.loads(ended.out)["diagnostics"] if "storageReferenceId" in each["message"]
    ]


def test_in_a_tenant_folder_its_keys_count_those_of_files_too(tenant, journeyman, tmp_path):
    (tenant / "policies" / "Base.xml").write_text(BASE)
    missing = journeyman("check", tenant, "--mode", "production", "--json")
    (tenant / "keys").mkdir()
    (tenant / "keys" / "B2C_1A_Token.txt").write_text("secret")
    in_a_file = journeyman("check", tenant, "--mode", "production", "--json")
    (tenant / "keys" / "B2C_1A_Token.txt").rename(tmp_path / "token.txt")
    journeyman("keys", "create", "Token", "--secret-file", tmp_path / "token.txt", "--dir", tenant)
    in_the_store = journeyman("check", tenant, "--mode", "production", "--json")

    assert (missing.code, key_diagnostics(missing)) == (1, ["error"])
    assert (in_a_file.code, key_diagnostics(in_a_file)) == (0, [])
    assert (in_the_store.code, key_diagnostics(in_the_store)) == (0, [])


def test_a_check_writes_nothing(tenant, journeyman, tmp_path):
    (tenant / "policies" / "Base.xml").write_text(BASE)
    journeyman("check", tenant)
    without_store = sorted(path.name for path in tenant.iterdir())
    journeyman("keys", "generate", "Token", "--type", "secret", "--dir", tenant)
    before = contents(tenant)
    ended = journeyman("check", tenant, "--mode", "production")

    assert without_store == ["journeyman.toml", "policies"]
    assert ended.code == 0
    assert contents(tenant) == before


def contents(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path.name, path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def test_a_check_works_beside_a_running_engine(served, journeyman):
    ended = journeyman("check", served.folder, "--json")
    report = json.loads(ended.out)

    assert ended.code == 0
    assert [each for each in report["diagnostics"] if "storageReferenceId" in each["message"]] == []


def test_one_file_of_a_tenant_folder_finds_its_base_there(tenant, journeyman):
    (tenant / "policies" / "Base.xml").write_text(BASE)
    (tenant / "policies" / "Child.xml").write_text(CHILD)
    ended = journeyman("check", tenant / "policies" / "Child.xml", "--json")

    assert [policy["id"] for policy in json.loads(ended.out)["policies"]] == ["B2C_1A_Child"]
    assert [each for each in json.loads(ended.out)["diagnostics"] if each["severity"] == "error"][1:] == []


def test_the_settings_of_the_folder_that_one_stands_in_count(tenant, journeyman, monkeypatch, tmp_path):
    (tmp_path / "Elsewhere.xml").write_text(BASE)
    monkeypatch.chdir(tenant)
    ended = journeyman("check", tmp_path / "Elsewhere.xml", "--mode", "production", "--json")

    assert key_diagnostics(ended) == ["error"]
