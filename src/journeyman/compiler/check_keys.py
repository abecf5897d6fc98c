"""Policy keys: every storage reference is looked up in the tenant's key store.

Source: errors.md §3 (V11), §5.2; policy-keys.md §4, §5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from journeyman.compiler import rules
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.draft import Draft
from journeyman.compiler.handlers import (
    API_CALLS,
    CLAIMS_TRANSFORMATION,
    DIRECTORY,
    JWT_ISSUER,
    SELF_ASSERTED,
    SESSION_DEFAULT,
    SESSION_EXTERNAL_LOGIN,
    SESSION_NOOP,
    SESSION_OAUTH,
)
from journeyman.compiler.spec import KeyInfo
from journeyman.diagnostics import Rule, Severity
from journeyman.policy.model import CryptographicKey, key

_GENERATED: Final = frozenset({"issuer_secret", "issuer_refresh_token_key"})
_USES: Final = {"issuer_secret": "sig", "issuer_refresh_token_key": "enc"}
_CLIENT_CERTIFICATE: Final = "clientcertificate"
_WITHOUT_KEYS: Final = frozenset(
    {
        SELF_ASSERTED,
        DIRECTORY,
        CLAIMS_TRANSFORMATION,
        SESSION_NOOP,
        SESSION_DEFAULT,
        SESSION_EXTERNAL_LOGIN,
        SESSION_OAUTH,
    }
)
"""Handlers that ignore their cryptographic keys; the starter packs write some all the same."""


def check_keys(draft: Draft) -> None:
    """Look up every key; without a tenant say once per key that it was not looked up."""
    if draft.keys is None:
        _report_unchecked(draft)
        return
    for profile, entry in _entries(draft):
        known = draft.keys.get(key(entry.storage_reference_id))
        if known is None:
            severity = _severity(draft, profile, entry)
            rule, tenant, stored = rules.KEY_NOT_FOUND, draft.policy.tenant_id, entry.storage_reference_id
            draft.report(rule.at(entry.location, element=profile.id, severity=severity, tenant=tenant, id=stored))
        elif profile.handler not in _WITHOUT_KEYS:
            _check_known(draft, profile, entry, known)


def _check_known(draft: Draft, profile: TechnicalProfile, entry: CryptographicKey, known: KeyInfo) -> None:
    """Report what is wrong with a key set that is there."""

    def report(rule: Rule, severity: Severity | None = None, **values: object) -> None:
        place, stored = entry.location, entry.storage_reference_id
        draft.report(rule.at(place, element=profile.id, severity=severity or rule.severity, id=stored, **values))

    if not known.has_active_key:
        report(rules.KEY_NOT_ACTIVE)
    if known.ends_soon_at is not None:
        report(rules.KEY_ENDS_SOON, at=f"{known.ends_soon_at:%Y-%m-%dT%H:%M:%SZ}")
    if known.placeholder:
        report(rules.KEY_PLACEHOLDER)
    if known.self_signed and profile.handler in API_CALLS and key(entry.id) == _CLIENT_CERTIFICATE:
        report(rules.KEY_SELF_SIGNED, Severity.WARNING if draft.engine_production else None)
    expected = _USES.get(key(entry.id)) if profile.handler == JWT_ISSUER else None
    if expected is None:
        return
    if known.use not in {"", expected}:
        report(rules.KEY_USE_DIFFERS, use=known.use, key=entry.id, expected=expected)
    elif expected == "enc" and _signs(draft, profile, known):
        report(rules.KEY_SIGNS_AND_ENCRYPTS)


def _signs(draft: Draft, profile: TechnicalProfile, known: KeyInfo) -> bool:
    entries = draft.policy.technical_profiles[key(profile.id)].cryptographic_keys.values()
    return any(key(one.id) == "issuer_secret" and key(one.storage_reference_id) == key(known.id) for one in entries)


def _report_unchecked(draft: Draft) -> None:
    unchecked: set[str] = set()
    for profile, entry in _entries(draft):
        stored = entry.storage_reference_id
        if key(stored) not in unchecked:
            unchecked.add(key(stored))
            draft.report(rules.KEY_UNCHECKED.at(entry.location, element=profile.id, id=stored))


def _entries(draft: Draft) -> Iterable[tuple[TechnicalProfile, CryptographicKey]]:
    """Return each key element once: of the profiles that include it, the one that depends on it most."""
    chosen: dict[CryptographicKey, tuple[TechnicalProfile, CryptographicKey]] = {}
    for name, profile in draft.technical_profiles.items():
        for entry in draft.policy.technical_profiles[name].cryptographic_keys.values():
            other = chosen.get(entry)
            if other is None or _weight(draft, profile, entry) > _weight(draft, other[0], entry):
                chosen[entry] = profile, entry
    return chosen.values()


def _weight(draft: Draft, profile: TechnicalProfile, entry: CryptographicKey) -> tuple[bool, bool]:
    return _severity(draft, profile, entry) is Severity.ERROR, profile.id in draft.reached


def _severity(draft: Draft, profile: TechnicalProfile, entry: CryptographicKey) -> Severity:
    """Return ERROR, as the real service does at upload; in development only where a call needs the key."""
    if draft.engine_production:
        return Severity.ERROR
    generated = profile.handler == JWT_ISSUER and key(entry.id) in _GENERATED
    idle = profile.id not in draft.reached or profile.unsupported is not None
    return Severity.WARNING if generated or idle or profile.handler in _WITHOUT_KEYS else Severity.ERROR
