"""Many relying parties of one base: their cost in time and memory, over a plain parse of the same files."""

from __future__ import annotations

import tempfile
import tracemalloc
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.measure import Effort, Side, Work, compare, own_cpu_s
from benchmarks.policy_load import DEMO_SETTINGS, WHOLE
from benchmarks.tenant import PACKS, TENANT, demo_policies, starter_pack
from journeyman.compiler.compile_folder import CompileResult, compile_all
from journeyman.engine.registry import SPECS
from journeyman.policy.load import load_policies

SIZES = (1, 100, 1_000)
SMOKE_SIZES = (1, 2, 3)
MIB = 2**20


async def policy_sets(effort: Effort) -> list[Figure]:
    """Measure 1, 100 and 1,000 relying parties, loaded and compiled as a tenant folder is."""
    sizes = SIZES if effort.operations >= 60 else SMOKE_SIZES
    figures: list[Figure] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            files = _write(Path(name), size)
            once = Effort(rounds=min(effort.rounds, 3), operations=1, warm_up=0)
            sides = {"sets": Side(_load_and_compile(files), own_cpu_s), "plain": Side(_plain_parse(files), own_cpu_s)}
            costs = await compare(sides, once)
            whole, plain = (costs[side].cpu_s * 1000 for side in ("sets", "plain"))
            on_disk = sum(path.stat().st_size for path in files) / MIB
            kept = _memory(files) / MIB
            figures += [
                Figure(
                    f"{size} policy sets: load and compile", whole, "ms", f"ElementTree, same {len(files)} files", plain
                ),
                Figure(f"{size} policy sets: memory", kept, "MiB", "the files on disk", on_disk),
            ]
    return figures


def _write(folder: Path, size: int) -> list[Path]:
    """Write the files of a base and ``size`` relying parties of it."""
    pack = starter_pack()
    *base, party = [pack / PACKS[0] / file for file in WHOLE] if pack else demo_policies()
    files = [folder / path.name for path in base]
    for path, target in zip(base, files, strict=True):
        target.write_bytes(path.read_bytes())
    text = party.read_text(encoding="utf-8")
    policy_id = ET.fromstring(text).attrib["PolicyId"]  # our own file
    for number in range(size):
        files.append(folder / f"party{number}.xml")
        files[-1].write_text(text.replace(policy_id, f"{policy_id}_{number}"), encoding="utf-8")
    return files


def _compile(files: Sequence[Path]) -> CompileResult:
    loaded = load_policies(files, settings=DEMO_SETTINGS, tenant_name=TENANT)
    result = compile_all(loaded, specs=SPECS, keys=None, engine_production=False)
    if len(result.policies) != len(files):
        raise RuntimeError(f"of {len(files)} policies {len(result.policies)} compile")
    return result


def _memory(files: Sequence[Path]) -> int:
    """Return the bytes that the compiled policies keep."""
    _compile(files[:2])
    tracemalloc.start()
    result = _compile(files)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return kept


def _load_and_compile(files: Sequence[Path]) -> Work:
    async def work(count: int) -> None:
        for _ in range(count):
            _compile(files)

    return work


def _plain_parse(files: Sequence[Path]) -> Work:
    async def work(count: int) -> None:
        for _ in range(count):
            for path in files:
                ET.parse(path)

    return work
