"""What would happen if policies were uploaded: loaded policies in; errors of each, and what would no longer compile, out.

Nothing is served or stored here. Source: errors.md §3 for what the real service refuses at upload.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from journeyman.compiler.compile_folder import compile_all
from journeyman.compiler.passes import compile_policy
from journeyman.compiler.report import distinct
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.engine.registry import specs_of
from journeyman.engine.stored import Stored, StoredReader
from journeyman.engine.tenant_policies import parse_tenant_files, tenant_texts
from journeyman.policy import rules
from journeyman.policy.load import LoadedPolicies, ParsedPolicy, PolicyText, parse_text, together
from journeyman.policy.model import key
from journeyman.policy.substitution import Substitutions
from journeyman.settings import Settings


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found.

    Attributes:
        loaded: the policies as they would be.
        errors: key(policy id) -> the errors of an asked policy or of its bases; nothing for one that is good.
        warnings: the same for warnings.
    """

    loaded: LoadedPolicies
    errors: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    warnings: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)


class Examiner:
    """Examines what might be uploaded upon what is stored.

    Attributes:
        files: the policy files of the folder, as they were read last.
    """

    def __init__(
        self, settings: Settings, reader: StoredReader, keys: Callable[[], Awaitable[Mapping[str, KeyInfo]]]
    ) -> None:
        self.files: tuple[ParsedPolicy, ...] = ()
        self._settings = settings
        self._reader = reader
        self._keys = keys
        self._substitutions = Substitutions(settings.values, settings.tenant_name)
        self._parsed: Mapping[PolicyText, ParsedPolicy] = {}
        self._tried: Mapping[PolicyText, ParsedPolicy] = {}

    async def read_files(self) -> None:
        """Read the policy files of the folder."""
        self.files = await asyncio.to_thread(parse_tenant_files, self._settings, self._substitutions)

    async def stored(self) -> Stored:
        """Return what is stored now, whatever is served."""
        return await self._reader.read()

    async def parse(self, texts: Iterable[PolicyText]) -> tuple[ParsedPolicy, ...]:
        """Read policies that might be uploaded; an examination of the same texts does not read them again."""
        self._tried = {one.text: one for one in await asyncio.to_thread(self._parse, texts)}
        return tuple(self._tried.values())

    async def examine(self, stored: Stored, uploaded: Iterable[PolicyText], *, one: str | None = None) -> Examined:
        """Return what would be wrong if ``uploaded`` were the uploaded policies; nothing is changed.

        Args:
            one: the id of the only policy that is asked about; None for all, which takes longer.
        """
        texts, keys = tuple(uploaded), await self._keys()
        every = await asyncio.to_thread(tenant_texts, self._settings, replace(stored, uploaded=texts))
        return await asyncio.to_thread(self._examined, every, texts, keys, one)

    def load(self, texts: Iterable[PolicyText]) -> LoadedPolicies:
        """Put the policies together that are to be served; what was read of them is kept for the next time."""
        parsed = self._parse(texts)
        self._parsed = {one.text: one for one in parsed}
        return together(parsed, self.files, tenant_name=self._settings.tenant_name)

    def together(self, texts: Iterable[PolicyText]) -> LoadedPolicies:
        """Put policies together, and keep nothing of it."""
        return together(self._parse(texts), self.files, tenant_name=self._settings.tenant_name)

    def _examined(
        self, every: Iterable[PolicyText], uploaded: Iterable[PolicyText], keys: Mapping[str, KeyInfo], one: str | None
    ) -> Examined:
        loaded = self.together(every)
        if one is not None:
            return examine_one(self._settings, loaded, keys, one)
        names = {text.name for text in uploaded}
        asked = [policy.policy_id for policy in loaded.policies.values() if policy.location.path in names]
        return examine_all(self._settings, loaded, keys, asked)

    def _parse(self, texts: Iterable[PolicyText]) -> list[ParsedPolicy]:
        known = {**self._parsed, **self._tried}
        return [known.get(text) or parse_text(text, self._substitutions) for text in texts]


def examine_one(settings: Settings, loaded: LoadedPolicies, keys: Mapping[str, KeyInfo], policy_id: str) -> Examined:
    """Merge and compile one policy with its bases, as the real service does at its upload."""
    merged, found = loaded.merged(policy_id)
    if merged is not None and not _of(found, Severity.ERROR):
        _, more = compile_policy(
            merged, specs=specs_of(settings), keys=keys, engine_production=not settings.development
        )
        found = [*found, *more]
    found += _tenant_mismatches(loaded, [policy_id])
    name = key(policy_id)
    every = distinct(found)
    errors, warnings = _of(every, Severity.ERROR), _of(every, Severity.WARNING)
    return Examined(loaded, {name: errors} if errors else {}, {name: warnings} if warnings else {})


def examine_all(
    settings: Settings, loaded: LoadedPolicies, keys: Mapping[str, KeyInfo], policy_ids: Iterable[str]
) -> Examined:
    """Merge and compile everything; policies of other tenants are errors of ``policy_ids`` only."""
    result = compile_all(loaded, specs=specs_of(settings), keys=keys, engine_production=not settings.development)
    errors = dict(result.errors)
    for policy_id in policy_ids:
        if of_tenant := _tenant_mismatches(loaded, [policy_id]):
            errors[key(policy_id)] = (*errors.get(key(policy_id), ()), *of_tenant)
    return Examined(loaded, errors)


def _tenant_mismatches(loaded: LoadedPolicies, policy_ids: Iterable[str]) -> tuple[Diagnostic, ...]:
    """Return as errors what files of a folder may do with a warning: name another tenant."""
    places = {loaded.policies[key(policy_id)].location.path for policy_id in policy_ids}
    return tuple(
        Diagnostic(one.rule, Severity.ERROR, one.message, one.help, one.location, one.element)
        for one in loaded.diagnostics
        if one.rule is rules.TENANT_MISMATCH and one.location.path in places
    )


def _of(diagnostics: Iterable[Diagnostic], severity: Severity) -> tuple[Diagnostic, ...]:
    return tuple(one for one in diagnostics if one.severity is severity)
