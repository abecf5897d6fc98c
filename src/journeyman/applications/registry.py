"""The applications of a tenant: those of ``journeyman.toml`` and those that ``apps add`` stored.

A client secret is random, so a keyed SHA-256 of it is enough to keep; it is shown once.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from journeyman.applications.application import Application, decode_application, from_settings
from journeyman.applications.changes import ApplicationChanges
from journeyman.applications.client_secret import ClientSecret, client_secret_of, new_secret, secret_hash
from journeyman.clock import Clock
from journeyman.database import Database, Row, blob, from_milliseconds, integer, text, to_milliseconds
from journeyman.errors import SettingsError
from journeyman.secret import Secret
from journeyman.settings import ApplicationSettings, ApplicationType
from journeyman.storage.audit import AuditLog

_MAX_SECRET_BYTES = 1024
_FIND = "SELECT client_id, record FROM applications WHERE tenant = ? AND client_id = ?"
_ALL = "SELECT client_id, record FROM applications WHERE tenant = ? ORDER BY created_at, client_id"
_DATES = (
    "SELECT client_id, key_id, starts_at, ends_at FROM application_secrets WHERE tenant = ? ORDER BY client_id, key_id"
)
_SHOWN = (
    "SELECT key_id, hint, display_name, starts_at, ends_at FROM application_secrets"
    " WHERE tenant = ? AND client_id = ? ORDER BY starts_at, key_id"
)
_KEYS = "SELECT hash, starts_at, ends_at FROM application_secrets WHERE tenant = ? AND client_id = ?"


@dataclass(frozen=True, slots=True)
class SecretDates:
    """When a client secret begins and ends; ``name`` is that of its application."""

    client_id: str
    name: str
    key_id: str
    starts_at: datetime
    ends_at: datetime | None


class ApplicationRegistry:
    """Find applications and check their secrets."""

    def __init__(
        self,
        settings: Iterable[ApplicationSettings],
        database: Database,
        clock: Clock,
        *,
        tenant_id: str,
        hash_key: Secret,
        audit: AuditLog,
    ) -> None:
        self._settings: Mapping[str, Application] = {entry.client_id: from_settings(entry) for entry in settings}
        self._database = database
        self._clock = clock
        self._tenant_id = tenant_id
        self._hash_key = hash_key
        self._audit = audit

    async def get(self, client_id: str) -> Application | None:
        """Return the application of a client id, in any case; None when the tenant has none."""
        lower = client_id.lower()
        if lower in self._settings:
            return self._settings[lower]
        row = await self._database.fetch_one(_FIND, (self._tenant_id, lower))
        return None if row is None else decode_application(text(row[0]), text(row[1]))

    async def all(self) -> tuple[Application, ...]:
        """Return every application, those of the settings first."""
        rows = await self._database.fetch_all(_ALL, (self._tenant_id,))
        stored = (decode_application(text(row[0]), text(row[1])) for row in rows)
        return (*self._settings.values(), *(one for one in stored if one.client_id not in self._settings))

    def changes(self, actor: str) -> ApplicationChanges:
        """Return what changes the stored applications; ``actor`` is how the audit trail names who does it."""
        return ApplicationChanges(
            self._database, self._clock, self._audit, self._tenant_id, hash_key=self._hash_key, actor=actor
        )

    async def add(
        self,
        name: str,
        *,
        type: ApplicationType | None = ApplicationType.WEB,
        roles: tuple[str, ...] = (),
        redirect_uris: tuple[str, ...] = (),
        actor: str = "engine",
    ) -> tuple[Application, Secret]:
        """Store a new application with one secret, which is shown now and never again."""
        changes = self.changes(actor)
        application = Application(str(uuid.uuid4()), name, type, redirect_uris, roles=roles)
        shown, secret = changes.new_secret()
        return await changes.create(application, secret=(shown, secret)), secret

    async def add_secret(self, client_id: str, *, ends_at: datetime | None = None, actor: str = "engine") -> Secret:
        """Give an application one more secret; the others stay good.

        Raises:
            SettingsError: the tenant has no such application.
        """
        application = await self.get(client_id)
        if application is None:
            raise SettingsError("the tenant has no application of this client id; `journeyman apps add` makes one")
        shown, secret = new_secret(None, self._clock.now(), ends_at)
        await self.changes(actor).add_secret(application.client_id, (shown, secret))
        return secret

    def is_declared(self, application: Application) -> bool:
        """Whether the application stands in ``journeyman.toml``."""
        return application.client_id in self._settings

    async def secrets(self, client_id: str) -> tuple[ClientSecret, ...]:
        """Return what may be shown of an application's secrets, the oldest first."""
        rows = await self._database.fetch_all(_SHOWN, (self._tenant_id, client_id.lower()))
        return tuple(map(client_secret_of, rows))

    async def check_secret(self, client_id: str, presented: Secret) -> bool:
        """Say whether ``presented`` is one of the active secrets of the application.

        All stored secrets are compared, in constant time. Secrets that outlived their application open nothing.
        """
        known = await self.get(client_id) is not None
        rows = await self._database.fetch_all(_KEYS, (self._tenant_id, client_id.lower()))
        fits = len(presented) <= _MAX_SECRET_BYTES
        candidate = secret_hash(self._hash_key, client_id, presented) if fits else b""
        now = to_milliseconds(self._clock.now())
        matches = False
        for row in rows:
            same = hmac.compare_digest(candidate, blob(row[0]))
            matches = (same and _active(row, now)) or matches
        return matches and known

    async def secret_dates(self) -> tuple[SecretDates, ...]:
        """Return when the client secrets of all applications begin and end."""
        names = {application.client_id: application.name for application in await self.all()}
        rows = await self._database.fetch_all(_DATES, (self._tenant_id,))
        return tuple(_dates(row, names) for row in rows if text(row[0]) in names)

    async def is_confidential(self, application: Application) -> bool:
        """Whether the application must prove itself with a secret.

        A web application must, a native or single-page one never does; one without a type must as
        soon as it was given a secret, an expired one included.
        """
        if application.type is not None:
            return application.type is ApplicationType.WEB
        rows = await self._database.fetch_all(_KEYS, (self._tenant_id, application.client_id))
        return bool(rows)


def _dates(row: Row, names: Mapping[str, str]) -> SecretDates:
    client_id, key_id, starts_at, ends_at = row
    name = names[text(client_id)]
    begins = from_milliseconds(0 if starts_at is None else integer(starts_at))
    ends = None if ends_at is None else from_milliseconds(integer(ends_at))
    return SecretDates(text(client_id), name, text(key_id), begins, ends)


def _active(row: Row, now: int) -> bool:
    starts_at, ends_at = row[1], row[2]
    started = starts_at is None or integer(starts_at) <= now
    return started and (ends_at is None or now < integer(ends_at))
