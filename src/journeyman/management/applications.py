"""Applications as administrators see them: a caller and a change in, an application out; the audit trail tells of each.

Source: graph-api.md §8. Roles of the management API are granted on the command line only, and who changes an
application or its secrets must hold all the rights that it has: else a secret for a stronger one would make the caller as
strong. Both are this project's decisions.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from journeyman.applications.application import Application, encode_application
from journeyman.applications.client_secret import ClientSecret, new_secret
from journeyman.applications.errors import ApplicationChangedError
from journeyman.applications.platforms import platforms_of, with_platforms
from journeyman.applications.registry import ApplicationRegistry
from journeyman.clock import Clock
from journeyman.management.caller import Caller, Right, caller_of
from journeyman.management.errors import ConflictingError, ForbiddenError, InvalidError, NotFoundError
from journeyman.management.seeded_applications import seeded_applications
from journeyman.secret import Secret
from journeyman.settings import ApplicationType

T = TypeVar("T")

MAX_SECRETS: Final = 50
MAX_RECORD_BYTES: Final = 128 * 1024
DEFAULT_LIFETIME: Final = timedelta(days=730)
DIRECTORY_NOT_FOUND: Final = "Request_ResourceNotFound"
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class ApplicationChange:
    """What is to become of an application; a field that is None stays as it is.

    Attributes:
        redirect_uris: platform -> its redirect URIs; platforms that are not named stay as they are.
        permissions: resource and scope that are granted, in place of those there are.
        details: members that are only kept and given back; null removes one.
        described: which members are changed, for the audit trail.
    """

    name: str | None = None
    redirect_uris: Mapping[ApplicationType, tuple[str, ...]] | None = None
    allow_implicit: bool | None = None
    identifier_uris: tuple[str, ...] | None = None
    scopes: tuple[str, ...] | None = None
    permissions: tuple[str, ...] | None = None
    logout_url: str | None = None
    details: Mapping[str, object] | None = None
    described: str = ""


@dataclass(frozen=True, slots=True)
class TenantName:
    """Name and ids that the applications of a tenant are made of."""

    name: str
    id: str
    extensions_app: str


@dataclass(frozen=True, slots=True)
class Applications:
    """The operations on the applications of one tenant."""

    registry: ApplicationRegistry
    clock: Clock
    tenant: TenantName

    def object_id(self, application: Application) -> str:
        """Return the object id of an application, which is not its client id."""
        return str(uuid.uuid5(uuid.UUID(self.tenant.id), f"application/{application.client_id}"))

    def principal_id(self, client_id: str) -> str:
        """Return the object id of an application's service principal, the ``oid`` of its tokens."""
        return str(uuid.uuid5(uuid.UUID(self.tenant.id), client_id))

    async def all(self, caller: Caller) -> tuple[Application, ...]:
        """Return every application; those that each tenant has come last."""
        caller.require(Right.READ_APPLICATIONS)
        return await self._all()

    async def get(self, caller: Caller, wanted: Callable[[Application], bool], called: str) -> Application:
        """Return the application that is ``wanted``. Raises NotFoundError, which says how it was ``called``."""
        caller.require(Right.READ_APPLICATIONS)
        return await self._found(wanted, called)

    async def secrets(self, caller: Caller, application: Application) -> tuple[ClientSecret, ...]:
        """Return what may be shown of an application's secrets."""
        caller.require(Right.READ_APPLICATIONS)
        return await self.registry.secrets(application.client_id)

    async def create(self, caller: Caller, change: ApplicationChange) -> Application:
        """Add an application without roles and without a secret."""
        caller.require(Right.WRITE_APPLICATIONS)
        if not change.name:
            raise InvalidError("displayName is missing", member="displayName")
        made = _applied(Application(str(uuid.uuid4()), change.name), change)
        await self._refuse_taken(made)
        return await self.registry.changes(caller.actor).create(made)

    async def update(
        self,
        caller: Caller,
        application: Application,
        change_of: Callable[[Application], ApplicationChange],
        *,
        check: Callable[[Application], None] = lambda _: None,
    ) -> Application:
        """Change an application; ``change_of`` and ``check`` get it as it is, ``check`` refuses by raising."""
        caller.require(Right.WRITE_APPLICATIONS)
        for _ in range(_TRIES):
            before = await self._same(application)
            self._refuse_declared(before)
            _refuse_stronger(caller, before)
            check(before)
            change = change_of(before)
            after = _applied(before, change)
            await self._refuse_taken(after)
            try:
                return await self._replaced(caller, before, after, change.described)
            except ApplicationChangedError:
                continue
        raise ConflictingError("the application is being changed by others; try again")

    async def delete(
        self, caller: Caller, application: Application, *, check: Callable[[Application], None] = lambda _: None
    ) -> None:
        """Delete an application with its secrets."""
        caller.require(Right.WRITE_APPLICATIONS)
        self._refuse_declared(application)
        _refuse_stronger(caller, application)
        check(application)
        if await self.registry.get(application.client_id) is None:
            raise ConflictingError(f"{application.name} belongs to the tenant and cannot be deleted")
        await self.registry.changes(caller.actor).delete(application)

    async def add_secret(
        self,
        caller: Caller,
        application: Application,
        *,
        name: str | None,
        starts_at: datetime | None,
        ends_at: datetime | None,
    ) -> tuple[ClientSecret, Secret]:
        """Give an application one more secret, which is returned now and never again; it ends after two years."""
        caller.require(Right.WRITE_APPLICATIONS)
        _refuse_stronger(caller, application)
        begins = starts_at or self.clock.now()
        ends = ends_at or begins + DEFAULT_LIFETIME
        if ends <= begins:
            member = "passwordCredential/endDateTime"
            raise InvalidError(f"{member} is not later than the start", member=member)
        if len(await self.registry.secrets(application.client_id)) >= MAX_SECRETS:
            raise InvalidError(f"an application has at most {MAX_SECRETS} secrets; remove one")
        if await self.registry.get(application.client_id) is None:
            await self.registry.changes(caller.actor).create(application)
        made = new_secret(name, begins, ends)
        await self.registry.changes(caller.actor).add_secret(application.client_id, made)
        return made

    async def remove_secret(self, caller: Caller, application: Application, key_id: str) -> None:
        """Take a secret away; it opens nothing from then on."""
        caller.require(Right.WRITE_APPLICATIONS)
        _refuse_stronger(caller, application)
        await self.registry.changes(caller.actor).remove_secret(application.client_id, key_id.lower())

    async def _all(self) -> tuple[Application, ...]:
        own = await self.registry.all()
        known = {one.client_id for one in own} | {one.name.casefold() for one in own}
        seeded = seeded_applications(self.tenant.name, self.tenant.id, self.tenant.extensions_app)
        return (*own, *(one for one in seeded if known.isdisjoint({one.client_id, one.name.casefold()})))

    async def _found(self, wanted: Callable[[Application], bool], called: str) -> Application:
        found = next((one for one in await self._all() if wanted(one)), None)
        if found is None:
            detail = f"Resource {called[:128]!r} does not exist."
            raise NotFoundError(detail, service_code=DIRECTORY_NOT_FOUND)
        return found

    async def _same(self, application: Application) -> Application:
        return await self._found(lambda one: one.client_id == application.client_id, application.client_id)

    async def _replaced(self, caller: Caller, before: Application, after: Application, changed: str) -> Application:
        changes = self.registry.changes(caller.actor)
        if await self.registry.get(before.client_id) is None:
            return await changes.create(after)
        return await changes.replace(before, after, changed=changed)

    def _refuse_declared(self, application: Application) -> None:
        if self.registry.is_declared(application):
            raise ConflictingError(f"{application.name} stands in journeyman.toml and is changed there")

    async def _refuse_taken(self, application: Application) -> None:
        mine = {uri.casefold() for uri in application.identifier_uris}
        for other in await self._all():
            taken = mine & {uri.casefold() for uri in other.identifier_uris}
            if other.client_id != application.client_id and taken:
                detail = f"identifierUris: {min(taken)} is one of {other.name}; every application has its own"
                code = "Request_MultipleObjectsWithSameKeyValue"
                raise ConflictingError(detail, member="identifierUris", service_code=code)
        if len(encode_application(application)) > MAX_RECORD_BYTES:
            raise InvalidError(f"the application is larger than {MAX_RECORD_BYTES} bytes")


def version_of(application: Application) -> str:
    """Return what changes with every change of an application, for its ETag."""
    return hashlib.sha256(encode_application(application).encode()).hexdigest()[:20]


def _refuse_stronger(caller: Caller, application: Application) -> None:
    held = caller_of("", frozenset(application.roles)).rights
    if not held <= caller.rights:
        raise ForbiddenError(f"{application.name} has roles that allow more than the caller may do itself")


def _applied(application: Application, change: ApplicationChange) -> Application:
    changed = application
    if change.redirect_uris is not None:
        changed = with_platforms(changed, {**platforms_of(changed), **change.redirect_uris})
    details = {**changed.details, **(change.details or {})}
    return replace(
        changed,
        name=_kept(change.name, changed.name),
        allow_implicit=_kept(change.allow_implicit, changed.allow_implicit),
        identifier_uris=_kept(change.identifier_uris, changed.identifier_uris),
        scopes=_kept(change.scopes, changed.scopes),
        permissions=_kept(change.permissions, changed.permissions),
        logout_url=_kept(change.logout_url, changed.logout_url) or None,
        details={name: value for name, value in details.items() if value is not None},
    )


def _kept(new: T | None, old: T) -> T:
    return old if new is None else new
