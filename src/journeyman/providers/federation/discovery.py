"""What an OpenID provider publishes of itself: the URL of its document in, endpoints and keys out, kept for a while.

Source: OpenID Connect Discovery 1.0 §4; technical-profiles.md §18. The times are this project's decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from journeyman.providers.federation.configuration import FederationServices
from journeyman.providers.federation.exchange import fetch, refused
from journeyman.providers.federation.exchange_record import SHOWN_OF_A_DOCUMENT, Asked
from journeyman.technical_profile import Call

LIFE_S: Final = 3600.0
RETRY_S: Final = 30.0
"""A key that nobody knows makes us read the key set again, but not more often than this."""
DOCUMENTS_LIMIT: Final = 1000

_ASYMMETRIC: Final = frozenset({"RSA", "EC"})


@dataclass(frozen=True, slots=True)
class Published:
    """What a provider publishes."""

    document: Mapping[str, Any]
    keys: KeySet
    key_ids: frozenset[str | None]
    read_s: float


@dataclass(slots=True)
class Discovery:
    """The documents of identity providers, each read once by any number of waiting journeys."""

    services: FederationServices
    _known: dict[str, Published] = field(default_factory=dict)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def of(self, url: str, call: Call, *, key_id: str | None = None) -> Published:
        """Return what is published at ``url``.

        Args:
            call: the execution that needs it; its journey gets the records of what has to be read.
            key_id: a key that is looked for; when it is unknown everything is read again.

        Raises:
            ServiceError: it cannot be read, and nothing good is left from before.
        """
        return await self._kept(url, key_id, lambda: self._read(url, call))

    async def keys_of(self, url: str, call: Call, *, key_id: str | None = None) -> Published:
        """Return the keys at ``url``, for a provider that publishes no document; otherwise as ``of``."""
        return await self._kept(url, key_id, lambda: self._read_keys(url, call, {}))

    async def _kept(self, url: str, key_id: str | None, read: Callable[[], Awaitable[Published]]) -> Published:
        if len(self._turns) >= DOCUMENTS_LIMIT and url not in self._turns:
            # With DiscoverMetadataByTokenIssuer strangers name the documents.
            self._known.clear()
            self._turns.clear()
        async with self._turns.setdefault(url, asyncio.Lock()):
            known = self._known.get(url)
            if known is not None and not self._stale(known, key_id):
                return known
            known = self._known[url] = await read()
            return known

    def _stale(self, known: Published, key_id: str | None) -> bool:
        age_s = self.services.clock.monotonic_s() - known.read_s
        return age_s > LIFE_S or (key_id is not None and key_id not in known.key_ids and age_s > RETRY_S)

    async def _read(self, url: str, call: Call) -> Published:
        document = await fetch(self.services, call, Asked(url, "discovery document", shown=SHOWN_OF_A_DOCUMENT))
        keys_url = document.get("jwks_uri")
        if not isinstance(keys_url, str):
            raise refused("discovery document: it names no jwks_uri", None)
        return await self._read_keys(keys_url, call, document)

    async def _read_keys(self, keys_url: str, call: Call, document: Mapping[str, Any]) -> Published:
        raw = await fetch(self.services, call, Asked(keys_url, "key set"))
        listed = raw.get("keys")
        # A symmetric key in a public key set would let everybody sign.
        good = [one for one in listed if _usable(one)] if isinstance(listed, list) else []
        try:
            keys = KeySet.import_key_set({"keys": good})
        except (JoseError, ValueError, TypeError) as error:
            raise refused("key set: a key cannot be read", None) from error
        ids = frozenset(key.kid for key in keys.keys)
        return Published(document, keys, ids, self.services.clock.monotonic_s())


def _usable(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") in _ASYMMETRIC and key.get("use", "sig") == "sig"
