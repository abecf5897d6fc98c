"""``journeyman deploy`` and ``journeyman releases`` on the store of a tenant folder."""

from __future__ import annotations

import json
import re

import pytest


@pytest.fixture
def policies(tmp_path, xml):
    """A folder to deploy: ``policies(Up=text)`` writes Up.xml, None removes it."""
    folder = tmp_path / "release"
    folder.mkdir()

    def write(**texts):
        for name, text in texts.items():
            path = folder / f"{name}.xml"
            path.write_text(text, encoding="utf-8") if text is not None else path.unlink()
        return folder

    return write


@pytest.fixture
def policy(xml):
    def made(id="B2C_1A_Up", mark=""):
        profile = xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',))
        text = xml.policy(xml.step(Id="Id"), profiles=(profile,), id=id)
        return text.replace("</TrustFrameworkPolicy>", f"<!-- {mark} -->\n</TrustFrameworkPolicy>")

    return made


@pytest.fixture
def run(journeyman, tenant):
    """Run a command with the tenant folder as its target."""
    return lambda *arguments: journeyman(*arguments, "--dir", tenant)


def test_a_plan_changes_nothing(run, policies, policy):
    folder = policies(Up=policy())

    planned = run("deploy", folder, "--plan")

    assert planned.code == 0
    assert "+ added   B2C_1A_Up  Up.xml" in planned.out
    assert "no release yet" in run("releases", "list").out


def test_looking_makes_no_store(run, tenant, policies, policy):
    folder = policies(Up=policy())

    ended = [
        run("deploy", folder, "--plan"),
        run("releases", "list"),
        run("releases", "show", "0"),
        run("releases", "show", "1"),
        run("releases", "diff", "0"),
    ]

    assert [one.code for one in ended] == [0, 0, 0, 1, 0]
    assert not (tenant / ".journeyman").exists()


def test_a_folder_is_published_as_one_release_and_a_second_run_has_nothing_to_do(run, policies, policy):
    folder = policies(Up=policy(), More=policy("B2C_1A_More"))

    first = run("deploy", folder, "--yes", "--note", "the first")
    second = run("deploy", folder, "--yes")

    assert (first.code, second.code) == (0, 0)
    assert first.out.endswith("release 1 is published\n")
    assert second.out.endswith("nothing to do\n")
    assert "the first" in run("releases", "list").out
    assert first.err == second.err == ""


def test_json_has_the_plan_and_the_release(run, policies, policy):
    run("deploy", policies(Up=policy(), Gone=policy("B2C_1A_Gone")), "--yes")
    folder = policies(Up=policy(mark="new"), Gone=None)

    done = json.loads(run("deploy", folder, "--yes", "--json").out)

    assert (done["plan"]["changed"], done["plan"]["removed"]) == (["B2C_1A_Up"], ["B2C_1A_Gone"])
    assert done["release"]["number"] == 2
    assert list(done["release"]["policies"]) == ["B2C_1A_Up"]


def test_an_error_says_file_line_and_remedy_and_publishes_nothing(run, policies, policy):
    bad = policy("B2C_1A_Bad").replace('TechnicalProfileReferenceId="Id"', 'TechnicalProfileReferenceId="Nobody"')

    refused = run("deploy", policies(Up=policy(), Bad=bad), "--yes")

    assert refused.code == 1
    assert "error: Bad.xml:" in refused.out
    assert "Nobody" in refused.out
    assert "nothing was published" in refused.err
    assert json.loads(run("releases", "list", "--json").out) == []


def test_a_diff_shows_the_lines_that_change(run, policies, policy):
    run("deploy", policies(Up=policy(mark="before")), "--yes")

    shown = run("deploy", policies(Up=policy(mark="after")), "--plan", "--diff").out.splitlines()

    assert "--- B2C_1A_Up (release 1)" in shown
    assert "+++ B2C_1A_Up (Up.xml)" in shown
    assert any(line.startswith("-") and "before" in line for line in shown)
    assert any(line.startswith("+") and "after" in line for line in shown)


def test_without_a_terminal_publishing_asks_for_yes(run, policies, policy):
    refused = run("deploy", policies(Up=policy()))

    assert (refused.code, "add --yes" in refused.err) == (2, True)


def test_a_wrong_call_is_told_what_to_do(journeyman, run, policies, policy, tmp_path):
    folder = policies(Up=policy())
    empty = tmp_path / "empty"
    empty.mkdir()
    calls = {
        "does not exist": run("deploy", tmp_path / "nowhere", "--yes"),
        "no policy file": run("deploy", empty, "--yes"),
        "name one with --dir": journeyman("deploy", folder, "--yes", "--dir", empty),
        "would send the secret in clear": run("deploy", folder, "--yes", "--to", "http://id.contoso.example/t"),
        "is no address": run("deploy", folder, "--yes", "--to", "ftp://id.contoso.example"),
        "JOURNEYMAN_CLIENT_ID is not set": run("deploy", folder, "--yes", "--to", "https://127.0.0.1:1/t"),
        "belongs to --to": run("deploy", folder, "--yes", "--trust", folder / "Up.xml"),
        "holds no certificate": run(
            "deploy", folder, "--yes", "--to", "https://127.0.0.1:1/t", "--trust", folder / "Up.xml"
        ),
    }

    for text, call in calls.items():
        assert (text, call.code) == (text, 2)
        assert text in call.err


def test_what_is_no_policy_is_left_out(run, policies, policy):
    done = run("deploy", policies(Up=policy(), page="<html/>"), "--yes")

    assert done.code == 0
    assert "page.xml is no policy and is left out" in done.err


def test_a_tenant_folder_gives_its_own_policies(journeyman, run, tenant, policy, tmp_path):
    source = tmp_path / "source"
    (source / "policies").mkdir(parents=True)
    (source / "journeyman.toml").write_text((tenant / "journeyman.toml").read_text(), encoding="utf-8")
    (source / "policies" / "Up.xml").write_text(policy(), encoding="utf-8")
    (source / "other.xml").write_text("<other/>", encoding="utf-8")

    assert "policies/Up.xml" in run("deploy", source, "--plan").out


def test_releases_are_shown_compared_and_taken_back(run, policies, policy):
    run("deploy", policies(Up=policy(mark="one")), "--yes")
    run("deploy", policies(Up=policy(mark="two")), "--yes")

    text = run("releases", "show", "1", "--policy", "b2c_1a_up").out
    compared = run("releases", "diff", "1")
    back = run("releases", "rollback", "1", "--yes")
    again = run("releases", "rollback", "1", "--yes")

    assert text == policy(mark="one")
    assert any(line.startswith("+") and "two" in line for line in compared.out.splitlines())
    assert back.out.endswith("release 3 is what release 1 was\n")
    assert again.out.endswith("nothing to do\n")
    assert json.loads(run("releases", "diff", "1", "3", "--json").out)["unchanged"] == ["B2C_1A_Up"]


def test_a_release_is_listed_and_shown_in_lines(run, policies, policy):
    run("deploy", policies(Up=policy()), "--yes", "--note", "the first")

    (listed,) = run("releases", "list").out.splitlines()
    shown = run("releases", "show", "1").out.splitlines()

    assert re.fullmatch(r" {4}1  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  1 policy +command line, \S+  the first", listed)
    assert shown[0] == listed
    assert re.fullmatch(r" {7}[0-9a-f]{12}  B2C_1A_Up", shown[1])
    assert run("releases", "diff", "1").out == "  1 unchanged\nthe two are the same\n"


def test_a_file_whose_place_is_taken_and_one_that_breaks_are_named(run, tenant, policies, policy):
    upon = "<BasePolicy><TenantId>contoso.onmicrosoft.com</TenantId><PolicyId>B2C_1A_Base</PolicyId></BasePolicy>"
    child = policy("B2C_1A_Child").replace("<BuildingBlocks>", f"{upon}<BuildingBlocks>", 1)
    (tenant / "policies" / "Child.xml").write_text(child, encoding="utf-8")
    base = policy("B2C_1A_Base").replace('TechnicalProfile Id="Id"', 'TechnicalProfile Id="Other"')
    (tenant / "policies" / "Base.xml").write_text(policy("B2C_1A_Base"), encoding="utf-8")

    planned = run("deploy", policies(Base=base.replace('ReferenceId="Id"', 'ReferenceId="Other"')), "--plan")

    assert "note: B2C_1A_Base takes the place of the file policies/Base.xml of the tenant folder" in planned.out
    assert planned.code == 0, planned.out


def test_a_release_that_is_not_there_is_an_error(run, policies, policy):
    run("deploy", policies(Up=policy()), "--yes")

    missing = run("releases", "show", "7")

    assert (missing.code, "there is no release 7" in missing.err) == (1, True)


def test_check_knows_uploaded_bases_and_prefers_the_file(journeyman, run, tenant, policies, policy):
    run("deploy", policies(Base=policy("B2C_1A_Base")), "--yes")
    upon = "<BasePolicy><TenantId>contoso.onmicrosoft.com</TenantId><PolicyId>B2C_1A_Base</PolicyId></BasePolicy>"
    child = policy("B2C_1A_Child").replace("<BuildingBlocks>", f"{upon}<BuildingBlocks>", 1)
    (tenant / "policies" / "Child.xml").write_text(child, encoding="utf-8")
    (tenant / "policies" / "Base.xml").write_text("<broken", encoding="utf-8")

    child = journeyman("check", tenant / "policies" / "Child.xml")
    base = journeyman("check", tenant / "policies" / "Base.xml")

    assert (child.code, base.code) == (0, 1)
