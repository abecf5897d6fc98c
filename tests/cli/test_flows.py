"""``journeyman flows``: what there is, what each is, and the policy that it becomes."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass
from enum import Enum
from types import FunctionType

import pytest

from journeyman.compiler.compile_folder import compile_all
from journeyman.diagnostics import Location
from journeyman.engine.registry import specs_of
from journeyman.engine.stored import Stored
from journeyman.engine.tenant_policies import load_tenant_policies, tenant_texts
from journeyman.settings import load_settings

TENANT = """[tenant]
name = "contoso.onmicrosoft.com"
"""
FLOWS = """
[[user_attributes]]
name = "Tier"

[[user_flows]]
id = "B2C_1_a--b"
type = "signUpOrSignIn"
claims = ["displayName", "extension_Tier"]
languages = ["en", "de"]
[[user_flows.attributes]]
id = "extension_Tier"
optional = true
[user_flows.texts.de]
heading = "Anmelden"

[[user_flows]]
id = "B2C_1_edit"
type = "profileUpdate"
attributes = [{ id = "city" }]
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "journeyman.toml").write_text(TENANT + FLOWS)
    return tmp_path


def test_the_list_says_type_place_and_state(folder, journeyman):
    ended = journeyman("flows", "list", "--dir", folder)

    assert ended.code == 0
    assert ended.out.splitlines() == [
        "B2C_1_a--b  signUpOrSignIn  journeyman.toml  ok",
        "B2C_1_edit  profileUpdate  journeyman.toml  ok",
    ]


def test_a_tenant_without_flows_is_told_how_to_get_one(tmp_path, journeyman):
    (tmp_path / "journeyman.toml").write_text(TENANT)

    assert journeyman("flows", "list", "--dir", tmp_path).out.startswith("no user flow yet; declare one under")
    assert json.loads(journeyman("flows", "list", "--dir", tmp_path, "--json").out) == []


def test_an_error_is_counted_shown_and_keeps_it_from_being_exported(folder, journeyman):
    (folder / "journeyman.toml").write_text(TENANT + FLOWS.replace('id = "city"', 'id = "ciyt"'))

    listed, shown = journeyman("flows", "list", "--dir", folder), journeyman("flows", "show", "edit", "--dir", folder)
    exported = journeyman("flows", "export", "edit", "--dir", folder)

    assert (listed.code, shown.code, exported.code) == (1, 1, 1)
    assert "B2C_1_edit  profileUpdate  journeyman.toml  1 error" in listed.out
    assert "error JM1500 The user flow B2C_1_edit names the user attribute 'ciyt'" in shown.out
    assert exported.out == ""
    assert "JM1500" in exported.err


def test_show_prints_the_settings_that_say_something(folder, journeyman):
    ended = journeyman("flows", "show", "B2C_1_edit", "--dir", folder)

    assert ended.code == 0
    assert "type: profileUpdate" in ended.out.splitlines()
    assert "  attribute city, input_type textBox" in ended.out.splitlines()
    assert "texts" not in ended.out


def test_show_as_json_has_every_setting(folder, journeyman):
    shown = json.loads(journeyman("flows", "show", "edit", "--dir", folder, "--json").out)

    assert (shown["id"], shown["declared"], shown["ok"], shown["problems"]) == ("B2C_1_edit", True, True, [])
    assert shown["settings"]["attributes"][0]["attribute"] == "city"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("show", "B2C_1_edlt"), "error: there is no user flow 'B2C_1_edlt'; did you mean B2C_1_edit?"),
        (("show", "zz"), "error: there is no user flow 'zz'; there is B2C_1_a--b, B2C_1_edit"),
        (
            ("export", "edit", "--id", "x"),
            "error: --id 'x' is not the id of a custom policy; write B2C_1A_ and up to 64",
        ),
    ],
)
def test_a_wrong_call_is_exit_code_2_and_one_line(folder, journeyman, arguments, error):
    ended = journeyman("flows", *arguments, "--dir", folder)

    assert ended.code == 2
    assert ended.err.startswith(error)


def test_an_export_goes_to_a_new_file_only(folder, journeyman):
    out = folder / "edit.xml"

    first = journeyman("flows", "export", "edit", "--out", out, "--dir", folder)
    second = journeyman("flows", "export", "edit", "--out", out, "--dir", folder)

    assert first.code == 0
    assert 'PolicyId="B2C_1A_edit"' in out.read_text()
    assert second.code == 2
    assert "exists and is not overwritten" in second.err


@pytest.mark.parametrize("flow", ["a--b", "edit"])
def test_the_exported_policy_compiles_to_what_the_flow_is(folder, journeyman, flow):
    (folder / "policies").mkdir()
    journeyman("flows", "export", flow, "--out", folder / "policies" / "flow.xml", "--dir", folder)
    settings = load_settings(folder, environment={})
    stored = Stored(identity=settings.identity)

    loaded = load_tenant_policies(settings, tenant_texts(settings, stored))
    policies = compile_all(loaded, specs=specs_of(settings), keys=None, engine_production=True).policies

    of_flow, of_export = policies[f"b2c_1_{flow}"], policies[f"b2c_1a_{flow}"]
    assert plain(of_export) == plain(of_flow)
    assert len(repr(plain(of_flow))) > 20_000


def plain(value):
    """Return a compiled policy as data: places are left out, functions are their names, the id is one."""
    if is_dataclass(value) and not isinstance(value, type):
        members = {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.name != "files"}
        return (type(value).__name__, members) if not isinstance(value, Location) else None
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(each) for each in (sorted(value, key=repr) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, FunctionType):
        return value.__qualname__
    if isinstance(value, str | int | float | bool | Enum) or value is None:
        return re.sub("B2C_1A_", "B2C_1_", value, flags=re.IGNORECASE) if isinstance(value, str) else value
    return type(value).__name__
