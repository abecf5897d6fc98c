from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.engine.key_upkeep import KeyUpkeep
from journeyman.engine.key_uses import KeyUse, UseKind
from journeyman.keys.creation import Lifetime, secret_key
from journeyman.keys.keyset import KeySet
from journeyman.keys.rotation import State, promote, rotation_of, stage
from journeyman.settings import Settings

NOON = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Clock:
    instant: datetime = NOON

    def now(self):
        return self.instant

    def monotonic_s(self):
        return self.instant.timestamp()


@dataclass
class Keys:
    """A ring with one key set."""

    sets: list = field(default_factory=list)

    def key_sets(self):
        return tuple(self.sets)


class NoApplications:
    async def secret_dates(self):
        return ()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def asked():
    return []


@pytest.fixture
def upkeep(clock, asked, tmp_path):
    key = secret_key("canary-secret", use="sig", now=NOON, lifetime=Lifetime(expires_at=NOON + 61 * DAY))
    uses = (KeyUse("B2C_1A_A", UseKind.REST_CALL, "REST-A", "x"),)

    def ask():
        asked.append(1)
        return uses

    settings = Settings(tmp_path, "contoso.onmicrosoft.com", None)
    return KeyUpkeep(settings, None, Keys([KeySet("B2C_1A_A", (key,))]), NoApplications(), clock, ask)


async def test_each_warning_is_logged_once_when_it_is_reached(upkeep, clock, caplog, asked):
    logged = []
    for day in range(64):
        clock.instant = NOON + day * DAY
        caplog.clear()
        await upkeep.run()
        logged += [(day, record.levelno, record.getMessage()[:44]) for record in caplog.records]

    assert logged == [
        (1, logging.WARNING, "secret B2C_1A_A expires in 60 days, at 2025-"),
        (31, logging.WARNING, "secret B2C_1A_A expires in 30 days, at 2025-"),
        (47, logging.WARNING, "secret B2C_1A_A expires in 14 days, at 2025-"),
        (54, logging.WARNING, "secret B2C_1A_A expires in 7 days, at 2025-0"),
        (60, logging.WARNING, "secret B2C_1A_A expires in 1 day, at 2025-08"),
        (61, logging.ERROR, "secret B2C_1A_A expired today, at 2025-08-01"),
    ]
    assert len(asked) == 6


async def test_the_warning_names_who_uses_the_key_and_never_the_secret(upkeep, clock, caplog):
    clock.instant += 20 * DAY
    await upkeep.run()

    assert "used by REST-A" in caplog.text
    assert "canary" not in caplog.text
    assert [one.days_left(clock.now()) for one in upkeep.found] == [41]


async def test_it_looks_once_a_minute(upkeep, clock):
    await upkeep.run()
    upkeep.keys.sets.clear()
    clock.instant += timedelta(seconds=59)
    await upkeep.run()
    kept = len(upkeep.found)
    clock.instant += timedelta(seconds=1)
    await upkeep.run()

    assert (kept, upkeep.found) == (1, ())


class Rewritten:
    """A store that takes a change of one key set."""

    def __init__(self, keys):
        self.keys = keys

    async def rewrite(self, id, change, *, activity):
        self.keys.sets = [KeySet(id, change(self.keys.sets[0]))]


async def test_a_previous_version_whose_time_is_over_is_retired_and_that_is_logged(upkeep, clock, caplog):
    old, new = (replace(secret_key("x", use="sig", now=NOON), kid=kid) for kid in ("old", "new"))
    promoted = KeySet("B2C_1A_A", (old,))
    for change in (stage(new), promote(NOON, DAY)):
        promoted = KeySet("B2C_1A_A", change(promoted))
    upkeep.keys.sets = [promoted]
    upkeep.store = Rewritten(upkeep.keys)
    clock.instant += DAY
    await upkeep.run()

    assert rotation_of(upkeep.keys.sets[0]).state is State.RETIRED
    assert "rotation: the previous version of B2C_1A_A is retired, its time is over" in caplog.text
