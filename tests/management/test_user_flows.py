from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.configuration.codec import encode
from journeyman.configuration.store import Kind
from journeyman.management.caller import caller_of
from journeyman.management.errors import ChangedError, ConflictingError, ForbiddenError, InvalidError, NotFoundError
from journeyman.management.flow_edits import with_connector
from journeyman.management.identity_context import FlowProblem
from journeyman.management.user_flows import UserFlows
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    AttributeAssignment,
    ConnectorStep,
    UserFlow,
    UserFlowType,
)

STEP = ConnectorStep.PRE_TOKEN_ISSUANCE
CONNECTOR = ApiConnector("c1", "L", "https://api.example", ApiKeyCredentials("x-key", "B2C_1A_K"))
FLOW = UserFlow("signin", UserFlowType.SIGN_IN)
SHOE = "extension_aaaabbbb0000cccc1111dddd2222eeee_Shoe"


@pytest.fixture
def flows(tenant):
    return UserFlows(tenant.context)


@pytest.fixture
async def connector(tenant):
    return await tenant.context.configuration.create(Kind.API_CONNECTOR, "c1", encode(CONNECTOR))


async def test_ids_are_stored_as_what_they_name_has_them(flows, admin, connector):
    new = replace(FLOW, claims=("CITY",), attributes=(AttributeAssignment("Surname"),), connectors={STEP: "C1"})

    held = await flows.create(admin, new)

    assert held.value == replace(
        FLOW,
        id="B2C_1_signin",
        claims=("city",),
        attributes=(AttributeAssignment("surname"),),
        connectors={STEP: "c1"},
    )


async def test_a_connector_that_is_deleted_meanwhile_is_not_bound(tenant, admin, connector):
    store = tenant.context.configuration

    async def slow_check(_flow, _identity):
        await store.delete(connector)
        return ()

    flows = UserFlows(replace(tenant.context, flow_problems=slow_check))

    with pytest.raises(InvalidError, match="there is no API connector with the id 'c1'"):
        await flows.create(admin, replace(FLOW, connectors={STEP: "c1"}))
    assert await flows.list(admin) == ()


async def test_a_flow_that_does_not_compile_is_not_stored_and_says_why(tenant, flows, admin):
    held = await flows.create(admin, FLOW)
    tenant.problems[:] = [FlowProblem("x_claims/0", "AADB2C99021: it has none"), FlowProblem("", "another")]

    with pytest.raises(InvalidError) as refused:
        await flows.update(admin, held.value.id, lambda flow: replace(flow, javascript=True), changed="x")

    error = refused.value
    assert (str(error), error.service_code, error.member) == ("it has none", "AADB2C99021", "x_claims/0")
    assert (await flows.get(admin, held.value.id)).value == held.value


async def test_a_change_that_changes_nothing_writes_nothing(tenant, flows, admin):
    held = await flows.create(admin, FLOW)
    tenant.problems[:] = [FlowProblem("", "never asked")]

    after = await flows.update(admin, held.value.id, lambda flow: flow, changed="x", if_match=held.etag)

    assert after.etag == held.etag


async def test_etags_of_a_flow_and_of_its_successor_differ(flows, admin, clock):
    first = await flows.create(admin, FLOW)
    await flows.delete(admin, first.value.id, if_match=first.etag)
    clock.turn(seconds=1)
    second = await flows.create(admin, FLOW)

    with pytest.raises(ChangedError):
        await flows.delete(admin, second.value.id, if_match=first.etag)


async def test_a_declared_flow_has_full_ids_and_is_not_changed(tenant, admin):
    declared = replace(FLOW, id="B2C_1_signin", claims=("extension_Shoe",))
    flows = UserFlows(tenant.declaring(user_flows=(declared,)))

    held = await flows.get(admin, "b2c_1_SIGNIN")

    assert (held.declared, held.value.claims) == (True, (SHOE,))
    for change in (
        flows.update(admin, "B2C_1_signin", lambda flow: with_connector(flow, STEP, None), changed="x"),
        flows.delete(admin, "b2c_1_signin"),
    ):
        with pytest.raises(ConflictingError, match=r"journeyman\.toml"):
            await change
    with pytest.raises(ConflictingError, match="already"):
        await flows.create(admin, FLOW)


async def test_rights_are_asked_first(flows, admin):
    reader = caller_of("eve", frozenset({"IdentityUserFlow.Read.All"}))

    assert await flows.list(reader) == ()
    for refused in (
        flows.create(reader, replace(FLOW, id="<x>")),
        flows.update(reader, "missing", lambda flow: flow, changed="x"),
        flows.delete(reader, "missing"),
    ):
        with pytest.raises(ForbiddenError):
            await refused
    with pytest.raises(NotFoundError):
        await flows.get(reader, "missing")
