from __future__ import annotations

import json
from pathlib import Path

import pytest

import journeyman as package

STARTER = Path(package.__file__).parent / "cli" / "starter"


@pytest.fixture
def folder(tenant):
    for name in ("Base.xml", "SignUpOrSignIn.xml"):
        (tenant / "policies" / name).write_text((STARTER / name).read_text(encoding="utf-8"), encoding="utf-8")
    return tenant


def test_a_profile_is_printed_with_the_file_and_line_of_every_part(folder, journeyman, monkeypatch):
    monkeypatch.chdir(folder)

    ended = journeyman("explain", "b2c_1a_signuporsignin", "AAD-Common")

    lines = ended.out.splitlines()
    assert (ended.code, ended.err) == (0, "")
    assert lines[0].startswith("TechnicalProfile AAD-Common ")
    assert all("policies/Base.xml:" in line for line in lines if line.strip() not in {"Metadata", "CryptographicKeys"})
    assert any(line.strip().startswith("Protocol Proprietary Web.TPEngine.Providers.AzureActive") for line in lines)


def test_the_json_holds_the_files_of_the_chain_and_every_element(folder, journeyman):
    printed = json.loads(journeyman("explain", "B2C_1A_SignUpOrSignIn", "--dir", folder, "--json").out)

    kinds = [element["kind"] for element in printed["elements"]]
    assert printed["policy"] == "B2C_1A_SignUpOrSignIn"
    assert [Path(file).name for file in printed["files"]] == ["Base.xml", "SignUpOrSignIn.xml"]
    assert kinds[0] == "TrustFrameworkPolicy"
    assert kinds[-1] == "RelyingParty"
    assert {"ClaimType", "ContentDefinition", "TechnicalProfile", "UserJourney"} <= set(kinds)


def test_policies_may_be_named_by_path_outside_a_tenant_folder(folder, journeyman, tmp_path, monkeypatch):
    (folder / "journeyman.toml").unlink()
    monkeypatch.chdir(tmp_path)

    found = journeyman("explain", "B2C_1A_SignUpOrSignIn", "JwtIssuer", "--paths", folder / "policies")
    lost = journeyman("explain", "B2C_1A_SignUpOrSignIn")

    assert (found.code, found.out.split()[:2]) == (0, ["TechnicalProfile", "JwtIssuer"])
    assert (lost.code, lost.out) == (2, "")
    assert (
        lost.err
        == "error: . is no tenant folder: there is no journeyman.toml; name one with --dir, or policies with --paths\n"
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["B2C_1A_SignUpOrSignOn"], "there is no policy 'B2C_1A_SignUpOrSignOn'; did you mean B2C_1A_SignUpOrSignIn?"),
        (["B2C_1A_SignUpOrSignIn", "JwtIsuer"], "has no element 'JwtIsuer'; did you mean JwtIssuer?"),
        (
            ["B2C_1A_SignUpOrSignIn", "--paths", "nowhere.xml"],
            "nowhere.xml does not exist; name policy files or folders",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_one_line_with_the_nearest(folder, journeyman, arguments, error):
    ended = journeyman("explain", *arguments, "--dir", folder)

    assert (ended.code, ended.out) == (2, "")
    assert error in ended.err
    assert ended.err.count("\n") == 1


def test_a_policy_without_its_base_is_told_with_its_place(folder, journeyman):
    (folder / "policies" / "Base.xml").unlink()

    ended = journeyman("explain", "B2C_1A_SignUpOrSignIn", "--dir", folder)

    assert (ended.code, ended.out) == (1, "")
    assert "SignUpOrSignIn.xml:" in ended.err
    assert "error JM1040" in ended.err
