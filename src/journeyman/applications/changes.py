"""Changes to the stored applications of a tenant; each is in the audit trail under the name of who made it."""

from __future__ import annotations

from dataclasses import dataclass

from journeyman.applications.application import Application, decode_application, encode_application
from journeyman.applications.client_secret import ClientSecret, insert_secret, new_secret, secret_hash
from journeyman.applications.errors import ApplicationChangedError, ApplicationNotFoundError
from journeyman.clock import Clock
from journeyman.database import Database, Statement, text, to_milliseconds
from journeyman.secret import Secret
from journeyman.storage.audit import AuditEvent, AuditLog
from journeyman.storage.audited import Told, run_audited

_ADD = "INSERT INTO applications (tenant, client_id, record, created_at) VALUES (?, ?, ?, ?)"
_REPLACE = "UPDATE applications SET record = ? WHERE tenant = ? AND client_id = ? AND record = ?"
_RECORD = "SELECT record FROM applications WHERE tenant = ? AND client_id = ?"
_IS_NOW = "EXISTS (SELECT 1 FROM applications WHERE tenant = ? AND client_id = ? AND record = ?)"
_EXISTS = "EXISTS (SELECT 1 FROM applications WHERE tenant = ? AND client_id = ?)"
_DELETE = "DELETE FROM applications WHERE tenant = ? AND client_id = ?"
_DELETE_SECRETS = "DELETE FROM application_secrets WHERE tenant = ? AND client_id = ?"
_DELETE_SECRET = "DELETE FROM application_secrets WHERE tenant = ? AND client_id = ? AND key_id = ?"  # noqa: S105  SQL
_HAS_SECRET = "EXISTS (SELECT 1 FROM application_secrets WHERE tenant = ? AND client_id = ? AND key_id = ?)"  # noqa: S105  SQL


@dataclass(frozen=True, slots=True)
class ApplicationChanges:
    """Change applications as ``actor``; they were read from the registry of the same tenant."""

    database: Database
    clock: Clock
    audit: AuditLog
    tenant_id: str
    hash_key: Secret
    actor: str

    async def create(
        self, application: Application, *, secret: tuple[ClientSecret, Secret] | None = None
    ) -> Application:
        """Store a new application, and a secret of ``new_secret`` with it."""
        at = to_milliseconds(self.clock.now())
        place = (self.tenant_id, application.client_id)
        statements: list[Statement] = [(_ADD, (*place, encode_application(application), at))]
        if secret is not None:
            statements.append(self._insert(application.client_id, *secret))
        detail = {"name": application.name, "roles": " ".join(application.roles)}
        await self._run(Told(AuditEvent("Add application", self.actor, application.client_id, detail)), statements)
        return application

    async def replace(self, before: Application, after: Application, *, changed: str = "") -> Application:
        """Write an application that was read; ``changed`` says for the audit trail what of it.

        Raises:
            ApplicationChangedError: it was changed or deleted since.
        """
        place, record = (self.tenant_id, before.client_id), encode_application(after)
        row = await self.database.fetch_one(_RECORD, place)
        # An older version may have written the same application in other words.
        if row is None or decode_application(before.client_id, text(row[0])) != before:
            raise ApplicationChangedError("the application was changed by somebody else; read it again and repeat")
        event = AuditEvent("Update application", self.actor, before.client_id, {"changed": changed} if changed else {})
        told = Told(event, _IS_NOW, (*place, record))
        touched = await self._run(told, [(_REPLACE, (record, *place, text(row[0])))])
        if touched[0] != 1:
            raise ApplicationChangedError("the application was changed by somebody else; read it again and repeat")
        return after

    async def delete(self, application: Application) -> None:
        """Delete an application with its secrets. Raises ApplicationNotFoundError when there is none."""
        place = (self.tenant_id, application.client_id)
        event = AuditEvent("Delete application", self.actor, application.client_id, {"name": application.name})
        touched = await self._run(
            Told(event, _EXISTS, place, before=True), [(_DELETE_SECRETS, place), (_DELETE, place)]
        )
        if touched[1] != 1:
            raise ApplicationNotFoundError("the application was deleted by somebody else")

    async def add_secret(self, client_id: str, secret: tuple[ClientSecret, Secret]) -> None:
        """Store a secret of ``new_secret`` for an application; the others stay good."""
        event = AuditEvent("Add client secret", self.actor, client_id, {"key_id": secret[0].key_id})
        await self._run(Told(event), [self._insert(client_id, *secret)])

    async def remove_secret(self, client_id: str, key_id: str) -> None:
        """Delete a secret; it opens nothing from then on. Raises ApplicationNotFoundError when there is none."""
        place = (self.tenant_id, client_id, key_id)
        event = AuditEvent("Remove client secret", self.actor, client_id, {"key_id": key_id})
        touched = await self._run(Told(event, _HAS_SECRET, place, before=True), [(_DELETE_SECRET, place)])
        if touched[0] != 1:
            raise ApplicationNotFoundError(f"the application has no client secret with the id {key_id!r}")

    def new_secret(self) -> tuple[ClientSecret, Secret]:
        """Make a secret that counts from now on and never ends."""
        return new_secret(None, self.clock.now(), None)

    def _insert(self, client_id: str, shown: ClientSecret, secret: Secret) -> Statement:
        return insert_secret(self.tenant_id, client_id, shown, secret_hash(self.hash_key, client_id, secret))

    async def _run(self, told: Told, statements: list[Statement]) -> list[int]:
        return await run_audited(self.database, self.audit, told, statements, tenant=self.tenant_id)
