"""A chain of policies from files to a compiled policy, over a plain parse of the same files."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.measure import Effort, Side, Work, compare, own_cpu_s
from benchmarks.tenant import PACKS, TENANT, demo_policies, starter_pack
from journeyman.compiler.passes import compile_policy
from journeyman.engine.registry import SPECS
from journeyman.policy.load import load_policies

LIMIT_MS = 50
WHOLE = (
    "TrustFrameworkBase.xml",
    "TrustFrameworkLocalization.xml",
    "TrustFrameworkExtensions.xml",
    "SignUpOrSignin.xml",
)
DEMO_SETTINGS = {"ApiScope": "https://contoso.onmicrosoft.com/loyalty/.default"}


async def policy_load(effort: Effort) -> list[Figure]:
    """Measure the sign-up-or-sign-in chain of each starter pack, of the demo when there is no starter pack."""
    pack = starter_pack()
    if pack is None:
        return await _chain("demo", demo_policies(), "B2C_1A_DemoSignUpOrSignIn", effort)
    figures: list[Figure] = []
    for name in PACKS:
        files = [pack / name / file for file in WHOLE]
        figures += await _chain(name, files, "B2C_1A_signup_signin", effort)
    return figures


async def _chain(name: str, files: Sequence[Path], policy_id: str, effort: Effort) -> list[Figure]:
    sides = {
        "chain": Side(_load_and_compile(files, policy_id), own_cpu_s),
        "load": Side(_load(files), own_cpu_s),
        "plain": Side(_plain_parse(files), own_cpu_s),
    }
    costs = await compare(sides, effort.scaled(1 / 30))
    whole, load, plain = (costs[side].cpu_s * 1000 for side in ("chain", "load", "plain"))
    baseline = f"ElementTree, same {len(files)} files"
    promise = f"at most {LIMIT_MS} ms"
    return [
        Figure(f"{name}: parse, merge, compile", whole, "ms", baseline, plain, promise, whole <= LIMIT_MS),
        Figure(f"{name}: parse alone", load, "ms", baseline, plain),
    ]


def _plain_parse(files: Sequence[Path]) -> Work:
    async def work(count: int) -> None:
        for _ in range(count):
            for path in files:
                ET.parse(path)

    return work


def _load(files: Sequence[Path]) -> Work:
    async def work(count: int) -> None:
        for _ in range(count):
            load_policies(files, settings=DEMO_SETTINGS, tenant_name=TENANT)

    return work


def _load_and_compile(files: Sequence[Path], policy_id: str) -> Work:
    async def work(count: int) -> None:
        for _ in range(count):
            loaded = load_policies(files, settings=DEMO_SETTINGS, tenant_name=TENANT)
            merged, diagnostics = loaded.merged(policy_id)
            if merged is None:
                raise RuntimeError(f"{policy_id} cannot be merged: {[str(each) for each in diagnostics]}")
            compiled, found = compile_policy(merged, specs=SPECS, keys=None, engine_production=False)
            if compiled is None:
                raise RuntimeError(f"{policy_id} does not compile: {[str(each) for each in found]}")

    return work
