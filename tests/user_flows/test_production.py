"""User flows in production mode: what the engine makes itself, and what stops a start."""

from __future__ import annotations

import pytest
from tests.user_flows.conftest import flow

from journeyman.configuration.codec import encode
from journeyman.configuration.store import Kind
from journeyman.diagnostics import PolicyError
from journeyman.engine.policies import Origin
from journeyman.settings.identity import UserFlow, UserFlowType

PRODUCTION = '[server]\nmode = "production"\n'
NO_POLICY = {"readme.txt": "no policy"}
IN = flow("signIn", id="B2C_1_in")


async def test_nobody_makes_the_keys_of_tokens_by_hand(open_tenant):
    engine = await open_tenant(NO_POLICY, settings=PRODUCTION + IN)

    assert engine.policies.ids() == ("B2C_1_in",)
    assert {"b2c_1a_tokensigningkeycontainer", "b2c_1a_tokenencryptionkeycontainer"} <= set(engine.keys.infos())
    assert engine.policies.entries["b2c_1_in"].origin is Origin.USER_FLOW


async def test_a_tenant_without_flows_gets_no_keys_that_it_does_not_use(open_tenant):
    engine = await open_tenant(NO_POLICY, settings=PRODUCTION)

    assert "b2c_1a_tokensigningkeycontainer" not in engine.keys.infos()


async def test_a_declared_flow_with_an_error_refuses_the_start(open_tenant, token_keys):
    wrong = flow("signIn", 'identity_providers = ["Nobody"]', id="B2C_1_wrong")

    with pytest.raises(PolicyError) as refused:
        await open_tenant(token_keys, settings=PRODUCTION + IN + wrong)

    assert [each.code for each in refused.value.diagnostics if each.severity.value == "error"] == ["JM1500"]


async def test_in_development_the_other_flows_are_served(open_tenant, token_keys):
    wrong = flow("signIn", 'identity_providers = ["Nobody"]', id="B2C_1_wrong")

    engine = await open_tenant(token_keys, settings=IN + wrong)

    assert engine.policies.ids() == ("B2C_1_in",)
    assert "JM1500" in engine.policies.problems_of("B2C_1_wrong")[0]


async def test_a_stored_flow_that_is_broken_later_never_stops_a_start(open_tenant, token_keys):
    engine = await open_tenant(token_keys, settings=PRODUCTION + IN)
    stored = UserFlow("B2C_1_stored", UserFlowType.SIGN_IN, identity_providers=("Gone",))
    await engine.configuration.create(Kind.USER_FLOW, stored.id, encode(stored))
    await engine.close()

    again = await open_tenant()

    assert again.policies.ids() == ("B2C_1_in",)
    assert "JM1500" in again.policies.problems_of("B2C_1_stored")[0]
