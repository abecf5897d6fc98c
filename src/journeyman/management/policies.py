"""Custom policies: those of the folder are read, uploaded ones are changed too; every change is a release.

An uploaded policy takes the place of a file with the same id until it is deleted. Source: graph-api.md §6.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.configuration.errors import ConfigurationChangedError
from journeyman.configuration.releases import NewRelease, Release, text_hash
from journeyman.diagnostics import Severity
from journeyman.engine import Engine
from journeyman.engine.policies import Origin, PolicyEntry
from journeyman.engine.stored import Stored, uploaded_text
from journeyman.management.caller import Caller, Right
from journeyman.management.errors import ChangedError, ConflictingError, InvalidError, ManagementError, NotFoundError
from journeyman.management.policy_errors import refuse_reserved_keys, refused
from journeyman.policy.load import PolicyText
from journeyman.policy.model import key
from journeyman.settings.identity import USER_FLOW_PREFIX

_TRIES: Final = 10
_NO_ID: Final = "without an id"


@dataclass(frozen=True, slots=True)
class Upload:
    """A policy that is to be uploaded.

    Attributes:
        data: the XML, as it came.
        policy_id: the id by which the request names it; None when only the XML does.
        new: whether there must be none of this id yet.
        if_match: the ETag that the caller has seen.
    """

    data: bytes
    policy_id: str | None = None
    new: bool = False
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What came of it; ``created`` says that there was no policy of this id before."""

    id: str
    data: bytes
    created: bool

    @property
    def etag(self) -> str:
        """What changes with every change of the text."""
        return etag_of(self.data)


def etag_of(data: bytes) -> str:
    """Return the ETag of a policy's text."""
    return f'W/"{text_hash(data)[:32]}"'


@dataclass(frozen=True, slots=True)
class Policies:
    """The custom policies of a tenant; user flows are not among them."""

    engine: Engine

    def all(self, caller: Caller) -> tuple[PolicyEntry, ...]:
        """Return all policies, by id."""
        caller.require(Right.READ_POLICIES)
        entries = self.engine.policies.entries.values()
        custom = (entry for entry in entries if entry.origin is not Origin.USER_FLOW)
        return tuple(sorted(custom, key=lambda entry: entry.id.lower()))

    def get(self, caller: Caller, policy_id: str) -> PolicyEntry:
        """Return one policy. Raises NotFoundError."""
        caller.require(Right.READ_POLICIES)
        entry = self.engine.policies.entry(policy_id)
        if entry is None or entry.origin is Origin.USER_FLOW:
            raise self._not_found(policy_id)
        return entry

    async def upload(self, caller: Caller, upload: Upload) -> Uploaded:
        """Store a policy and serve it; done when it is served.

        Raises:
            PolicyRefusedError: it has errors; nothing was changed.
            InvalidError: it is another policy than the request names.
            ConflictingError: there is one of this id and ``upload.new``, or a user flow has this id.
            ChangedError: ``upload.if_match`` is not the ETag of what is there.
        """
        caller.require(Right.WRITE_POLICIES)
        async with self.engine.loader.uploading:
            for _ in range(_TRIES):
                stored = await self.engine.loader.examiner.stored()
                done = await self._examined(upload, stored)
                if stored.release.manifest.get(done.id) == text_hash(upload.data) and not done.created:
                    return done
                try:
                    await self._publish(caller, done, stored.release)
                except ConfigurationChangedError:
                    # Another process has published: what was examined is not what would be served.
                    continue
                await self.engine.refresh()
                return done
        raise ChangedError("policies are changed by others all the time; try again")

    async def delete(self, caller: Caller, policy_id: str, *, if_match: str | None = None) -> None:
        """Delete an uploaded policy; a file of the folder with this id counts again.

        Raises:
            NotFoundError: there is none.
            ConflictingError: it is a file of the tenant folder.
            ChangedError: ``if_match`` is not the ETag of what is there.
        """
        caller.require(Right.WRITE_POLICIES)
        async with self.engine.loader.uploading:
            for _ in range(_TRIES):
                stored = await self.engine.loader.examiner.stored()
                name = stored.release.find(policy_id)
                if name is None:
                    raise self._not_deletable(policy_id)
                _refuse_other(if_match, _text(stored, name))
                kept = {one: digest for one, digest in stored.release.manifest.items() if one != name}
                new = NewRelease(stored.release.number, "Delete policy", name, kept=kept)
                try:
                    await self.engine.releases.by(caller.actor).publish(new)
                except ConfigurationChangedError:
                    continue
                await self.engine.refresh()
                return
        raise ChangedError("policies are changed by others all the time; try again")

    async def _examined(self, upload: Upload, stored: Stored) -> Uploaded:
        """Return what is to be published. Raises what ``upload`` raises."""
        policy_id = await self._read_id(upload)
        present = self._present(policy_id, stored)
        self._refuse_present(upload, policy_id, present)
        examined = await self.engine.loader.examiner.examine(
            stored, self._after(upload, policy_id, stored), one=policy_id
        )
        if errors := examined.errors.get(key(policy_id)):
            raise refused(policy_id, self.engine.tenant.name, self.engine.tenant.id, errors)
        refuse_reserved_keys(examined.loaded, policy_id)
        return Uploaded(policy_id, upload.data, created=present is None)

    async def _read_id(self, upload: Upload) -> str:
        """Return the id that stands in the XML; it must be the one of the request."""
        text = uploaded_text(upload.policy_id or _NO_ID, upload.data)
        (parsed,) = await self.engine.loader.examiner.parse([text])
        if parsed.policy is None:
            errors = [one for one in parsed.diagnostics if one.severity is not Severity.INFO]
            raise refused(upload.policy_id or _NO_ID, self.engine.tenant.name, self.engine.tenant.id, errors)
        found = parsed.policy.policy_id
        if upload.policy_id is not None and key(found) != key(upload.policy_id):
            detail = (
                f"the request names the policy {upload.policy_id!r}, and the PolicyId in the XML is {found!r}; "
                "make both the same"
            )
            raise InvalidError(detail, member="PolicyId")
        if key(found).startswith(key(USER_FLOW_PREFIX)):
            detail = f"the PolicyId {found!r} begins with {USER_FLOW_PREFIX}, as the ids of user flows do; use B2C_1A_"
            raise InvalidError(detail, member="PolicyId")
        return found

    def _present(self, policy_id: str, stored: Stored) -> bytes | None:
        """Return the text that counts now: the uploaded one, or else the file."""
        name = stored.release.find(policy_id)
        if name is not None:
            return _text(stored, name)
        entry = self.engine.policies.entry(policy_id)
        return entry.text.data if entry is not None and entry.origin is Origin.FILE else None

    def _refuse_present(self, upload: Upload, policy_id: str, present: bytes | None) -> None:
        if upload.new and present is not None:
            tenant = self.engine.tenant.name
            detail = (
                f'Tenant "{tenant}" already has a policy with id "{policy_id}". '
                "Another policy with the same id cannot be stored"
            )
            raise ConflictingError(detail, service_code="AADB2C")
        _refuse_other(upload.if_match, present)

    def _after(self, upload: Upload, policy_id: str, stored: Stored) -> tuple[PolicyText, ...]:
        name = stored.release.find(policy_id)
        replaced = None if name is None else uploaded_text(name, b"").name
        others = (one for one in stored.uploaded if one.name != replaced)
        return (*others, uploaded_text(policy_id, upload.data))

    async def _publish(self, caller: Caller, done: Uploaded, before: Release) -> None:
        kept = {name: digest for name, digest in before.manifest.items() if key(name) != key(done.id)}
        new = NewRelease(before.number, "Upload policy", done.id, {done.id: done.data}, kept)
        await self.engine.releases.by(caller.actor).publish(new)

    def _not_deletable(self, policy_id: str) -> ManagementError:
        entry = self.engine.policies.entry(policy_id)
        if entry is None or entry.origin is Origin.USER_FLOW:
            return self._not_found(policy_id)
        name = entry.text.name
        return ConflictingError(f"the policy {entry.id} is the file {name} of the tenant folder; delete that file")

    def _not_found(self, policy_id: str) -> NotFoundError:
        return NotFoundError(
            f"Policy with 'id': '{policy_id[:200]}' cannot be found in the directory '{self.engine.tenant.id}'."
        )


def _text(stored: Stored, name: str) -> bytes | None:
    """Return the text of an uploaded policy; None when it is damaged."""
    wanted = uploaded_text(name, b"").name
    return next((text.data for text in stored.uploaded if text.name == wanted), None)


def _refuse_other(if_match: str | None, present: bytes | None) -> None:
    seen = [tag.strip() for tag in if_match.split(",")] if if_match else ["*"]
    if "*" in seen and (if_match is None or present is not None):
        return
    if present is None or etag_of(present) not in seen:
        raise ChangedError("the policy was changed since it was read; read it again and repeat")
