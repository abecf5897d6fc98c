from __future__ import annotations

from pathlib import Path

import pytest

from journeyman.compiler.compile_folder import compile_all
from journeyman.compiler.passes import compile_policy
from journeyman.policy.load import load_policies

HEALTHY = (Path(__file__).parent / "healthy.xml").read_text(encoding="utf-8")
BASE_ID = "B2C_1A_signup_signin"
RELYING_PARTY = HEALTHY[HEALTHY.index("  <RelyingParty>") : HEALTHY.index("</TrustFrameworkPolicy>")]
HEAD = HEALTHY[HEALTHY.index("<TrustFrameworkPolicy") : HEALTHY.index(">", HEALTHY.index("<TrustFrameworkPolicy")) + 1]


@pytest.fixture
def folder(tmp_path):
    """Write a base and policies that derive from it; ``blocks`` and ``base`` change what they hold."""

    def write(*names, base=str, **blocks):
        (tmp_path / "base.xml").write_text(base(HEALTHY.replace(RELYING_PARTY, "")), encoding="utf-8")
        tenant = HEAD.split('TenantId="')[1].split('"')[0]
        for name in names:
            parent = f"<BasePolicy><TenantId>{tenant}</TenantId><PolicyId>{BASE_ID}</PolicyId></BasePolicy>"
            text = HEAD.replace(BASE_ID, name) + parent + blocks.get(name, "") + RELYING_PARTY
            (tmp_path / f"{name}.xml").write_text(f"{text}</TrustFrameworkPolicy>", encoding="utf-8")
        return load_policies([tmp_path], settings={}, tenant_name=None)

    return write


@pytest.fixture
def compiled(specs):
    def run(loaded):
        return compile_all(loaded, specs=specs, keys=None, engine_production=False)

    return run


def test_relying_parties_of_one_base_share_what_was_compiled_from_it(folder, compiled):
    result = compiled(folder("B2C_1A_one", "B2C_1A_two", base=lambda text: text.replace("{policy}/", "")))

    one, two = result.policies["b2c_1a_one"], result.policies["b2c_1a_two"]
    assert one.technical_profiles["REST-Loyalty"] is two.technical_profiles["REST-Loyalty"]
    assert one.journeys["SignUpOrSignIn"] is two.journeys["SignUpOrSignIn"]
    assert one.relying_party is not two.relying_party


def test_a_policy_that_adds_a_claim_gets_parts_of_its_own(folder, compiled):
    more = "<BuildingBlocks><ClaimsSchema><ClaimType Id='more'><DataType>string</DataType></ClaimType></ClaimsSchema></BuildingBlocks>"
    result = compiled(folder("B2C_1A_one", "B2C_1A_two", B2C_1A_two=more))

    assert "more" not in result.policies["b2c_1a_one"].claim_types
    assert "more" in result.policies["b2c_1a_two"].claim_types


def test_what_names_the_policy_is_compiled_for_each(folder, compiled):
    result = compiled(folder("B2C_1A_one", "B2C_1A_two"))

    urls = [policy.technical_profiles["REST-Loyalty"].metadata.get("ServiceUrl") for policy in result.policies.values()]
    assert "/{tenant}/{policy}/loyalty" in HEALTHY
    assert {url.split("/")[4] for url in urls} == {"B2C_1A_signup_signin", "B2C_1A_one", "B2C_1A_two"}


def test_shared_parts_change_nothing_of_the_outcome(folder, compiled, specs):
    loaded = folder("B2C_1A_one", "B2C_1A_two", base=lambda text: text.replace("CreateStringClaim", "CreateMagic"))
    alone = [
        str(found)
        for name in loaded.policies
        for found in compile_policy(loaded.merged(name)[0], specs=specs, keys=None, engine_production=False)[1]
    ]

    assert {str(found) for found in compiled(loaded).diagnostics} <= set(alone)
    assert sum("JM1120" in line for line in alone) == 3
