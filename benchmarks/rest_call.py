"""One authenticated REST technical profile, of each authentication type, over the bare aiohttp call."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from benchmarks.child import child
from benchmarks.figure import Figure
from benchmarks.measure import Cost, Effort, Side, Work, compare, own_cpu_s
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
TYPES = ("None", "Basic", "Bearer", "BearerClaim", "ClientCertificate", "ApiKeyHeader")
LIMIT_US = 100
SPREAD = 0.15
CLAIMS: Mapping[str, str | int | tuple[str, ...]] = {
    "objectId": "7f3c1c5e-6b54-4a39-9c41-33a6ff1c2a10",
    "email": "person@example.com",
    "displayName": "Per Son",
    "city": "Zürich",
    "age": 42,
    "roles": ("reader", "writer"),
}
BODY = {("emailAddress" if name == "email" else name): value for name, value in CLAIMS.items()}


async def rest_call(effort: Effort) -> list[Figure]:
    """Measure the processor time of this process alone; the API is another process."""
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        _certificates(folder / "tls", folder / "client")
        async with child("api", str(folder / "tls")) as api:
            url = f"https://{HOST}:{api.port}/profile"
            engine = await _engine(folder / "tenant", folder, url)
            try:
                costs = await _costs(engine, url, folder / "tls" / "ca.pem", effort)
            finally:
                await engine.close()
    return _figures(costs)


async def _costs(engine: Engine, url: str, authority: Path, effort: Effort) -> dict[str, Cost]:
    context = ssl.create_default_context(cafile=authority)
    headers = {"Authorization": "Basic am91cm5leW1hbjpiZW5jaG1hcms="}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as session:

        async def bare(count: int) -> None:
            for _ in range(count):
                async with session.post(url, json=BODY, headers=headers, ssl=context) as response:
                    if (await response.json())["points"] != 1200:
                        raise RuntimeError("the API answered something else")

        sides = {name: Side(_profile(engine, f"REST-{name}"), own_cpu_s) for name in TYPES}
        sides["kept"] = Side(_profile(engine, "REST-Basic", keep=True), own_cpu_s)
        return await compare({"bare": Side(bare, own_cpu_s), **sides}, effort.sliced(4))


def _profile(engine: Engine, profile_id: str, *, keep: bool = False) -> Work:
    """Return the work of running a profile; ``keep`` writes its record into the trace as a journey does."""
    served = engine.policies.find(REST_POLICY)
    if served is None:
        raise RuntimeError(f"{REST_POLICY} is not served: {[str(each) for each in engine.policies.diagnostics]}")
    pipeline: Pipeline = served.runner.pipeline
    profile = served.policy.technical_profiles[profile_id]
    place = _place(engine, keep=keep)

    async def work(count: int) -> None:
        for _ in range(count):
            claims = ClaimsBag()
            for name, value in CLAIMS.items():
                claims.set(name, value)
            if profile_id == "REST-BearerClaim":
                claims.set("bearerToken", "a-token-of-some-length-0123456789")
            outcome = await pipeline.run(profile, claims, place)
            if not isinstance(outcome, Continue) or claims["points"] != 1200:
                raise RuntimeError(f"{profile_id}: {outcome}")
        await engine.trace_writer.flush()

    return work


def _place(engine: Engine, *, keep: bool) -> Place:
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


def _certificates(tls: Path, client: Path) -> None:
    tls.mkdir()
    client.mkdir()
    now = datetime.now(UTC)
    authority = make_ca("CN=Benchmark authority", now=now)
    server = issue(authority, "CN=api", purpose=Purpose.SERVER, names=(HOST, "localhost"), now=now)
    ours = issue(authority, "CN=client", purpose=Purpose.CLIENT, names=(), now=now)
    (tls / "ca.pem").write_bytes(authority.chain_pem())
    (tls / "api.pem").write_bytes(server.chain_pem())
    (tls / "api.key").write_bytes(server.key_pem())
    (client / "client.pfx").write_bytes(ours.pfx(Secret("pfx-password")))


async def _engine(tenant: Path, folder: Path, url: str) -> Engine:
    make_tenant(tenant, rest_policies(), api_url=url, authority=folder / "tls" / "ca.pem")
    keys = tenant / "keys"
    texts = {"RestUsername": "journeyman", "RestPassword": "benchmark", "RestBearer": "token", "RestApiKey": "key"}
    for name, text in texts.items():
        (keys / f"B2C_1A_{name}.txt").write_text(text, encoding="utf-8")
    (keys / "B2C_1A_RestCertificate.pfx").write_bytes((folder / "client" / "client.pfx").read_bytes())
    (keys / "B2C_1A_RestCertificate.pfx.password").write_text("pfx-password", encoding="utf-8")
    return await open_engine(load_settings(tenant, environment=os.environ), warn=lambda _: None)


def _figures(costs: Mapping[str, Cost]) -> list[Figure]:
    bare = costs["bare"]
    overheads = {name: (costs[name].cpu_s - bare.cpu_s) * 1e6 for name in TYPES}
    return [
        *(
            Figure(
                f"REST call, {name}: processor time",
                costs[name].cpu_s * 1e6,
                "µs",
                "bare aiohttp call",
                bare.cpu_s * 1e6,
                f"at most {LIMIT_US} µs more",
                overheads[name] <= LIMIT_US,
            )
            for name in TYPES
        ),
        Figure(
            "REST call, Basic, record kept: processor time",
            costs["kept"].cpu_s * 1e6,
            "µs",
            "bare aiohttp call",
            bare.cpu_s * 1e6,
        ),
        Figure(
            "REST call, Basic: elapsed time",
            costs["Basic"].wall_s * 1e6,
            "µs",
            "bare aiohttp call",
            bare.wall_s * 1e6,
        ),
        Figure(
            "REST call: dearest authentication type",
            max(costs[name].cpu_s for name in TYPES) * 1e6,
            "µs",
            "cheapest type",
            min(costs[name].cpu_s for name in TYPES) * 1e6,
            "within 15 %",
            max(costs[name].cpu_s for name in TYPES) <= (1 + SPREAD) * min(costs[name].cpu_s for name in TYPES),
        ),
    ]
