"""Passwords in, argon2id hashes out; and the rule that a new password must keep.

Hashing runs in two threads of its own (argon2 lets go of the interpreter lock), so it never stalls
other requests. Parameters: m = 19 MiB, t = 2, p = 1, about 20 ms.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from journeyman.directory.errors import WeakPasswordError
from journeyman.secret import Secret
from journeyman.service_codes import service_error

T = TypeVar("T")

MEMORY_KIB: Final = 19 * 1024
MAX_LENGTH: Final = 256
_MAX_BYTES: Final = 4 * MAX_LENGTH
_MIN_STRONG_LENGTH: Final = 8
_THREADS: Final = 2
_MAX_WAITING: Final = 512
_HELP: Final = (
    "The password must have 8 to 256 characters and contain 3 out of 4 of the following: "
    "lowercase characters, uppercase characters, digits (0-9), symbols."
)


class PasswordHasher:
    """Hash and verify passwords in a bounded thread pool; ``close`` ends its threads."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, time_cost: int = 2) -> None:
        self._argon2 = argon2.PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        # Verified for a name that nobody has: the answer then takes as long as for a wrong password.
        # It is made in the pool, before all other work there, so that the start of the engine does not wait for it.
        self._nobody = self._pool.submit(self._argon2.hash, secrets.token_bytes(16))

    async def hash(self, password: Secret) -> str:
        """Return the PHC string of a password. Raises ServiceError AADB2C90244 when too many wait already."""
        return await self._in_pool(lambda: self._argon2.hash(password.reveal_bytes()))

    async def verify(self, stored: str | None, password: Secret) -> bool:
        """Say whether ``stored`` was made of this password; None, for no such user, takes as long and is False.

        Raises ServiceError AADB2C90244 when too many wait already.
        """
        too_long = len(password) > _MAX_BYTES
        checked = await asyncio.wrap_future(self._nobody) if stored is None or too_long else stored
        candidate = Secret(b"") if too_long else password
        matches = await self._in_pool(lambda: self._matches(checked, candidate))
        return matches and stored is not None and not too_long

    def needs_rehash(self, stored: str) -> bool:
        """Whether ``stored`` was made with other parameters than those of today."""
        try:
            return self._argon2.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """End the threads when they have finished what they do; drop what still waits."""
        self._pool.shutdown(cancel_futures=True)

    def _matches(self, stored: str, password: Secret) -> bool:
        try:
            return self._argon2.verify(stored, password.reveal_bytes())
        except (VerificationError, InvalidHashError):
            return False

    async def _in_pool(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MAX_WAITING:
            raise service_error(90244)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def check_strength(password: Secret, policies: Iterable[str] = ()) -> None:
    """Check a new password: 8 to 256 characters of 3 out of 4 classes, any when ``DisableStrongPassword`` is set.

    Raises:
        WeakPasswordError: with the rule as ``user_message``.

    Source: technical-profiles.md §6.3; the text is this project's decision.
    """
    strong = "disablestrongpassword" not in {policy.strip().lower() for policy in policies}
    length = len(text := _text(password))
    if not (_MIN_STRONG_LENGTH if strong else 1) <= length <= MAX_LENGTH or (strong and _classes(text) < 3):
        raise WeakPasswordError("the new password breaks the password rule", user_message=_HELP)


def _text(password: Secret) -> str:
    try:
        return password.reveal()
    except UnicodeDecodeError:
        # The error holds the password, so it is left out of the chain.
        raise WeakPasswordError("the new password is not UTF-8", user_message=_HELP) from None


def _classes(text: str) -> int:
    lower = any(character.islower() for character in text)
    upper = any(character.isupper() for character in text)
    digit = any(character.isdigit() for character in text)
    symbol = any(not character.isalnum() for character in text)
    return lower + upper + digit + symbol
