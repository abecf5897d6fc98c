"""Objects of one kind, declared in ``journeyman.toml`` or stored: a caller and an id in, the object with its ETag out.

Declared objects are read like stored ones and cannot be changed here.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, NoReturn, TypeVar

from journeyman.configuration.codec import KIND_OF, IdentityObject, decode, encode
from journeyman.configuration.errors import (
    ConfigurationChangedError,
    DamagedObjectError,
    ObjectExistsError,
    ObjectNotFoundError,
)
from journeyman.configuration.identity import find
from journeyman.configuration.store import Check, ConfigurationStore, Entry
from journeyman.errors import JourneymanError
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ChangedError, ConflictingError, NotFoundError
from journeyman.management.identity_context import IdentityContext

T = TypeVar("T", bound=IdentityObject)

_LOG: Final = logging.getLogger(__name__)
_TRIES: Final = 20
_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Held(Generic[T]):
    """An object as it stands; ``entry`` is None for one that ``journeyman.toml`` declares."""

    value: T
    entry: Entry | None = None

    @property
    def declared(self) -> bool:
        """Whether the object is declared in ``journeyman.toml``, and so read-only here."""
        return self.entry is None

    @property
    def etag(self) -> str:
        """What changes with every change of the object, as the header ``ETag``."""
        return 'W/"declared"' if self.entry is None else _etag(self.entry)


@dataclass(frozen=True, slots=True)
class HeldObjects(Generic[T]):
    """The objects of one kind; every operation asks first whether the caller has the right to it.

    Attributes:
        noun: what messages call such an object.
        id_of: makes of what a caller names the id that is stored.
    """

    context: IdentityContext
    known: type[T]
    noun: str
    read: Right
    write: Right
    declared: tuple[T, ...]
    id_of: Callable[[str], str] = str

    async def all(self, caller: Caller) -> tuple[Held[T], ...]:
        """Return all objects, declared ones first; a stored one that is damaged is left out."""
        caller.require(self.read)
        found = [Held(each) for each in self.declared]
        for entry in await self.context.configuration.all(KIND_OF[self.known]):
            held = self._held(entry)
            if held is not None and find(self.declared, entry.id) is None:
                found.append(held)
        return tuple(found)

    async def get(self, caller: Caller, id: str) -> Held[T]:
        """Return one object. Raises NotFoundError."""
        caller.require(self.read)
        declared = find(self.declared, self.id_of(id))
        return self._opened(await self._entry(id)) if declared is None else Held(declared)

    async def create(self, caller: Caller, value: T, *, check: Check | None = None) -> Held[T]:
        """Store a new object. Raises ConflictingError when there is one of this id."""
        caller.require(self.write)
        if find(self.declared, value.id) is not None:
            self._refuse_existing(value.id)
        try:
            entry = await self._store(caller).create(KIND_OF[self.known], value.id, encode(value), check=check)
        except ObjectExistsError:
            self._refuse_existing(value.id)
        await self._take_over()
        return Held(value, entry)

    async def change(
        self,
        caller: Caller,
        id: str,
        edit: Callable[[T], Awaitable[T]],
        *,
        changed: str,
        if_match: str | None = None,
        check: Callable[[T], Awaitable[None]] | None = None,
    ) -> Held[T]:
        """Make of an object what ``edit`` makes of it; edit and write again when somebody else was faster.

        Args:
            changed: says for the audit trail what was changed.
            if_match: the ETag that the caller has seen; with another one nothing is changed (ChangedError).
            check: raises when the edited object cannot stand beside the others.
        """
        caller.require(self.write)
        for _ in range(_TRIES):
            held, entry = await self._changeable(caller, id, if_match)
            value = await edit(held.value)
            if value == held.value:
                return held
            guard = None if check is None else _guard(check, value)
            try:
                replaced = await self._store(caller).replace(entry, encode(value), detail=changed, check=guard)
            except ConfigurationChangedError:
                continue
            except ObjectNotFoundError:
                self._not_found(id)
            await self._take_over()
            return Held(value, replaced)
        raise ChangedError(f"the {self.noun} {id!r} is changed by others all the time; try again")

    async def touch(self, caller: Caller, id: str, *, changed: str) -> Held[T]:
        """Give an object another ETag, because what belongs to it was changed."""
        caller.require(self.write)
        for _ in range(_TRIES):
            held, entry = await self._changeable(caller, id, None)
            try:
                replaced = await self._store(caller).replace(entry, encode(held.value), detail=changed)
            except ConfigurationChangedError:
                continue
            except ObjectNotFoundError:
                self._not_found(id)
            await self._take_over()
            return Held(held.value, replaced)
        raise ChangedError(f"the {self.noun} {id!r} is changed by others all the time; try again")

    async def delete(
        self, caller: Caller, id: str, *, if_match: str | None = None, check: Check | None = None
    ) -> Entry:
        """Delete an object, a damaged one too, and return what was stored."""
        caller.require(self.write)
        self._refuse_declared(id)
        for _ in range(_TRIES):
            entry = await self._entry(id)
            self._refuse_other(entry, if_match)
            try:
                await self._store(caller).delete(entry, check=check)
            except ConfigurationChangedError:
                continue
            except ObjectNotFoundError:
                self._not_found(id)
            await self._take_over()
            return entry
        raise ChangedError(f"the {self.noun} {id!r} is changed by others all the time; try again")

    async def changeable(self, caller: Caller, id: str, if_match: str | None = None) -> Held[T]:
        """Return an object that the caller may change now."""
        caller.require(self.write)
        return (await self._changeable(caller, id, if_match))[0]

    async def _changeable(self, caller: Caller, id: str, if_match: str | None) -> tuple[Held[T], Entry]:
        self._refuse_declared(id)
        entry = await self._entry(id)
        self._refuse_other(entry, if_match)
        return self._opened(entry), entry

    async def _entry(self, id: str) -> Entry:
        try:
            return await self.context.configuration.get(KIND_OF[self.known], self.id_of(id))
        except ObjectNotFoundError:
            self._not_found(id)

    def _opened(self, entry: Entry) -> Held[T]:
        held = self._held(entry)
        if held is None:
            raise NotFoundError(f"the stored {self.noun} {entry.id!r} is damaged; delete it and create it again")
        return held

    def _held(self, entry: Entry) -> Held[T] | None:
        try:
            return Held(decode(entry, self.known), entry)
        except DamagedObjectError:
            return None

    async def _take_over(self) -> None:
        try:
            await self.context.take_over()
        except JourneymanError as error:
            # It is stored; the upkeep of the engine tries every second to serve it.
            _LOG.error("a change is stored and not served yet: %s: %s", error.code, error)

    def _store(self, caller: Caller) -> ConfigurationStore:
        return self.context.configuration.by(caller.actor)

    def _not_found(self, id: str) -> NoReturn:
        raise NotFoundError(f"there is no {self.noun} with the id {id[:200]!r}")

    def _refuse_declared(self, id: str) -> None:
        if find(self.declared, self.id_of(id)) is not None:
            detail = f"the {self.noun} {id!r} is declared in journeyman.toml; change it there"
            raise ConflictingError(detail)

    def _refuse_existing(self, id: str) -> NoReturn:
        raise ConflictingError(f"there is a {self.noun} with the id {id!r} already", member="id")

    def _refuse_other(self, entry: Entry, if_match: str | None) -> None:
        seen = [_bare(each) for each in if_match.split(",")] if if_match else [_ANY]
        if _ANY not in seen and _bare(_etag(entry)) not in seen:
            raise ChangedError(f"the {self.noun} {entry.id!r} was changed since it was read; read it again and repeat")


def _etag(entry: Entry) -> str:
    # The moment of creation keeps an object apart from a later one of the same id.
    return f'W/"{round(entry.created_at.timestamp() * 1000):x}.{entry.version}"'


def _bare(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')


def _guard(check: Callable[[T], Awaitable[None]], value: T) -> Check:
    async def guard() -> None:
        await check(value)

    return guard
