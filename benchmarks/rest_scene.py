"""What the benchmarks of REST calls share: an API in a process of its own, an engine, the bare client; work to measure out."""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from benchmarks.child import child
from benchmarks.measure import Work
from benchmarks.tenant import REST_POLICY, make_tenant, rest_policies
from journeyman.claims.bag import ClaimsBag
from journeyman.claims.resolvers import Resolution
from journeyman.engine import Engine, open_engine
from journeyman.journey.pipeline import Pipeline
from journeyman.journey.place import Place
from journeyman.keys.certificate import Purpose, issue, make_ca
from journeyman.secret import Secret
from journeyman.settings import load_settings
from journeyman.technical_profile import Continue
from journeyman.trace.records import CallRecord, Entry, StepRecord

HOST = "127.0.0.1"
POINTS = 1200
CLAIMS: Mapping[str, str | int | tuple[str, ...]] = {
    "objectId": "7f3c1c5e-6b54-4a39-9c41-33a6ff1c2a10",
    "email": "person@example.com",
    "displayName": "Per Son",
    "city": "Zürich",
    "age": 42,
    "roles": ("reader", "writer"),
}
BODY = {("emailAddress" if name == "email" else name): value for name, value in CLAIMS.items()}
TEXTS = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in BODY.items()}
BASIC = {"Authorization": "Basic am91cm5leW1hbjpiZW5jaG1hcms="}
PASSWORD = "pfx-password"


@dataclass(frozen=True, slots=True)
class RestScene:
    """An API, an engine whose profiles call it, and the bare client."""

    folder: Path
    url: str
    engine: Engine
    session: aiohttp.ClientSession
    context: ssl.SSLContext
    with_certificate: ssl.SSLContext

    def profile(self, profile_id: str, *, keep: bool = False, at_once: int = 1) -> Work:
        """Return the work of running a profile; ``keep`` writes its record into the trace as a journey does."""
        served = self.engine.policies.find(REST_POLICY)
        if served is None:
            raise RuntimeError(
                f"{REST_POLICY} is not served: {[str(each) for each in self.engine.policies.diagnostics]}"
            )
        pipeline: Pipeline = served.runner.pipeline
        profile = served.policy.technical_profiles[profile_id]
        place = place_of(self.engine, keep=keep)

        async def call() -> None:
            claims = ClaimsBag()
            for name, value in CLAIMS.items():
                claims.set(name, value)
            if profile_id == "REST-BearerClaim":
                claims.set("bearerToken", "a-token-of-some-length-0123456789")
            outcome = await pipeline.run(profile, claims, place)
            if not isinstance(outcome, Continue) or claims["points"] != POINTS:
                raise RuntimeError(f"{profile_id}: {outcome}")

        async def work(count: int) -> None:
            await spread(count, at_once, call)
            await self.engine.trace_writer.flush()

        return work

    def bare(self, mode: str = "Body", *, at_once: int = 1, certificate: bool = False) -> Work:
        """Return the work of the bare client: the same claims in the same place of the request, and the JSON read."""
        context = self.with_certificate if certificate else self.context
        send = {
            "Body": lambda: self.session.post(self.url, json=BODY, headers=BASIC, ssl=context),
            "Form": lambda: self.session.post(self.url, data=TEXTS, headers=BASIC, ssl=context),
            "QueryString": lambda: self.session.get(self.url, params=TEXTS, headers=BASIC, ssl=context),
            "Header": lambda: self.session.get(self.url, headers={**BASIC, **TEXTS}, ssl=context),
            "Url": lambda: self.session.get(f"{self.url}/{TEXTS['objectId']}", headers=BASIC, ssl=context),
        }[mode]

        async def call() -> None:
            async with send() as response:
                if (await response.json())["points"] != POINTS:
                    raise RuntimeError("the API answered something else")

        return lambda count: spread(count, at_once, call)


async def spread(count: int, at_once: int, call: Callable[[], Awaitable[None]]) -> None:
    """Do ``count`` calls, so many at a time."""
    if at_once == 1:
        for _ in range(count):
            await call()
        return
    numbers = iter(range(count))

    async def worker() -> None:
        for _ in numbers:
            await call()

    await asyncio.gather(*(worker() for _ in range(min(at_once, count))))


@asynccontextmanager
async def rest_scene(path: str = "/profile") -> AsyncIterator[RestScene]:
    """Start it all for the duration of a block; at ``/cold`` the API closes each connection."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificates(folder / "tls", folder / "client")
        async with child("api", str(folder / "tls")) as api:
            url = f"https://{HOST}:{api.port}{path}"
            engine = await _engine(folder / "tenant", folder, url)
            context = ssl.create_default_context(cafile=folder / "tls" / "ca.pem")
            ours = ssl.create_default_context(cafile=folder / "tls" / "ca.pem")
            ours.load_cert_chain(folder / "client" / "client.pem", folder / "client" / "client.key")
            try:
                async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as session:
                    yield RestScene(folder, url, engine, session, context, ours)
            finally:
                await engine.close()


def place_of(engine: Engine, *, keep: bool) -> Place:
    """Return the place of a journey whose records are kept or dropped."""
    now = datetime.now(UTC)

    def record(record: StepRecord | CallRecord) -> None:
        if keep:
            engine.trace([Entry("journey", "correlation", engine.tenant.name, REST_POLICY, "client", now, record)])

    def resolve(claims: Mapping[str, object]) -> Resolution:
        return Resolution(
            policy_id=REST_POLICY,
            relying_party_tenant_id=engine.tenant.name,
            trust_framework_tenant_id=engine.tenant.name,
            tenant_object_id=engine.tenant.id,
            correlation_id="correlation",
            deployment_mode="Development",
            culture="en",
            host_name="127.0.0.1",
            ip_address="127.0.0.1",
            kmsi=False,
            now=now,
            build_number="0",
            claims=claims,  # type: ignore[arg-type]  # a bag of claim values, named shortly above
        )

    return Place("journey", "Order=2, Type=ClaimsExchange", "", "en", resolve, record, lambda _, value: str(value))


def make_certificates(tls: Path, client: Path) -> None:
    """Make an authority, the certificate of the API and one for us."""
    tls.mkdir()
    client.mkdir()
    now = datetime.now(UTC)
    authority = make_ca("CN=Benchmark authority", now=now)
    server = issue(authority, "CN=api", purpose=Purpose.SERVER, names=(HOST, "localhost"), now=now)
    ours = issue(authority, "CN=client", purpose=Purpose.CLIENT, names=(), now=now)
    (tls / "ca.pem").write_bytes(authority.chain_pem())
    (tls / "api.pem").write_bytes(server.chain_pem())
    (tls / "api.key").write_bytes(server.key_pem())
    (client / "client.pem").write_bytes(ours.chain_pem())
    (client / "client.key").write_bytes(ours.key_pem())
    (client / "client.pfx").write_bytes(ours.pfx(Secret(PASSWORD)))


async def _engine(tenant: Path, folder: Path, url: str) -> Engine:
    make_tenant(tenant, rest_policies(), api_url=url, authority=folder / "tls" / "ca.pem")
    keys = tenant / "keys"
    texts = {"RestUsername": "journeyman", "RestPassword": "benchmark", "RestBearer": "token", "RestApiKey": "key"}
    for name, text in texts.items():
        (keys / f"B2C_1A_{name}.txt").write_text(text, encoding="utf-8")
    (keys / "B2C_1A_RestCertificate.pfx").write_bytes((folder / "client" / "client.pfx").read_bytes())
    (keys / "B2C_1A_RestCertificate.pfx.password").write_text(PASSWORD, encoding="utf-8")
    return await open_engine(load_settings(tenant, environment=os.environ), warn=lambda _: None)
