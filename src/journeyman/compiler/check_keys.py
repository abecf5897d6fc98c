"""Policy keys: every storage reference is looked up in the tenant's key store.

Source: errors.md §3 (V11), policy-keys.md §4, §5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from journeyman.compiler import rules
from journeyman.compiler.compiled import TechnicalProfile
from journeyman.compiler.draft import Draft
from journeyman.compiler.handlers import (
    CLAIMS_TRANSFORMATION,
    DIRECTORY,
    JWT_ISSUER,
    SELF_ASSERTED,
    SESSION_DEFAULT,
    SESSION_EXTERNAL_LOGIN,
    SESSION_NOOP,
    SESSION_OAUTH,
)
from journeyman.diagnostics import Severity
from journeyman.policy.model import CryptographicKey, key

_GENERATED: Final = frozenset({"issuer_secret", "issuer_refresh_token_key"})
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
        elif not known.has_active_key and profile.handler not in _WITHOUT_KEYS:
            stored = entry.storage_reference_id
            draft.report(rules.KEY_NOT_ACTIVE.at(entry.location, element=profile.id, id=stored))


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
