"""Secrets as a configuration holds them: hashed with a salt, compared in constant time.

A keyed SHA-256 is enough for random secrets of 128 bits and more, which is what API credentials should be.
It is too fast for passwords that people choose; for those there is argon2id (``slow_secret``).
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import ClassVar, Final, Protocol, TypeVar

from journeyman_guard.errors import MisconfiguredError

_Found = TypeVar("_Found")

_TEXT: Final = re.compile(r"sha256:([0-9a-f]{32,128}):([0-9a-f]{64})")


class StoredSecret(Protocol):
    """A secret that can be recognised but not read.

    Attributes:
        slow: whether ``matches`` takes so long that it belongs into a thread.
    """

    slow: ClassVar[bool]

    def matches(self, candidate: bytes) -> bool:
        """Compare in constant time."""
        ...

    def recalls(self, candidate: bytes) -> bool:
        """Return whether ``candidate`` is known to match without a slow comparison."""
        ...


@dataclass(slots=True)
class Memory:
    """What has matched once, as a keyed hash under a key of this process: a second look costs a fifth of the first."""

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _known: bytes = field(default=b"", repr=False)

    def recalls(self, candidate: bytes) -> bool:
        """Return in constant time whether it is the candidate that has matched."""
        return hmac.compare_digest(self._known, blake2s(candidate, key=self._key).digest())

    def remember(self, candidate: bytes) -> None:
        """Keep a candidate that has matched."""
        self._known = blake2s(candidate, key=self._key).digest()


@dataclass(frozen=True, slots=True)
class HashedSecret:
    """A secret as a keyed SHA-256."""

    slow: ClassVar[bool] = False

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)
    _memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.salt) < 16 or len(self.digest) != 32:
            raise MisconfiguredError("a hashed secret needs a salt of at least 16 bytes and a digest of 32")

    @staticmethod
    def parse(text: str) -> HashedSecret:
        """Read what ``str()`` has written: ``sha256:<salt>:<digest>``, both in lower-case hexadecimal."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise MisconfiguredError("a hashed secret is written sha256:<salt>:<digest>; make it with hash_secret()")
        return HashedSecret(bytes.fromhex(match[1]), bytes.fromhex(match[2]))

    def __str__(self) -> str:
        return f"sha256:{self.salt.hex()}:{self.digest.hex()}"

    def matches(self, candidate: bytes) -> bool:
        """Compare in constant time."""
        matched = hmac.compare_digest(self.digest, hmac.digest(self.salt, candidate, "sha256"))
        if matched:
            self._memory.remember(candidate)
        return matched

    def recalls(self, candidate: bytes) -> bool:
        """Return whether it is the candidate that has matched before."""
        return self._memory.recalls(candidate)


@dataclass(frozen=True, slots=True)
class Credential:
    """One name and its secret; several of them are valid at once during a rotation."""

    name: str
    secret: StoredSecret
    name_digest: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name_digest", _name_digest(self.name.encode("utf-8", "replace")))
        if not self.name or not self.name.isprintable():
            raise MisconfiguredError("a credential needs a printable name")


def hash_secret(secret: str | bytes) -> HashedSecret:
    """Hash a clear secret with a fresh salt. Raises MisconfiguredError when it is empty."""
    data = secret.encode() if isinstance(secret, str) else secret
    if not data:
        raise MisconfiguredError("an empty secret would let everyone in")
    salt = secrets.token_bytes(16)
    return HashedSecret(salt, hmac.digest(salt, data, "sha256"))


def hashed_credential(name: str, secret: str | bytes) -> Credential:
    """Return a credential that holds ``secret`` only hashed."""
    return Credential(name, hash_secret(secret))


async def matching_name(credentials: Sequence[Credential], candidate: bytes) -> str | None:
    """Return the name whose secret ``candidate`` is; every one is compared, found or not."""
    found = [credential.name for credential in credentials if credential.secret.recalls(candidate)]
    if not found:
        found = await _in_a_thread_if_slow(credentials, _names, candidate)
    return found[0] if found else None


async def matches_pair(credentials: Sequence[Credential], name: bytes, candidate: bytes) -> bool:
    """Return whether one credential has this name and this secret; the time tells neither."""
    # Hashes have one length, so the time does not tell the length of a name.
    hashed = _name_digest(name)
    found = False
    for credential in credentials:
        same_name = hmac.compare_digest(credential.name_digest, hashed)
        found |= same_name & credential.secret.recalls(candidate)
    return found or await _in_a_thread_if_slow(credentials, _has_pair, hashed, candidate)


async def _in_a_thread_if_slow(
    credentials: Sequence[Credential], compare: Callable[..., _Found], *values: bytes
) -> _Found:
    if never_waits(credentials):
        return compare(credentials, *values)
    return await asyncio.to_thread(compare, credentials, *values)


def never_waits(credentials: Sequence[Credential]) -> bool:
    """Return whether a comparison needs no thread."""
    return not any(credential.secret.slow for credential in credentials)


def _names(credentials: Sequence[Credential], candidate: bytes) -> list[str]:
    return [credential.name for credential in credentials if credential.secret.matches(candidate)]


def _has_pair(credentials: Sequence[Credential], hashed: bytes, candidate: bytes) -> bool:
    found = False
    for credential in credentials:
        same_name = hmac.compare_digest(credential.name_digest, hashed)
        found |= same_name & credential.secret.matches(candidate)
    return found


def _name_digest(name: bytes) -> bytes:
    return blake2s(name).digest()


def require_credentials(credentials: Sequence[Credential], what: str) -> None:
    """Raise MisconfiguredError when there is none, or when one is not hashed."""
    if not credentials:
        raise MisconfiguredError(f"{what}: give at least one credential")
    if not all(isinstance(credential, Credential) for credential in credentials):
        raise MisconfiguredError(f"{what}: make credentials with hashed_credential()")
