"""Make the engine of the portal's own tenant: an engine in, another one that shares nothing but machinery with it out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from journeyman.applications.registry import ApplicationRegistry
from journeyman.diagnostics import PolicyError
from journeyman.directory.sign_in import PasswordSignIn
from journeyman.directory.store import UserStore
from journeyman.directory.tenant_key import tenant_key
from journeyman.engine.compiling import Parts, compiled_with_keys, serve_all
from journeyman.engine.console import CALLBACK, CONSOLE, PORTAL_CLIENT, console_tenant
from journeyman.engine.engine import Engine, Tenant
from journeyman.engine.key_audit import KeyAuditTrail
from journeyman.engine.policies import PolicySet
from journeyman.engine.tenant_store import DATA_FOLDER
from journeyman.keys.development import TOKEN_SIGNING, make_missing
from journeyman.keys.ring import KeyRing
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.policy.load import PolicyText, load_policies
from journeyman.providers.directory import Directory
from journeyman.secret import Sealer
from journeyman.settings import ApplicationSettings, IdentitySettings, Settings
from journeyman.state.apart import StateApart
from journeyman.trace.writer import TraceWriter

_POLICY: Final = Path(__file__).parent / "portal_sign_in.xml"


async def console_engine(engine: Engine, parts: Parts, sealer: Sealer, users: UserStore) -> Engine:
    """Return the engine in which administrators sign in.

    Directory, keys, applications, policies and state are its own; database, clock and clients are shared. Its
    journeys are not recorded: the audit trail tells of sign-ins. Close the other engine, not this one.
    """
    tenant = Tenant(CONSOLE, console_tenant(engine.tenant.id), engine.tenant.extensions_app)
    settings = _settings(engine.settings, tenant)
    state = StateApart(engine.state, CONSOLE)
    store = SqlKeyStore(engine.database, sealer, tenant.id, engine.clock, KeyAuditTrail(engine.audit, "engine"))
    await make_missing(store, (TOKEN_SIGNING,), engine.clock)
    keys = KeyRing(store, engine.clock)
    await keys.load()
    passwords = engine.console.passwords
    providers = replace(
        parts.providers,
        directory=Directory(users, passwords, engine.clock),
        sign_in=PasswordSignIn(users, passwords, state, engine.clock),
        tenant_id=tenant.id,
        tenant_name=CONSOLE,
    )
    own = replace(parts, settings=settings, tenant=tenant, key_store=store, keys=keys, providers=providers)
    hash_key = await tenant_key(engine.database, sealer, tenant.id, "application secrets")
    return replace(
        engine,
        settings=settings,
        tenant=tenant,
        state=state,
        key_store=store,
        keys=keys,
        users=users,
        applications=ApplicationRegistry(
            settings.applications,
            engine.database,
            engine.clock,
            tenant_id=tenant.id,
            hash_key=hash_key,
            audit=engine.audit,
        ),
        trace_writer=TraceWriter(engine.traces, capacity=0),
        policies=await _policies(own),
        platform_signing_key=TOKEN_SIGNING.id,
        mailbox=None,
        key_upkeep=None,
    )


async def _policies(parts: Parts) -> PolicySet:
    text = PolicyText("the sign-in of the portal", _POLICY.read_bytes())
    loaded = load_policies((), settings={}, tenant_name=CONSOLE, texts=(text,))
    compiled = await compiled_with_keys(parts, loaded)
    served, problems = await serve_all(parts, compiled.policies)
    if not served:
        raise PolicyError(f"the sign-in of the portal cannot be served: {problems}", diagnostics=compiled.diagnostics)
    return PolicySet(served)


def _settings(settings: Settings, tenant: Tenant) -> Settings:
    """Return the settings of that tenant: those of the server, and nothing that speaks of the other one's policies."""
    portal = ApplicationSettings(
        client_id=PORTAL_CLIENT,
        name="Journeyman portal",
        redirect_uris=(f"{settings.server.public_url}{CALLBACK}",),
    )
    return replace(
        settings,
        folder=settings.folder / DATA_FOLDER / "portal",
        tenant_name=tenant.name,
        tenant_id=tenant.id,
        policy_paths=(),
        values={},
        profiles={},
        applications=(portal,),
        identity=IdentitySettings(),
    )
