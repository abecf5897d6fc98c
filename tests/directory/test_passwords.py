from __future__ import annotations

import asyncio
import threading
import time

import pytest

from journeyman.directory.errors import WeakPasswordError
from journeyman.directory.passwords import PasswordHasher, check_strength
from journeyman.errors import ServiceError
from journeyman.secret import Secret

CANARY = "Canary-Passw0rd"


async def test_the_default_hash_is_argon2id_with_19_mib_two_passes_one_lane():
    hasher = PasswordHasher()
    stored = await hasher.hash(Secret(CANARY))
    hasher.close()

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert CANARY not in stored


async def test_the_right_password_verifies_and_a_wrong_one_does_not(passwords):
    stored = await passwords.hash(Secret(CANARY))

    assert await passwords.verify(stored, Secret(CANARY)) is True
    assert await passwords.verify(stored, Secret("canary-passw0rd")) is False
    assert await passwords.verify(stored, Secret("")) is False


async def test_nobody_is_verified_with_the_same_work_and_the_answer_is_no(passwords):
    assert await passwords.verify(None, Secret(CANARY)) is False
    assert await passwords.verify(None, Secret("")) is False


async def test_an_unknown_user_takes_as_long_as_a_wrong_password():
    hasher = PasswordHasher()
    stored = await hasher.hash(Secret(CANARY))

    async def shortest_s(hashed: str | None, password: str) -> float:
        times = []
        for _ in range(5):
            before = time.perf_counter()
            await hasher.verify(hashed, Secret(password))
            times.append(time.perf_counter() - before)
        return min(times)

    wrong, nobody, overlong = [
        await shortest_s(*case) for case in ((stored, "wrong"), (None, "wrong"), (stored, "x" * 5000))
    ]
    hasher.close()

    assert 0.5 < nobody / wrong < 2
    assert 0.5 < overlong / wrong < 2


@pytest.mark.parametrize("stored", ["", "not a hash", "$argon2id$v=19$m=64,t=1,p=1$broken"])
async def test_a_damaged_hash_verifies_nothing(passwords, stored):
    assert await passwords.verify(stored, Secret(CANARY)) is False


async def test_an_overlong_password_is_refused_without_being_hashed(passwords):
    long = "Aa1!" * 1000
    stored = await passwords.hash(Secret(long))

    assert await passwords.verify(stored, Secret(long)) is False


async def test_other_parameters_ask_for_a_new_hash(passwords):
    hasher = PasswordHasher()
    weak = await passwords.hash(Secret(CANARY))
    strong = await hasher.hash(Secret(CANARY))
    hasher.close()

    assert hasher.needs_rehash(weak) is True
    assert hasher.needs_rehash(strong) is False
    assert hasher.needs_rehash("not a hash") is True


async def test_hashing_uses_two_threads_and_leaves_the_event_loop_free(passwords):
    ticks, others = 0, set(threading.enumerate())

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await asyncio.gather(*(passwords.hash(Secret(CANARY)) for _ in range(6)))
    ticking.cancel()

    assert ticks > 1
    assert 1 <= sum(thread.name.startswith("argon2") for thread in set(threading.enumerate()) - others) <= 2


async def test_too_many_waiting_are_turned_away_with_the_code_of_the_service(passwords):
    outcomes = await asyncio.gather(*(passwords.hash(Secret(CANARY)) for _ in range(530)), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, ServiceError)]

    assert len(refused) == 18
    assert {error.service_code for error in refused} == {"AADB2C90244"}


@pytest.mark.parametrize("good", ["Passw0rd", "pass-w0rd", "PASS-W0RD", "Pass-word", "Aa1!" * 64, "Пароль-12"])
def test_eight_characters_of_three_classes_are_strong(good):
    check_strength(Secret(good))

    assert len(good) >= 8


@pytest.mark.parametrize("weak", ["", "Passw0r", "password1", "PASSWORD", "12345678", "Aa1!" * 64 + "x"])
def test_a_weak_password_is_refused_with_a_message_and_without_itself(weak):
    with pytest.raises(WeakPasswordError) as caught:
        check_strength(Secret(weak))

    assert caught.value.user_message.startswith("The password must have 8 to 256 characters")
    assert not weak or weak not in f"{caught.value} {caught.value.user_message}"


def test_disable_strong_password_leaves_only_the_length():
    check_strength(Secret("a"), ["DisablePasswordExpiration", " disablestrongpassword"])
    with pytest.raises(WeakPasswordError):
        check_strength(Secret(""), ["DisableStrongPassword"])


def test_a_password_that_is_no_text_leaves_no_trace_of_itself():
    with pytest.raises(WeakPasswordError) as caught:
        check_strength(Secret(b"canary\xff\xfe"))

    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
