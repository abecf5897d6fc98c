from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from journeyman.errors import SealError


class StoppedClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic_s(self) -> float:
        return self.time.timestamp()

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


class ContextSealer:
    """AES-GCM with one key and a counter nonce; the context is the additional data."""

    def __init__(self) -> None:
        self._cipher = AESGCM(bytes(32))
        self._nonce = 0

    def seal(self, clear: bytes, *, context: str) -> bytes:
        self._nonce += 1
        nonce = self._nonce.to_bytes(12, "big")
        return nonce + self._cipher.encrypt(nonce, clear, context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], context.encode())
        except InvalidTag as error:
            raise SealError("the record does not open") from error


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def sealer() -> ContextSealer:
    return ContextSealer()
