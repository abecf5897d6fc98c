"""How a policy secures what it calls: a compiled policy, keys and diagnostics in, one row for each API out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile
from journeyman.compiler.spec import KeyInfo
from journeyman.connector.profile import authentication_type
from journeyman.diagnostics import Diagnostic
from journeyman.settings import ProfileSettings
from journeyman.web.portal.journey_map import calls_api, kind_of
from journeyman.web.portal.policy_source import worst_first
from journeyman.web.portal.wording import without_query


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A policy key of a call; ``state`` says whether it can be used, ``tone`` how that is shown."""

    name: str
    set_id: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class SecuredCall:
    """One technical profile that calls an API.

    Attributes:
        proof: how it proves itself to the API; ``open`` says that it does not.
    """

    profile_id: str
    kind: str
    url: str
    proof: str
    open: bool
    keys: tuple[UsedKey, ...]
    findings: tuple[Diagnostic, ...]
    path: str
    line: int


def secured_calls(
    policy: CompiledPolicy,
    keys: Mapping[str, KeyInfo],
    own: Mapping[str, ProfileSettings],
    diagnostics: Sequence[Diagnostic],
) -> tuple[SecuredCall, ...]:
    """Return the calls that a journey of the policy can make, by technical profile.

    Args:
        keys: what is known of the key sets, by id in lower case.
        own: the settings of profiles in ``journeyman.toml``, by profile id in lower case.
    """
    profiles = (policy.technical_profiles[name] for name in sorted(policy.reached, key=str.lower))
    return tuple(_call(one, keys, own.get(one.id.lower()), diagnostics) for one in profiles if calls_api(one))


def _call(
    profile: TechnicalProfile,
    keys: Mapping[str, KeyInfo],
    own: ProfileSettings | None,
    diagnostics: Iterable[Diagnostic],
) -> SecuredCall:
    managed = own is not None and own.bearer is not None
    kind = authentication_type(profile.metadata)
    proof = "managed bearer token" if managed else kind.value if kind is not None else "None"
    return SecuredCall(
        profile_id=profile.id,
        kind=kind_of(profile),
        url=without_query(profile.metadata.get("ServiceUrl") or ""),
        proof=proof,
        open=proof == "None",
        keys=tuple(_used(profile, keys, own)),
        findings=worst_first(one for one in diagnostics if one.element.lower() == profile.id.lower()),
        path=profile.location.path,
        line=profile.location.line,
    )


def _used(profile: TechnicalProfile, keys: Mapping[str, KeyInfo], own: ProfileSettings | None) -> Iterator[UsedKey]:
    named = dict(profile.keys)
    if own is not None and own.bearer is not None:
        named["bearer.key"] = own.bearer.key
    for name, set_id in named.items():
        info = keys.get(set_id.lower())
        if info is None:
            yield UsedKey(name, set_id, "missing", "bad")
        elif not info.has_active_key:
            yield UsedKey(name, set_id, "no active version", "bad")
        elif info.placeholder:
            yield UsedKey(name, set_id, "a placeholder", "warn")
        elif info.ends_soon_at is not None:
            yield UsedKey(name, set_id, f"ends {info.ends_soon_at:%Y-%m-%d}", "warn")
        else:
            yield UsedKey(name, set_id, "active", "good")
