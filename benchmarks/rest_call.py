"""Authenticated REST technical profiles over the bare aiohttp call: by type, mode, number at once, warm and cold."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.figure import Figure
from benchmarks.measure import Cost, Effort, Side, compare, own_cpu_s
from benchmarks.rest_scene import rest_scene

TYPES = ("None", "Basic", "Bearer", "BearerClaim", "ClientCertificate", "ApiKeyHeader")
MODES = ("Body", "Form", "QueryString", "Header", "Url")
AT_ONCE = (1, 16, 64)
LIMIT_US = 100
SPREAD = 0.15
RATIO = 1.25
CERTIFICATE_RATIO = 1.05
BARE = "bare aiohttp call"


async def rest_call(effort: Effort) -> list[Figure]:
    """Measure each authentication type on warm connections, one call after the other.

    It is the processor time of this process alone; the API is another process.
    """
    async with rest_scene() as scene:
        sides = {name: Side(scene.profile(f"REST-{name}"), own_cpu_s) for name in TYPES}
        sides["kept"] = Side(scene.profile("REST-Basic", keep=True), own_cpu_s)
        costs = await compare({"bare": Side(scene.bare(), own_cpu_s), **sides}, effort.sliced(2))
    return _type_figures(costs)


async def rest_modes(effort: Effort) -> list[Figure]:
    """Measure each way to send claims, warm, against a bare call that sends the same in the same place."""
    async with rest_scene() as scene:
        sides = {f"bare {mode}": Side(scene.bare(mode), own_cpu_s) for mode in MODES}
        sides |= {
            mode: Side(scene.profile("REST-Basic" if mode == "Body" else f"REST-{mode}"), own_cpu_s) for mode in MODES
        }
        costs = await compare(sides, effort)
    return [
        _ratio(f"REST call, Basic, SendClaimsIn={mode}: processor time", costs[mode], costs[f"bare {mode}"])
        for mode in MODES
    ]


async def rest_at_once(effort: Effort) -> list[Figure]:
    """Measure Basic and client certificate with 1, 16 and 64 calls under way."""
    figures: list[Figure] = []
    async with rest_scene() as scene:
        for at_once in AT_ONCE:
            sides = {
                "bare": Side(scene.bare(at_once=at_once), own_cpu_s),
                "Basic": Side(scene.profile("REST-Basic", at_once=at_once), own_cpu_s),
                "ClientCertificate": Side(scene.profile("REST-ClientCertificate", at_once=at_once), own_cpu_s),
            }
            costs = await compare(sides, effort)
            figures += [
                _ratio(f"REST call, {name}, {at_once} at once: processor time", costs[name], costs["bare"])
                for name in ("Basic", "ClientCertificate")
            ]
    return figures


async def rest_cold(effort: Effort) -> list[Figure]:
    """Measure calls that each need a new connection and a TLS handshake."""
    async with rest_scene("/cold") as scene:
        sides = {name: Side(scene.profile(f"REST-{name}"), own_cpu_s) for name in TYPES}
        sides["bare"] = Side(scene.bare(), own_cpu_s)
        sides["bare with certificate"] = Side(scene.bare(certificate=True), own_cpu_s)
        costs = await compare(sides, effort.scaled(0.25))
    return [
        _ratio(
            f"REST call, {name}, new connection: processor time",
            costs[name],
            costs["bare with certificate" if name == "ClientCertificate" else "bare"],
            baseline=f"{BARE}, new connection",
        )
        for name in TYPES
    ]


def _type_figures(costs: Mapping[str, Cost]) -> list[Figure]:
    bare, dearest = costs["bare"], max(costs[name].cpu_s for name in TYPES)
    cheapest = min(costs[name].cpu_s for name in TYPES)
    certificate, basic = costs["ClientCertificate"].cpu_s, costs["Basic"].cpu_s
    return [
        *(_overhead(name, costs[name], bare) for name in TYPES),
        _ratio("REST call, Basic, record kept: processor time", costs["kept"], bare, promised=False),
        Figure("REST call, Basic: elapsed time", costs["Basic"].wall_s * 1e6, "µs", BARE, bare.wall_s * 1e6),
        Figure(
            "REST call: dearest authentication type",
            dearest * 1e6,
            "µs",
            "cheapest type",
            cheapest * 1e6,
            "within 15 %",
            dearest <= (1 + SPREAD) * cheapest,
        ),
        Figure(
            "REST call, ClientCertificate over Basic: processor time",
            certificate * 1e6,
            "µs",
            "Basic",
            basic * 1e6,
            f"at most {CERTIFICATE_RATIO} of it",
            certificate <= CERTIFICATE_RATIO * basic,
        ),
    ]


def _overhead(name: str, cost: Cost, bare: Cost) -> Figure:
    return Figure(
        f"REST call, {name}: processor time",
        cost.cpu_s * 1e6,
        "µs",
        BARE,
        bare.cpu_s * 1e6,
        f"at most {LIMIT_US} µs more",
        (cost.cpu_s - bare.cpu_s) * 1e6 <= LIMIT_US,
    )


def _ratio(name: str, cost: Cost, bare: Cost, *, baseline: str = BARE, promised: bool = True) -> Figure:
    promise = f"at most {RATIO} of it" if promised else ""
    met = cost.cpu_s <= RATIO * bare.cpu_s if promised else None
    return Figure(name, cost.cpu_s * 1e6, "µs", baseline, bare.cpu_s * 1e6, promise, met)
