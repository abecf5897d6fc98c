from pathlib import Path

from journeyman.engine.tenant_policies import load_tenant_policies
from journeyman.policy.load import PolicyText
from journeyman.settings import load_settings

POLICY = """<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06"
  PolicySchemaVersion="0.3.0.0" TenantId="yourtenant.onmicrosoft.com" PolicyId="B2C_1A_Base"
  PublicPolicyUri="http://yourtenant.onmicrosoft.com/B2C_1A_Base" />"""


def tenant(folder: Path):
    (folder / "journeyman.toml").write_text('[tenant]\nname = "contoso.onmicrosoft.com"\n')
    return load_settings(folder, environment={})


def test_policies_are_shown_relative_to_the_tenant_folder_and_belong_to_its_tenant(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/base.xml").write_text(POLICY)

    loaded = load_tenant_policies(tenant(tmp_path))

    base = loaded.policies["b2c_1a_base"]
    assert base.location.path == "policies/base.xml"
    assert base.tenant_id == "contoso.onmicrosoft.com"


def test_a_folder_that_is_not_there_is_empty(tmp_path):
    loaded = load_tenant_policies(tenant(tmp_path))

    assert not loaded.policies
    assert not loaded.diagnostics


def test_a_text_takes_the_place_of_a_file(tmp_path):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/base.xml").write_text(POLICY)

    loaded = load_tenant_policies(tenant(tmp_path), (PolicyText("uploaded", POLICY.encode()),))

    assert loaded.policies["b2c_1a_base"].location.path == "uploaded"
    assert [each.code for each in loaded.diagnostics] == ["JM1089"]
