"""Find what is to be called: the ids that a person wrote in, the compiled policy, its profile and typed claims out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType
from journeyman.claims.values import ClaimValue, ConversionError, DataType, convert
from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile
from journeyman.compiler.handlers import API_CALLS
from journeyman.compiler.passes import compile_policy
from journeyman.compiler.report import distinct
from journeyman.diagnostics import Diagnostic, PolicyError, Severity
from journeyman.engine.registry import specs_of
from journeyman.engine.stored import Stored
from journeyman.engine.tenant_policies import load_tenant_policies, tenant_texts
from journeyman.errors import SettingsError
from journeyman.policy.load import LoadedPolicies, load_policies
from journeyman.policy.model import Policy, key
from journeyman.settings import Settings

_LISTED = 12


def load_folder(
    settings: Settings, *, tenant: bool, stored: Stored | None = None, files_first: bool = False
) -> LoadedPolicies:
    """Read the policies of a folder.

    Args:
        tenant: whether it is a tenant folder; elsewhere the policies keep the tenant that they name.
        stored: what a tenant folder has besides its files.
        files_first: whether files take the place of uploaded policies, and not these of files.

    Raises:
        SettingsError: there is no policy.
    """
    paths = [path for path in settings.policy_paths if path.exists()]
    if tenant:
        known = stored or Stored(identity=settings.identity)
        texts = tenant_texts(settings, known)
        loaded = load_tenant_policies(settings, texts, relative_to=Path.cwd(), files_first=files_first)
    else:
        loaded = load_policies(paths, settings=settings.values, tenant_name=None, relative_to=Path.cwd())
    if not loaded.policies:
        shown = ", ".join(map(str, settings.policy_paths))
        raise SettingsError(f"{shown}: no policy file (*.xml) is there; name the folder with --dir")
    return loaded


def find_policy(loaded: LoadedPolicies, policy_id: str | None, profile_id: str, settings: Settings) -> CompiledPolicy:
    """Compile the named policy, or the only one that knows the profile.

    Raises:
        SettingsError: there is no such policy, or several know the profile.
        PolicyError: the policy has errors.
    """
    policy = _named(loaded, policy_id) if policy_id is not None else _only(loaded, profile_id)
    merged, diagnostics = loaded.merged(policy.policy_id)
    compiled = None
    if merged is not None:
        compiled, more = compile_policy(
            merged, specs=specs_of(settings), keys=None, engine_production=not settings.development
        )
        diagnostics += more
    if compiled is None:
        raise _broken(policy.policy_id, diagnostics)
    return compiled


def find_profile(policy: CompiledPolicy, profile_id: str) -> TechnicalProfile:
    """Return a REST technical profile. Raises SettingsError when there is none of this id, or it is another kind."""
    profiles = {key(profile.id): profile for profile in policy.technical_profiles.values()}
    profile = profiles.get(key(profile_id))
    if profile is None:
        rest = [one.id for one in profiles.values() if one.handler in API_CALLS]
        every = [one.id for one in profiles.values()]
        detail = f"{policy.policy_id} has no technical profile {profile_id[:100]!r}"
        raise SettingsError(f"{detail}; {_remedy(profile_id, every, rest, 'it has no REST technical profile')}")
    if profile.handler not in API_CALLS:
        kind = profile.handler.rpartition(".")[2] or profile.protocol or "unknown"
        detail = f"{profile.id} is no REST technical profile: its handler is {kind}"
        rest = [one.id for one in profiles.values() if one.handler in API_CALLS]
        raise SettingsError(f"{detail}; {_listed(rest) if rest else 'the policy has no REST technical profile'}")
    if profile.unsupported:
        raise SettingsError(f"{profile.id} cannot be called: {profile.unsupported}")
    return profile


def read_claims(policy: CompiledPolicy, pairs: Iterable[tuple[str, str]]) -> ClaimsBag:
    """Return the claims that were written as text; a claim that is a list may be written several times.

    Raises:
        SettingsError: a claim is not declared, is given twice, or its value does not fit. No value is quoted.
    """
    declared = {key(claim.id): claim for claim in policy.claim_types.values()}
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        if key(name) not in declared:
            detail = f"{policy.policy_id} declares no claim {name[:100]!r}"
            known = [claim.id for claim in declared.values()]
            raise SettingsError(f"{detail}; {_remedy(name, known, (), 'see its ClaimsSchema')}")
        texts.setdefault(key(name), []).append(text)
    bag = ClaimsBag()
    for name, given in texts.items():
        bag.set(declared[name].id, _value(declared[name], given))
    return bag


def _value(claim: ClaimType, given: Sequence[str]) -> ClaimValue:
    several = claim.data_type is DataType.STRING_COLLECTION
    if len(given) > 1 and not several:
        raise SettingsError(f"the claim {claim.id} is given {len(given)} times and holds one value; give it once")
    try:
        return convert(list(given) if several else given[0], claim.data_type)
    except ConversionError:
        kind = claim.data_type.value
        raise SettingsError(f"the value of the claim {claim.id} is not a {kind}; write one") from None


def _named(loaded: LoadedPolicies, policy_id: str) -> Policy:
    for name in (policy_id, f"B2C_1A_{policy_id}"):
        found = loaded.policies.get(key(name))
        if found is not None:
            return found
    known = [policy.policy_id for policy in loaded.policies.values()]
    remedy = _remedy(policy_id, known, known, "there is none")
    raise SettingsError(f"there is no policy {policy_id[:100]!r}; {remedy}")


def _only(loaded: LoadedPolicies, profile_id: str) -> Policy:
    """Return the only policy that knows the profile; of a chain the relying party, which nothing derives from."""
    bases = {key(policy.base.policy_id) for policy in loaded.policies.values() if policy.base is not None}
    leaves = [policy for name, policy in loaded.policies.items() if name not in bases]
    if len(leaves) == 1:
        return leaves[0]
    knowing = [policy for policy in leaves if _knows(loaded, policy, profile_id)]
    if len(knowing) == 1:
        return knowing[0]
    if knowing:
        names = _listed([policy.policy_id for policy in knowing])
        raise SettingsError(f"several policies have {profile_id[:100]!r}; say which with --policy; {names}")
    names = _listed([policy.policy_id for policy in leaves])
    raise SettingsError(f"no policy has a technical profile {profile_id[:100]!r}; say which with --policy; {names}")


def _knows(loaded: LoadedPolicies, policy: Policy, profile_id: str) -> bool:
    merged, _ = loaded.merged(policy.policy_id)
    return merged is not None and key(profile_id) in merged.technical_profiles


def _broken(policy_id: str, diagnostics: Iterable[Diagnostic]) -> PolicyError:
    errors = tuple(one for one in distinct(diagnostics) if one.severity is Severity.ERROR)
    detail = f"{policy_id} has {len(errors)} error(s) and cannot run; `journeyman check` prints all of them"
    return PolicyError(detail, diagnostics=errors)


def _remedy(written: str, known: Sequence[str], listed: Sequence[str], otherwise: str) -> str:
    by_name = {key(name): name for name in known}
    near = difflib.get_close_matches(key(written), by_name, n=1, cutoff=0.6)
    if near:
        return f"did you mean {by_name[near[0]]}?"
    return _listed(listed) if listed else otherwise


def _listed(names: Sequence[str]) -> str:
    return f"there is {', '.join(_shortened(sorted(names)))}"


def _shortened(names: Sequence[str]) -> Iterator[str]:
    yield from names[:_LISTED]
    if len(names) > _LISTED:
        yield f"and {len(names) - _LISTED} more"
