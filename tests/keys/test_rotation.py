from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.creation import secret_key
from journeyman.keys.jose import public_jwks, sign_jwt, verify_jwt
from journeyman.keys.keyset import KeySet
from journeyman.keys.record import decode_key, encode_key
from journeyman.keys.ring import KeyRing
from journeyman.keys.rotation import State, _usable, promote, retire, rotation_of, stage, undo

DAY = timedelta(days=1)


@pytest.fixture
def old(now):
    return replace(secret_key("old", use="sig", now=now), kid="old", sequence=1)


@pytest.fixture
def new(now):
    return replace(secret_key("new", use="sig", now=now), kid="new", sequence=2)


def after(key_set, *changes):
    for change in changes:
        key_set = KeySet(key_set.id, change(key_set))
    return key_set


def test_a_staged_key_is_good_but_not_used(old, new, now):
    staged = after(KeySet("B2C_1A_A", (old,)), stage(new))

    assert (rotation_of(staged).state, rotation_of(staged).until) == (State.STAGED, None)
    assert staged.active(now).kid == "old"
    assert [key.kid for key in staged.good(now)] == ["old", "new"]


def test_a_promoted_key_is_used_and_the_one_before_is_its_fallback_for_a_while(old, new, now):
    promoted = after(KeySet("B2C_1A_A", (old,)), stage(new), promote(now, DAY))

    assert rotation_of(promoted).state is State.PROMOTED
    assert promoted.active(now).kid == "new"
    assert promoted.fallback(now).kid == "old"
    assert promoted.fallback(now + DAY) is None


def test_a_promoted_key_wins_over_a_key_with_a_later_date_of_its_own(old, new, now):
    dated = replace(old, not_before=now - timedelta(minutes=1))
    promoted = after(KeySet("B2C_1A_A", (dated,)), stage(replace(new, not_before=now - 9 * DAY)), promote(now, DAY))

    assert promoted.active(now).kid == "new"


def test_a_retired_key_is_used_for_nothing(old, new, now):
    retired = after(KeySet("B2C_1A_A", (old,)), stage(new), promote(now, DAY), retire)

    assert rotation_of(retired).state is State.RETIRED
    assert [key.kid for key in retired.good(now)] == ["new"]
    assert retired.fallback(now) is None


def test_every_step_can_be_taken_back(old, new, now):
    start = KeySet("B2C_1A_A", (old,))
    retired = after(start, stage(new), promote(now, DAY), retire)
    promoted = after(retired, undo)
    staged = after(promoted, undo)

    assert (rotation_of(promoted).state, promoted.active(now).kid) == (State.PROMOTED, "new")
    assert (rotation_of(staged).state, staged.active(now).kid) == (State.STAGED, "old")
    assert after(staged, undo) == start


def test_a_step_that_was_taken_back_can_be_taken_again(old, new, now):
    again = after(KeySet("B2C_1A_A", (old,)), stage(new), promote(now, DAY), undo, promote(now, DAY))

    assert again.active(now).kid == "new"


@pytest.mark.parametrize("step", [promote, undo, retire])
def test_a_step_that_is_not_possible_is_refused_with_what_is(old, now, step):
    change = step(now, DAY) if step is promote else step
    with pytest.raises(
        KeyStoreError, match=r"rotation of B2C_1A_A is idle: there is nothing to .*; possible now: stage"
    ):
        after(KeySet("B2C_1A_A", (old,)), change)


def test_a_second_rotation_waits_for_the_end_of_the_first(old, new, now):
    with pytest.raises(KeyStoreError, match="is promoted: there is nothing to stage; possible now: retire or undo"):
        after(KeySet("B2C_1A_A", (old,)), stage(new), promote(now, DAY), stage(replace(new, kid="newer")))


def test_the_second_rotation_drops_what_the_first_has_retired(old, new, now):
    newer = replace(new, kid="newer", sequence=3)
    twice = after(
        KeySet("B2C_1A_A", (old,)), stage(new), promote(now, DAY), retire, stage(newer), promote(now, DAY), retire
    )

    assert [key.kid for key in twice.keys] == ["new", "newer"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"expires_at": -DAY}, "has expired or is disabled"),
        ({"enabled": False}, "has expired or is disabled"),
        ({"not_before": DAY}, "is not valid before 2025-06-02T12:00:00Z; promote it then"),
    ],
)
def test_a_key_that_cannot_be_used_is_not_promoted(old, new, now, changes, text):
    dated = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    with pytest.raises(KeyStoreError, match=text):
        after(KeySet("B2C_1A_A", (old,)), stage(replace(new, **dated)), promote(now, DAY))


def test_a_set_without_an_active_key_gets_one_and_no_fallback(old, new, now):
    promoted = after(KeySet("B2C_1A_A", (replace(old, enabled=False),)), stage(new), promote(now, DAY))

    assert (promoted.active(now).kid, promoted.fallback(now)) == ("new", None)
    assert rotation_of(promoted).state is State.IDLE


def test_a_fallback_that_was_disabled_is_none(old, new, now):
    promoted = after(KeySet("B2C_1A_A", (old,)), stage(new), promote(now, DAY))
    disabled = KeySet("B2C_1A_A", tuple(replace(key, enabled=key.kid == "new") for key in promoted.keys))

    assert disabled.fallback(now) is None


def test_a_key_that_took_over_by_its_date_has_no_fallback(old, new, now):
    later = replace(old, kid="later", sequence=3, not_before=now + timedelta(hours=1))
    promoted = after(KeySet("B2C_1A_A", (old, later)), stage(new), promote(now, DAY))

    assert promoted.fallback(now + timedelta(hours=2)) is None


def test_the_record_of_a_key_keeps_its_place_in_a_rotation(old, new, now):
    promoted = after(KeySet("B2C_1A_A", (old,)), stage(new), promote(now, DAY), retire)

    assert tuple(decode_key(encode_key(key)) for key in promoted.keys) == promoted.keys
    assert b'"v": 1' in encode_key(old)
    assert b'"v": 2' in encode_key(promoted.keys[0])


async def test_the_store_writes_each_step_in_one_go(store, clock, old, new):
    await store.create("Rest", [old])
    ring = KeyRing(store, clock)
    for change in (stage(new), promote(clock.now(), DAY)):
        await store.rewrite("Rest", change, activity="rotate")
    await ring.load()

    assert (ring.active("B2C_1A_Rest").kid, ring.fallback("B2C_1A_Rest").kid) == ("new", "old")
    assert ring.fallback("B2C_1A_Nobody") is None
    assert ([key_set.id for key_set in ring.key_sets()], ring.version) == (["B2C_1A_Rest"], await store.version())
    assert [key.sequence for key in (await store.get("Rest")).keys] == [1, 2]


async def test_a_staged_key_that_is_dropped_leaves_the_store(store, old, new):
    await store.create("Rest", [old])
    await store.rewrite("Rest", stage(new), activity="stage")
    left = await store.rewrite("Rest", undo, activity="undo")

    assert left == await store.get("Rest")
    assert [key.kid for key in left.keys] == ["old"]


async def test_a_key_of_another_type_or_the_same_key_is_not_staged(store, old, new, now):
    await store.create("Rest", [old])

    with pytest.raises(KeyStoreError, match="AADB2C95042"):
        await store.rewrite("Rest", stage(replace(new, use="enc")), activity="stage")
    with pytest.raises(KeyStoreError, match="AADB2C90180"):
        await store.rewrite("Rest", stage(replace(new, kid="old")), activity="stage")
    with pytest.raises(KeySetNotFoundError, match="AADB2C95052"):
        await store.rewrite("Nobody", stage(new), activity="stage")


def test_a_signing_key_is_published_before_it_signs_and_after(two_rsa_keys, now):
    first, second = two_rsa_keys
    staged = after(KeySet("B2C_1A_Sign", (first,)), stage(second))
    promoted = after(staged, promote(now, DAY))
    token = sign_jwt(staged.active(now), {"exp": now.timestamp() + 60})

    assert [key["kid"] for key in public_jwks(staged, now)["keys"]] == [first.kid, second.kid]
    assert [key["kid"] for key in public_jwks(promoted, now)["keys"]] == [second.kid, first.kid]
    assert verify_jwt(token, promoted, now)["exp"]


def test_a_key_of_a_file_is_never_dropped_because_the_next_start_would_take_the_file_back(old, new, now):
    newer = replace(new, kid="newer", sequence=3)
    file = replace(old, origin="digest of the file")
    twice = after(
        KeySet("B2C_1A_A", (file,)), stage(new), promote(now, DAY), retire, stage(newer), promote(now, DAY), retire
    )

    assert [key.kid for key in twice.keys] == ["old", "new", "newer"]
    assert twice.active(now).kid == "newer"


async def test_a_store_without_an_audit_trail_is_the_same_for_everybody(store):
    assert store.by("somebody") is store


def test_nothing_is_promoted_where_nothing_was_staged(now):
    with pytest.raises(KeyStoreError, match="there is no staged key"):
        _usable(None, now)
