from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.compiler.compile_folder import compile_all
from journeyman.compiler.compiled_before import AskedKeys, CompiledBefore
from journeyman.compiler.spec import KeyInfo
from journeyman.engine.registry import SPECS
from journeyman.policy.load import PolicyText, parse_text, together
from journeyman.policy.substitution import Substitutions

KEY = KeyInfo("B2C_1A_Key", "oct", has_private_key=False, has_certificate=False, has_active_key=True)
NOTHING = Substitutions({}, None)


class Folder:
    """Compiles policies again and again, each text parsed once."""

    def __init__(self):
        self.before, self.parsed = CompiledBefore(), {}

    def compile(self, keys, **texts):
        made = [PolicyText(name, text.encode()) for name, text in texts.items()]
        self.parsed = {text: self.parsed.get(text) or parse_text(text, NOTHING) for text in made}
        loaded = together(list(self.parsed.values()), [], tenant_name=None)
        again = compile_all(loaded, specs=SPECS, keys=keys, engine_production=True, before=self.before)
        fresh = compile_all(loaded, specs=SPECS, keys=keys, engine_production=True)
        assert (again.diagnostics, again.errors, again.verdicts) == (fresh.diagnostics, fresh.errors, fresh.verdicts)
        assert again.policies.keys() == fresh.policies.keys()
        return again


@pytest.fixture
def folder():
    return Folder()


@pytest.fixture
def one(xml):
    """The text of a policy whose REST profile uses B2C_1A_Key; its step has a name."""

    def write(id, step="One"):
        rest = xml.profile("Check", "rest", {"AuthenticationType": "Bearer"}, outputs=("objectId",))
        named = '<Key Id="BearerAuthenticationToken" StorageReferenceId="B2C_1A_Key" />'
        rest = rest.replace("</Metadata>", f"</Metadata><CryptographicKeys>{named}</CryptographicKeys>")
        return xml.policy(xml.step(**{step: "Check"}), profiles=(rest,), id=id)

    return write


TOKEN_KEYS = {
    name.lower(): replace(KEY, id=name, kty="RSA", has_private_key=True, use=use)
    for name, use in (("B2C_1A_TokenSigningKeyContainer", "sig"), ("B2C_1A_TokenEncryptionKeyContainer", "enc"))
}
KEYS = {"b2c_1a_key": KEY, **TOKEN_KEYS}


def test_a_policy_that_has_not_changed_is_the_same_object_again(folder, one):
    first = folder.compile(KEYS, a=one("B2C_1A_a"), b=one("B2C_1A_b"))
    second = folder.compile(KEYS, a=one("B2C_1A_a"), b=one("B2C_1A_b", step="Two"))

    assert second.policies["b2c_1a_a"] is first.policies["b2c_1a_a"]
    assert second.policies["b2c_1a_b"] is not first.policies["b2c_1a_b"]


@pytest.mark.parametrize(
    "keys",
    [
        {**KEYS, "b2c_1a_key": replace(KEY, has_active_key=False)},
        {**KEYS, "b2c_1a_key": replace(KEY, placeholder=True)},
        TOKEN_KEYS,
    ],
)
def test_a_policy_is_compiled_again_when_a_key_that_it_uses_has_changed(folder, one, keys):
    first = folder.compile(KEYS, a=one("B2C_1A_a"))
    second = folder.compile(keys, a=one("B2C_1A_a"))

    assert second.policies.get("b2c_1a_a") is not first.policies["b2c_1a_a"]
    assert second.diagnostics != first.diagnostics


def test_a_key_that_it_does_not_use_changes_nothing(folder, one):
    first = folder.compile(KEYS, a=one("B2C_1A_a"))
    second = folder.compile({**KEYS, "b2c_1a_other": replace(KEY, id="B2C_1A_Other")}, a=one("B2C_1A_a"))

    assert second.policies["b2c_1a_a"] is first.policies["b2c_1a_a"]


def test_a_policy_is_compiled_again_when_its_base_has_changed_or_gone(folder, one):
    child = one("B2C_1A_Child").replace(
        "<BuildingBlocks>",
        "<BasePolicy><TenantId>t</TenantId><PolicyId>B2C_1A_Base</PolicyId></BasePolicy><BuildingBlocks>",
    )
    first = folder.compile(KEYS, base=one("B2C_1A_Base"), child=child)
    second = folder.compile(KEYS, base=one("B2C_1A_Base", step="Two"), child=child)
    third = folder.compile(KEYS, child=child)

    assert second.policies.get("b2c_1a_child") is not first.policies.get("b2c_1a_child")
    assert "b2c_1a_child" in third.errors


def test_a_policy_with_an_error_keeps_its_error(folder, one):
    broken = one("B2C_1A_a").replace('TechnicalProfileReferenceId="Check"', 'TechnicalProfileReferenceId="Chek"')
    first, second = (folder.compile(KEYS, a=broken) for _ in range(2))

    assert first.errors["b2c_1a_a"] == second.errors["b2c_1a_a"] != ()


def test_a_second_policy_of_one_id_is_reported_every_time(folder, one):
    first, second = (folder.compile(KEYS, a=one("B2C_1A_a"), b=one("B2C_1A_A")) for _ in range(2))

    assert first.diagnostics == second.diagnostics
    assert first.diagnostics


def test_who_looks_at_all_keys_depends_on_each():
    keys = AskedKeys({"a": KEY})

    assert (list(keys), len(keys), keys.get("b")) == (["a"], 1, None)
    assert keys.asked == {"a": KEY, "b": None}
