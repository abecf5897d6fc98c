from __future__ import annotations

from pathlib import Path

import pytest

from journeyman.policy.load import PolicyText, load_policies


@pytest.fixture
def folder(tmp_path, xml):
    """Write policy files and return their folder."""

    def write(**files):
        for name, options in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.xml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(options if isinstance(options, str) else xml(**options), encoding="utf-8")
        return tmp_path

    return write


def load(folder, *paths, settings=None, tenant_name="contoso.onmicrosoft.com"):
    return load_policies(paths or (folder,), settings=settings or {}, tenant_name=tenant_name, relative_to=folder)


CHAIN = {
    "base": {"policy_id": "B2C_1A_Base"},
    "extensions": {"policy_id": "B2C_1A_Extensions", "base": "B2C_1A_Base"},
    "rp__sign_in": {"policy_id": "B2C_1A_SignIn", "base": "B2C_1A_Extensions"},
    "rp__edit": {"policy_id": "B2C_1A_Edit", "base": "B2C_1A_Extensions"},
}


def test_a_folder_is_searched_in_all_depths_in_the_order_of_paths(folder):
    loaded = load(folder(**CHAIN))

    assert [policy.files for policy in loaded.policies.values()] == [
        ("base.xml",),
        ("extensions.xml",),
        ("rp/edit.xml",),
        ("rp/sign_in.xml",),
    ]
    assert loaded.diagnostics == ()


def test_a_policy_is_found_by_its_id_in_any_case_and_merged_with_its_bases(folder):
    policy, diagnostics = load(folder(**CHAIN)).merged("b2c_1a_SIGNIN")

    assert policy.files == ("base.xml", "extensions.xml", "rp/sign_in.xml")
    assert diagnostics == []


def test_files_may_be_named_and_one_that_is_named_twice_is_read_once(folder):
    root = folder(**CHAIN)
    loaded = load(root, root / "rp" / "edit.xml", root, root / "base.xml")

    assert [policy.policy_id for policy in loaded.policies.values()] == [
        "B2C_1A_Edit",
        "B2C_1A_Base",
        "B2C_1A_Extensions",
        "B2C_1A_SignIn",
    ]
    assert loaded.diagnostics == ()


def test_the_order_of_the_paths_does_not_change_a_merged_policy(folder):
    root = folder(**CHAIN)
    files = [root / "base.xml", root / "extensions.xml", root / "rp" / "edit.xml"]

    assert load(root, *files).merged("B2C_1A_Edit") == load(root, *reversed(files)).merged("B2C_1A_Edit")


def test_hidden_folders_and_other_files_are_left_out(folder):
    root = folder(base={"policy_id": "B2C_1A_Base"}, **{".hidden__x": {"policy_id": "B2C_1A_X"}})
    (root / "notes.txt").write_text("<x/>")
    (root / "UPPER.XML").write_text((root / "base.xml").read_text().replace("B2C_1A_Base", "B2C_1A_Upper"))
    (root / "folder.xml").mkdir()

    assert [policy.policy_id for policy in load(root).policies.values()] == ["B2C_1A_Upper", "B2C_1A_Base"]


def test_two_files_with_one_policy_id_are_an_error_naming_the_first(folder):
    loaded = load(folder(a={"policy_id": "B2C_1A_Base"}, b={"policy_id": "b2c_1a_base"}))

    assert [str(each) for each in loaded.diagnostics] == [
        (
            "b.xml:1:1: error JM1044 [b2c_1a_base] Another policy with the same id cannot be stored: "
            "b2c_1a_base is in a.xml already."
        )
    ]
    assert loaded.merged("B2C_1A_Base")[0].files == ("a.xml",)


def test_a_missing_base_leaves_the_policy_unmerged_and_the_others_served(folder):
    loaded = load(folder(a={"policy_id": "B2C_1A_A", "base": "B2C_1A_None"}, b={"policy_id": "B2C_1A_B"}))

    policy, diagnostics = loaded.merged("B2C_1A_A")
    assert policy is None
    assert [each.code for each in diagnostics] == ["JM1040"]
    assert loaded.merged("B2C_1A_B")[0] is not None


def test_a_broken_file_is_one_error_and_its_children_miss_their_base(folder):
    loaded = load(folder(base="<TrustFrameworkPolicy>", rp={"policy_id": "B2C_1A_RP", "base": "B2C_1A_Base"}))

    assert [(each.code, each.location.path) for each in loaded.diagnostics] == [("JM1010", "base.xml")]
    assert [each.code for each in loaded.merged("B2C_1A_RP")[1]] == ["JM1040"]


def test_a_path_that_does_not_exist_is_an_error(tmp_path):
    loaded = load(tmp_path, tmp_path / "none.xml")

    assert [str(each) for each in loaded.diagnostics] == [
        "none.xml:0:0: error JM1002 The file cannot be read: No such file or directory."
    ]


def test_an_unknown_policy_id_is_an_error(tmp_path):
    policy, diagnostics = load(tmp_path).merged("B2C_1A_None")

    assert policy is None
    assert [each.message for each in diagnostics] == ["Policy with 'policyId': B2C_1A_None cannot be found."]


def test_diagnostics_of_a_merged_policy_are_those_of_its_files_each_once_and_in_order(folder):
    files = CHAIN | {
        "base": {"policy_id": "B2C_1A_Base", "body": "<Unknown/><ClaimsProviders><Wrong/></ClaimsProviders>"},
        "other": {"policy_id": "B2C_1A_Other", "body": "<Other/>"},
    }
    loaded = load(folder(**files))

    places = [str(each.location) for each in loaded.merged("B2C_1A_Edit")[1]]
    assert places == ["base.xml:3:1", "base.xml:3:28"]
    assert {each.location.path for each in loaded.diagnostics} == {"base.xml", "other.xml"}


def test_relying_parties_of_one_base_share_its_merge(folder):
    claim = '<BuildingBlocks><ClaimsSchema><ClaimType Id="{}"/></ClaimsSchema></BuildingBlocks>'
    files = CHAIN | {
        "base": {"policy_id": "B2C_1A_Base", "body": claim.format("a")},
        "extensions": {"policy_id": "B2C_1A_Extensions", "base": "B2C_1A_Base", "body": claim.format("A")},
    }
    loaded = load(folder(**files))
    first, second = loaded.merged("B2C_1A_Edit")[0], loaded.merged("B2C_1A_SignIn")[0]

    assert first.claim_types["a"] is second.claim_types["a"]
    assert loaded.merged("B2C_1A_Edit")[0] is first


def test_an_include_that_a_derived_file_supplies_is_no_error_of_the_base(folder):
    profile = (
        "<ClaimsProviders><ClaimsProvider><TechnicalProfiles>{}</TechnicalProfiles></ClaimsProvider></ClaimsProviders>"
    )
    include = '<TechnicalProfile Id="P"><IncludeTechnicalProfile ReferenceId="Common"/></TechnicalProfile>'
    files = {
        "base": {"policy_id": "B2C_1A_Base", "body": profile.format(include)},
        "rp": {
            "policy_id": "B2C_1A_RP",
            "base": "B2C_1A_Base",
            "body": profile.format('<TechnicalProfile Id="Common"/>'),
        },
        "other": {"policy_id": "B2C_1A_Other", "base": "B2C_1A_Base"},
    }
    loaded = load(folder(**files))

    assert [each.code for each in loaded.merged("B2C_1A_Base")[1]] == []
    assert [each.code for each in loaded.merged("B2C_1A_RP")[1]] == []
    assert [each.code for each in loaded.merged("B2C_1A_Other")[1]] == ["JM1050"]


def test_placeholders_are_replaced_before_parsing(folder):
    text = (
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        'PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_{Settings:Stage}_Base" '
        'PublicPolicyUri="http://yourtenant.onmicrosoft.com/B2C_1A_{Settings:Stage}_Base"/>'
    )
    loaded = load(folder(base=text), settings={"Stage": "Test"})

    policy = loaded.policies["b2c_1a_test_base"]
    assert (policy.policy_id, policy.tenant_id) == ("B2C_1A_Test_Base", "contoso.onmicrosoft.com")
    assert loaded.diagnostics == ()


def test_a_policy_of_another_tenant_than_the_configured_one_is_a_warning(folder):
    loaded = load(folder(base={"policy_id": "B2C_1A_Base"}), tenant_name="fabrikam.onmicrosoft.com")

    assert [(each.code, each.severity.value, each.message) for each in loaded.diagnostics] == [
        (
            "JM1045",
            "warning",
            (
                "TenantId in the policy xml 'contoso.onmicrosoft.com' is not same as the one in login tenant "
                "'fabrikam.onmicrosoft.com'."
            ),
        )
    ]


def test_paths_are_shown_as_they_were_given(folder, monkeypatch):
    root = folder(**CHAIN)
    monkeypatch.chdir(root)
    loaded = load_policies((Path("rp"),), settings={}, tenant_name=None)

    assert [policy.location.path for policy in loaded.policies.values()] == ["rp/edit.xml", "rp/sign_in.xml"]


def test_a_text_takes_the_place_of_a_file_of_the_same_policy_and_the_file_is_named(folder, xml):
    at = folder(sign_in={"policy_id": "B2C_1A_SignIn"})
    uploaded = PolicyText("uploaded B2C_1A_signin", xml(policy_id="B2C_1A_signin").encode())

    loaded = load_policies((at,), settings={}, tenant_name=None, relative_to=at, texts=(uploaded,))

    assert [policy.files for policy in loaded.policies.values()] == [("uploaded B2C_1A_signin",)]
    assert [(one.code, one.location.path) for one in loaded.diagnostics] == [("JM1089", "sign_in.xml")]


def test_a_text_may_be_the_base_of_a_file(folder, xml):
    at = folder(sign_in={"policy_id": "B2C_1A_SignIn", "base": "B2C_1A_Base"})
    base = PolicyText("uploaded B2C_1A_Base", xml(policy_id="B2C_1A_Base").encode())

    loaded = load_policies((at,), settings={}, tenant_name=None, relative_to=at, texts=(base,))

    merged, found = loaded.merged("B2C_1A_SignIn")
    assert merged is not None
    assert merged.files == ("uploaded B2C_1A_Base", "sign_in.xml")
    assert found == []
