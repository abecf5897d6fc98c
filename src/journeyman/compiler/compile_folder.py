"""Compile every policy of a folder: loaded files in, compiled policies, verdicts and diagnostics out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from journeyman.compiler.compiled import CompiledPolicy
from journeyman.compiler.compiled_before import AskedKeys, CompiledBefore, Made
from journeyman.compiler.passes import compile_policy
from journeyman.compiler.report import Verdict, distinct
from journeyman.compiler.shared_parts import SharedParts
from journeyman.compiler.spec import HandlerSpec, KeyInfo
from journeyman.diagnostics import Diagnostic, Severity
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import Policy


@dataclass(frozen=True, slots=True)
class CompileResult:
    """What became of a folder.

    Attributes:
        policies: key(policy id) -> compiled policy; one with an error is not among them.
        verdicts: one for each file, in the order of the paths. A relying party is ok when it can be
            served; a base or extensions file, when no error stands in it.
        diagnostics: each once, in the order of the files.
        errors: key(policy id) -> the errors that keep a policy from being compiled.
    """

    policies: Mapping[str, CompiledPolicy]
    verdicts: tuple[Verdict, ...]
    diagnostics: tuple[Diagnostic, ...]
    errors: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every file is ok."""
        return all(verdict.ok for verdict in self.verdicts)


def compile_all(
    loaded: LoadedPolicies,
    *,
    specs: Mapping[str, HandlerSpec],
    keys: Mapping[str, KeyInfo] | None,
    engine_production: bool,
    before: CompiledBefore | None = None,
) -> CompileResult:
    """Compile every policy that was loaded; the arguments are those of ``compile_policy``.

    Args:
        before: what earlier calls with the same specs and mode have made; policies that have not changed are taken
            over from it, as the same objects.
    """
    compiled: dict[str, CompiledPolicy] = {}
    shared = SharedParts()
    found: list[Diagnostic] = list(loaded.diagnostics)
    errors: dict[str, tuple[Diagnostic, ...]] = {}
    for name in loaded.policies:
        sources = loaded.made_of(name)
        made = before.find(name, sources, keys) if before is not None and keys is not None else None
        if made is None:
            asked = None if keys is None else AskedKeys(keys)
            result, diagnostics = _compiled(loaded, name, specs, asked, shared, engine_production=engine_production)
            made = Made(sources, {} if asked is None else asked.asked, result, tuple(diagnostics))
        if before is not None:
            before.keep(name, made)
        if made.policy is not None:
            compiled[name] = made.policy
        found += made.diagnostics
        if of_policy := _errors(made.diagnostics):
            errors[name] = tuple(of_policy)
    if before is not None:
        before.forget_others(loaded.policies)
    every = distinct(found)
    return CompileResult(compiled, _verdicts(loaded.policies, compiled, every), every, errors)


def _compiled(
    loaded: LoadedPolicies,
    name: str,
    specs: Mapping[str, HandlerSpec],
    keys: Mapping[str, KeyInfo] | None,
    shared: SharedParts,
    *,
    engine_production: bool,
) -> tuple[CompiledPolicy | None, list[Diagnostic]]:
    """Merge and compile one policy."""
    merged, diagnostics = loaded.merged(name)
    if merged is None or _errors(diagnostics):
        return None, diagnostics
    result, more = compile_policy(merged, specs=specs, keys=keys, engine_production=engine_production, shared=shared)
    return result, diagnostics + more


def _verdicts(
    policies: Mapping[str, Policy], compiled: Mapping[str, CompiledPolicy], diagnostics: Iterable[Diagnostic]
) -> tuple[Verdict, ...]:
    broken = dict.fromkeys(error.location.path for error in _errors(diagnostics))
    verdicts = [
        Verdict(
            id=policy.policy_id,
            path=policy.location.path,
            ok=policy.location.path not in broken and (policy.relying_party is None or name in compiled),
        )
        for name, policy in policies.items()
    ]
    read = {policy.location.path for policy in policies.values()}
    # A file that could not be read has no id, and is not to be forgotten.
    return (*verdicts, *(Verdict("", path, ok=False) for path in broken if path not in read))


def _errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR]
