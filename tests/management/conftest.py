"""The stores of a tenant without an engine, a caller with every right, and certificates to upload."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12

from journeyman.configuration.store import ConfigurationStore
from journeyman.engine.key_audit import KeyAuditTrail
from journeyman.engine.replaced_keys import ReplacedKeys
from journeyman.keys.certificate import self_signed
from journeyman.keys.sealing import EnvelopeSealer, local_master_key
from journeyman.keys.stores.sql import SqlKeyStore
from journeyman.management.caller import ROLES, caller_of
from journeyman.management.identity_context import IdentityContext
from journeyman.settings.identity import IdentitySettings
from journeyman.storage.audit import AuditLog
from journeyman.storage.sqlite import open_sqlite

APP = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
ADMIN = caller_of("ann", frozenset(ROLES))


@dataclass
class Tenant:
    """What a test looks at: the context, the stores below it, and how often a change was taken over."""

    context: IdentityContext
    database: object
    taken_over: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def declaring(self, **objects) -> IdentityContext:
        return replace(self.context, declared=IdentitySettings(**objects))

    async def key_sets(self) -> list[str]:
        return sorted(each.id for each in await self.context.keys.stored())

    async def key_sets_later(self) -> list[str]:
        """Return what is left after the upkeep of an engine."""
        upkeep = ReplacedKeys(self.context.configuration, self.context.keys, self.context.declared, self.context.clock)
        await upkeep.run()
        self.context.clock.turn(minutes=2)
        await upkeep.run()
        return await self.key_sets()

    async def audit(self) -> list[tuple[str, str]]:
        rows = await self.database.fetch_all("SELECT activity, actor FROM audit ORDER BY sequence")
        return [tuple(row) for row in rows]


@pytest.fixture
async def tenant(tmp_path, clock):
    database = open_sqlite(tmp_path / "journeyman.db")
    audit = AuditLog(database, clock, key=bytes(32))
    sealer = EnvelopeSealer(local_master_key(bytes(range(32))))
    keys = SqlKeyStore(database, sealer, "one", clock, KeyAuditTrail(audit, "engine"))
    held: list[Tenant] = []

    async def take_over():
        held[0].taken_over.append("once")

    async def flow_problems(_flow, _identity):
        return held[0].problems

    context = IdentityContext(
        configuration=ConfigurationStore(database, clock, audit, tenant="one"),
        keys=keys,
        clock=clock,
        declared=IdentitySettings(),
        tenant="contoso.onmicrosoft.com",
        extensions_app=APP,
        plain_http=lambda origin: origin == "http://127.0.0.1:7071",
        flow_problems=flow_problems,
        take_over=take_over,
    )
    held.append(Tenant(context, database))
    yield held[0]
    await database.close()


@dataclass(frozen=True)
class PfxFiles:
    """PFX files whose certificates begin and end so many days from the test's now."""

    clock: object

    def make(self, name: str, *, begins: int = -1, days: int = 365, password: bytes = b"") -> tuple[bytes, str]:
        made = self_signed(f"CN={name}", now=self.clock.now() + timedelta(days=begins), days=days)
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        data = pkcs12.serialize_key_and_certificates(
            name.encode(), made.private_key, made.certificate, None, encryption
        )
        return data, made.certificate.fingerprint(made.certificate.signature_hash_algorithm).hex()


@pytest.fixture
def pfx(clock):
    return PfxFiles(clock).make


@pytest.fixture
def admin():
    return ADMIN
