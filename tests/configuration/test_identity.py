from __future__ import annotations

import pytest

from journeyman.configuration.codec import encode
from journeyman.configuration.identity import IdentitySnapshot, find, merged_identity, stored_identity
from journeyman.configuration.store import ConfigurationStore, Kind
from journeyman.settings.identity import (
    ApiConnector,
    ApiKeyCredentials,
    IdentityProvider,
    IdentitySettings,
    UserAttribute,
    UserFlow,
    UserFlowType,
)
from journeyman.storage.audit import AuditLog
from journeyman.storage.sqlite import open_sqlite

CONNECTOR = ApiConnector("c1", "Loyalty", "https://api.example", ApiKeyCredentials("x-key", "B2C_1A_K"))
FLOW = UserFlow("B2C_1_a", UserFlowType.SIGN_IN)
ATTRIBUTE = UserAttribute("extension_0_Shoe", "Shoe")
PROVIDER = IdentityProvider("Facebook-OAUTH", "Facebook", "FB")


@pytest.fixture
async def store(tmp_path, clock):
    database = open_sqlite(tmp_path / "journeyman.db")
    yield ConfigurationStore(database, clock, AuditLog(database, clock, key=bytes(32)), tenant="one")
    await database.close()


async def test_an_empty_store_holds_nothing(store):
    assert await stored_identity(store) == IdentitySnapshot(IdentitySettings())


async def test_everything_that_is_stored_is_read(store):
    await store.create(Kind.API_CONNECTOR, "c1", encode(CONNECTOR))
    await store.create(Kind.USER_FLOW, FLOW.id, encode(FLOW))
    await store.create(Kind.USER_ATTRIBUTE, ATTRIBUTE.id, encode(ATTRIBUTE))
    await store.create(Kind.IDENTITY_PROVIDER, PROVIDER.id, encode(PROVIDER))

    found = await stored_identity(store)

    assert found == IdentitySnapshot(IdentitySettings((CONNECTOR,), (FLOW,), (ATTRIBUTE,), (PROVIDER,)))


async def test_a_damaged_object_is_left_out_and_named_and_the_others_stay(store):
    await store.create(Kind.USER_FLOW, "B2C_1_bad", {"id": "B2C_1_bad"})
    await store.create(Kind.USER_FLOW, FLOW.id, encode(FLOW))

    found = await stored_identity(store)

    assert found.settings.user_flows == (FLOW,)
    assert found.problems == ("the stored userFlow 'B2C_1_bad' is damaged: type is missing",)


def test_of_two_objects_of_one_id_the_declared_one_counts_and_the_other_is_reported():
    declared = UserFlow("B2C_1_A", UserFlowType.SIGN_UP)
    other = UserFlow("B2C_1_b", UserFlowType.SIGN_IN)
    stored = IdentitySnapshot(IdentitySettings(user_flows=(FLOW, other)), ("an older problem",))

    found = merged_identity(IdentitySettings(user_flows=(declared,)), stored)

    assert found.settings.user_flows == (declared, other)
    assert found.problems[0] == "an older problem"
    assert "the user flow 'B2C_1_a' is declared in journeyman.toml and stored as well" in found.problems[1]


def test_an_object_is_found_by_its_id_in_any_case():
    assert find([FLOW], "b2c_1_A") is FLOW
    assert find([FLOW], "B2C_1_b") is None
