"""The policies that an engine serves, whatever changes: files, uploads and user flows in, one PolicySet after another out.

Files are read by ``reload`` only, so that in production mode what is on the disk changes nothing before the next
start. What is stored is read again by ``refresh``; several refreshes that are asked for at once are one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping
from functools import partial
from typing import TYPE_CHECKING

from journeyman.compiler.compile_folder import CompileResult
from journeyman.compiler.compiled_before import CompiledBefore
from journeyman.compiler.rules import NOT_INVOCABLE
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import PolicyError, Severity
from journeyman.engine.compiling import Parts, compiled_with_keys, serve_all
from journeyman.engine.examination import Examiner
from journeyman.engine.policies import Origin, PolicyEntry, PolicySet, ServedPolicy
from journeyman.engine.recall import recalled
from journeyman.engine.stored import Stored, StoredReader
from journeyman.engine.tenant_policies import tenant_texts, written_flows
from journeyman.engine.unused_settings import unused_profile_settings
from journeyman.errors import JourneymanError
from journeyman.keys.ring import KeyRing
from journeyman.policy.load import LoadedPolicies, PolicyText
from journeyman.policy.model import key
from journeyman.settings import IdentitySettings

if TYPE_CHECKING:
    from journeyman.policy.user_flow.policies import WrittenFlows


class PolicyLoader:
    """Makes the policy sets of one engine, one at a time.

    Attributes:
        examiner: tells what would be wrong with other policies than those that are stored.
        uploading: held from the moment a change is examined until it is served, so that of several uploads at once
            each is examined upon the one before.
    """

    def __init__(self, parts: Parts, reader: StoredReader) -> None:
        self.examiner = Examiner(parts.settings, reader, partial(_infos, parts.keys))
        self.uploading = asyncio.Lock()
        self._parts = parts
        self._reader = reader
        self._turn = asyncio.Lock()
        self._asked = 0
        self._answered = 0
        self._versions: tuple[int, int] | None = None
        self._last = PolicySet()
        self._before = CompiledBefore()
        self._written: WrittenFlows | None = None

    async def reload(self) -> PolicySet:
        """Read the files and what is stored and return what is to be served.

        Raises:
            PolicyError: a policy of the folder has an error and the engine runs in production mode.
        """
        async with self._turn:
            before = self.examiner.files
            await self.examiner.read_files()
            try:
                self._last = await self._load(strict=not self._parts.settings.development)
            except JourneymanError:
                self.examiner.files = before
                raise
            return self._last

    async def refresh(self) -> PolicySet:
        """Read what is stored, with the files as they were read last, and return what is to be served.

        A policy that does not compile any more stays as it last compiled, so this is refused for no policy.
        """
        self._asked += 1
        ticket = self._asked
        async with self._turn:
            if self._answered < ticket:
                asked = self._asked
                self._last = await self._load(strict=False)
                self._answered = asked
            return self._last

    async def outdated(self) -> bool:
        """Whether something that is stored has changed since it was read last; cheap to ask for."""
        return await self._reader.versions() != self._versions

    async def _load(self, *, strict: bool) -> PolicySet:
        settings, stored = self._parts.settings, await self._reader.read()
        await self._parts.keys.refresh()
        texts, files = await asyncio.to_thread(tenant_texts, settings, stored, self._written), self.examiner.files
        self._written = written_flows(stored, texts)
        loaded = await asyncio.to_thread(self.examiner.load, texts)
        compiled = await compiled_with_keys(self._parts, loaded, self._before)
        by_name = {text.name: text for text in (*(one.text for one in files), *texts)}
        entries = _entries(loaded, stored, by_name, settings.identity)
        if strict:
            _refuse_errors(loaded, compiled, entries, {parsed.text.name for parsed in files})
        served, unwired = await serve_all(self._parts, compiled.policies, self._last.served)
        for name, detail in unwired.items():
            if strict and entries[name].of_folder:
                raise PolicyError(detail)
            self._parts.warn(detail)
        unused = tuple(unused_profile_settings(settings, loaded))
        problems = _problems(loaded, compiled, unwired, served)
        kept = await self._kept(problems, entries, stored)
        for problem in stored.problems:
            if problem not in self._last.stored.problems:
                self._parts.warn(problem)
        self._versions = stored.versions
        return PolicySet(
            served={**served, **kept},
            diagnostics=(*compiled.diagnostics, *unused),
            problems={name: found for name, found in problems.items() if name not in kept},
            outdated={name: problems[name] for name in kept},
            entries=entries,
            stored=stored,
        )

    async def _kept(
        self, problems: Mapping[str, tuple[str, ...]], entries: Mapping[str, PolicyEntry], stored: Stored
    ) -> dict[str, ServedPolicy]:
        """Return what is served as it last compiled: in development no policy of the folder, which a person is editing."""
        settings = self._parts.settings
        names = [name for name in problems if not (settings.development and entries[name].of_folder)]
        kept = {name: self._last.served[name] for name in names if name in self._last.served}
        lost = [name for name in names if name not in kept and not entries[name].of_folder]
        if not lost or self._versions is not None:
            return kept
        # At a start nothing was served before; the releases tell what another process goes on serving.
        keys = self._parts.keys.infos()
        earlier = await recalled(settings, self.examiner, self._reader.releases, stored, keys, lost)
        return {**kept, **(await serve_all(self._parts, earlier))[0]}


async def _infos(keys: KeyRing) -> Mapping[str, KeyInfo]:
    await keys.refresh()
    return keys.infos()


def _refuse_errors(
    loaded: LoadedPolicies, compiled: CompileResult, entries: Mapping[str, PolicyEntry], files: Container[str]
) -> None:
    """Refuse a folder with errors, in production; what was uploaded never stops a start."""
    errors = [one for one in loaded.diagnostics if one.severity is Severity.ERROR and one.location.path in files]
    for name, of_policy in compiled.errors.items():
        errors += of_policy if entries[name].of_folder else ()
    if errors:
        detail = f"{len(set(errors))} error(s) in the policies: the release is refused"
        raise PolicyError(detail, diagnostics=compiled.diagnostics)


def _entries(
    loaded: LoadedPolicies, stored: Stored, texts: Mapping[str, PolicyText], declared: IdentitySettings
) -> dict[str, PolicyEntry]:
    uploaded = {text.name for text in stored.uploaded}
    flows = {key(flow.id) for flow in stored.identity.user_flows}
    declared_flows = {key(flow.id) for flow in declared.user_flows}
    origins: dict[str, Origin] = {}
    folder: set[str] = set()
    for name, policy in loaded.policies.items():
        place = policy.location.path
        origin = Origin.UPLOADED if place in uploaded else Origin.USER_FLOW if name in flows else Origin.FILE
        origins[place] = origin
        if origin is Origin.FILE or name in declared_flows:
            folder.add(place)
    return {
        name: PolicyEntry(
            id=policy.policy_id,
            origin=origins[policy.location.path],
            text=texts[policy.location.path],
            base=policy.base.policy_id if policy.base else None,
            of_folder=folder.issuperset(loaded.files(name)),
            relying_party=policy.relying_party is not None,
        )
        for name, policy in loaded.policies.items()
    }


def _problems(
    loaded: LoadedPolicies, compiled: CompileResult, unwired: Mapping[str, str], served: Mapping[str, ServedPolicy]
) -> dict[str, tuple[str, ...]]:
    # A relying party without a journey is no error, and is not served all the same.
    reasons = [each for each in compiled.diagnostics if each.severity is Severity.ERROR or each.rule is NOT_INVOCABLE]
    found: dict[str, tuple[str, ...]] = {}
    for name, policy in loaded.policies.items():
        if policy.relying_party and name not in served:
            files = loaded.files(policy.policy_id)
            wiring = (unwired[name],) if name in unwired else ()
            found[name] = (*wiring, *(str(each) for each in reasons if each.location.path in files))
    return found
