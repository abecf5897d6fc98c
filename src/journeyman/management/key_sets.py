"""Policy keys: key sets that policies name; their secrets go in and never come out.

Key sets that belong to API connectors, identity providers and the engine itself are not there for these operations.
Source: graph-api.md §6.1; policy-keys.md §7, §8.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from journeyman.engine import Engine
from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.creation import (
    Lifetime,
    certificate_key,
    generate_rsa,
    generate_secret,
    pfx_key,
    secret_key,
    usable,
)
from journeyman.keys.jwk import Jwk, key_from_jwk
from journeyman.keys.keyset import Key, KeySet
from journeyman.keys.names import is_backup, is_reserved, stored_id
from journeyman.keys.store import KeyStore
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ChangedError, InvalidError
from journeyman.management.key_errors import refused_key
from journeyman.secret import Secret

_NO_SUCH_SET: Final = "AADB2C90073"
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class NewKey:
    """How a key is to be used, and when."""

    use: str
    lifetime: Lifetime


@dataclass(frozen=True, slots=True)
class KeySets:
    """The policy keys of a tenant."""

    engine: Engine

    async def all(self, caller: Caller) -> tuple[KeySet, ...]:
        """Return all key sets, backups included, by id."""
        caller.require(Right.READ_KEYS)
        store = self.engine.key_store
        stored = [entry for entry in await store.stored() if not is_reserved(entry.id)]
        sets = [KeySet(entry.id, tuple(map(store.unseal, entry.keys))) for entry in stored]
        return tuple(sorted(sets, key=lambda one: one.id.lower()))

    async def get(self, caller: Caller, id: str) -> KeySet:
        """Return one key set, or a backup. Raises InvalidError (AADB2C90073), as clients expect it."""
        caller.require(Right.READ_KEYS)
        return await self._found(id)

    async def active(self, caller: Caller, id: str) -> Key:
        """Return the key that is used now. Raises InvalidError when there is none (AADB2C90019, AADB2C90220)."""
        found = await self.get(caller, id)
        if is_backup(found.id):
            raise InvalidError(f"{found.id} is a backup, and no key of it is used", member="id")
        await self.engine.keys.refresh()
        try:
            return self.engine.keys.active(found.id)
        except KeyStoreError as error:
            raise refused_key(error, "id") from None

    async def create(self, caller: Caller, id: str, keys: Sequence[Jwk] = ()) -> KeySet:
        """Make a key set. Raises ConflictingError (AADB2C95028) when there is one of this name."""
        store = self._writing(caller)
        _refuse_reserved(id)
        made = await self._parsed(keys)
        return await self._found(await self._kept(store.create(id, made), "id"))

    async def replace(self, caller: Caller, id: str, keys: Sequence[Jwk], *, if_match: str | None = None) -> KeySet:
        """Replace all keys of a set. Raises InvalidError (AADB2C95052) when there is none, ChangedError."""
        store = self._writing(caller)
        found = await self._writable(id)
        made = await self._parsed(keys)

        def replaced(present: KeySet) -> tuple[Key, ...]:
            self._refuse_other(present, if_match)
            # A key that stays keeps its place in the order of the set.
            places = {key.kid: key.sequence for key in present.keys}
            return tuple(replace(key, sequence=places.get(key.kid, key.sequence)) for key in made)

        return await self._kept(store.rewrite(found.id, replaced, activity="Replace keys of policy key"), "keys")

    async def delete(self, caller: Caller, id: str, *, if_match: str | None = None) -> None:
        """Delete a set; a copy is kept as ``<id>.bak``. Deleting a copy is final."""
        store = self._writing(caller)
        found = await self._found(id)
        self._refuse_other(found, if_match)
        await self._kept(store.delete(found.id), "id")

    async def generate(self, caller: Caller, id: str, kty: str, new: NewKey) -> Key:
        """Add a random key: ``RSA``, or ``oct`` for a secret."""
        store = self._writing(caller)
        found = await self._writable(id)
        makers = {"rsa": generate_rsa, "oct": generate_secret}
        if kty.lower() not in makers:
            raise InvalidError("The member 'kty' must be 'RSA' or 'oct'.", service_code="AADB2C95031", member="kty")
        maker, now = makers[kty.lower()], self.engine.clock.now()
        key = await _made(lambda: maker(use=new.use, now=now, lifetime=new.lifetime), "use")
        return await self._kept(store.add(found.id, key), "use")

    async def upload_secret(self, caller: Caller, id: str, secret: Secret, new: NewKey) -> Key:
        """Add a secret that somebody has chosen; it is taken as it is written."""
        store = self._writing(caller)
        found, now = await self._writable(id), self.engine.clock.now()
        key = await _made(lambda: secret_key(secret.reveal(), use=new.use, now=now, lifetime=new.lifetime), "k")
        return await self._kept(store.add(found.id, key), "k")

    async def upload_pfx(self, caller: Caller, id: str, pfx: bytes, password: Secret) -> Key:
        """Add the private key and the certificates of a PFX file."""
        store = self._writing(caller)
        found, now = await self._writable(id), self.engine.clock.now()
        key = await _made(lambda: pfx_key(pfx, password, now=now, use=_use_of(found), apart=True), "key")
        return await self._kept(store.add(found.id, key), "key")

    async def upload_certificate(self, caller: Caller, id: str, certificate: bytes) -> Key:
        """Add a certificate in DER or PEM."""
        store = self._writing(caller)
        found, now = await self._writable(id), self.engine.clock.now()
        key = await _made(lambda: certificate_key(certificate, now=now, use=_use_of(found)), "key")
        return await self._kept(store.add(found.id, key), "key")

    async def keep(self, caller: Caller, id: str, keys: Sequence[Key], *, add: bool) -> str:
        """Make a set of keys that were made already and return its id; ``add`` appends them to one that is there.

        Raises:
            InvalidError: the name is kept for Journeyman, or the keys cannot stand in one set.
            ConflictingError: AADB2C95028, there is one of this name and ``add`` is not asked for.
        """
        store = self._writing(caller)
        _refuse_reserved(id)
        try:
            present = await store.get(id) if add else None
        except KeySetNotFoundError:
            present = None
        if present is None:
            return await self._kept(store.create(id, keys), "id")
        for key in keys:
            await self._kept(store.add(present.id, key), "id")
        return present.id

    def _writing(self, caller: Caller) -> KeyStore:
        caller.require(Right.WRITE_KEYS)
        return self.engine.key_store.by(caller.actor)

    async def _found(self, id: str) -> KeySet:
        if _reserved(id):
            detail = f"KeyContainer with 'id': '{id}' cannot be found in the directory '{self.engine.tenant.id}'."
            raise InvalidError(detail, service_code=_NO_SUCH_SET, member="id")
        try:
            return await self.engine.key_store.get(id)
        except KeyStoreError as error:
            raise refused_key(error, "id") from None

    async def _writable(self, id: str) -> KeySet:
        """Return a set that is there. Raises InvalidError (AADB2C95052)."""
        try:
            return await self._found(id)
        except InvalidError as error:
            if error.service_code != _NO_SUCH_SET:
                raise
        detail = (
            f"The trustframework key set with id '{id}' in tenant '{self.engine.tenant.id}' is not created. "
            "Please use 'Create api' to create the key set first."
        )
        raise InvalidError(detail, service_code="AADB2C95052", member="id")

    async def _kept(self, change: Awaitable[_Result], member: str) -> _Result:
        """Change the store; what it holds then counts at once."""
        try:
            result = await change
        except KeyStoreError as error:
            raise refused_key(error, member) from None
        await self.engine.keys.refresh()
        return result

    async def _parsed(self, keys: Sequence[Jwk]) -> tuple[Key, ...]:
        now = self.engine.clock.now()
        makers = (partial(_from_jwk, jwk, now) for jwk in keys)
        return tuple([await _made(make, f"keys/{number}") for number, make in enumerate(makers)])

    @staticmethod
    def _refuse_other(found: KeySet, if_match: str | None) -> None:
        seen = [tag.strip() for tag in if_match.split(",")] if if_match else ["*"]
        if "*" not in seen and etag_of(found) not in seen:
            raise ChangedError(f"the key set {found.id!r} was changed since it was read; read it again and repeat")


def etag_of(found: KeySet) -> str:
    """Return what changes with every change of a key set; nothing of a secret is in it."""
    parts = [f"{key.kid} {key.sequence} {key.enabled} {key.stage.value}" for key in found.keys]
    return f'W/"{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:32]}"'


def _from_jwk(jwk: Jwk, now: datetime) -> Key:
    if jwk.get("kid") is not None:
        raise KeyStoreError("AADB2C95059: The member 'kid' must not be given: it is made.")
    named = (
        {**jwk, "kty": {"RSA": "RSA", "OCT": "oct"}.get(str(jwk["kty"]).upper(), jwk["kty"])} if "kty" in jwk else jwk
    )
    return usable(key_from_jwk(named, now=now), now)


async def _made(make: Callable[[], Key], member: str) -> Key:
    """Make a key apart from the loop: that may take a tenth of a second, and longer for what is uploaded."""
    try:
        return await asyncio.to_thread(make)
    except KeyStoreError as error:
        raise refused_key(error, member) from None


def _use_of(found: KeySet) -> str | None:
    """Return the use of the keys that a set holds: the first one decides for all."""
    return found.keys[0].use if found.keys else None


def _refuse_reserved(id: str) -> None:
    if _reserved(id):
        detail = f"the name {id!r} is kept for key sets that Journeyman makes itself; choose another"
        raise InvalidError(detail, member="id")


def _reserved(id: str) -> bool:
    try:
        return is_reserved(stored_id(id))
    except KeyStoreError:
        # The store says what is wrong with the name.
        return False
