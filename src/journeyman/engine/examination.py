"""What would happen if policies were uploaded: loaded policies in; errors of each, and what would no longer compile, out.

Nothing is served or stored here. Source: errors.md §3 for what the real service refuses at upload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from journeyman.compiler.compile_folder import compile_all
from journeyman.compiler.passes import compile_policy
from journeyman.compiler.report import distinct
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.engine.registry import specs_of
from journeyman.policy import rules
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import key
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
