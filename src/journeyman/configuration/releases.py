"""Releases of uploaded policies: texts and a note in, a numbered release that is in force out.

A release names the text of every uploaded policy; texts are kept once, by their SHA-256. The release with the
highest number is in force. Each change makes a new release, a roll-back too, so history is never rewritten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from journeyman.clock import Clock
from journeyman.configuration.errors import ConfigurationChangedError, DamagedObjectError, ObjectNotFoundError
from journeyman.database import Database, Row, Statement, blob, from_milliseconds, integer, text, to_milliseconds
from journeyman.errors import ConflictError, StorageError
from journeyman.storage.audit import AuditEvent, AuditLog
from journeyman.versions import GUARD, commit, current_version

KEPT: Final = 100
"""How many releases are kept, with every text that one of them names; older ones are deleted by the next release."""

_TRIES: Final = 50  # others publish rarely, and write the audit trail often
_COLUMNS: Final = "number, at, actor, note, manifest"
_LAST: Final = f"SELECT {_COLUMNS} FROM policy_releases WHERE tenant = ? ORDER BY number DESC LIMIT ?"  # noqa: S608 - constants
_ONE: Final = f"SELECT {_COLUMNS} FROM policy_releases WHERE tenant = ? AND number = ?"  # noqa: S608 - constants
_TEXT: Final = "SELECT text FROM policy_texts WHERE tenant = ? AND hash = ?"
_HASHES: Final = "SELECT hash FROM policy_texts WHERE tenant = ?"
_INSERT: Final = (
    "INSERT INTO policy_releases (tenant, number, at, actor, note, manifest) SELECT ?, ?, ?, ?, ?, ? WHERE " + GUARD
)
_INSERT_TEXT: Final = (
    "INSERT INTO policy_texts (tenant, hash, text) SELECT ?, ?, ? WHERE "
    + GUARD
    # A damaged text is whole again once somebody uploads it again.
    + " ON CONFLICT (tenant, hash) DO UPDATE SET text = excluded.text"
)
_FORGET: Final = "DELETE FROM policy_releases WHERE tenant = ? AND number <= ? AND " + GUARD  # noqa: S608 - constants
_FORGET_TEXT: Final = "DELETE FROM policy_texts WHERE tenant = ? AND hash = ? AND " + GUARD  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Release:
    """One release.

    Attributes:
        number: counts from 1; 0 for the state before the first upload.
        manifest: policy id -> SHA-256 of its text in hexadecimal, in the order of the ids.
    """

    number: int
    at: datetime
    actor: str
    note: str
    manifest: Mapping[str, str]

    def find(self, policy_id: str) -> str | None:
        """Return the id under which a policy is in the release, in the case it was uploaded with."""
        return next((name for name in self.manifest if name.lower() == policy_id.lower()), None)


NOTHING: Final = Release(0, from_milliseconds(0), "", "", {})
"""The state before the first upload."""


@dataclass(frozen=True, slots=True)
class NewRelease:
    """What is to be published.

    Attributes:
        after: the number of the release that this one was planned upon.
        texts: policy id -> the whole text; ``kept`` holds the hashes of policies whose texts are stored already.
        activity, target, detail: for the audit trail, which adds the number.
    """

    after: int
    activity: str
    target: str
    texts: Mapping[str, bytes] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def text_hash(data: bytes) -> str:
    """Return the name under which a text is kept."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class ReleaseStore:
    """The releases of one tenant; ``audit`` is None in a store that was opened for reading."""

    database: Database
    clock: Clock
    audit: AuditLog | None
    tenant: str
    actor: str = "engine"

    def by(self, actor: str) -> ReleaseStore:
        """Return the store with the name under which releases and the audit trail keep who published."""
        return replace(self, actor=actor)

    async def version(self) -> int:
        """Return a number that grows at every release; cheap to ask for."""
        return await current_version(self.database, self._version_name)

    async def current(self) -> Release:
        """Return the release in force; number 0 without policies when nothing was ever uploaded."""
        found = await self.list(limit=1)
        return found[0] if found else NOTHING

    async def list(self, *, limit: int = KEPT) -> tuple[Release, ...]:
        """Return the last releases, newest first."""
        return tuple(map(_release, await self.database.fetch_all(_LAST, (self.tenant, limit))))

    async def get(self, number: int) -> Release:
        """Return a release. Raises ObjectNotFoundError when there is none of this number, or none any more."""
        # A number beyond what a database column holds is the number of no release.
        row = await self.database.fetch_one(_ONE, (self.tenant, number)) if 0 < number < 2**63 else None
        if row is None:
            raise ObjectNotFoundError(
                f"there is no release {number}; `journeyman releases list` shows those that are kept"
            )
        return _release(row)

    async def text(self, hash: str) -> bytes:
        """Return a text by its hash. Raises DamagedObjectError when it is missing or not what was stored."""
        row = await self.database.fetch_one(_TEXT, (self.tenant, bytes.fromhex(hash)))
        data = None if row is None else blob(row[0])
        if data is None or text_hash(data) != hash:
            raise DamagedObjectError(f"its text {hash[:16]}… is missing or was changed in the database")
        return data

    async def texts(self, release: Release) -> dict[str, bytes]:
        """Return the texts of a release, by policy id."""
        return {name: await self.text(digest) for name, digest in release.manifest.items()}

    async def publish(self, new: NewRelease) -> Release:
        """Make a release: all of it or, when the process dies in between, nothing.

        Raises:
            ConfigurationChangedError: there is another release than ``new.after`` since; plan again upon that.
        """
        for _ in range(_TRIES):
            version = await self.version()
            before = await self.current()
            if before.number != new.after:
                raise ConfigurationChangedError(
                    f"release {before.number} was published in the meantime, by {before.actor}; look at it and repeat"
                )
            release = self._planned(new)
            statements = [
                *self._statements(release, new),
                *await self._pruned(release),
                *await self._told(release, new),
            ]
            try:
                if await commit(self.database, self._version_name, version, statements):
                    return release
            except ConflictError:
                # Somebody else has written the next entry of the audit trail.
                continue
        raise ConfigurationChangedError("policies are being changed by others at the same time; try again")

    def _planned(self, new: NewRelease) -> Release:
        manifest = {**new.kept, **{name: text_hash(data) for name, data in new.texts.items()}}
        ordered = {name: manifest[name] for name in sorted(manifest, key=str.lower)}
        return Release(new.after + 1, self.clock.now(), self.actor, new.note, ordered)

    def _statements(self, release: Release, new: NewRelease) -> Sequence[Statement]:
        texts = {text_hash(data): data for data in new.texts.values()}
        rows = [(_INSERT_TEXT, (self.tenant, bytes.fromhex(digest), data)) for digest, data in texts.items()]
        at, manifest = to_milliseconds(release.at), json.dumps(release.manifest, ensure_ascii=False)
        row = (self.tenant, release.number, at, release.actor, release.note, manifest)
        return [*rows, (_INSERT, row)]

    async def _pruned(self, release: Release) -> Sequence[Statement]:
        last = release.number - KEPT
        if last < 1:
            return ()
        kept = [release, *(one for one in await self.list(limit=KEPT) if one.number > last)]
        named = {digest for one in kept for digest in one.manifest.values()}
        stored = [blob(row[0]) for row in await self.database.fetch_all(_HASHES, (self.tenant,))]
        unnamed = [digest for digest in stored if digest.hex() not in named]
        return [(_FORGET, (self.tenant, last)), *((_FORGET_TEXT, (self.tenant, digest)) for digest in unnamed)]

    async def _told(self, release: Release, new: NewRelease) -> Iterable[Statement]:
        if self.audit is None:
            raise StorageError("the store was opened for reading only")
        note = {"note": release.note} if release.note else {}
        detail = {**new.detail, "release": str(release.number), **note}
        event = AuditEvent(new.activity, self.actor, new.target, detail)
        told = await self.audit.statements([event], tenant=self.tenant)
        return [(f"{sql} WHERE {GUARD}", parameters) for sql, parameters in told]

    @property
    def _version_name(self) -> str:
        return f"policies/{self.tenant}"


@dataclass(frozen=True, slots=True)
class Difference:
    """What one set of policies has that another has not: ids, each in one of the four."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether both are the same."""
        return not (self.added or self.changed or self.removed)


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Difference:
    """Compare two manifests; ids are compared without regard to case."""
    old = {name.lower(): digest for name, digest in before.items()}
    new = {name.lower() for name in after}
    both = [name for name in after if name.lower() in old]
    return Difference(
        added=tuple(name for name in after if name.lower() not in old),
        changed=tuple(name for name in both if old[name.lower()] != after[name]),
        removed=tuple(name for name in before if name.lower() not in new),
        unchanged=tuple(name for name in both if old[name.lower()] == after[name]),
    )


def _release(row: Row) -> Release:
    number, at, actor, note, manifest = row
    try:
        members = json.loads(text(manifest))
        named = {name: bytes.fromhex(digest).hex() for name, digest in members.items()}
    except (ValueError, TypeError, AttributeError):
        raise DamagedObjectError(
            f"release {number!r} was changed in the database; restore a copy of the database"
        ) from None
    return Release(
        number=integer(number),
        at=from_milliseconds(integer(at)),
        actor=text(actor),
        note=text(note),
        manifest=named,
    )
