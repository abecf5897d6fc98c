"""The policies that an engine serves, whatever changes: files, uploads and user flows in, one PolicySet after another out.

Files are read by ``reload`` only, so that in production mode what is on the disk changes nothing before the next
start. What is stored is read again by ``refresh``; several refreshes that are asked for at once are one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from journeyman.compiler.compile_folder import CompileResult
from journeyman.compiler.rules import NOT_INVOCABLE
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import PolicyError, Severity
from journeyman.engine.compiling import Parts, compiled_with_keys, serve_all
from journeyman.engine.examination import Examined, examine_all, examine_one
from journeyman.engine.policies import Origin, PolicyEntry, PolicySet, ServedPolicy
from journeyman.engine.stored import Stored, StoredReader
from journeyman.engine.tenant_policies import parse_tenant_files, tenant_texts
from journeyman.engine.unused_settings import unused_profile_settings
from journeyman.policy.load import LoadedPolicies, ParsedPolicy, PolicyText, parse_text, together
from journeyman.policy.model import key
from journeyman.policy.substitution import Substitutions
from journeyman.settings import IdentitySettings


class PolicyLoader:
    """Makes the policy sets of one engine, one at a time.

    Attributes:
        uploading: held from the moment a change is examined until it is served, so that of several uploads at once
            each is examined upon the one before.
    """

    def __init__(self, parts: Parts, reader: StoredReader) -> None:
        self._parts = parts
        self._reader = reader
        self._substitutions = Substitutions(parts.settings.values, parts.settings.tenant_name)
        self._turn = asyncio.Lock()
        self.uploading = asyncio.Lock()
        self._asked = 0
        self._answered = 0
        self._files: tuple[ParsedPolicy, ...] = ()
        self._parsed: Mapping[PolicyText, ParsedPolicy] = {}
        self._tried: ParsedPolicy | None = None
        self._versions: tuple[int, int] | None = None
        self._last = PolicySet()

    async def reload(self) -> PolicySet:
        """Read the files and what is stored and return what is to be served.

        Raises:
            PolicyError: a policy of the folder has an error and the engine runs in production mode.
        """
        async with self._turn:
            files = await asyncio.to_thread(parse_tenant_files, self._parts.settings, self._substitutions)
            made = await self._load(files)
            self._files, self._last = files, made
            return made

    async def refresh(self) -> PolicySet:
        """Read what is stored, with the files as they were read last, and return what is to be served."""
        self._asked += 1
        ticket = self._asked
        async with self._turn:
            if self._answered < ticket:
                asked = self._asked
                self._last = await self._load(self._files)
                self._answered = asked
            return self._last

    async def outdated(self) -> bool:
        """Whether something that is stored has changed since it was read last; cheap to ask for."""
        return await self._reader.versions() != self._versions

    async def stored(self) -> Stored:
        """Return what is stored now, whatever is served."""
        return await self._reader.read()

    async def parse(self, text: PolicyText) -> ParsedPolicy:
        """Read an uploaded policy; an examination of the same text does not read it again."""
        parsed = await asyncio.to_thread(parse_text, text, self._substitutions)
        self._tried = parsed
        return parsed

    async def examine(self, stored: Stored, uploaded: Iterable[PolicyText], *, one: str | None = None) -> Examined:
        """Return what would be wrong if ``uploaded`` were the uploaded policies; nothing is changed.

        Args:
            one: the id of the only policy that is asked about; None for all, which takes longer.
        """
        await self._parts.keys.refresh()
        settings, texts = self._parts.settings, tuple(uploaded)
        every = tenant_texts(settings, replace(stored, uploaded=texts))
        return await asyncio.to_thread(self._examined, every, texts, self._parts.keys.infos(), one)

    def _examined(
        self, texts: Iterable[PolicyText], uploaded: Iterable[PolicyText], keys: Mapping[str, KeyInfo], one: str | None
    ) -> Examined:
        settings = self._parts.settings
        loaded = together(self._parse(texts), self._files, tenant_name=settings.tenant_name)
        if one is not None:
            return examine_one(settings, loaded, keys, one)
        names = {text.name for text in uploaded}
        asked = [policy.policy_id for policy in loaded.policies.values() if policy.location.path in names]
        return examine_all(settings, loaded, keys, asked)

    async def _load(self, files: tuple[ParsedPolicy, ...]) -> PolicySet:
        settings, stored = self._parts.settings, await self._reader.read()
        await self._parts.keys.refresh()
        texts = tenant_texts(settings, stored)
        loaded = await asyncio.to_thread(self._together, texts, files)
        compiled = await compiled_with_keys(self._parts, loaded)
        by_name = {text.name: text for text in (*(one.text for one in files), *texts)}
        entries = _entries(loaded, stored, by_name, settings.identity)
        self._refuse_errors(loaded, compiled, entries, files)
        served, unwired = await serve_all(self._parts, compiled.policies)
        self._refuse_unwired(unwired, entries)
        unused = tuple(unused_profile_settings(settings, loaded))
        problems = _problems(loaded, compiled, unwired, served)
        kept = self._kept(problems, entries)
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

    def _together(self, texts: Iterable[PolicyText], files: Iterable[ParsedPolicy]) -> LoadedPolicies:
        parsed = self._parse(texts)
        self._parsed = {one.text: one for one in parsed}
        return together(parsed, files, tenant_name=self._parts.settings.tenant_name)

    def _parse(self, texts: Iterable[PolicyText]) -> list[ParsedPolicy]:
        known = {**self._parsed, self._tried.text: self._tried} if self._tried else self._parsed
        return [known.get(text) or parse_text(text, self._substitutions) for text in texts]

    def _refuse_errors(
        self,
        loaded: LoadedPolicies,
        compiled: CompileResult,
        entries: Mapping[str, PolicyEntry],
        files: Iterable[ParsedPolicy],
    ) -> None:
        """Refuse a release of the folder with errors, in production; what was uploaded never stops a start."""
        if self._parts.settings.development:
            return
        names = {parsed.text.name for parsed in files}
        errors = [one for one in loaded.diagnostics if one.severity is Severity.ERROR and one.location.path in names]
        for name, of_policy in compiled.errors.items():
            errors += of_policy if entries[name].of_folder else ()
        if errors:
            detail = f"{len(set(errors))} error(s) in the policies: the release is refused"
            raise PolicyError(detail, diagnostics=compiled.diagnostics)

    def _refuse_unwired(self, unwired: Mapping[str, str], entries: Mapping[str, PolicyEntry]) -> None:
        for name, detail in unwired.items():
            if entries[name].of_folder and not self._parts.settings.development:
                raise PolicyError(detail)
            self._parts.warn(detail)

    def _kept(
        self, problems: Mapping[str, tuple[str, ...]], entries: Mapping[str, PolicyEntry]
    ) -> dict[str, ServedPolicy]:
        """Return what is served as it last compiled: in development no policy of the folder, which a person is editing."""
        development = self._parts.settings.development
        names = (name for name in problems if not (development and entries[name].of_folder))
        return {name: self._last.served[name] for name in names if name in self._last.served}


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
            of_folder=folder.issuperset(chain_files(loaded, name)),
            relying_party=policy.relying_party is not None,
        )
        for name, policy in loaded.policies.items()
    }


def chain_files(loaded: LoadedPolicies, policy_id: str) -> tuple[str, ...]:
    """Return the files of a policy and its bases; its own when the chain is not complete."""
    merged, _ = loaded.merged(policy_id)
    return (merged or loaded.policies[key(policy_id)]).files


def _problems(
    loaded: LoadedPolicies, compiled: CompileResult, unwired: Mapping[str, str], served: Mapping[str, ServedPolicy]
) -> dict[str, tuple[str, ...]]:
    # A relying party without a journey is no error, and is not served all the same.
    reasons = [each for each in compiled.diagnostics if each.severity is Severity.ERROR or each.rule is NOT_INVOCABLE]
    found: dict[str, tuple[str, ...]] = {}
    for name, policy in loaded.policies.items():
        if policy.relying_party and name not in served:
            files = chain_files(loaded, policy.policy_id)
            wiring = (unwired[name],) if name in unwired else ()
            found[name] = (*wiring, *(str(each) for each in reasons if each.location.path in files))
    return found
