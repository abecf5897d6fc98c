from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.engine.key_uses import KeyUse, UseKind
from journeyman.engine.rotation import (
    KEEP,
    KEEP_SIGNING,
    PUBLISH,
    PUBLISH_IN_DEVELOPMENT,
    Rotations,
    retire_due,
    rotations_under_way,
)
from journeyman.errors import KeyStoreError
from journeyman.keys.creation import secret_key
from journeyman.keys.ring import KeyRing
from journeyman.keys.rotation import State, rotation_of
from journeyman.keys.sealing import EnvelopeSealer, local_master_key
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.storage.sqlite import open_sqlite
from journeyman.web.oidc.discovery import CACHE_IN_DEVELOPMENT_S, CACHE_S

NOON = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
SIGNING, ENDPOINT, REST = "B2C_1A_Sign", "B2C_1A_Endpoint", "B2C_1A_Rest"
USES = (
    KeyUse(SIGNING, UseKind.ISSUER, "JwtIssuer", "Issuer_Secret"),
    KeyUse(REST, UseKind.ISSUER, "JwtIssuer", "issuer_refresh_token_key"),
    KeyUse(ENDPOINT, UseKind.TOKEN_ENDPOINT, "/token", "signing key"),
    KeyUse(REST, UseKind.REST_CALL, "REST-A", "BearerAuthenticationToken"),
)


@dataclass
class StandingClock:
    instant: datetime = NOON

    def now(self):
        return self.instant

    def monotonic_s(self):
        return self.instant.timestamp()


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def store(tmp_path, clock):
    database = open_sqlite(tmp_path / "journeyman.db")
    sealer = EnvelopeSealer(local_master_key(bytes(32)))
    store = SqlKeyStore(database, sealer, "contoso.onmicrosoft.com", clock)
    for name in (SIGNING, ENDPOINT, REST):
        await store.create(name, [secret("old")])
    yield store
    await database.close()


def secret(kid):
    return replace(secret_key(kid, use="sig", now=NOON), kid=kid)


@pytest.fixture
def rotations(store, clock):
    return Rotations(store, clock, USES, development=False)


def test_a_signing_key_is_published_longer_than_our_own_answer_is_kept():
    assert timedelta(seconds=CACHE_S) < PUBLISH
    assert timedelta(seconds=CACHE_IN_DEVELOPMENT_S) < PUBLISH_IN_DEVELOPMENT


@pytest.mark.parametrize("name", [SIGNING, ENDPOINT])
async def test_a_signing_key_is_promoted_only_after_clients_could_read_it(rotations, clock, name):
    await rotations.stage(name, secret("new"))
    with pytest.raises(KeyStoreError, match="promote it from 2025-06-02T12:00:00Z on, or add --force"):
        await rotations.promote(name)
    clock.instant += PUBLISH

    assert (await rotations.promote(name)).active(clock.now()).kid == "new"


async def test_in_development_clients_have_read_it_after_two_minutes(rotations, clock):
    await rotations.stage(SIGNING, secret("new"))
    clock.instant += timedelta(minutes=2)

    assert (await replace(rotations, development=True).promote(SIGNING)).active(clock.now()).kid == "new"


async def test_another_key_is_promoted_at_once_and_kept_for_a_day(rotations, clock):
    await rotations.stage(REST, secret("new"))
    promoted = await rotations.promote(REST)

    assert rotation_of(promoted).until == NOON + KEEP
    assert rotation_of(await rotations.retire(REST)).state is State.RETIRED


async def test_a_signing_key_is_kept_until_its_last_token_has_ended(rotations, clock):
    await rotations.stage(SIGNING, secret("new"))
    forced = replace(rotations, force=True)
    promoted = await forced.promote(SIGNING)

    assert rotation_of(promoted).until == NOON + KEEP_SIGNING
    with pytest.raises(KeyStoreError, match="retire it from 2025-06-03T12:00:00Z on, or add --force"):
        await rotations.retire(SIGNING)
    assert rotation_of(await forced.retire(SIGNING)).state is State.RETIRED
    assert rotation_of(await rotations.undo(SIGNING)).state is State.PROMOTED
    clock.instant += KEEP_SIGNING
    assert rotation_of(await rotations.retire(SIGNING)).state is State.RETIRED


async def test_a_promotion_without_a_staged_key_says_what_is_possible(rotations):
    with pytest.raises(KeyStoreError, match="is idle: there is nothing to promote; possible now: stage"):
        await rotations.promote(SIGNING)


async def test_what_is_due_is_retired_by_itself_and_once(rotations, store, clock):
    for name, keep in ((REST, timedelta(hours=1)), (ENDPOINT, timedelta(hours=9))):
        await rotations.stage(name, secret("new"))
        await replace(rotations, force=True).promote(name, keep)
    ring = KeyRing(store, clock)
    await ring.load()

    assert await retire_due(store, ring, clock.now()) == ()
    assert len(rotations_under_way(ring.key_sets())) == 2
    clock.instant += timedelta(hours=1)
    assert await retire_due(store, ring, clock.now()) == (REST,)
    # Another node has read the keys before: it finds nothing left to do.
    assert await retire_due(store, ring, clock.now()) == (REST,)
    assert rotation_of(await store.get(REST)).state is State.RETIRED
    assert rotation_of(await store.get(ENDPOINT)).state is State.PROMOTED
