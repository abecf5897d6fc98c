from __future__ import annotations

import logging

import pytest

from journeyman.engine.key_audit import SigningAudit
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.errors import KeyStoreError, StorageError
from journeyman.keys.creation import generate_secret, secret_key
from journeyman.settings import Settings
from journeyman.web.oidc.tokens import signing_key

CANARY = "canary-hunter2"


@pytest.fixture
async def store(tmp_path, clock):
    settings = Settings(folder=tmp_path, tenant_name="contoso.onmicrosoft.com", tenant_id=None)
    async with open_tenant_store(settings, clock, actor="command line, ann") as store:
        yield store


def key(clock, kid_of=None):
    return secret_key(CANARY, use="sig", now=clock.now())


async def entries(store):
    return [(entry.activity, entry.target, dict(entry.detail)) for entry in reversed(await store.audit.list())]


async def test_every_change_of_a_key_set_is_in_the_audit_trail(store, clock):
    first, second = key(clock), key(clock)
    await store.keys.create("Rest", [first])
    await store.keys.add("Rest", second)
    await store.keys.enable("Rest", first.kid, enabled=False)
    await store.keys.enable("Rest", first.kid, enabled=True)
    await store.keys.delete("Rest")
    await store.keys.restore("Rest.bak")
    one, two = ({"kid": one.kid, "kty": "oct", "use": "sig"} for one in (first, second))

    assert await entries(store) == [
        ("Create policy key", "B2C_1A_Rest", one),
        ("Add key to policy key", "B2C_1A_Rest", two),
        ("Disable key of policy key", "B2C_1A_Rest", one),
        ("Enable key of policy key", "B2C_1A_Rest", one),
        ("Delete policy key", "B2C_1A_Rest", {"backup": "B2C_1A_Rest.bak"}),
        ("Restore policy key", "B2C_1A_Rest", {"backup": "B2C_1A_Rest.bak"}),
    ]
    assert await store.audit.verify() == 6


async def test_replacing_and_rewriting_and_a_final_deletion_are_there_too(store, clock):
    first, second = key(clock), key(clock)
    await store.keys.replace("Rest", [first, second], create=True)
    await store.keys.rewrite("Rest", lambda found: found.keys[:1], activity="Retire key")
    await store.keys.create("Empty")
    await store.keys.delete("Rest")
    await store.keys.delete("Rest.bak")

    assert [found[:2] for found in await entries(store)] == [
        ("Create policy key", "B2C_1A_Rest"),
        ("Retire key", "B2C_1A_Rest"),
        ("Create policy key", "B2C_1A_Empty"),
        ("Delete policy key", "B2C_1A_Rest"),
        ("Delete backup of policy key", "B2C_1A_Rest.bak"),
    ]
    assert (await entries(store))[0][2]["kid"] == f"{first.kid}, {second.kid}"


async def test_an_entry_names_who_did_it_and_holds_no_secret(store, clock):
    await store.keys.create("Rest", [key(clock)])
    (entry,) = await store.audit.list()

    assert entry.actor == "command line, ann"
    assert CANARY not in repr(entry)


async def test_a_change_that_fails_leaves_no_entry(store, clock):
    await store.keys.create("Rest", [key(clock)])
    with pytest.raises(KeyStoreError, match="AADB2C95028"):
        await store.keys.create("Rest", [key(clock)])

    assert await store.audit.verify() == 1


class Interloper:
    """Another process that writes an entry between the plan of a change and its transaction."""

    def __init__(self, log, times):
        self.log, self.times = log, times

    async def statements(self, events, *, tenant):
        found = await self.log.statements([], tenant=tenant)
        if self.times:
            self.times -= 1
            found = await self.log.statements([event_of(events[0])], tenant=tenant)
            await self.log.append("call", "app", "REST-Get", tenant=tenant)
            return found
        return await self.log.statements([event_of(events[0])], tenant=tenant)


def event_of(event):
    from journeyman.storage.audit import AuditEvent

    return AuditEvent(event.activity, "test", event.target, event.detail)


async def test_an_entry_of_somebody_else_in_between_makes_the_change_try_again(store, clock):
    from dataclasses import replace

    late = replace(store.keys, audit=Interloper(store.audit, 3))
    await late.create("Rest", [key(clock)])

    assert [found[0] for found in await entries(store)] == ["call", "call", "call", "Create policy key"]
    assert await store.audit.verify() == 4
    assert len((await store.keys.get("Rest")).keys) == 1


async def test_the_first_signature_of_a_key_is_written_at_once_and_the_others_once_a_minute(store, clock):
    signings = SigningAudit(store.audit, "contoso", clock)
    written = []
    for seconds in (0, 1, 30, 60, 61):
        signings.note("B2C_1A_Signing", "kid-1")
        await signings.flush()
        written.append((seconds, len(await store.audit.list())))
        clock.turn(seconds={0: 1, 1: 29, 30: 30, 60: 1, 61: 0}[seconds])

    assert written == [(0, 1), (1, 1), (30, 1), (60, 2), (61, 2)]
    assert [entry.detail["answers"] for entry in await store.audit.list()] == ["3", "1"]


async def test_what_is_left_at_the_end_is_written(store, clock):
    signings = SigningAudit(store.audit, "contoso", clock)
    for kid in ("1", "2", "2"):
        signings.note("B2C_1A_Signing", kid)
    await signings.close()

    assert await entries(store) == [
        ("Sign with policy key", "B2C_1A_Signing", {"kid": "1", "answers": "1", "since": "2026-03-01T12:00:00Z"}),
        ("Sign with policy key", "B2C_1A_Signing", {"kid": "2", "answers": "2", "since": "2026-03-01T12:00:00Z"}),
    ]


class FailingLog:
    def __init__(self, log):
        self.log, self.failing = log, True

    async def append_all(self, events, *, tenant):
        if self.failing:
            raise StorageError("the disk is full")
        return await self.log.append_all(events, tenant=tenant)


async def test_signatures_that_could_not_be_written_are_kept_and_told_at_the_end(store, clock, caplog):
    log = FailingLog(store.audit)
    signings = SigningAudit(log, "contoso", clock)
    signings.note("B2C_1A_Signing", "1")
    with pytest.raises(StorageError):
        await signings.flush()
    signings.note("B2C_1A_Signing", "1")
    with caplog.at_level(logging.ERROR):
        await signings.close()
    log.failing = False
    await signings.flush()

    assert "the signatures of 2 answers are not in the audit trail: the disk is full" in caplog.text
    assert [entry.detail["answers"] for entry in await store.audit.list()] == ["2"]


async def test_made_keys_are_in_the_trail_as_well(store, clock):
    await store.keys.create("Made", [generate_secret(use="sig", now=clock.now())])

    assert (await entries(store))[0][0] == "Create policy key"


async def test_a_token_that_is_signed_is_in_the_trail_of_a_running_engine(xml, open_tenant):
    engine = await open_tenant({"test.xml": xml.policy(claims=(), outputs=(), subject="")})
    key = signing_key(engine, engine.platform_signing_key)
    await engine.close()
    again = await open_tenant()
    signed = [entry for entry in await again.audit.list() if entry.activity == "Sign with policy key"]

    assert [(entry.target, entry.detail["kid"]) for entry in signed] == [(engine.platform_signing_key, key.kid)]
