"""The store of a tenant folder without an engine: settings in; its keys, applications and records out.

Commands use it beside a running engine and before the first start.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from journeyman.applications.registry import ApplicationRegistry
from journeyman.clock import Clock
from journeyman.database import Database, text
from journeyman.directory.tenant_key import tenant_key
from journeyman.engine.key_audit import KeyAuditTrail
from journeyman.errors import KeyStoreError, SettingsError
from journeyman.keys.master_key import master_key_from_environment, master_key_from_file
from journeyman.keys.root_keys import RootKeySealer, open_root_keys, read_root_keys
from journeyman.keys.sealing import MasterKey
from journeyman.keys.store import KeyStore
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.keys.vault import VaultClient, VaultMasterKey
from journeyman.secret import Sealer
from journeyman.settings import MasterKeySource, Settings
from journeyman.storage.audit import AuditLog
from journeyman.storage.read_only import open_read_only
from journeyman.storage.sqlite import open_sqlite

DATA_FOLDER: Final = ".journeyman"
_TENANT_ID: Final = "SELECT value FROM tenant_values WHERE tenant = '' AND name = 'tenant_id'"
_MAKE_TENANT_ID: Final = (
    "INSERT INTO tenant_values (tenant, name, value) VALUES ('', 'tenant_id', ?) ON CONFLICT DO NOTHING"
)
_HAS_KEY: Final = "SELECT 1 FROM tenant_values WHERE tenant = ? AND name = ?"
_REDACTION: Final = "redaction"
_AUDIT: Final = "audit"
_APPLICATION_SECRETS: Final = "application secrets"


@dataclass(frozen=True, slots=True)
class TenantStore:
    """What a tenant folder's store holds of one tenant.

    ``audit`` is None in a store that was opened for reading and has no audit trail yet.
    """

    tenant_id: str
    database: Database
    sealer: RootKeySealer
    keys: KeyStore
    audit: AuditLog | None = None

    async def redaction_key(self) -> bytes | None:
        """Return the key of the hashes that records show in place of secrets; None before the first start."""
        if await self.database.fetch_one(_HAS_KEY, (self.tenant_id, _REDACTION)) is None:
            return None
        return (await tenant_key(self.database, self.sealer, self.tenant_id, _REDACTION)).reveal_bytes()

    async def has_application_secrets(self) -> bool:
        """Whether an application was ever given a secret; before that there is nothing to hash with."""
        return await self.database.fetch_one(_HAS_KEY, (self.tenant_id, _APPLICATION_SECRETS)) is not None


def database_path(settings: Settings) -> Path:
    """Return where the database of a tenant folder is."""
    return settings.folder / DATA_FOLDER / "journeyman.db"


@asynccontextmanager
async def open_tenant_store(settings: Settings, clock: Clock, *, actor: str = "engine") -> AsyncIterator[TenantStore]:
    """Open the store for reading and writing; it is made when there is none, with its master key.

    ``actor`` is who changes policy keys, for the audit trail.

    Raises:
        JourneymanError: the database or the master key cannot be used.
    """
    database = await asyncio.to_thread(open_sqlite, database_path(settings))
    try:
        # A new master key beside a store that has one would only hide that the right one is missing.
        new = await read_root_keys(database) is None
        sealer = await open_root_keys(database, master_key_of(settings, make=new), make=True)
        tenant_id = settings.tenant_id or await made_tenant_id(database)
        audit = await audit_log(database, sealer, clock)
        keys = SqlKeyStore(database, sealer, tenant_id, clock, KeyAuditTrail(audit, actor))
        yield TenantStore(tenant_id, database, sealer, keys, audit)
    finally:
        await database.close()


@asynccontextmanager
async def read_tenant_store(settings: Settings, clock: Clock) -> AsyncIterator[TenantStore | None]:
    """Open the store for reading; None when there is none yet. Nothing is written.

    Raises:
        JourneymanError: the database or the master key cannot be used.
    """
    async with read_database(settings) as database:
        if database is None:
            yield None
            return
        sealer = await open_root_keys(database, master_key_of(settings, make=False), make=False)
        tenant_id = await stored_tenant_id(settings, database)
        audit = await audit_log(database, sealer, clock) if await database.fetch_one(_HAS_KEY, ("", _AUDIT)) else None
        keys = SqlKeyStore(database, sealer, tenant_id, clock)
        yield TenantStore(tenant_id, database, sealer, keys, audit)


async def stored_tenant_id(settings: Settings, database: Database) -> str:
    """Return the id of the tenant in this store; "" when the settings name none and none was made yet."""
    row = await database.fetch_one(_TENANT_ID)
    return settings.tenant_id or (text(row[0]) if row else "")


@asynccontextmanager
async def read_database(settings: Settings) -> AsyncIterator[Database | None]:
    """Open the database for reading; None when there is none yet. Raises StorageError."""
    database = open_read_only(database_path(settings))
    try:
        yield database
    finally:
        if database is not None:
            await database.close()


async def registry_of(settings: Settings, store: TenantStore, clock: Clock) -> ApplicationRegistry:
    """Return the applications of the tenant."""
    hash_key = await tenant_key(store.database, store.sealer, store.tenant_id, _APPLICATION_SECRETS)
    audit = store.audit or await audit_log(store.database, store.sealer, clock)
    return ApplicationRegistry(
        settings.applications, store.database, clock, tenant_id=store.tenant_id, hash_key=hash_key, audit=audit
    )


async def audit_log(database: Database, sealer: Sealer, clock: Clock) -> AuditLog:
    """Return the audit log of the store; its key is sealed under the master key, so the database alone forges nothing.

    The chain runs over all tenants, so the key belongs to none.
    """
    return AuditLog(database, clock, key=(await tenant_key(database, sealer, "", _AUDIT)).reveal_bytes())


async def made_tenant_id(database: Database) -> str:
    """Return the tenant id that this store has made for itself, once."""
    await database.execute(_MAKE_TENANT_ID, (str(uuid.uuid4()),))
    row = await database.fetch_one(_TENANT_ID)
    return text(row[0]) if row else ""


def master_key_path(settings: Settings) -> Path:
    """Return the file of the master key, for stores whose master key is in one."""
    return settings.master_key.file or settings.folder / DATA_FOLDER / "master.key"


def vault_client(settings: Settings) -> VaultClient:
    """Return the client of the vault. Raises SettingsError when the settings name none."""
    if settings.vault is None:
        raise SettingsError('journeyman.toml names no vault; add [vault] with address = "https://…"')
    return VaultClient(settings.vault, os.environ)


def master_key_of(settings: Settings, *, make: bool) -> MasterKey:
    """Return the master key: of the vault, of the environment, or of the file, which ``make`` makes.

    Raises:
        KeyStoreError: there is none, the variable holds none, or other users may read the file.
    """
    if settings.master_key.source is MasterKeySource.VAULT:
        return VaultMasterKey(vault_client(settings))
    given = None if settings.master_key.file else master_key_from_environment(os.environ)
    path = master_key_path(settings)
    # A file that is named in the settings is somebody's to provide: a new one would hide that it is missing.
    if given is None and not path.exists() and (not make or settings.master_key.file):
        remedy = "put it back" if settings.master_key.file else "put it back, or set JOURNEYMAN_MASTER_KEY"
        raise KeyStoreError(f"{path}: the master key of this store is missing; {remedy}")
    return given or master_key_from_file(path)
