"""Keys that a policy names and nobody has made: made here, in development mode only.

Source: policy-keys.md §5, §6. The caller decides on the mode and prints the warning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journeyman.clock import Clock
from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.creation import generate_rsa, generate_secret
from journeyman.keys.keyset import Key
from journeyman.keys.store import KeyStore


@dataclass(frozen=True, slots=True)
class WantedKeySet:
    """A key set that a policy needs: ``kty`` is ``RSA`` or ``oct``, ``use`` is ``sig`` or ``enc``."""

    id: str
    kty: str = "RSA"
    use: str = "sig"


TOKEN_SIGNING: Final = WantedKeySet("B2C_1A_TokenSigningKeyContainer", use="sig")
TOKEN_ENCRYPTION: Final = WantedKeySet("B2C_1A_TokenEncryptionKeyContainer", use="enc")
PLATFORM_SIGNING: Final = WantedKeySet("B2C_1A_JourneymanPlatformSigning", use="sig")
"""Signs the tokens of the tenant's own token endpoint; made in both modes, since no policy names it."""


async def make_missing(store: KeyStore, wanted: Iterable[WantedKeySet], clock: Clock) -> tuple[str, ...]:
    """Make the wanted key sets that are missing or hold no key, with one random key each; return their ids.

    A set that exists and has expired is left alone, because its author has decided on its dates.
    """
    made: list[str] = []
    for item in wanted:
        keys = await _keys(store, item.id)
        if not keys:
            key = await asyncio.to_thread(_generate, item, clock.now())
            if await _put(store, item.id, key, exists=keys is not None):
                made.append(item.id)
    return tuple(made)


async def _keys(store: KeyStore, id: str) -> tuple[Key, ...] | None:
    try:
        return (await store.get(id)).keys
    except KeySetNotFoundError:
        return None


async def _put(store: KeyStore, id: str, key: Key, *, exists: bool) -> bool:
    """Store a key; False when another process has made one in the meantime."""
    if exists:
        await store.add(id, key)
        return True
    try:
        await store.create(id, [key])
    except KeyStoreError:
        if await _keys(store, id):
            return False
        raise
    return True


def _generate(item: WantedKeySet, now: datetime) -> Key:
    if item.kty == "oct":
        return generate_secret(use=item.use, now=now)
    return generate_rsa(use=item.use, now=now)
