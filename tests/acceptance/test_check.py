"""``journeyman check`` inside and outside a tenant folder."""

from __future__ import annotations

import pytest
from acceptance_policy import call, exchange, policy, profile, rest

URL = "https://api.contoso.example/ok"
BASIC = {"BasicAuthenticationUsername": "B2C_1A_User", "BasicAuthenticationPassword": "B2C_1A_Password"}


@pytest.fixture
def check(folder, tmp_path):
    """Check the text of one policy outside a tenant folder."""
    folder.path.mkdir(parents=True)

    def run(text, *arguments):
        path = tmp_path / "alone"
        path.mkdir(exist_ok=True)
        (path / "policy.xml").write_text(text, encoding="utf-8")
        return folder.run("check", ".", "--format", "json", *arguments, cwd=path)

    return run


def errors(ended):
    return [one for one in ended.json["diagnostics"] if one["severity"] == "error"]


def test_json_output_has_policies_and_diagnostics_with_their_members(check):
    ended = check(call("Bad", URL, "Kerberos"))

    (entry,) = ended.json["policies"]
    (error,) = errors(ended)
    assert entry["id"] == "B2C_1A_Bad"
    assert entry["ok"] is False
    assert entry["path"].endswith("policy.xml")
    assert set(error) >= {"code", "severity", "message", "path", "line", "column", "help"}
    assert error["code"].startswith("JM")
    assert error["line"] > 1
    assert ended.code == 1


def test_the_message_begins_with_the_services_code_and_names_the_technical_profile(check):
    (error,) = errors(check(call("Bad", URL, "Kerberos")))

    assert error["message"].startswith("AADB2C90024")
    assert "REST-Bad" in str(error)


UPLOAD_ERRORS = [
    ("AADB2C90023", call("X0", "", "Basic", keys=BASIC)),
    ("AADB2C90026", call("X1", "not a url", "Basic", keys=BASIC)),
    ("AADB2C90024", call("X2", URL, "Negotiate")),
    ("AADB2C90029", call("X3", URL, SendClaimsIn="Cookie")),
    ("AADB2C90030", call("X4", URL, DebugMode="perhaps")),
    ("AADB2C90025", call("X5", URL, "Basic")),
    ("AADB2C90025", call("X6", URL, "ClientCertificate")),
    ("AADB2C90192", call("X7", URL, "Bearer")),
    ("AADB2C90193", call("X8", URL, "Bearer", UseClaimAsBearerToken="bearerToken")),
]


def test_an_upload_time_error_of_a_rest_profile_has_the_services_code(folder, tmp_path):
    for number, (_, text) in enumerate(UPLOAD_ERRORS):
        (tmp_path / f"{number}.xml").write_text(text, encoding="utf-8")

    ended = folder.run("check", ".", "--format", "json", cwd=tmp_path)

    told = [(one["path"], one["message"][:11]) for one in errors(ended)]
    assert ended.code == 1
    for number, (code, _) in enumerate(UPLOAD_ERRORS):
        assert (f"{number}.xml", code) in told, told


def test_outside_a_tenant_folder_absent_keys_are_information_and_not_an_error(check):
    ended = check(call("Keys", URL, "Basic", keys=BASIC))

    named = [one for one in ended.json["diagnostics"] if "B2C_1A_User" in one["message"]]
    assert ended.code == 0, ended.out
    assert {one["severity"] for one in named} == {"info"}


def test_mode_production_checks_outside_a_tenant_folder_as_the_real_service_at_upload(check):
    ended = check(call("Http", "http://api.contoso.example/ok", "Basic", keys=BASIC), "--mode", "production")

    assert ended.code == 1
    assert any(error["message"].startswith("AADB2C90256") for error in errors(ended)), ended.out


MATRIX = [
    (deployment, item)
    for deployment in ("", "Development", "Production", "Debugging")
    for item in ("", "true", "True", "false")
]


@pytest.mark.parametrize(("mode", "severity"), [("development", "warning"), ("production", "error")])
def test_allow_insecure_auth_in_production_matrix(folder, tmp_path, mode, severity):
    for number, (deployment, item) in enumerate(MATRIX):
        attributes = f'DeploymentMode="{deployment}"' if deployment else ""
        profiles = rest("REST-X", URL, "None", AllowInsecureAuthInProduction=item)
        text = policy(f"B2C_1A_X{number}", profiles, steps=(exchange("REST-X"),), attributes=attributes)
        (tmp_path / f"{number}.xml").write_text(text, encoding="utf-8")

    ended = folder.run("check", ".", "--format", "json", "--mode", mode, cwd=tmp_path)

    told = {one["path"]: one["severity"] for one in ended.json["diagnostics"] if "AADB2C90258" in one["message"]}
    for number, (deployment, item) in enumerate(MATRIX):
        secure = item.lower() == "true"
        expected = {None} if secure else {"warning", None} if deployment == "Development" else {severity}
        assert told.get(f"{number}.xml") in expected, (deployment, item, told)


def test_allow_insecure_auth_in_production_decides_in_a_production_tenant_folder_and_in_up(folder):
    folder.write(mode="production", x=call("X", URL, AllowInsecureAuthInProduction="")).token_keys()

    ended = folder.run("check", "policies", "--format", "json")
    started = folder.run("up")

    assert (ended.code, started.code) == (1, 1)
    assert "AADB2C90258" in ended.out
    assert "AADB2C90258" in started.err + started.out


def test_check_inside_a_tenant_folder_reads_its_settings_and_keys(folder):
    folder.write(
        '[settings]\nHost = "api.contoso.example"\n', x=call("X", "https://{Settings:Host}/ok", "Basic", keys=BASIC)
    )
    folder.key("B2C_1A_User.txt", "one")
    folder.key("B2C_1A_Password.txt", "two")

    ended = folder.run("check", "policies", "--format", "json")

    assert ended.code == 0, ended.out
    assert "B2C_1A_User" not in ended.out


def test_check_inside_a_production_tenant_folder_makes_a_missing_key_an_error(folder):
    folder.write(mode="production", x=call("X", URL, "Basic", keys=BASIC))

    ended = folder.run("check", "policies", "--format", "json")

    assert ended.code == 1
    assert any("B2C_1A_User" in error["message"] for error in errors(ended))


def split(tmp_path, base_id="B2C_1A_Base"):
    whole = call("Leaf", URL)
    head, _, rest_of = whole.partition("<RelyingParty>")
    party = "<RelyingParty>" + rest_of
    path = tmp_path / "chain"
    path.mkdir()
    base = head.replace("B2C_1A_Leaf", base_id) + "</TrustFrameworkPolicy>"
    start = head[: head.index("<BuildingBlocks>")]
    parent = "<BasePolicy><TenantId>yourtenant.onmicrosoft.com</TenantId><PolicyId>B2C_1A_base</PolicyId></BasePolicy>"
    (path / "z_base.xml").write_text(base, encoding="utf-8")
    (path / "a_leaf.xml").write_text(start + parent + party, encoding="utf-8")
    return path


def test_base_policies_are_resolved_by_policy_id_without_regard_to_case_among_the_given_files(folder, tmp_path):
    path = split(tmp_path)

    ended = folder.run("check", str(path), "--format", "json", cwd=tmp_path)

    assert ended.code == 0, ended.out
    assert {entry["id"]: entry["ok"] for entry in ended.json["policies"]} == {"B2C_1A_Leaf": True, "B2C_1A_Base": True}


def test_a_missing_base_policy_is_an_error(folder, tmp_path):
    path = split(tmp_path, base_id="B2C_1A_Other")

    ended = folder.run("check", str(path), "--format", "json", cwd=tmp_path)

    assert ended.code == 1
    assert any("B2C_1A_base" in error["message"] for error in errors(ended))


def test_a_handler_that_is_not_built_is_a_diagnostic_that_names_it(check):
    other = profile("Strange", "StrangeProvider", {"A": "b"}, "")
    ended = check(policy("B2C_1A_X", other, steps=(exchange("Strange"),)))

    assert any("StrangeProvider" in one["message"] for one in ended.json["diagnostics"])
    assert any("Strange" in str(error) for error in errors(ended))


HOSTILE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><TrustFrameworkPolicy>&a;</TrustFrameworkPolicy>',
    "<TrustFrameworkPolicy>" + "<a>" * 3000 + "</a>" * 3000 + "</TrustFrameworkPolicy>",
    "<TrustFrameworkPolicy>",
    "",
    "no xml at all",
)


def test_a_dtd_and_xml_that_is_broken_or_too_deep_are_diagnostics(folder, tmp_path):
    for number, text in enumerate(HOSTILE):
        (tmp_path / f"{number}.xml").write_text(text, encoding="utf-8")

    ended = folder.run("check", *(f"{number}.xml" for number in range(5)), "--format", "json", cwd=tmp_path)

    assert ended.code == 1
    assert {error["path"] for error in errors(ended)} == {f"{number}.xml" for number in range(5)}
    assert all(error["line"] >= 1 for error in errors(ended))


def test_a_path_that_does_not_exist_is_a_wrong_call(folder, tmp_path):
    ended = folder.run("check", "nowhere", cwd=tmp_path)

    assert ended.code == 2
    assert "nowhere" in ended.err


@pytest.mark.parametrize("arguments", [("check",), ("nonsense",), ("check", ".", "--format", "pdf"), ("up", "--what")])
def test_a_wrong_call_ends_with_2_and_one_line(folder, tmp_path, arguments):
    ended = folder.run(*arguments, cwd=tmp_path)

    assert ended.code == 2
    assert ended.err.strip()


@pytest.mark.parametrize("format", ["text", "sarif", "github"])
def test_the_other_formats_name_file_line_and_code(folder, tmp_path, format):
    (tmp_path / "policy.xml").write_text(call("Bad", URL, "Kerberos"), encoding="utf-8")

    ended = folder.run("check", "policy.xml", "--format", format, cwd=tmp_path)

    assert ended.code == 1
    assert "policy.xml" in ended.out
    assert "AADB2C90024" in ended.out
    assert "JM1404" in ended.out


def test_a_policy_with_a_byte_order_mark_is_read(check):
    assert check("\ufeff" + call("Bom", URL)).code == 0
