from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.directory.errors import SignInError, SignInFailure
from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.sign_in import PasswordSignIn
from journeyman.directory.user import EMAIL_ADDRESS, FEDERATED, Identity, User, local_identity
from journeyman.secret import Secret
from journeyman.state.sql import SqlStateStore

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
RIGHT = Secret("Right-Passw0rd")
WRONG = Secret("Canary-Wr0ng")


@pytest.fixture
def sign_in(store, passwords, database, sealer, clock):
    return PasswordSignIn(store, passwords, SqlStateStore(database, sealer, clock), clock)


@pytest.fixture
async def ada(store, passwords):
    return await store.create(
        User(
            "",
            NEVER,
            identities=(local_identity(EMAIL_ADDRESS, "ada@example.org"),),
            principal_name="ada@contoso.onmicrosoft.com",
            password_hash=await passwords.hash(RIGHT),
        )
    )


async def failure(sign_in, name="ada@example.org", password=WRONG) -> SignInFailure:
    with pytest.raises(SignInError) as caught:
        await sign_in.check_password(name, password)
    assert "Canary" not in str(caught.value)
    assert "example" not in str(caught.value)
    return caught.value.failure


@pytest.mark.parametrize("name", ["ada@example.org", "ADA@example.org", "ada@contoso.onmicrosoft.com"])
async def test_the_right_password_returns_the_user(sign_in, ada, name):
    assert (await sign_in.check_password(name, RIGHT)).object_id == ada.object_id


async def test_a_wrong_password_and_an_unknown_name_are_told_apart(sign_in, ada):
    assert await failure(sign_in) is SignInFailure.WRONG_PASSWORD
    assert await failure(sign_in, "nobody@example.org") is SignInFailure.UNKNOWN_USER


async def test_an_account_without_a_password_takes_none(sign_in, store):
    await store.create(User("", NEVER, identities=(local_identity(EMAIL_ADDRESS, "eve@example.org"),)))

    assert await failure(sign_in, "eve@example.org", Secret("")) is SignInFailure.WRONG_PASSWORD


async def test_a_federated_user_id_is_no_sign_in_name(sign_in, store):
    await store.create(User("", NEVER, identities=(Identity(FEDERATED, "facebook.com", "dS03Nw=="),)))

    assert await failure(sign_in, "dS03Nw==") is SignInFailure.UNKNOWN_USER


async def test_that_an_account_is_disabled_is_told_only_to_who_knows_the_password(sign_in, store, ada):
    await store.update(replace(ada, account_enabled=False))

    assert await failure(sign_in) is SignInFailure.WRONG_PASSWORD
    assert await failure(sign_in, password=RIGHT) is SignInFailure.DISABLED


async def test_ten_failures_lock_for_sixty_seconds_even_the_right_password(sign_in, ada, clock):
    failures = [await failure(sign_in) for _ in range(10)]
    locked = await failure(sign_in, password=RIGHT)
    clock.move(seconds=59)
    still_locked = await failure(sign_in, password=RIGHT)
    clock.move(seconds=1)

    assert failures == [SignInFailure.WRONG_PASSWORD] * 10
    assert locked is SignInFailure.LOCKED
    assert still_locked is SignInFailure.LOCKED
    assert (await sign_in.check_password("ada@example.org", RIGHT)).object_id == ada.object_id


async def test_nine_failures_and_a_success_start_the_count_again(sign_in, ada):
    for _ in range(3):
        for _ in range(9):
            assert await failure(sign_in) is SignInFailure.WRONG_PASSWORD
        await sign_in.check_password("ada@example.org", RIGHT)

    assert await failure(sign_in) is SignInFailure.WRONG_PASSWORD


async def test_after_a_lock_one_more_failure_locks_for_longer(sign_in, ada, clock):
    for _ in range(10):
        await failure(sign_in)
    clock.move(seconds=60)
    assert await failure(sign_in) is SignInFailure.WRONG_PASSWORD
    clock.move(seconds=119)
    assert await failure(sign_in, password=RIGHT) is SignInFailure.LOCKED
    clock.move(seconds=1)

    assert (await sign_in.check_password("ada@example.org", RIGHT)).object_id == ada.object_id


async def test_a_lock_never_lasts_longer_than_64_minutes(sign_in, ada, clock):
    for _ in range(200):
        await failure(sign_in)
    clock.move(minutes=64)
    await failure(sign_in)
    clock.move(minutes=64)

    assert (await sign_in.check_password("ada@example.org", RIGHT)).object_id == ada.object_id


async def test_a_name_that_nobody_has_locks_like_any_other(sign_in, ada):
    failures = [await failure(sign_in, "nobody@example.org") for _ in range(11)]

    assert failures == [SignInFailure.UNKNOWN_USER] * 10 + [SignInFailure.LOCKED]
    assert await failure(sign_in) is SignInFailure.WRONG_PASSWORD


async def test_two_names_of_one_account_share_the_count(sign_in, ada):
    for _ in range(5):
        await failure(sign_in, "ada@example.org")
        await failure(sign_in, "ada@contoso.onmicrosoft.com")

    assert await failure(sign_in, password=RIGHT) is SignInFailure.LOCKED


async def test_parallel_guesses_are_counted_before_they_are_looked_at(sign_in, ada):
    failures = await asyncio.gather(*(failure(sign_in) for _ in range(40)))

    assert failures.count(SignInFailure.LOCKED) >= 29


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(store, ada, database, sealer, clock):
    today = PasswordHasher(memory_kib=128, time_cost=1)
    sign_in = PasswordSignIn(store, today, SqlStateStore(database, sealer, clock), clock)
    user = await sign_in.check_password("ada@example.org", RIGHT)
    matches = await today.verify(user.password_hash, RIGHT)
    today.close()

    assert user.password_hash.startswith("$argon2id$v=19$m=128,t=1,p=1$")
    assert matches is True
    assert await store.find(ada.object_id) == user


async def test_a_rehash_that_loses_against_another_write_still_signs_in(store, ada, database, sealer, clock):
    today = PasswordHasher(memory_kib=128, time_cost=1)
    sign_in = PasswordSignIn(store, today, SqlStateStore(database, sealer, clock), clock)
    users = await asyncio.gather(*(sign_in.check_password("ada@example.org", RIGHT) for _ in range(4)))
    today.close()

    assert {user.object_id for user in users} == {ada.object_id}
