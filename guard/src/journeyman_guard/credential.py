"""Secrets as a configuration holds them: hashed with a salt, compared in constant time.

A keyed SHA-256 is enough for random secrets of 128 bits and more, which is what API credentials should be.
It is too fast for passwords that people choose; for those there is argon2id (``slow_secret``).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Protocol

from journeyman_guard.errors import MisconfiguredError

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


@dataclass(frozen=True, slots=True)
class HashedSecret:
    """A secret as a keyed SHA-256."""

    slow: ClassVar[bool] = False

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

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
        return hmac.compare_digest(self.digest, hmac.digest(self.salt, candidate, "sha256"))

    def recalls(self, candidate: bytes) -> bool:
        """Compare in constant time."""
        return self.matches(candidate)


@dataclass(frozen=True, slots=True)
class Credential:
    """One name and its secret; several of them are valid at once during a rotation."""

    name: str
    secret: StoredSecret

    def __post_init__(self) -> None:
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
    found = _names(credentials, candidate, recalled=True)
    if not found and any(credential.secret.slow for credential in credentials):
        found = await asyncio.to_thread(_names, credentials, candidate, recalled=False)
    return found[0] if found else None


async def matches_pair(credentials: Sequence[Credential], name: bytes, candidate: bytes) -> bool:
    """Return whether one credential has this name and this secret; the time tells neither."""
    found = _has_pair(credentials, name, candidate, recalled=True)
    if not found and any(credential.secret.slow for credential in credentials):
        found = await asyncio.to_thread(_has_pair, credentials, name, candidate, recalled=False)
    return found


def never_waits(credentials: Sequence[Credential]) -> bool:
    """Return whether a comparison needs no thread."""
    return not any(credential.secret.slow for credential in credentials)


def _names(credentials: Sequence[Credential], candidate: bytes, *, recalled: bool) -> list[str]:
    return [credential.name for credential in credentials if _compare(credential.secret, candidate, recalled=recalled)]


def _has_pair(credentials: Sequence[Credential], name: bytes, candidate: bytes, *, recalled: bool) -> bool:
    accepted = False
    # Hashes have one length, so the time does not tell the length of a name.
    hashed = hashlib.sha256(name).digest()
    for credential in credentials:
        same_name = hmac.compare_digest(hashlib.sha256(credential.name.encode()).digest(), hashed)
        accepted |= same_name & _compare(credential.secret, candidate, recalled=recalled)
    return accepted


def _compare(secret: StoredSecret, candidate: bytes, *, recalled: bool) -> bool:
    return secret.recalls(candidate) if recalled else secret.matches(candidate)


def require_credentials(credentials: Sequence[Credential], what: str) -> None:
    """Raise MisconfiguredError when there is none, or when one is not hashed."""
    if not credentials:
        raise MisconfiguredError(f"{what}: give at least one credential")
    if not all(isinstance(credential, Credential) for credential in credentials):
        raise MisconfiguredError(f"{what}: make credentials with hashed_credential()")
