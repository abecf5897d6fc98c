"""Load policy files: folders and files in, merged policies by id out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from journeyman.diagnostics import Diagnostic, Location, Rule
from journeyman.policy import rules
from journeyman.policy.inheritance import index_policies, resolve_chain
from journeyman.policy.merge import complete, fold
from journeyman.policy.model import Policy, TechnicalProfile, key
from journeyman.policy.parse import parse_policy
from journeyman.policy.source import parse_source, read_policy_file
from journeyman.policy.substitution import Substitutions


class LoadedPolicies:
    """The policy files of a tenant, each parsed once, and what they merge to.

    Attributes:
        policies: key(policy id) -> the file as parsed, in the order of the paths.
        diagnostics: what is wrong with the files, whatever policies they take part in.
    """

    def __init__(self, policies: Mapping[str, Policy], diagnostics: Sequence[Diagnostic]) -> None:
        self.policies = policies
        self.diagnostics = tuple(diagnostics)
        self._index = index_policies(policies.values())
        bases = (self._index.find(policy.base) for policy in policies.values() if policy.base)
        self._bases = {base.location for base in bases if base is not None}
        self._folded: dict[Location, tuple[Policy, tuple[Diagnostic, ...]]] = {}
        self._completed: dict[int, tuple[Mapping[str, TechnicalProfile], Policy, tuple[Diagnostic, ...]]] = {}
        self._merged: dict[str, tuple[Policy | None, tuple[Diagnostic, ...]]] = {}

    def merged(self, policy_id: str) -> tuple[Policy | None, list[Diagnostic]]:
        """Merge a policy with its bases; policies of one base share the merge of that base.

        Returns:
            The merged policy, or None when its chain is not complete, and the diagnostics of its files, of
            its chain and of the merge, each once and in the order of their places. A policy with an error
            among them must not be served.
        """
        name = key(policy_id)
        if name not in self._merged:
            self._merged[name] = self._merge(policy_id)
        policy, diagnostics = self._merged[name]
        return policy, list(diagnostics)

    def made_of(self, policy_id: str) -> tuple[object, ...]:
        """Return all that the merge of a policy is made of: when that is equal, the merge and its diagnostics are."""
        policy = self.policies[key(policy_id)]
        chain, found = resolve_chain(policy, self._index)
        parts = (policy,) if chain is None else chain
        own = tuple(self._of_files(_files_of(parts)))
        return parts, chain is None, found, policy.location in self._bases, own

    def files(self, policy_id: str) -> tuple[str, ...]:
        """Return the files of a policy and its bases; its own when the chain is not complete."""
        policy = self.policies[key(policy_id)]
        chain, _ = resolve_chain(policy, self._index)
        return policy.files if chain is None else _files_of(chain)

    def _merge(self, policy_id: str) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
        policy = self.policies.get(key(policy_id))
        if policy is None:
            return None, (rules.POLICY_NOT_FOUND.at(Location(""), element=policy_id, id=policy_id),)
        chain, found = resolve_chain(policy, self._index)
        if chain is None:
            return None, _in_order([*self._of_files(policy.files), *found])
        folded, of_fold = self._fold(chain)
        merged, of_includes = self._complete(folded)
        if policy.location in self._bases:
            # A file that derives from this one may add the profile that is missing here, and is asked itself.
            of_includes = ()
        return merged, _in_order([*self._of_files(merged.files), *found, *of_fold, *of_includes])

    def _complete(self, folded: Policy) -> tuple[Policy, tuple[Diagnostic, ...]]:
        """Resolve includes; policies that share their technical profiles share them resolved."""
        place = id(folded.technical_profiles)
        kept = self._completed.get(place)
        if kept is None:
            # Holding the profiles keeps their identity from being given away again.
            kept = self._completed[place] = (folded.technical_profiles, *complete(folded))
        _, done, found = kept
        return replace(folded, base=None, technical_profiles=done.technical_profiles), found

    def _fold(self, chain: Sequence[Policy]) -> tuple[Policy, tuple[Diagnostic, ...]]:
        folded: tuple[Policy, tuple[Diagnostic, ...]] = chain[0], ()
        for child in chain[1:]:
            kept = self._folded.get(child.location)
            if kept is None:
                merged, found = fold(folded[0], child)
                kept = self._folded[child.location] = merged, folded[1] + found
            folded = kept
        return folded

    def _of_files(self, files: Sequence[str]) -> Iterator[Diagnostic]:
        return (diagnostic for diagnostic in self.diagnostics if diagnostic.location.path in files)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy that is no file of the tenant folder: an uploaded one, or one made of a user flow.

    Attributes:
        name: stands for the path of the file in diagnostics.
        problems: what is known to be wrong with it before it is parsed, at places in ``name``.
        of_user_flow: whether it was made of a user flow, whose id has a prefix of its own.
    """

    name: str
    data: bytes
    problems: tuple[Diagnostic, ...] = ()
    of_user_flow: bool = False


@dataclass(frozen=True, slots=True)
class ParsedPolicy:
    """A policy as it was read; ``policy`` is None when the text is no policy.

    Attributes:
        text: its bytes, and the path of the file or what stands for it.
    """

    text: PolicyText
    policy: Policy | None
    diagnostics: tuple[Diagnostic, ...]


def load_policies(
    paths: Sequence[Path],
    *,
    settings: Mapping[str, str],
    tenant_name: str | None,
    relative_to: Path | None = None,
    texts: Sequence[PolicyText] = (),
) -> LoadedPolicies:
    """Load the policy files that ``paths`` name, and policies that are no files.

    Args:
        paths: files, and folders that are searched for ``*.xml`` in all depths; what begins with a dot is left out.
        texts: each takes the place of a file with the same policy id.
        settings: what ``{Settings:Name}`` stands for.
        tenant_name: what ``yourtenant.onmicrosoft.com`` stands for; None leaves it.
        relative_to: a folder; paths below it are shown relative to it in diagnostics.
    """
    substitutions = Substitutions(settings, tenant_name)
    files = parse_files(paths, substitutions, relative_to=relative_to)
    return together([parse_text(text, substitutions) for text in texts], files, tenant_name=tenant_name)


def parse_files(
    paths: Sequence[Path], substitutions: Substitutions, *, relative_to: Path | None = None
) -> tuple[ParsedPolicy, ...]:
    """Read and parse the policy files that ``paths`` name."""
    return tuple(_parse_file(path, _shown(path, relative_to), substitutions) for path in policy_files(paths))


def together(
    texts: Iterable[ParsedPolicy], files: Iterable[ParsedPolicy], *, tenant_name: str | None
) -> LoadedPolicies:
    """Put parsed policies together; each of ``texts`` takes the place of a file with the same policy id."""
    policies: dict[str, Policy] = {}
    diagnostics: list[Diagnostic] = []
    of_texts = tuple(texts)
    names = {parsed.text.name for parsed in of_texts}
    for parsed in (*of_texts, *files):
        diagnostics += parsed.diagnostics
        policy = parsed.policy
        if policy is None:
            continue
        first = policies.setdefault(key(policy.policy_id), policy)
        if first is not policy:
            shadowed = first.location.path in names
            diagnostics.append(_duplicate(policy, first, rules.SHADOWED if shadowed else rules.DUPLICATE_POLICY))
        diagnostics += _check_tenant(policy, tenant_name)
    return LoadedPolicies(policies, diagnostics)


def load_file(path: Path, name: str, substitutions: Substitutions) -> tuple[Policy | None, tuple[Diagnostic, ...]]:
    """Read and parse one policy file; ``name`` is its path in diagnostics."""
    parsed = _parse_file(path, name, substitutions)
    return parsed.policy, parsed.diagnostics


def parse_text(text: PolicyText, substitutions: Substitutions) -> ParsedPolicy:
    """Parse one policy."""
    root, diagnostics = parse_source(text.data, text.name, substitutions)
    diagnostics = text.problems + diagnostics
    if root is None:
        return ParsedPolicy(text, None, diagnostics)
    policy, found = parse_policy(root, text.name)
    if text.of_user_flow:
        found = tuple(each for each in found if each.rule is not rules.POLICY_ID_PREFIX)
    return ParsedPolicy(text, policy, diagnostics + found)


def _parse_file(path: Path, name: str, substitutions: Substitutions) -> ParsedPolicy:
    data, diagnostics = read_policy_file(path, name)
    if data is None:
        return ParsedPolicy(PolicyText(name, b""), None, diagnostics)
    return parse_text(PolicyText(name, data), substitutions)


def policy_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield files, and what folders hold as ``*.xml`` in all depths; what begins with a dot is left out."""
    seen: set[Path] = set()
    for path in paths:
        for file in _policy_files(path) if path.is_dir() else (path,):
            absolute = file.absolute()
            if absolute not in seen:
                seen.add(absolute)
                yield file


def _policy_files(folder: Path) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() == ".xml" and not hidden and path.is_file():
            found.append(path)
    return sorted(found, key=lambda path: path.as_posix())


def _shown(path: Path, relative_to: Path | None) -> str:
    if relative_to is not None and path.absolute().is_relative_to(relative_to.absolute()):
        return path.absolute().relative_to(relative_to.absolute()).as_posix()
    return path.as_posix()


def _duplicate(policy: Policy, first: Policy, rule: Rule) -> Diagnostic:
    return rule.at(policy.location, element=policy.policy_id, id=policy.policy_id, first=first.location.path)


def _check_tenant(policy: Policy, tenant_name: str | None) -> Iterator[Diagnostic]:
    if tenant_name and key(policy.tenant_id) != key(tenant_name):
        yield rules.TENANT_MISMATCH.at(
            policy.location, element=policy.policy_id, found=policy.tenant_id, expected=tenant_name
        )


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda each: (each.location, each.code)))


def _files_of(chain: Sequence[Policy]) -> tuple[str, ...]:
    return tuple(file for policy in chain for file in policy.files)
