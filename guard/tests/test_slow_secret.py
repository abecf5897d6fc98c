from __future__ import annotations

import argon2
import pytest

from journeyman_guard import (
    BasicCheck,
    BearerCheck,
    Credential,
    MisconfiguredError,
    Refused,
    SlowSecret,
    hash_slowly,
    hashed_credential,
    parse_secret,
)
from journeyman_guard.credential import HashedSecret

# Cheap parameters: the form is what is tested.
HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="module")
def hashed():
    return HASHER.hash("päss")


def test_a_hash_of_another_implementation_is_recognised(hashed):
    secret = SlowSecret(hashed)

    assert secret.matches("päss".encode())
    assert not secret.matches(b"pass")


def test_another_implementation_recognises_ours():
    assert argon2.PasswordHasher().verify(str(hash_slowly("päss")), "päss")


def test_what_matched_is_recalled_and_nothing_else(hashed):
    secret = SlowSecret(hashed)

    assert not secret.recalls("päss".encode())
    secret.matches(b"wrong")
    secret.matches("päss".encode())
    secret.matches("päss".encode())
    assert secret.recalls("päss".encode())
    assert not secret.recalls(b"wrong")


def test_the_secret_does_not_show(hashed):
    assert "argon2" not in repr(SlowSecret(hashed))


@pytest.mark.parametrize(
    "text",
    [
        "$argon2id$",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdA",
        "$argon2id$v=19$m=1,t=0,p=0$c2FsdHNhbHQ$aGFzaGhhc2g",
        "$argon2id$x" * 9,
    ],
)
def test_a_malformed_hash_is_refused_without_showing_it(text):
    with pytest.raises(MisconfiguredError) as raised:
        parse_secret(text)

    assert text not in str(raised.value)


def test_the_empty_secret_is_refused():
    with pytest.raises(MisconfiguredError, match="everyone"):
        SlowSecret(HASHER.hash(""))
    with pytest.raises(MisconfiguredError, match="everyone"):
        hash_slowly("")


def test_the_kind_of_hash_is_in_its_text(hashed):
    assert isinstance(parse_secret(hashed), SlowSecret)
    assert isinstance(parse_secret("sha256:" + "0" * 32 + ":" + "0" * 64), HashedSecret)


async def test_basic_takes_slow_and_quick_secrets_together(hashed, request_with):
    check = BasicCheck((Credential("u", SlowSecret(hashed)), hashed_credential("u", "next")))

    callers = [
        await check.check(request_with(("authorization", f"Basic {pair}"))) for pair in ("dTpww6Rzcw==", "dTpuZXh0")
    ]

    assert [caller.subject for caller in callers] == ["u", "u"]
    assert not check.never_waits
    with pytest.raises(Refused, match="wrong"):
        await check.check(request_with(("authorization", "Basic dTp3cm9uZw==")))


async def test_bearer_takes_slow_secrets(request_with):
    check = BearerCheck((Credential("t", SlowSecret(HASHER.hash("token"))),))

    assert (await check.check(request_with(("authorization", "Bearer token")))).subject == "t"
    assert (await check.check(request_with(("authorization", "Bearer token")))).subject == "t"
    with pytest.raises(Refused, match="not known"):
        await check.check(request_with(("authorization", "Bearer tokem")))
