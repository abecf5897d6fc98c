"""Wire an engine: settings in; database, keys, stores, clients and policies out."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from journeyman.api_call.services import RestServices
from journeyman.clock import Clock, SystemClock
from journeyman.compiler.compiled import CompiledPolicy, DeploymentMode
from journeyman.compiler.spec import KeyInfo
from journeyman.connector import from_settings
from journeyman.connector.authenticator import ActiveKeys
from journeyman.connector.client import RestClient
from journeyman.connector.kept_token import KeptTokens
from journeyman.connector.limits import CallRules, default_limits
from journeyman.connector.managed_bearer import TokenSources
from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.sign_in import PasswordSignIn
from journeyman.directory.store import UserStore
from journeyman.directory.tenant_key import tenant_key
from journeyman.engine.compiling import Parts, Warn
from journeyman.engine.console import CONSOLE, Console, console_tenant
from journeyman.engine.console_tenant import console_engine
from journeyman.engine.engine import Engine, Tenant
from journeyman.engine.key_audit import SigningAudit
from journeyman.engine.key_upkeep import KeyUpkeep
from journeyman.engine.observers import observers_of
from journeyman.engine.policy_loader import PolicyLoader
from journeyman.engine.registry import ProviderServices
from journeyman.engine.replaced_keys import ReplacedKeys
from journeyman.engine.stored import reader_of
from journeyman.engine.tenant_store import TenantStore, audit_log, open_tenant_store, registry_of
from journeyman.errors import JourneymanError
from journeyman.journey.verification import EmailVerification
from journeyman.keys.development import PLATFORM_SIGNING, make_missing
from journeyman.keys.folder import import_folder
from journeyman.keys.ring import KeyRing
from journeyman.keys.root_keys import RootKeySealer
from journeyman.keys.store import KeyStore
from journeyman.mail.mailbox import Mailbox
from journeyman.mail.unavailable import UnavailableMailer
from journeyman.providers.directory import Directory
from journeyman.providers.federation import FederationServices
from journeyman.settings import Settings
from journeyman.settings.extensions_app import extensions_app_of
from journeyman.state.one_time_codes import OneTimeCodes
from journeyman.state.sql import SqlStateStore
from journeyman.state.throttle import Throttle
from journeyman.trace.redaction import Redactor
from journeyman.trace.store import TraceStore
from journeyman.trace.writer import TraceWriter

KEY_REFRESH_S: Final = 1.0
PURGE_EVERY_S: Final = 60.0

_LOG: Final = logging.getLogger(__name__)


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
    extensions_app = extensions_app_of(settings, store.tenant_id)
    tenant = Tenant(settings.tenant_name, store.tenant_id, extensions_app)
    state = SqlStateStore(database, sealer, clock)
    key_store, keys = await _keys(settings, store, clock, warn)
    redactor = Redactor((await tenant_key(database, sealer, tenant.id, "redaction")).reveal_bytes())
    audit = store.audit or await audit_log(database, sealer, clock)
    users = UserStore(
        database,
        sealer,
        clock,
        tenant_id=tenant.id,
        tenant_name=tenant.name,
        extensions_app=extensions_app,
        audit=audit,
    )
    administrators = UserStore(database, sealer, clock, tenant_id=console_tenant(tenant.id), tenant_name=CONSOLE)
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
    reader = reader_of(settings, database, clock, audit, tenant.id)
    loader = PolicyLoader(parts, reader)
    engine = Engine(
        settings=settings,
        tenant=tenant,
        clock=clock,
        database=database,
        state=state,
        key_store=key_store,
        keys=keys,
        users=users,
        passwords=passwords,
        applications=await registry_of(settings, store, clock),
        traces=traces,
        trace_writer=writer,
        audit=audit,
        metrics=observed.metrics,
        signings=signings,
        mailbox=mailbox,
        email_verification=EmailVerification(state, mailbox or UnavailableMailer(), clock),
        policies=await loader.reload(),
        loader=loader,
        releases=reader.releases,
        configuration=reader.configuration,
        platform_signing_key=PLATFORM_SIGNING.id,
        wrong_secrets=Throttle(clock, settings.management.failures_per_minute),
        console=Console(administrators, passwords, lambda: console_engine(engine, parts, sealer, administrators)),
        close=opened.aclose,
    )
    engine.key_upkeep = KeyUpkeep(settings, key_store, keys, engine.applications, clock, engine.key_uses)
    if engine.metrics is not None:
        from journeyman.engine.expiry_metrics import ExpiryMetrics

        upkeep_of_keys = engine.key_upkeep
        engine.metrics.add(ExpiryMetrics(lambda: upkeep_of_keys.found, clock))
    upkeep = asyncio.get_running_loop().create_task(_upkeep(engine, sealer), name="journeyman-upkeep")
    opened.push_async_callback(_stop, upkeep)
    engine.ready = True
    return engine


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
        connector_limits=default_limits(settings.calls, user_flow=True),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What policies were compiled with of the keys: the version of the store, and what it tells the compiler."""

    version: int
    infos: Mapping[str, KeyInfo]


async def _reload_for_keys(engine: Engine, seen: _Seen) -> _Seen:
    """Serve a policy as soon as the key is there that it was missing, without a restart.

    In production files are read at a start only, and every key that they name is there then; an uploaded policy
    may wait for one. A key that was deleted fails the calls that need it (AADB2C90130), as the real service does;
    what is served stays.
    """
    if engine.keys.version == seen.version:
        return seen
    now = _Seen(engine.keys.version, engine.keys.infos())
    if any(info != seen.infos.get(name) for name, info in now.infos.items()):
        if engine.settings.development:
            engine.policies = await engine.reload()
        else:
            await engine.refresh()
    return now


async def _upkeep(engine: Engine, sealer: RootKeySealer) -> None:
    """Take over changed keys within a second and forget what has expired; a failure is logged once, and tried again."""
    since_purge_s, failing = 0.0, False
    replaced = ReplacedKeys(engine.configuration, engine.key_store, engine.settings.identity, engine.clock)
    seen = _Seen(engine.keys.version, engine.keys.infos())
    while True:
        await asyncio.sleep(KEY_REFRESH_S)
        since_purge_s += KEY_REFRESH_S
        try:
            # First what opens the records, then the records.
            await sealer.refresh()
            await engine.keys.refresh()
            seen = await _reload_for_keys(engine, seen)
            if await engine.loader.outdated():
                await engine.refresh()
            await engine.signings.flush()
            if engine.key_upkeep is not None:
                await engine.key_upkeep.run()
            await replaced.run()
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
