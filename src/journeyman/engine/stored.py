"""What the store holds of policies and identity: a database in; uploaded policies and declared and stored objects out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from journeyman.clock import Clock, SystemClock
from journeyman.configuration.errors import DamagedObjectError
from journeyman.configuration.identity import merged_identity, stored_identity
from journeyman.configuration.releases import NOTHING, Release, ReleaseStore
from journeyman.configuration.store import ConfigurationStore
from journeyman.database import Database
from journeyman.engine.tenant_store import read_database, stored_tenant_id
from journeyman.policy.load import PolicyText
from journeyman.settings import IdentitySettings, Settings
from journeyman.storage.audit import AuditLog

UPLOADED: Final = "uploaded policy "
"""What stands before the policy id where diagnostics name the file of a policy."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Policies that are no files, and what user flows are made of.

    Attributes:
        versions: of the configuration and of the releases, read before their content.
        identity: what ``journeyman.toml`` declares together with what the store holds.
        uploaded: the policies of ``release``.
        problems: sentences about stored objects that are passed over.
        tenant_id: "" when none was made yet.
    """

    versions: tuple[int, int] = (0, 0)
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    uploaded: tuple[PolicyText, ...] = ()
    release: Release = NOTHING
    problems: tuple[str, ...] = ()
    tenant_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredReader:
    """Reads what is stored of one tenant."""

    settings: Settings
    configuration: ConfigurationStore
    releases: ReleaseStore
    tenant_id: str

    async def versions(self) -> tuple[int, int]:
        """Return numbers of which one grows at every change; cheap to ask for."""
        return await self.configuration.version(), await self.releases.version()

    async def read(self) -> Stored:
        """Return what is stored now."""
        # The versions are read first: a change in between then shows as another version.
        versions = await self.versions()
        release = await self.releases.current()
        uploaded, damaged = await self._texts(release)
        identity = merged_identity(self.settings.identity, await stored_identity(self.configuration))
        problems = (*damaged, *identity.problems)
        return Stored(versions, identity.settings, uploaded, release, problems, self.tenant_id)

    async def _texts(self, release: Release) -> tuple[tuple[PolicyText, ...], tuple[str, ...]]:
        """Return the texts of a release, and sentences about those that are damaged."""
        found: list[PolicyText] = []
        damaged: list[str] = []
        for name, digest in release.manifest.items():
            try:
                found.append(uploaded_text(name, await self.releases.text(digest)))
            except DamagedObjectError as error:
                damaged.append(f"the uploaded policy {name} is left out: {error}; upload it again")
        return tuple(found), tuple(damaged)


def uploaded_text(policy_id: str, data: bytes) -> PolicyText:
    """Return an uploaded policy under the name that it has in diagnostics."""
    return PolicyText(f"{UPLOADED}{policy_id}", data)


def reader_of(
    settings: Settings, database: Database, clock: Clock, audit: AuditLog | None, tenant_id: str
) -> StoredReader:
    """Return the reader of a store; ``audit`` is None when it was opened for reading."""
    return StoredReader(
        settings,
        ConfigurationStore(database, clock, audit, tenant_id),
        ReleaseStore(database, clock, audit, tenant_id),
        tenant_id,
    )


async def stored_of(settings: Settings, clock: Clock | None = None) -> Stored:
    """Return what a tenant folder's store holds, for commands; nothing of the store is written.

    Raises:
        StorageError: the store is damaged or of another version.
    """
    async with read_database(settings) as database:
        if database is None:
            return Stored(identity=settings.identity)
        tenant_id = await stored_tenant_id(settings, database)
        return await reader_of(settings, database, clock or SystemClock(), None, tenant_id).read()
