"""Secret, client certificate, authority and signing key are rotated while journeys run on two engines of one store.

The short form is a few rotations at a low rate; ``make soak`` rotates each of them 100 times under 100 REST calls a
second. No call fails, and no client that keeps the key set for a while meets a token that it cannot verify.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
from joserfc import jwk, jwt
from rotated_api import Api, serve, server_certificate, server_context, thumbprint

from journeyman.clock import SystemClock
from journeyman.engine import assembly, open_engine
from journeyman.engine.assembly import rest_client, rest_services
from journeyman.engine.key_uses import key_uses
from journeyman.engine.rotation import Rotations
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.errors import ServiceError
from journeyman.keys.certificate import Purpose, issue, make_ca, self_signed
from journeyman.keys.certificate_file import authority_of_key
from journeyman.keys.creation import certified_key, generate_rsa, secret_key
from journeyman.keys.renewal import renewed
from journeyman.providers.restful import build_restful
from journeyman.settings import load_settings
from journeyman.technical_profile import Call
from journeyman.trace.redaction import Redactor
from journeyman.web.app import build_app
from journeyman.web.server import bind, server_of
from journeyman.web.server import start as start_server

SOAK = bool(os.environ.get("JOURNEYMAN_SOAK"))
ROTATIONS = 100 if SOAK else 2
JOURNEYS_PER_S = 8  # of three REST calls each
CALLS_PER_S = 76 if SOAK else 4  # beside those of the journeys
CLIENT = "11111111-0000-4000-8000-000000000001"
CLOCK = SystemClock()
REFRESH_S = 0.1
KEPT_BY_CLIENTS_S = 0.5
SOME_CALLS_S = 0.3
VERIFIED_AFTER_S = 0.3
KEEP = timedelta(hours=1)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]


@dataclass
class Load:
    """What journeys came to."""

    tokens: int = 0
    calls: int = 0
    failed: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    slowest_take_over_s: float = 0.0
    running: set = field(default_factory=set)

    async def drained(self):
        """Wait until every journey that has begun by now has ended, its token verified."""
        if self.running:
            await asyncio.wait(set(self.running))


@dataclass
class Client:
    """An application that keeps the key set for a while and never asks for it out of turn."""

    keys: jwk.KeySet | None = None
    read_s: float = -1e9

    async def verify(self, http, url, token):
        if time.monotonic() - self.read_s > KEPT_BY_CLIENTS_S or self.keys is None:
            async with http.get(url) as answer:
                self.keys, self.read_s = jwk.KeySet.import_key_set(await answer.json()), time.monotonic()
        jwt.decode(token, self.keys, algorithms=["RS256"])


@asynccontextmanager
async def engine_of(folder):
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        settings = load_settings(folder, environment={}, listen=f"127.0.0.1:{port}")
        engine = await open_engine(settings, warn=lambda _: None)
        server = server_of(build_app(engine), settings.server)
        task = await start_server(server, listener)
        try:
            yield engine, f"http://127.0.0.1:{port}/{engine.tenant.name}/b2c_1a_rotated"
        finally:
            server.should_exit = True
            await task
            await engine.close()


def write_tenant(folder, port, certificate):
    (folder / "policies").mkdir(parents=True)
    policy = (Path(__file__).parent / "policies" / "Rotated.xml").read_text()
    (folder / "policies" / "Rotated.xml").write_text(policy)
    (folder / "ca.pem").write_bytes(certificate.chain_pem())
    (folder / "journeyman.toml").write_text(
        '[tenant]\nname = "contoso.onmicrosoft.com"\n[egress]\ntrust = ["ca.pem"]\n'
        f'[egress.map]\n"https://api.contoso.example" = "https://127.0.0.1:{port}"\n'
        f'[[applications]]\nclient_id = "{CLIENT}"\nname = "Web"\ntype = "web"\n'
        'redirect_uris = ["https://app.contoso.com/callback"]\nallow_implicit = true\n'
    )


def key_of(made):
    return certified_key(made.certificate, made.chain, made.private_key, now=CLOCK.now(), use="sig")


async def fill(store, api):
    """Store the first version of each key, and let the API know it."""
    now = CLOCK.now()
    own, authority = self_signed("own", now=now), make_ca("Clients", now=now)
    issued = issue(authority, "issued", now=now, purpose=Purpose.CLIENT)
    secret = secrets.token_hex(8)
    await store.keys.create("Secret", [secret_key(secret, use="sig", now=now)])
    await store.keys.create("Certificate", [key_of(own)])
    await store.keys.create("Authority", [key_of(authority)])
    await store.keys.create("Issued", [key_of(issued)])
    for name in ("Signing", "Encryption"):
        await store.keys.create(name, [generate_rsa(use="sig" if name == "Signing" else "enc", now=now)])
    api.secrets, api.certificates = {secret}, {thumbprint(own.certificate)}
    api.authorities = {"first": authority.certificate}
    api.believe(own.certificate)
    api.believe(authority.certificate)


@dataclass
class Operator:
    """Rotates in a process of its own, as far as the store is concerned, and waits as the engines need it."""

    store: object
    rotations: Rotations
    engines: list
    load: Load

    async def taken_over(self, name, kid):
        """Wait until every engine uses a version, and note how long that took."""
        began = time.monotonic()
        while any(engine.keys.active(name).kid != kid for engine in self.engines):
            assert time.monotonic() - began < 2, f"{name} was not taken over within two seconds"
            await asyncio.sleep(0.01)
        self.load.slowest_take_over_s = max(self.load.slowest_take_over_s, time.monotonic() - began)

    async def published(self, name, kid):
        """Wait until every engine publishes a version, and every client has read the key set after that."""
        began = time.monotonic()
        while any(kid not in {key.kid for key in engine.keys.get(name).keys} for engine in self.engines):
            assert time.monotonic() - began < 2, f"{name} was not published within two seconds"
            await asyncio.sleep(0.01)
        await self.load.drained()
        await asyncio.sleep(KEPT_BY_CLIENTS_S)
        await self.load.drained()

    async def active(self, name):
        return (await self.store.keys.get(f"B2C_1A_{name}")).active(CLOCK.now())

    async def rotate(self, name, key, *, learn, forget, early):
        """One rotation; an API that learns the version late makes the calls in between fall back."""
        await self.rotations.stage(f"B2C_1A_{name}", key)
        if not early:
            learn()
        await self.rotations.promote(f"B2C_1A_{name}", KEEP)
        await self.taken_over(f"B2C_1A_{name}", key.kid)
        if early:
            await asyncio.sleep(SOME_CALLS_S)
            learn()
        await self.load.drained()
        forget()
        await self.rotations.retire(f"B2C_1A_{name}")


async def rotate_secret(operator, api):
    for number in range(ROTATIONS):
        old, new = (await operator.active("Secret")).secret.reveal(), secrets.token_hex(8)
        key = secret_key(new, use="sig", now=CLOCK.now())

        def forget(old=old):
            api.secrets.discard(old)

        await operator.rotate(
            "Secret", key, learn=lambda new=new: api.secrets.add(new), forget=forget, early=number % 2 == 0
        )


async def rotate_certificate(operator, api):
    for number in range(ROTATIONS):
        active = await operator.active("Certificate")
        old, key = thumbprint(active.certificates[0]), await asyncio.to_thread(renewed, active, now=CLOCK.now())

        def learn(key=key):
            api.believe(key.certificates[0])
            api.certificates.add(thumbprint(key.certificates[0]))

        def forget(old=old):
            api.certificates.discard(old)

        await operator.rotate("Certificate", key, learn=learn, forget=forget, early=number % 2 == 0)


async def rotate_authority(operator, api):
    """Rotate the authority, then the certificate that it issued; the API trusts both in between."""
    for number in range(ROTATIONS):
        old = next(iter(api.authorities))
        key = await asyncio.to_thread(renewed, await operator.active("Authority"), now=CLOCK.now())
        for step in (
            operator.rotations.stage("B2C_1A_Authority", key),
            operator.rotations.promote("B2C_1A_Authority", KEEP),
            operator.rotations.retire("B2C_1A_Authority"),
        ):
            await step
        issuer = authority_of_key(await operator.active("Authority"))
        issued = await asyncio.to_thread(renewed, await operator.active("Issued"), now=CLOCK.now(), authority=issuer)

        def learn(number=number, issuer=issuer):
            api.believe(issuer.certificate)
            api.authorities[f"authority {number}"] = issuer.certificate

        def forget(old=old):
            del api.authorities[old]

        await operator.rotate("Issued", issued, learn=learn, forget=forget, early=number % 2 == 1)


async def rotate_signing(operator):
    for _ in range(ROTATIONS):
        key = await asyncio.to_thread(generate_rsa, use="sig", now=CLOCK.now())
        await operator.rotations.stage("B2C_1A_Signing", key)
        await operator.published("B2C_1A_Signing", key.kid)
        await operator.rotations.promote("B2C_1A_Signing", KEEP)
        await operator.taken_over("B2C_1A_Signing", key.kid)
        await operator.load.drained()
        await operator.rotations.retire("B2C_1A_Signing")


async def journey(http, base, keys_url, client, load):
    """Run one journey on an engine and verify its token a little later, with the keys of the other engine."""
    asked = {
        "client_id": CLIENT,
        "redirect_uri": "https://app.contoso.com/callback",
        "response_type": "id_token",
        "scope": "openid",
        "nonce": secrets.token_hex(8),
        "state": "s",
    }
    async with http.get(f"{base}/oauth2/v2.0/authorize?{urlencode(asked)}", allow_redirects=False) as answer:
        found = dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).fragment))
    if "id_token" not in found:
        load.failed.append(f"{answer.status} {found.get('error_description', '')[:200]}")
        return
    load.tokens += 1
    await asyncio.sleep(secrets.randbelow(100) / 100 * VERIFIED_AFTER_S)
    try:
        await client.verify(http, keys_url, found["id_token"])
    except Exception as error:  # noqa: BLE001  # every reason counts
        load.unverified.append(f"{type(error).__name__} {error}")


class Calls:
    """The REST calls of a policy without the journey around them, with the keys of a running engine."""

    def __init__(self, engine):
        policy = engine.policies.find("B2C_1A_Rotated").policy
        self.client = rest_client(engine.settings, CLOCK)
        services = rest_services(engine.settings, self.client, engine.keys, Redactor(bytes(32)), engine.tenant, policy)
        names = ("REST-Secret", "REST-Certificate", "REST-Authority")
        self.profiles = [policy.technical_profiles[name] for name in names]
        self.providers = [build_restful(profile, services) for profile in self.profiles]

    async def make(self, number, load):
        profile, provider = self.profiles[number % 3], self.providers[number % 3]
        call = Call(
            profile=profile,
            inputs=(),
            persisted=(),
            claims={},
            resolution=None,
            journey_id="j",
            step="",
            exchange_id="",
            page=None,
            texts={}.get,
            record=lambda _: None,
        )
        try:
            await provider.execute(call)
            load.calls += 1
        except ServiceError as error:
            load.failed.append(str(error)[:200])


async def at_rate(per_s, begin, load, done):
    """Begin something at the rate until ``done``, and wait for what has begun."""
    began, number = time.monotonic(), 0
    while not done.is_set():
        task = asyncio.create_task(begin(number))
        load.running.add(task)
        task.add_done_callback(load.running.discard)
        number += 1
        await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
    await load.drained()


async def keep_up(load, http, sites, done):
    """Begin journeys and calls at their rates, on the engines in turn, until ``done``."""
    clients, bases = [Client(), Client()], [base for _, base in sites]
    direct = [Calls(engine) for engine, _ in sites]

    def begin_journey(number):
        keys_url = f"{bases[(number + 1) % 2]}/discovery/v2.0/keys"
        return journey(http, bases[number % 2], keys_url, clients[number % 2], load)

    await asyncio.gather(
        at_rate(JOURNEYS_PER_S, begin_journey, load, done),
        at_rate(CALLS_PER_S, lambda number: direct[number % 2].make(number // 2, load), load, done),
    )
    for one in direct:
        await one.client.close()


async def run(folder, load):
    made = server_certificate(CLOCK.now())
    api = Api(server_context(folder, made))
    async with AsyncExitStack() as opened:
        runner, port = await serve(folder, made, api)
        opened.push_async_callback(runner.cleanup)
        write_tenant(folder / "tenant", port, made)
        settings = load_settings(folder / "tenant", environment={})
        store = await opened.enter_async_context(open_tenant_store(settings, CLOCK, actor="operator"))
        await fill(store, api)
        sites = [await opened.enter_async_context(engine_of(folder / "tenant")) for _ in range(2)]
        http = await opened.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)))
        rotations = Rotations(store.keys, CLOCK, key_uses(settings), development=True, force=True)
        operator = Operator(store, rotations, [engine for engine, _ in sites], load)
        done = asyncio.Event()
        load_of_journeys = keep_up(load, http, sites, done)
        loading = asyncio.ensure_future(load_of_journeys)
        try:
            await asyncio.gather(
                rotate_secret(operator, api),
                rotate_certificate(operator, api),
                rotate_authority(operator, api),
                rotate_signing(operator),
            )
        finally:
            done.set()
            await loading
        await store.audit.verify()
        return api, await store.audit.list(100_000)


async def test_rotations_under_load_cost_no_call_and_no_token(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(assembly, "KEY_REFRESH_S", REFRESH_S)
    caplog.set_level(logging.ERROR)
    load, began = Load(), time.monotonic()
    api, entries = await run(tmp_path, load)
    fallen_back = [record for record in caplog.records if record.getMessage().startswith("rotation: REST-")]
    steps = [entry.activity for entry in entries if entry.actor == "operator"]
    print(
        f"{load.tokens} tokens, {api.calls} calls in {time.monotonic() - began:.0f} s, {len(fallen_back)} fallen back, {load.slowest_take_over_s:.2f} s"
    )

    assert (load.failed, load.unverified) == ([], [])
    assert load.tokens > ROTATIONS * JOURNEYS_PER_S / 2
    assert load.calls > ROTATIONS * CALLS_PER_S / 2
    assert fallen_back, "an API that learns a version late makes calls fall back"
    assert [steps.count(f"{word} key of policy key") for word in ("Stage", "Promote", "Retire")] == [ROTATIONS * 5] * 3
    assert all(len(callers) == 1 for callers in api.callers.values()), "a connection carries one credential"
