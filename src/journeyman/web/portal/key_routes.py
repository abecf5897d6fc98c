"""The routes of policy keys in the portal: list them, look at one, add one. No answer ever holds a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from journeyman.applications.registry import ApplicationRegistry
from journeyman.clock import Clock
from journeyman.engine.expiry import Expiring, expiring_of
from journeyman.engine.key_uses import KeyUse
from journeyman.errors import KeySetNotFoundError, KeyStoreError
from journeyman.keys.keyset import KeySet
from journeyman.keys.names import stored_id
from journeyman.keys.ring import KeyRing
from journeyman.keys.store import KeyStore
from journeyman.settings import Settings
from journeyman.web.pages.security import new_nonce
from journeyman.web.portal.answers import guarded, json_answer, not_found, page_answer
from journeyman.web.portal.csrf import Csrf
from journeyman.web.portal.key_form import Entered, FormError, Way, key_id, new_keys, read_entered
from journeyman.web.portal.key_pages import key_page, keys_page, new_key_page
from journeyman.web.portal.key_view import detail, missing, others, rows

ACTOR: Final = "portal, this machine"
_EXISTS: Final = "AADB2C95028"


@dataclass(frozen=True, slots=True)
class KeyPortal:
    """What the pages of policy keys work with.

    Attributes:
        store: writes under the name of the portal in the audit trail.
        allowed: whether the sender of a request may see the portal.
        uses: reads who uses which policy key.
    """

    store: KeyStore
    keys: KeyRing
    applications: ApplicationRegistry
    settings: Settings
    clock: Clock
    uses: Callable[[], tuple[KeyUse, ...]]
    allowed: Callable[[Request], bool]
    csrf: Csrf
    mailbox: bool = False

    async def index(self, request: Request) -> Response:
        """List the policy keys."""
        await self.keys.refresh()
        uses, now = await self._uses(), self.clock.now()
        found = await self._found(uses)
        sets, nonce = self.keys.key_sets(), new_nonce()
        added = next((one.id for one in sets if one.id == request.query_params.get("added")), "")
        html = keys_page(
            rows(sets, uses, found, now),
            missing(sets, uses),
            others(found, now),
            nonce=nonce,
            version=self._version(),
            added=added,
            mailbox=self.mailbox,
        )
        return page_answer(html, nonce)

    async def one(self, request: Request) -> Response:
        """Show one policy key, without its secret."""
        try:
            key_set = self.keys.get(stored_id(request.path_params["id"]))
        except KeyStoreError:
            return not_found()
        uses, nonce = await self._uses(), new_nonce()
        shown = detail(key_set, uses, await self._found(uses), self.clock.now())
        return page_answer(key_page(shown, nonce=nonce, version=self._version(), mailbox=self.mailbox), nonce)

    async def versions(self, _: Request) -> Response:
        """Say whether the keys have changed."""
        await self.keys.refresh()
        return json_answer({"version": self._version()})

    async def form(self, request: Request) -> Response:
        """Show the form for a new policy key."""
        asked = request.query_params
        way = next((way for way in Way if way.value == asked.get("way")), Way.MANUAL)
        entered = Entered(
            way=way,
            name=asked.get("name", "")[:80],
            use=asked.get("use", "sig"),
            type=asked.get("type", "secret"),
            add=asked.get("add") == "yes",
        )
        return self._form(request, entered)

    async def create(self, request: Request) -> Response:
        """Add what the form says, and go to the list."""
        try:
            entered = await read_entered(request)
        except FormError as error:
            return self._form(request, Entered(), error, status=400)
        if not self.csrf.allows(request, entered.csrf):
            refused = FormError(
                "this form was not opened in this browser, or the engine was started again; send it once more", ""
            )
            return self._form(request, entered, refused, status=403)
        try:
            added = await self._add(entered)
        except FormError as error:
            return self._form(request, entered, error, status=400)
        await self.keys.refresh()
        return RedirectResponse(f"/portal/keys?added={added}", status_code=303)

    async def _add(self, entered: Entered) -> str:
        """Store the keys of the form. Raises FormError."""
        name = key_id(entered)
        present = await self._present(name)
        if present is not None and not entered.add:
            detail = f"{_EXISTS}: the policy key {present.id} exists already"
            raise FormError(f"{detail}; tick the box to add a version, or take another name", "name")
        use = present.keys[0].use if present is not None and present.keys else None
        keys = await asyncio.to_thread(new_keys, entered, use, self.clock.now())
        try:
            if present is None:
                return await self.store.create(name, keys)
            for key in keys:
                await self.store.add(name, key)
        except KeyStoreError as error:
            raise FormError(str(error), "name") from error
        return present.id

    async def _present(self, name: str) -> KeySet | None:
        try:
            return await self.store.get(name)
        except KeySetNotFoundError:
            return None

    def _form(
        self, request: Request, entered: Entered, error: FormError | None = None, *, status: int = 200
    ) -> Response:
        nonce, cookie = new_nonce(), self.csrf.cookie(request)
        html = new_key_page(replace(entered, csrf=self.csrf.token(cookie)), error, nonce=nonce, mailbox=self.mailbox)
        response = page_answer(html, nonce, status=status)
        self.csrf.remember(response, cookie)
        return response

    async def _uses(self) -> tuple[KeyUse, ...]:
        return await asyncio.to_thread(self.uses)

    async def _found(self, uses: tuple[KeyUse, ...]) -> Sequence[Expiring]:
        return await expiring_of(self.keys.key_sets(), uses, self.applications, self.settings)

    def _version(self) -> str:
        return sha256(str(self.keys.version).encode()).hexdigest()[:16]


def key_routes(portal: KeyPortal) -> list[Route]:
    """Return the routes of policy keys."""
    reading = {
        "/portal/keys": portal.index,
        "/portal/keys/new": portal.form,
        "/portal/keys/{id}": portal.one,
        "/portal/api/keys": portal.versions,
    }
    routes = [Route("/portal/keys/new", guarded(portal.create, portal.allowed), methods=["POST"])]
    routes += [Route(path, guarded(endpoint, portal.allowed), methods=["GET"]) for path, endpoint in reading.items()]
    return routes
