"""Compile and wire policies: loaded policies in; compiled ones, runnable ones and what is wrong with the others out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from journeyman.claims.values import ClaimValue
from journeyman.clock import Clock
from journeyman.compiler.compile_folder import CompileResult, compile_all
from journeyman.compiler.compiled import CompiledPolicy
from journeyman.compiler.compiled_before import CompiledBefore
from journeyman.compiler.handlers import JWT_ISSUER
from journeyman.connector.authenticator import ActiveKeys
from journeyman.engine.engine import Tenant
from journeyman.engine.policies import ServedPolicy, serve
from journeyman.engine.registry import ProviderServices, specs_of
from journeyman.errors import KeyStoreError, ServiceError
from journeyman.keys.development import TOKEN_ENCRYPTION, TOKEN_SIGNING, WantedKeySet, make_missing
from journeyman.keys.ring import KeyRing
from journeyman.keys.store import KeyStore
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import key
from journeyman.providers.jwt_issuer import ENCRYPTION_KEY, SIGNING_KEY
from journeyman.settings import Settings
from journeyman.settings.identity import USER_FLOW_PREFIX
from journeyman.trace.redaction import Redactor

Warn = Callable[[str], None]
"""Takes a sentence for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the policies of an engine are made of."""

    settings: Settings
    tenant: Tenant
    key_store: KeyStore
    keys: KeyRing
    providers: ProviderServices
    redactor: Redactor
    clock: Clock
    warn: Warn


async def compiled_with_keys(
    parts: Parts, loaded: LoadedPolicies, before: CompiledBefore | None = None
) -> CompileResult:
    """Compile in a thread what has changed since ``before``; in development make the token keys that they name and nobody has made.

    Those of user flows are made in both modes, as the real service does: whoever declares a flow writes no keys.
    """
    if any(key(policy.policy_id).startswith(key(USER_FLOW_PREFIX)) for policy in loaded.policies.values()):
        await _made(parts, (TOKEN_SIGNING, TOKEN_ENCRYPTION), "for the tokens of user flows")
    compiled = await asyncio.to_thread(_compile, parts, loaded, before)
    if parts.settings.development and await _make_development_keys(parts, compiled.policies.values()):
        compiled = await asyncio.to_thread(_compile, parts, loaded, before)
    return compiled


async def serve_all(
    parts: Parts, policies: Mapping[str, CompiledPolicy], last: Mapping[str, ServedPolicy] | None = None
) -> tuple[dict[str, ServedPolicy], dict[str, str]]:
    """Make policies runnable; return them, and why others are not.

    Args:
        last: what was served before; a policy that was not compiled again is served on.
    """
    served: dict[str, ServedPolicy] = {}
    unwired: dict[str, str] = {}
    for name, policy in policies.items():
        before = (last or {}).get(name)
        if before is not None and before.policy is policy:
            served[name] = before
            continue
        # A tenant may have many policies, and requests are answered in between.
        await asyncio.sleep(0)
        try:
            one = _serve(parts, policy)
        except ServiceError as error:
            unwired[name] = f"{policy.policy_id} cannot be served: {error.service_code}: {error}"
            continue
        if one is not None:
            served[name] = one
    return served, unwired


def key_text(keys: ActiveKeys, key_id: str) -> str | None:
    """Return the text of the active key of a set, for claims transformations; None when there is none."""
    try:
        secret = keys.active(key_id).secret
    except KeyStoreError:
        return None
    return secret.reveal() if secret is not None else None


def _compile(parts: Parts, loaded: LoadedPolicies, before: CompiledBefore | None) -> CompileResult:
    return compile_all(
        loaded,
        specs=specs_of(parts.settings),
        keys=parts.keys.infos(),
        engine_production=not parts.settings.development,
        before=before,
    )


def _serve(parts: Parts, policy: CompiledPolicy) -> ServedPolicy | None:
    def redact(claim_id: str, value: ClaimValue) -> str:
        return parts.redactor.claim(value, policy.sensitivity(claim_id))

    return serve(
        policy,
        parts.providers,
        tenant_id=parts.tenant.id,
        redact=redact,
        key_text=lambda key_id: key_text(parts.keys, key_id),
    )


async def _make_development_keys(parts: Parts, policies: Iterable[CompiledPolicy]) -> bool:
    """Make the token keys that policies name and nobody has made; say whether there were any."""
    wanted: dict[str, WantedKeySet] = {}
    for policy in policies:
        for profile in policy.technical_profiles.values():
            if profile.handler == JWT_ISSUER:
                for name, use in ((SIGNING_KEY, "sig"), (ENCRYPTION_KEY, "enc")):
                    for key_name, storage_id in profile.keys.items():
                        if key_name.casefold() == name:
                            wanted[storage_id.casefold()] = WantedKeySet(storage_id, use=use)
    return await _made(parts, wanted.values(), "in development mode only")


async def _made(parts: Parts, wanted: Iterable[WantedKeySet], why: str) -> bool:
    made = await make_missing(parts.key_store, wanted, parts.clock)
    for key_id in made:
        parts.warn(f"policy key {key_id} was missing: a new one was made, {why}")
    if made:
        await parts.keys.load()
    return bool(made)
