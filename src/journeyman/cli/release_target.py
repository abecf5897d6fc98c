"""Where releases go: the store of a tenant folder here, or a Journeyman elsewhere over its management API."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from journeyman.cli.keys import actor
from journeyman.cli.release_client import RemoteReleases, remote_releases
from journeyman.clock import SystemClock
from journeyman.configuration.releases import Release
from journeyman.engine.examination import Examiner
from journeyman.engine.key_files import known_keys
from journeyman.engine.stored import StoredReader, reader_of
from journeyman.engine.tenant_store import open_tenant_store, read_database, stored_tenant_id
from journeyman.errors import SettingsError
from journeyman.management.caller import Caller, Right
from journeyman.management.releases import Plan, Releases
from journeyman.policy.load import PolicyText
from journeyman.settings import Settings, find_tenant_folder, load_settings
from journeyman.storage.read_only import AbsentDatabase


@dataclass(frozen=True, slots=True)
class Place:
    """What a person says of the target.

    Attributes:
        folder: the tenant folder, unless ``url`` is given.
        url: ``https://host/tenant``; the tenant may be left out where the policies name it.
        trust: a PEM file with the authority of the certificate there; None trusts those of the system.
    """

    folder: Path
    url: str = ""
    trust: Path | None = None


class Target(Protocol):
    """The releases of one tenant."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    async def plan(self, texts: Sequence[PolicyText]) -> Plan:
        """Return what a release of these policies would change."""
        ...

    async def publish(self, texts: Sequence[PolicyText], *, note: str, after: int) -> Release | None:
        """Publish a release upon release ``after``; None when there was nothing to change."""
        ...

    async def roll_back(self, number: int, *, note: str, after: int) -> Release | None:
        """Publish an older release again."""
        ...

    async def list(self) -> tuple[Release, ...]:
        """Return the releases, newest first."""
        ...

    async def get(self, number: int) -> Release:
        """Return one release; 0 is the state before the first."""
        ...

    async def text(self, number: int, policy_id: str) -> bytes:
        """Return the text of a policy in a release."""
        ...


@dataclass(frozen=True, slots=True)
class LocalReleases:
    """The releases of a tenant folder on this machine; a running engine serves a new one within a second or two."""

    name: str
    releases: Releases
    caller: Caller

    async def plan(self, texts: Sequence[PolicyText]) -> Plan:
        """Return what a release of these policies would change."""
        return await self.releases.plan(self.caller, texts)

    async def publish(self, texts: Sequence[PolicyText], *, note: str, after: int) -> Release | None:
        """Publish a release upon release ``after``."""
        return (await self.releases.publish(self.caller, texts, note=note, after=after))[1]

    async def roll_back(self, number: int, *, note: str, after: int) -> Release | None:
        """Publish an older release again."""
        return (await self.releases.roll_back(self.caller, number, note=note, after=after))[1]

    async def list(self) -> tuple[Release, ...]:
        """Return the releases, newest first."""
        return await self.releases.list(self.caller)

    async def get(self, number: int) -> Release:
        """Return one release."""
        return await self.releases.get(self.caller, number)

    async def text(self, number: int, policy_id: str) -> bytes:
        """Return the text of a policy in a release."""
        return await self.releases.text(self.caller, number, policy_id)


@asynccontextmanager
async def open_target(place: Place, *, tenant: str = "", reading: bool = False) -> AsyncIterator[Target]:
    """Open the target.

    Args:
        tenant: the one that the policies name, for a URL without one.
        reading: whether nothing is to be published: then nothing is written, and no store is made.

    Raises:
        SettingsError: the URL or the folder is none, or the variables with the credentials are missing.
    """
    if place.url:
        remote: RemoteReleases = await remote_releases(place.url, tenant, place.trust, os.environ)
        yield remote
        return
    if place.trust is not None:
        raise SettingsError("--trust belongs to --to; name both or none")
    found = find_tenant_folder(place.folder)
    if found is None:
        raise SettingsError(f"{place.folder} is not in a tenant folder; name one with --dir, or a server with --to URL")
    settings = load_settings(found, environment=os.environ)
    async with _reader(settings) if reading else _writer(settings) as reader:
        examiner = Examiner(settings, reader, partial(known_keys, settings))
        await examiner.read_files()
        limit = settings.management.policy_limit_bytes
        releases = Releases(reader.releases, examiner, _served_by_others, asyncio.Lock(), limit)
        yield LocalReleases(f"{settings.tenant_name} in {found}", releases, Caller(actor(), frozenset(Right)))


@asynccontextmanager
async def _writer(settings: Settings) -> AsyncIterator[StoredReader]:
    clock = SystemClock()
    async with open_tenant_store(settings, clock, actor=actor()) as store:
        yield reader_of(settings, store.database, clock, store.audit, store.tenant_id)


@asynccontextmanager
async def _reader(settings: Settings) -> AsyncIterator[StoredReader]:
    async with read_database(settings) as present:
        database = present or AbsentDatabase()
        yield reader_of(settings, database, SystemClock(), None, await stored_tenant_id(settings, database))


async def _served_by_others() -> None:
    """Do nothing: a running engine looks for new releases by itself."""
