"""A server of benchmarks.server in a process of its own: its arguments in, its port and processor time out."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Child:
    """A running server."""

    process: asyncio.subprocess.Process
    told: Mapping[str, Any]

    @property
    def port(self) -> int:
        """The port on which it listens."""
        return int(self.told["port"])

    async def cpu_s(self) -> float:
        """Return the processor time that it has used: all threads, user and system."""
        if self.process.stdin is None:
            raise RuntimeError("the server has no standard input")
        self.process.stdin.write(b"\n")
        return float((await _line(self.process))["cpu_s"])


@asynccontextmanager
async def child(*arguments: str, module: str = "benchmarks.server") -> AsyncIterator[Child]:
    """Run a server for the duration of a block."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=pipe, stdout=pipe, cwd=ROOT
    )
    try:
        yield Child(process, await _line(process))
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    if process.stdout is None:
        raise RuntimeError("the server has no standard output")
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the server ended; its standard error says why")
    found: dict[str, Any] = json.loads(line)
    return found
