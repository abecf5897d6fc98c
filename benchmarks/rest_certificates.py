"""What client certificates cost: a new one, and a thousand tenants that each have their own."""

from __future__ import annotations

import gc
import resource
import ssl
from dataclasses import replace
from typing import Any

import psutil
from multidict import CIMultiDict
from yarl import URL

from benchmarks.figure import Figure
from benchmarks.measure import Effort, Side, Work, compare, own_cpu_s
from benchmarks.rest_scene import RestScene, rest_scene
from benchmarks.tenant import REST_POLICY
from journeyman.clock import SystemClock
from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.client_certificate import ClientCertificate
from journeyman.connector.circuit import Circuit
from journeyman.connector.client import RestClient
from journeyman.connector.egress import egress_of
from journeyman.connector.egress_map import egress_map_of
from journeyman.connector.limits import CallRules
from journeyman.connector.request import ApiRequest
from journeyman.connector.tls import Trust

TENANTS_PER_OPERATION = 10 / 3
"""A normal run measures a thousand tenants."""


async def rest_certificates(effort: Effort) -> list[Figure]:
    """Measure the TLS context of a new certificate, then calls of many tenants with one client."""
    tenants = max(3, round(effort.operations * TENANTS_PER_OPERATION))
    _allow_descriptors(tenants)
    async with rest_scene() as scene:
        ours = await _certificate(scene)
        contexts = await compare(
            {"ours": Side(_new_context(scene, ours), own_cpu_s), "bare": Side(_bare_context(scene), own_cpu_s)},
            effort.scaled(0.1),
        )
        many = await _many(scene, ours, tenants, effort)
    context = Figure(
        "new client certificate, its TLS context: processor time",
        contexts["ours"].cpu_s * 1e6,
        "µs",
        "ssl.create_default_context, load_cert_chain",
        contexts["bare"].cpu_s * 1e6,
    )
    return [context, *many]


async def _many(scene: RestScene, ours: ClientCertificate, tenants: int, effort: Effort) -> list[Figure]:
    one, many = _client(scene), _client(scene)
    own = [replace(ours, credential=Credential(((f"B2C_1A_Tenant{n}", "1"),), in_tls=True)) for n in range(tenants)]
    try:
        await _calls(scene, one, own[:1])(2)
        first_s, memory_bytes = await _first_calls(scene, many, own)
        costs = await compare(
            {
                "one": Side(_calls(scene, one, own[:1]), own_cpu_s),
                "many": Side(_calls(scene, many, own), own_cpu_s),
            },
            replace(effort, operations=max(effort.operations, tenants), rounds=min(effort.rounds, 3)),
        )
    finally:
        await one.close()
        await many.close()
    warm = costs["one"].cpu_s * 1e6
    name = f"{tenants} tenants with a certificate each"
    return [
        Figure(f"{name}: first call, processor time", first_s / tenants * 1e6, "µs", "warm call of one tenant", warm),
        Figure(f"{name}: warm call, processor time", costs["many"].cpu_s * 1e6, "µs", "warm call of one tenant", warm),
        Figure(f"{name}: memory per tenant with its open connection", memory_bytes / tenants / 1024, "KiB"),
    ]


async def _first_calls(scene: RestScene, client: RestClient, own: list[ClientCertificate]) -> tuple[float, int]:
    gc.collect()
    memory_bytes, cpu_s = psutil.Process().memory_info().rss, await own_cpu_s()
    await _calls(scene, client, own)(len(own))
    cpu_s = await own_cpu_s() - cpu_s
    gc.collect()
    return cpu_s, max(psutil.Process().memory_info().rss - memory_bytes, 1)


def _calls(scene: RestScene, client: RestClient, own: list[ClientCertificate]) -> Work:
    url = URL(scene.url)

    async def work(count: int) -> None:
        for number in range(count):
            request = ApiRequest("GET", url, CIMultiDict({"Accept": "application/json"}), None, {})
            authenticator = own[number % len(own)]
            answer = await client.send(request, CIMultiDict(), authenticator, CallRules(), client.begin())
            if answer.status != 200:
                raise RuntimeError(f"the API answered {answer.status}")

    return work


def _client(scene: RestScene) -> RestClient:
    clock = SystemClock()
    return RestClient(
        egress=egress_of((), loopback=True),
        egress_map=egress_map_of({}, token_origin=None),
        trust=Trust((scene.folder / "tls" / "ca.pem",)),
        clock=clock,
        circuit=Circuit(clock, enabled=False),
    )


def _new_context(scene: RestScene, ours: ClientCertificate) -> Work:
    trust = Trust((scene.folder / "tls" / "ca.pem",))

    async def work(count: int) -> None:
        for _ in range(count):
            ours.configure_tls(trust.context(verify=True))

    return work


def _bare_context(scene: RestScene) -> Work:
    client = scene.folder / "client"

    async def work(count: int) -> None:
        for _ in range(count):
            context = ssl.create_default_context()
            context.load_verify_locations(scene.folder / "tls" / "ca.pem")
            context.load_cert_chain(client / "client.pem", client / "client.key")

    return work


async def _certificate(scene: RestScene) -> ClientCertificate:
    served = scene.engine.policies.find(REST_POLICY)
    if served is None:
        raise RuntimeError(f"{REST_POLICY} is not served")
    provider: Any = served.runner.pipeline.providers["REST-ClientCertificate"]
    authenticator: ClientCertificate = await provider.credentials.current(5.0)
    return authenticator


def _allow_descriptors(tenants: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 2 * tenants + 500), hard), hard))
