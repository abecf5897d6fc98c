"""The area of policy keys: list them, look at one, add one. No answer ever holds a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from starlette.responses import Response

from journeyman.applications.registry import ApplicationRegistry
from journeyman.clock import Clock
from journeyman.engine.expiry import Expiring, expiring_of
from journeyman.engine.key_uses import KeyUse
from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.keyset import KeySet
from journeyman.keys.names import is_backup, is_reserved, stored_id
from journeyman.keys.ring import KeyRing
from journeyman.keys.store import KeyStore
from journeyman.management.caller import Right
from journeyman.management.errors import ManagementError
from journeyman.management.key_sets import KeySets
from journeyman.settings import Settings
from journeyman.web.portal.area import Area, Group, Page
from journeyman.web.portal.frame import Visit
from journeyman.web.portal.key_form import Entered, FormError, Way, entered_of, key_id, new_keys
from journeyman.web.portal.key_view import detail, missing, others, rows

_EXISTS: Final = "AADB2C95028"
_POLL: Final = "/portal/api/keys"


@dataclass(frozen=True, slots=True)
class KeyPages:
    """What the pages of policy keys work with; ``uses`` reads who uses which policy key."""

    store: KeyStore
    keys: KeyRing
    applications: ApplicationRegistry
    settings: Settings
    clock: Clock
    uses: Callable[[], tuple[KeyUse, ...]]
    key_sets: KeySets

    async def index(self, visit: Visit) -> Response:
        """List the policy keys."""
        await self.keys.refresh()
        uses, now = await self._uses(), self.clock.now()
        found = await self._found(uses)
        sets = self.keys.key_sets()
        return await visit.page(
            "keys.html",
            "Policy keys",
            poll=_POLL,
            version=self._version(),
            keys=rows(sets, uses, found, now),
            missing=missing(sets, uses),
            others=others(found, now),
            backups=[one.id for one in await self.store.stored() if is_backup(one.id) and not is_reserved(one.id)],
            may_write=visit.may(Right.WRITE_KEYS),
        )

    async def one(self, visit: Visit) -> Response:
        """Show one policy key, without its secret."""
        try:
            key_set = self.keys.get(stored_id(visit.segment("id")))
        except KeyStoreError:
            return await visit.not_found("There is no policy key of this name.")
        uses = await self._uses()
        shown = detail(key_set, uses, await self._found(uses), self.clock.now())
        may_write = visit.may(Right.WRITE_KEYS)
        return await visit.page(
            "key.html",
            shown.row.id,
            poll=_POLL,
            version=self._version(),
            detail=shown,
            own=is_reserved(shown.row.id),
            may_write=may_write,
        )

    async def versions(self, visit: Visit) -> Response:
        """Say whether the keys have changed."""
        await self.keys.refresh()
        return visit.json({"version": self._version()})

    async def form(self, visit: Visit) -> Response:
        """Show the form for a new policy key."""
        way = next((way for way in Way if way.value == visit.query("way")), Way.MANUAL)
        entered = Entered(
            way=way,
            name=visit.query("name")[:80],
            use=visit.query("use", "sig"),
            type=visit.query("type", "secret"),
            add=visit.query("add") == "yes",
        )
        return await self._form(visit, entered)

    async def create(self, visit: Visit) -> Response:
        """Add what the form says, and go to the list."""
        try:
            entered = entered_of(visit.form)
        except FormError as error:
            return await self._form(visit, Entered(), error, status=400)
        try:
            added = await self._add(visit, entered)
        except FormError as error:
            return await self._form(visit, entered, error, status=400)
        await self.keys.refresh()
        return await visit.go("/portal/keys", f"{added} is stored. A running journey uses it from its next call on.")

    async def _add(self, visit: Visit, entered: Entered) -> str:
        """Store the keys of the form. Raises FormError."""
        name = key_id(entered)
        present = await self._present(name)
        if present is not None and not entered.add:
            detail = f"{_EXISTS}: the policy key {present.id} exists already"
            raise FormError(f"{detail}; tick the box to add a version, or take another name", "name")
        use = present.keys[0].use if present is not None and present.keys else None
        keys = await asyncio.to_thread(new_keys, entered, use, self.clock.now())
        try:
            return await self.key_sets.keep(visit.caller, name, keys, add=entered.add)
        except ManagementError as error:
            code = f"{error.service_code}: " if error.service_code.startswith("AADB2C") else ""
            raise FormError(f"{code}{error}", "name") from error

    async def _present(self, name: str) -> KeySet | None:
        try:
            return await self.store.get(name)
        except KeySetNotFoundError:
            return None

    async def _form(
        self, visit: Visit, entered: Entered, error: FormError | None = None, *, status: int = 200
    ) -> Response:
        return await visit.page(
            "key_new.html", "Add a policy key", status=status, entered=entered, ways=Way, error=error
        )

    async def _uses(self) -> tuple[KeyUse, ...]:
        return await asyncio.to_thread(self.uses)

    async def _found(self, uses: tuple[KeyUse, ...]) -> Sequence[Expiring]:
        return await expiring_of(self.keys.key_sets(), uses, self.applications, self.settings)

    def _version(self) -> str:
        return sha256(str(self.keys.version).encode()).hexdigest()[:16]


def keys_area(pages: KeyPages, changes: tuple[Page, ...] = ()) -> Area:
    """Return the area of policy keys; ``changes`` are the pages that rotate and delete them."""
    read, write = Right.READ_KEYS, Right.WRITE_KEYS
    return Area(
        "keys",
        "Policy keys",
        Group.MANAGE,
        (
            Page("/portal/keys", pages.index, read),
            Page("/portal/keys/new", pages.form, write, step_up=True),
            Page("/portal/keys/new", pages.create, write, "POST", step_up=True),
            Page("/portal/keys/{id}", pages.one, read),
            Page(_POLL, pages.versions, read, by_script=True),
            *changes,
        ),
    )
