"""The policy keys that an engine would have if it started now: settings in, key sets out; nothing is written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from journeyman.clock import Clock, SystemClock
from journeyman.compiler.spec import KeyInfo
from journeyman.engine.tenant_store import TenantStore, read_tenant_store
from journeyman.keys.development import TOKEN_ENCRYPTION, TOKEN_SIGNING
from journeyman.keys.folder import KeyFile, parse_file, read_key_files
from journeyman.keys.keyset import Key, KeySet, without_waiting
from journeyman.keys.names import is_backup
from journeyman.keys.ring import key_info
from journeyman.settings import Settings


@dataclass(frozen=True, slots=True)
class KnownKeySet:
    """A key set of the tenant.

    Attributes:
        stored: whether it is in the store; False for a file of ``keys/`` that the next start imports.
        fingerprints: ``kid`` -> the keyed hash that records show in place of this secret.
    """

    key_set: KeySet
    stored: bool
    fingerprints: Mapping[str, str]


async def known_keys(settings: Settings, clock: Clock | None = None) -> Mapping[str, KeyInfo]:
    """Return what the compiler may know of the keys, by id in lower case.

    Raises:
        JourneymanError: the store or a file of ``keys/`` cannot be read.
    """
    clock = clock or SystemClock()
    found = await known_key_sets(settings, clock)
    usable = (known.key_set for known in found if not is_backup(known.key_set.id))
    if settings.activate_sole_future_key:
        usable = (without_waiting(key_set, clock.now()) for key_set in usable)
    made = _made_for_user_flows() if settings.identity.user_flows else {}
    return {**made, **{key_set.id.lower(): key_info(key_set, clock.now()) for key_set in usable}}


def _made_for_user_flows() -> dict[str, KeyInfo]:
    """Return what will be known of the keys that the engine makes at a start for the tokens of user flows."""
    return {
        wanted.id.lower(): KeyInfo(
            wanted.id, wanted.kty, has_private_key=True, has_certificate=False, has_active_key=True, use=wanted.use
        )
        for wanted in (TOKEN_SIGNING, TOKEN_ENCRYPTION)
    }


async def known_key_sets(settings: Settings, clock: Clock) -> tuple[KnownKeySet, ...]:
    """Return the key sets of the store, backups included, and of ``keys/``, by id.

    Raises:
        JourneymanError: the store or a file of ``keys/`` cannot be read.
    """
    async with read_tenant_store(settings, clock) as store:
        found = {} if store is None else {known.key_set.id.lower(): known for known in await _stored(store)}
    files, _ = read_key_files(settings.folder / "keys", os.environ)
    for file in files:
        present = found.get(file.id.lower())
        if present is None or not imported(file, present.key_set.keys):
            # A changed file replaces the set of its id at the next start, so it is what counts.
            found[file.id.lower()] = KnownKeySet(
                KeySet(file.id, parse_file(file, clock.now())), stored=False, fingerprints={}
            )
    return tuple(found[name] for name in sorted(found))


def known_key_set(key_set: KeySet, hash_key: bytes | None) -> KnownKeySet:
    """Return a key set of the store; without the key of the hashes it has no fingerprints."""
    secrets = {} if hash_key is None else {key.kid: key.secret for key in key_set.keys}
    prints = {kid: secret.fingerprint(hash_key or b"") for kid, secret in secrets.items() if secret is not None}
    return KnownKeySet(key_set, stored=True, fingerprints=prints)


def imported(file: KeyFile, keys: Sequence[Key]) -> bool:
    """Whether the store has taken the file over as it is now."""
    return any(key.origin == file.digest for key in keys)


async def _stored(store: TenantStore) -> tuple[KnownKeySet, ...]:
    hash_key = await store.redaction_key()
    entries = await store.keys.stored()
    sets = (KeySet(entry.id, tuple(map(store.keys.unseal, entry.keys))) for entry in entries)
    return tuple(known_key_set(key_set, hash_key) for key_set in sets)
