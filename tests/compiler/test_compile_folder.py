from __future__ import annotations

from pathlib import Path

import pytest

from journeyman.compiler.compile_folder import CompileResult, compile_all
from journeyman.compiler.spec import HandlerSpec, KeyInfo
from journeyman.policy.load import load_policies

HEALTHY = (Path(__file__).parent / "healthy.xml").read_text(encoding="utf-8")
RELYING_PARTY = HEALTHY[HEALTHY.index("  <RelyingParty>") : HEALTHY.index("</TrustFrameworkPolicy>")]
CHILD = """<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06"
  PolicySchemaVersion="0.3.0.0" TenantId="contoso.onmicrosoft.com" PolicyId="{id}"
  PublicPolicyUri="http://contoso.onmicrosoft.com/{id}">
  <BasePolicy><TenantId>contoso.onmicrosoft.com</TenantId><PolicyId>B2C_1A_base</PolicyId></BasePolicy>
{content}
</TrustFrameworkPolicy>
"""


@pytest.fixture
def compile_files(tmp_path: Path, specs: dict[str, HandlerSpec], keys: dict[str, KeyInfo]):
    def run(base: str, **children: str) -> CompileResult:
        (tmp_path / "base.xml").write_text(base, encoding="utf-8")
        for name, content in children.items():
            text = CHILD.format(id=f"B2C_1A_{name}", content=content)
            (tmp_path / f"{name}.xml").write_text(text, encoding="utf-8")
        loaded = load_policies([tmp_path], settings={}, tenant_name=None, relative_to=tmp_path)
        return compile_all(loaded, specs=specs, keys=keys, engine_production=False)

    return run


def base(*, broken: str = "", without: str = "") -> str:
    text = HEALTHY.replace(RELYING_PARTY, "").replace("B2C_1A_signup_signin", "B2C_1A_base")
    return text.replace(broken, without) if broken else text


def verdicts(result: CompileResult) -> list[tuple[str, str, bool]]:
    return [(verdict.id, verdict.path, verdict.ok) for verdict in result.verdicts]


def test_every_file_has_a_verdict_and_every_good_policy_is_compiled(compile_files):
    result = compile_files(base(), one=RELYING_PARTY)

    assert verdicts(result) == [("B2C_1A_base", "base.xml", True), ("B2C_1A_one", "one.xml", True)]
    assert set(result.policies) == {"b2c_1a_base", "b2c_1a_one"}
    assert result.policies["b2c_1a_base"].relying_party is None
    assert result.ok


def test_a_mistake_of_a_shared_base_is_reported_once_and_breaks_base_and_relying_parties(compile_files):
    broken = base(broken="<DataType>int</DataType>", without="<DataType>number</DataType>")

    result = compile_files(broken, extension="", one=RELYING_PARTY, two=RELYING_PARTY)

    assert [found.code for found in result.diagnostics if found.severity.value == "error"] == ["JM1110"]
    assert verdicts(result) == [
        ("B2C_1A_base", "base.xml", False),
        ("B2C_1A_extension", "extension.xml", True),
        ("B2C_1A_one", "one.xml", False),
        ("B2C_1A_two", "two.xml", False),
    ]
    assert result.policies == {}


def test_a_mistake_of_one_relying_party_leaves_the_others_alone(compile_files):
    wrong = RELYING_PARTY.replace('ReferenceId="SignUpOrSignIn"', 'ReferenceId="Nothing"')

    result = compile_files(base(), one=RELYING_PARTY, two=wrong)

    assert verdicts(result) == [
        ("B2C_1A_base", "base.xml", True),
        ("B2C_1A_one", "one.xml", True),
        ("B2C_1A_two", "two.xml", False),
    ]
    assert set(result.policies) == {"b2c_1a_base", "b2c_1a_one"}


def test_what_only_a_relying_party_shows_is_an_error_in_the_file_where_it_stands(compile_files):
    broken = base(broken='Type="SendClaims"', without='Type="Noop"')

    result = compile_files(broken, one=RELYING_PARTY)

    (found,) = [each for each in result.diagnostics if each.code == "JM1209"]
    assert (found.severity.value, found.location.path) == ("error", "base.xml")
    assert verdicts(result) == [("B2C_1A_base", "base.xml", False), ("B2C_1A_one", "one.xml", False)]


def test_a_file_that_cannot_be_read_is_not_forgotten(compile_files):
    result = compile_files("<TrustFrameworkPolicy", one=RELYING_PARTY)

    assert ("", "base.xml", False) in verdicts(result)
    assert ("B2C_1A_one", "one.xml", False) in verdicts(result)
    assert not result.ok


def test_mistakes_of_the_file_itself_end_the_work_on_a_policy(compile_files):
    result = compile_files(base(), one=RELYING_PARTY + RELYING_PARTY)

    assert {found.code for found in result.diagnostics if found.location.path == "one.xml"} == {"JM1024"}


@pytest.mark.corpus
@pytest.mark.parametrize("pack", ["LocalAccounts", "SocialAndLocalAccounts"])
@pytest.mark.parametrize("known", ["no tenant", "no keys"])
def test_every_file_of_the_starter_packs_is_ok(corpus, specs, pack, known):
    loaded = load_policies([corpus / "starterpack" / pack], settings={}, tenant_name=None, relative_to=corpus)

    result = compile_all(loaded, specs=specs, keys=None if known == "no tenant" else {}, engine_production=False)

    assert [str(found) for found in result.diagnostics if found.severity.value == "error"] == []
    assert [verdict.ok for verdict in result.verdicts] == [True] * 6
    assert len(result.policies) == 6
