"""A running engine: what the web and the command line work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from journeyman.applications.registry import ApplicationRegistry
from journeyman.clock import Clock
from journeyman.configuration.releases import ReleaseStore
from journeyman.configuration.store import ConfigurationStore
from journeyman.database import Database
from journeyman.directory.attributes import DEFAULT_EXTENSIONS_APP
from journeyman.directory.passwords import PasswordHasher
from journeyman.directory.store import UserStore
from journeyman.engine.console import Console
from journeyman.engine.key_audit import SigningAudit
from journeyman.engine.key_upkeep import KeyUpkeep
from journeyman.engine.key_uses import KeyUse, key_uses
from journeyman.engine.policies import PolicySet
from journeyman.journey.verification import EmailVerification
from journeyman.keys.ring import KeyRing
from journeyman.keys.store import KeyStore
from journeyman.mail.mailbox import Mailbox
from journeyman.settings import IdentitySettings, Settings
from journeyman.state.store import StateStore
from journeyman.state.throttle import Throttle
from journeyman.storage.audit import AuditLog
from journeyman.trace.records import CallRecord, Entry
from journeyman.trace.store import TraceStore
from journeyman.trace.writer import TraceWriter

if TYPE_CHECKING:
    from journeyman.engine.call_metrics import CallMetrics
    from journeyman.engine.policy_loader import PolicyLoader


@dataclass(frozen=True, slots=True)
class Tenant:
    """The tenant that an engine serves; ``extensions_app`` is the client id of its extensions application."""

    name: str
    id: str
    extensions_app: str = DEFAULT_EXTENSIONS_APP

    def is_called(self, segment: str) -> bool:
        """Whether a path segment names the tenant, by its name or its id."""
        return segment.casefold() in {self.name.casefold(), self.id.casefold()}


@dataclass(slots=True)
class Engine:
    """One tenant, its policies and everything they work with.

    Attributes:
        audit: the chain of what was done; ``audit.append`` and ``audit.verify``.
        signings: is told of every answer whose tokens are signed.
        metrics: of REST calls, None unless the settings say who may read them.
        console: the portal's own tenant, in which administrators sign in.
        wrong_secrets: counts, by client id and address, client secrets that were wrong.
        platform_signing_key: the policy key that signs tokens of the tenant's own token endpoint.
        on_call: is told of every REST call as it ends.
        on_refresh: is told what was served before a change of the store and what is served after it.
        loader: makes the policies that are served; ask ``reload`` and ``refresh`` instead.
        releases, configuration: what is uploaded and stored; a change is served after ``refresh``.
        key_upkeep: knows what ends; None in an engine that was wired without it.
        close: ends everything in the order opposite to the start; closing twice does no harm.
    """

    settings: Settings
    tenant: Tenant
    clock: Clock
    database: Database
    state: StateStore
    key_store: KeyStore
    keys: KeyRing
    users: UserStore
    passwords: PasswordHasher
    applications: ApplicationRegistry
    traces: TraceStore
    trace_writer: TraceWriter
    audit: AuditLog
    metrics: CallMetrics | None
    signings: SigningAudit
    mailbox: Mailbox | None
    email_verification: EmailVerification
    policies: PolicySet
    loader: PolicyLoader
    releases: ReleaseStore
    configuration: ConfigurationStore
    platform_signing_key: str
    wrong_secrets: Throttle
    console: Console
    close: Callable[[], Awaitable[None]]
    on_call: Callable[[CallRecord], None] = lambda _record: None
    on_refresh: Callable[[PolicySet, PolicySet], None] = lambda _before, _after: None
    ready: bool = False
    key_upkeep: KeyUpkeep | None = None

    @property
    def identity(self) -> IdentitySettings:
        """User flows and what they are made of: those of ``journeyman.toml`` and the stored ones."""
        return self.policies.stored.identity

    async def reload(self) -> PolicySet:
        """Read the policies again, the files too, and return them; what is served changes when ``policies`` is set."""
        return await self.loader.reload()

    async def refresh(self) -> None:
        """Serve what is stored now; done when it is served. A policy with errors stays as it last compiled."""
        before, self.policies = self.policies, await self.loader.refresh()
        if before is not self.policies:
            self.on_refresh(before, self.policies)

    def key_uses(self) -> tuple[KeyUse, ...]:
        """Return who uses which policy key."""
        return key_uses(self.settings, self.policies.stored)

    @property
    def origin(self) -> str:
        """The public origin: of the issuer, the endpoints and the redirects."""
        return self.settings.server.public_url

    @property
    def host_name(self) -> str:
        """The host of the public origin, with its port when it has one."""
        return urlsplit(self.origin).netloc

    def trace(self, entries: Iterable[Entry]) -> None:
        """Hand records to the trace and tell of the calls among them."""
        for entry in entries:
            self.trace_writer.record(entry)
            if isinstance(entry.record, CallRecord):
                self.on_call(entry.record)
