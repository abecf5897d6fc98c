"""The keys of a token issuer, kept: a key id in, a verification key out.

One fetch at a time, none sooner than 30 s after the last, however many unknown key ids come in. A key that the issuer
has published before it signs with it is found without a wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from journeyman_guard.clock import Clock, SystemClock
from journeyman_guard.json_web_token import KEY_TYPES, VerificationKey
from journeyman_guard.jwks_fetch import HttpsFetch, JwksError, require_safe_url
from journeyman_guard.strict_json import read_object

REFRESH_S: Final = 600.0
"""Older keys are fetched anew, beside the requests that use them."""

LIMIT_S: Final = 3_600.0
"""Older keys are not used, even when no newer ones can be had."""

PAUSE_S: Final = 30.0
"""Between two fetches, failed ones included."""

UNKNOWN_S: Final = 60.0
"""How long a key id that was not found is not asked for again."""

_WAIT_S: Final = 10.0
_MAX_UNKNOWN: Final = 256
_MAX_KEYS: Final = 100
_MIN_RSA_BITS: Final = 2_048

_log: Final = logging.getLogger("journeyman_guard")


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """One usable key of a JWK Set."""

    key_id: str | None
    algorithm: str | None
    key: VerificationKey


class JwksCache:
    """The keys of one issuer, for one event loop.

    Args:
        url: https, or http on this machine.
        fetch: returns the document or raises JwksError; replaces the own one, which uses the system's trust.
    """

    def __init__(
        self,
        url: str,
        *,
        fetch: Callable[[str], Awaitable[bytes]] | None = None,
        clock: Clock | None = None,
    ) -> None:
        require_safe_url(url)
        self._url = url
        self._fetch = fetch or HttpsFetch()
        self._clock = clock or SystemClock()
        self._keys: tuple[PublishedKey, ...] = ()
        self._fetched_s = -LIMIT_S
        self._tried_s: float | None = None
        self._unknown: dict[tuple[str | None, str], float] = {}
        self._flight: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None, algorithm: str) -> VerificationKey | None:
        """Return the key for a token, fetching the set when it is old or does not have it."""
        found = self._lookup(key_id, algorithm)
        if found is not None:
            if self._age_s() > REFRESH_S:
                self._start_fetch()
            return found
        if self._is_known_to_be_missing(key_id, algorithm):
            return None
        flight = self._start_fetch()
        if flight is None:
            return None
        try:
            await asyncio.wait_for(asyncio.shield(flight), _WAIT_S)
        except TimeoutError:
            return None
        found = self._lookup(key_id, algorithm)
        if found is None:
            self._remember_missing(key_id, algorithm)
        return found

    def _age_s(self) -> float:
        return self._clock.monotonic_s() - self._fetched_s

    def _lookup(self, key_id: str | None, algorithm: str) -> VerificationKey | None:
        if self._age_s() > LIMIT_S:
            return None
        fitting = [
            published.key
            for published in self._keys
            if published.key.key_type == KEY_TYPES[algorithm] and published.algorithm in (None, algorithm)
            if key_id in (None, published.key_id)
        ]
        # Without a key id, or with one used twice, there must be no choice.
        return fitting[0] if len(fitting) == 1 else None

    def _start_fetch(self) -> asyncio.Task[None] | None:
        if self._flight is not None and not self._flight.done():
            return self._flight
        now_s = self._clock.monotonic_s()
        if self._tried_s is not None and now_s - self._tried_s < PAUSE_S:
            return None
        self._tried_s = now_s
        self._flight = asyncio.create_task(self._refresh(), name="journeyman-guard-jwks")
        return self._flight

    async def _refresh(self) -> None:
        try:
            self._keys = read_jwks(await self._fetch(self._url))
        except JwksError as error:
            _log.warning("keys of tokens cannot be fetched: %s", error)
            return
        self._fetched_s = self._clock.monotonic_s()

    def _is_known_to_be_missing(self, key_id: str | None, algorithm: str) -> bool:
        return self._unknown.get((key_id, algorithm), 0.0) > self._clock.monotonic_s()

    def _remember_missing(self, key_id: str | None, algorithm: str) -> None:
        if len(self._unknown) >= _MAX_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[key_id, algorithm] = self._clock.monotonic_s() + UNKNOWN_S


def read_jwks(document: bytes) -> tuple[PublishedKey, ...]:
    """Return the usable signing keys of a JWK Set; others, secret ones too, are left out. Raises JwksError."""
    try:
        members = read_object(document).get("keys")
    except ValueError as error:
        raise JwksError("the JWK Set is not a JSON object") from error
    if not isinstance(members, list) or len(members) > _MAX_KEYS:
        raise JwksError("the JWK Set has no list of keys, or too many")
    keys = (_published_key(member) for member in members if isinstance(member, dict))
    return tuple(key for key in keys if key is not None)


def _published_key(member: Mapping[str, object]) -> PublishedKey | None:
    key_id, algorithm, operations = member.get("kid"), member.get("alg"), member.get("key_ops", ["verify"])
    if member.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    if not isinstance(key_id, str | None) or not isinstance(algorithm, str | None):
        return None
    if algorithm is not None and algorithm not in KEY_TYPES:
        return None
    try:
        key = _public_key(member)
    except (JoseError, ValueError, TypeError):
        return None
    return None if key is None else PublishedKey(key_id, algorithm, key)


def _public_key(member: Mapping[str, object]) -> VerificationKey | None:
    match member:
        case {"kty": "RSA", "n": str(n), "e": str(e)} if len(n) >= _MIN_RSA_BITS // 6:
            key = RSAKey.import_key({"kty": "RSA", "n": n, "e": e})
            return key if key.public_key.key_size >= _MIN_RSA_BITS else None
        case {"kty": "EC", "crv": "P-256", "x": str(x), "y": str(y)}:
            return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
        case _:
            return None
