"""Wire an engine: settings in; database, keys, stores, clients and policies out."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from journeyman.claims.values import ClaimValue
from journeyman.clock import Clock, SystemClock
from journeyman.compiler.compile_folder import CompileResult, compile_all
from journeyman.compiler.compiled import CompiledPolicy, DeploymentMode
from journeyman.compiler.handlers import JWT_ISSUER
from journeyman.compiler.rules import NOT_INVOCABLE
from journeyman.compiler.spec import KeyInfo
from journeyman.connector import from_settings
from journeyman.connector.authenticator import ActiveKeys
from journeyman.connector.client import RestClient
from journeyman.connector.kept_token import KeptTokens
from journeyman.connector.limits import CallRules, default_limits
from journeyman.connector.managed_bearer import TokenSources
from journeyman.diagnostics import Diagnostic, PolicyError, Severity
from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.sign_in import PasswordSignIn
from journeyman.directory.store import UserStore
from journeyman.directory.tenant_key import tenant_key
from journeyman.engine.engine import Engine, Tenant
from journeyman.engine.key_audit import SigningAudit
from journeyman.engine.key_upkeep import KeyUpkeep
from journeyman.engine.key_uses import key_uses
from journeyman.engine.observers import observers_of
from journeyman.engine.policies import PolicySet, ServedPolicy, serve
from journeyman.engine.registry import ProviderServices, specs_of
from journeyman.engine.tenant_policies import load_tenant_policies
from journeyman.engine.tenant_store import TenantStore, audit_log, open_tenant_store, registry_of
from journeyman.engine.unused_settings import unused_profile_settings
from journeyman.errors import JourneymanError, KeyStoreError, ServiceError
from journeyman.journey.verification import EmailVerification
from journeyman.keys.development import PLATFORM_SIGNING, WantedKeySet, make_missing
from journeyman.keys.folder import import_folder
from journeyman.keys.ring import KeyRing
from journeyman.keys.root_keys import RootKeySealer
from journeyman.keys.store import KeyStore
from journeyman.mail.mailbox import Mailbox
from journeyman.mail.unavailable import UnavailableMailer
from journeyman.policy.load import LoadedPolicies
from journeyman.policy.model import key
from journeyman.providers.directory import Directory
from journeyman.providers.federation import FederationServices
from journeyman.providers.jwt_issuer import ENCRYPTION_KEY, SIGNING_KEY
from journeyman.providers.restful import RestServices
from journeyman.settings import Settings
from journeyman.state.one_time_codes import OneTimeCodes
from journeyman.state.sql import SqlStateStore
from journeyman.trace.redaction import Redactor
from journeyman.trace.store import TraceStore
from journeyman.trace.writer import TraceWriter

KEY_REFRESH_S: Final = 1.0
PURGE_EVERY_S: Final = 60.0

_LOG: Final = logging.getLogger(__name__)

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


async def open_engine(
    settings: Settings, *, warn: Warn, clock: Clock | None = None, passwords: PasswordHasher | None = None
) -> Engine:
    """Open the tenant folder's store, import its keys, compile its policies.

    Args:
        warn: told what a person should know: keys that were made, files that were passed over.
        passwords: another hasher than the usual one, for measurements and tests; the engine closes it.

    Raises:
        JourneymanError: the store, the keys or (in production mode) a policy cannot be used.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as opened:
        engine = await _open(settings, warn, clock, passwords or PasswordHasher(), opened)
        closing = opened.pop_all()
    engine.close = closing.aclose
    return engine


async def _open(
    settings: Settings, warn: Warn, clock: Clock, passwords: PasswordHasher, opened: AsyncExitStack
) -> Engine:
    opened.callback(passwords.close)
    store = await opened.enter_async_context(open_tenant_store(settings, clock))
    database, sealer = store.database, store.sealer
    tenant = Tenant(settings.tenant_name, store.tenant_id)
    state = SqlStateStore(database, sealer, clock)
    key_store, keys = await _keys(settings, store, clock, warn)
    redactor = Redactor((await tenant_key(database, sealer, tenant.id, "redaction")).reveal_bytes())
    users = UserStore(database, sealer, clock, tenant_id=tenant.id, tenant_name=tenant.name)
    audit = store.audit or await audit_log(database, sealer, clock)
    signings = SigningAudit(audit, tenant.id, clock)
    opened.push_async_callback(signings.close)
    traces = TraceStore(database)
    writer = TraceWriter(traces)
    writer.start()
    opened.push_async_callback(writer.close)
    observed = observers_of(settings, audit, tenant.id, writer, clock, opened, warn=warn)
    client = rest_client(settings, clock)
    opened.push_async_callback(client.close)
    to_providers = provider_client(settings, clock)
    opened.push_async_callback(to_providers.close)
    mailbox = Mailbox(database, clock) if settings.development else None
    tokens, kept_tokens = TokenSources(), KeptTokens()
    opened.push_async_callback(tokens.close)
    providers = ProviderServices(
        directory=Directory(users, passwords, clock),
        sign_in=PasswordSignIn(users, passwords, state, clock),
        tenant_id=tenant.id,
        codes=OneTimeCodes(state, clock),
        mailer=mailbox or UnavailableMailer(),
        tenant_name=tenant.name,
        rest=lambda policy: replace(
            rest_services(settings, client, keys, redactor, tenant, policy),
            observer=observed.observer,
            tokens=tokens,
            kept_tokens=kept_tokens,
        ),
        federation=lambda policy: replace(
            _federation_services(settings, to_providers, keys, redactor, tenant, policy), observer=observed.observer
        ),
    )
    parts = Parts(settings, tenant, key_store, keys, providers, redactor, clock, warn)
    engine = Engine(
        settings=settings,
        tenant=tenant,
        clock=clock,
        database=database,
        state=state,
        key_store=key_store,
        keys=keys,
        users=users,
        applications=await registry_of(settings, store, clock),
        traces=traces,
        trace_writer=writer,
        audit=audit,
        metrics=observed.metrics,
        signings=signings,
        mailbox=mailbox,
        email_verification=EmailVerification(state, mailbox or UnavailableMailer(), clock),
        policies=await load_policy_set(parts),
        platform_signing_key=PLATFORM_SIGNING.id,
        reload=lambda: load_policy_set(parts),
        close=opened.aclose,
    )
    engine.key_upkeep = KeyUpkeep(settings, key_store, keys, engine.applications, clock, lambda: key_uses(settings))
    if engine.metrics is not None:
        from journeyman.engine.expiry_metrics import ExpiryMetrics

        upkeep_of_keys = engine.key_upkeep
        engine.metrics.add(ExpiryMetrics(lambda: upkeep_of_keys.found, clock))
    upkeep = asyncio.get_running_loop().create_task(_upkeep(engine, sealer), name="journeyman-upkeep")
    opened.push_async_callback(_stop, upkeep)
    engine.ready = True
    return engine


async def load_policy_set(parts: Parts) -> PolicySet:
    """Read, merge, compile and wire all policies of the tenant folder.

    Raises:
        PolicyError: a policy has an error and the engine runs in production mode.
    """
    settings = parts.settings
    loaded = await asyncio.to_thread(load_tenant_policies, settings, paths=settings.policy_paths)
    compiled = _compile(parts, loaded)
    if settings.development and await _make_development_keys(parts, compiled.policies.values()):
        compiled = _compile(parts, loaded)
    errors = [diagnostic for diagnostic in compiled.diagnostics if diagnostic.severity is Severity.ERROR]
    if errors and not settings.development:
        detail = f"{len(errors)} error(s) in the policies: the release is refused"
        raise PolicyError(detail, diagnostics=compiled.diagnostics)
    served, unwired = _serve_all(parts, compiled.policies)
    # A relying party without a journey is no error, and is not served all the same.
    reasons = [each for each in compiled.diagnostics if each.severity is Severity.ERROR or each.rule is NOT_INVOCABLE]
    problems = {
        name: (*unwired.get(name, ()), *_errors_of(loaded, policy.policy_id, reasons))
        for name, policy in loaded.policies.items()
        if policy.relying_party and name not in served
    }
    unused = tuple(unused_profile_settings(settings, loaded))
    return PolicySet(served, (*compiled.diagnostics, *unused), problems)


def _errors_of(loaded: LoadedPolicies, policy_id: str, errors: Iterable[Diagnostic]) -> tuple[str, ...]:
    """Return the errors in the files of a policy's chain; those of its own file when the chain is not complete."""
    merged, _ = loaded.merged(policy_id)
    files = merged.files if merged else loaded.policies[key(policy_id)].files
    return tuple(str(error) for error in errors if error.location.path in files)


def _compile(parts: Parts, loaded: LoadedPolicies) -> CompileResult:
    production = not parts.settings.development
    return compile_all(loaded, specs=specs_of(parts.settings), keys=parts.keys.infos(), engine_production=production)


def _serve_all(
    parts: Parts, policies: Mapping[str, CompiledPolicy]
) -> tuple[dict[str, ServedPolicy], dict[str, tuple[str, ...]]]:
    """Make policies runnable; return them, and why others are not.

    Raises:
        PolicyError: one cannot be made runnable and the engine runs in production mode.
    """
    served: dict[str, ServedPolicy] = {}
    unwired: dict[str, tuple[str, ...]] = {}
    for name, policy in policies.items():
        try:
            one = _serve(parts, policy)
        except ServiceError as error:
            detail = f"{policy.policy_id} cannot be served: {error.service_code}: {error}"
            if not parts.settings.development:
                raise PolicyError(detail) from error
            parts.warn(detail)
            unwired[name] = (detail,)
            continue
        if one is not None:
            served[name] = one
    return served, unwired


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


def key_text(keys: ActiveKeys, key_id: str) -> str | None:
    """Return the text of the active key of a set, for claims transformations; None when there is none."""
    try:
        secret = keys.active(key_id).secret
    except KeyStoreError:
        return None
    return secret.reveal() if secret is not None else None


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
    made = await make_missing(parts.key_store, wanted.values(), parts.clock)
    for key_id in made:
        parts.warn(f"policy key {key_id} was missing: a new one was made, in development mode only")
    if made:
        await parts.keys.load()
    return bool(made)


async def _keys(settings: Settings, store: TenantStore, clock: Clock, warn: Warn) -> tuple[KeyStore, KeyRing]:
    report = await import_folder(settings.folder / "keys", store.keys, clock, os.environ)
    for warning in report.warnings:
        warn(warning)
    for name in report.ignored:
        warn(f"keys/{name} is not a key file and was passed over")
    # Tokens of the tenant's own endpoint need a key in both modes; no policy names it, so nobody could create it.
    await make_missing(store.keys, (PLATFORM_SIGNING,), clock)
    ring = KeyRing(store.keys, clock, sole_future=settings.activate_sole_future_key)
    await ring.load()
    return store.keys, ring


def rest_client(settings: Settings, clock: Clock) -> RestClient:
    """Make the client of all REST calls of a tenant; close it at the end."""
    token_origin = settings.server.public_url if settings.development else None
    return from_settings.rest_client(settings, clock, token_origin=token_origin, circuit=not settings.development)


def provider_client(settings: Settings, clock: Clock) -> RestClient:
    """Make the client of all calls to identity providers; close it at the end.

    Who signs in at the Microsoft identity platform gets a code from there, which the own token endpoint does
    not know: nothing but what the settings say is mapped.
    """
    return from_settings.rest_client(settings, clock, token_origin=None, circuit=not settings.development)


def _federation_services(
    settings: Settings, client: RestClient, keys: KeyRing, redactor: Redactor, tenant: Tenant, policy: CompiledPolicy
) -> FederationServices:
    return FederationServices(
        client=client,
        keys=keys,
        clock=client.clock,
        redactor=redactor,
        rules=CallRules(default_limits(settings.calls), plain_http=settings.development),
        origin=settings.server.public_url,
        tenant=tenant.name,
        policy_id=policy.policy_id,
    )


def rest_services(
    settings: Settings, client: RestClient, keys: ActiveKeys, redactor: Redactor, tenant: Tenant, policy: CompiledPolicy
) -> RestServices:
    """Return what the REST profiles of a policy share."""
    return RestServices(
        client=client,
        keys=keys,
        redactor=redactor,
        policy_id=policy.policy_id,
        tenant_id=tenant.name,
        development=settings.development or policy.deployment_mode is DeploymentMode.DEVELOPMENT,
        settings=settings.profiles,
        limits=default_limits(settings.calls),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What policies were compiled with of the keys: the version of the store, and what it tells the compiler."""

    version: int
    infos: Mapping[str, KeyInfo]


async def _reload_for_keys(engine: Engine, seen: _Seen) -> _Seen:
    """In development serve a policy as soon as the key is there that it was missing, without a restart.

    In production every key is there when the engine starts, and policies change at a start only. A key that
    was deleted fails the calls that need it (AADB2C90130), as the real service does; what is served stays.
    """
    if engine.keys.version == seen.version:
        return seen
    now = _Seen(engine.keys.version, engine.keys.infos())
    gained = any(info != seen.infos.get(name) for name, info in now.infos.items())
    if engine.settings.development and gained:
        engine.policies = await engine.reload()
    return now


async def _upkeep(engine: Engine, sealer: RootKeySealer) -> None:
    """Take over changed keys within a second and forget what has expired; a failure is logged once, and tried again."""
    since_purge_s, failing = 0.0, False
    seen = _Seen(engine.keys.version, engine.keys.infos())
    while True:
        await asyncio.sleep(KEY_REFRESH_S)
        since_purge_s += KEY_REFRESH_S
        try:
            # First what opens the records, then the records.
            await sealer.refresh()
            await engine.keys.refresh()
            seen = await _reload_for_keys(engine, seen)
            await engine.signings.flush()
            if engine.key_upkeep is not None:
                await engine.key_upkeep.run()
            if since_purge_s >= PURGE_EVERY_S:
                since_purge_s = 0.0
                await engine.state.purge()
        except JourneymanError as error:
            if not failing:
                _LOG.error("upkeep failed and is tried again every second: %s: %s", error.code, error)
            failing = True
        else:
            if failing:
                _LOG.warning("upkeep works again")
            failing = False


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
