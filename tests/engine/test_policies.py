from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.engine.policies import PolicySet, ServedPolicy, serve
from journeyman.errors import ServiceError
from journeyman.providers.jwt_issuer import build_jwt_issuer


@pytest.fixture
def served(xml, compile_policy_text):
    policy = compile_policy_text(xml.policy(xml.step("Noop"), outputs=(), subject=""))
    issuer = build_jwt_issuer(policy.technical_profiles["JwtIssuer"])
    return ServedPolicy(policy, policy.relying_party, None, {"JwtIssuer": issuer})


def test_a_policy_is_found_by_its_id_in_any_case(served):
    policies = PolicySet({"b2c_1a_test": served}, problems={"b2c_1a_bad": ("why",)})

    assert policies.find("B2C_1A_TEST") is served
    assert policies.find("B2C_1A_Other") is None
    assert policies.ids() == ("B2C_1A_Test",)
    assert policies.problems_of("B2C_1A_Bad") == ("why",)
    assert policies.problems_of("B2C_1A_Test") == ()


def test_an_issuer_is_found_by_its_profile(served):
    assert served.issuer("JwtIssuer").profile_id == "JwtIssuer"
    with pytest.raises(ServiceError, match="'SamlIssuer' does not issue tokens"):
        served.issuer("SamlIssuer")


def test_the_default_issuer_is_that_of_the_journey_else_any_else_an_error(served):
    other = replace(served.issuers["JwtIssuer"], profile_id="Other")

    assert served.default_issuer.profile_id == "JwtIssuer"
    assert replace(served, issuers={"Other": other}).default_issuer is other
    with pytest.raises(ServiceError) as caught:
        _ = replace(served, issuers={}).default_issuer
    assert caught.value.service_code == "AADB2C90037"


def test_a_policy_without_a_relying_party_is_not_served(served):
    base = replace(served.policy, relying_party=None)

    assert serve(base, None, tenant_id="t", redact=lambda *_: "", key_text=lambda _: None) is None
