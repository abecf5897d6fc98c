"""The servers that several benchmarks share: nothing in, a bare server and engines with their clients out."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.child import Child, child
from benchmarks.client import Client, at_once, post, session
from benchmarks.measure import Side, Work
from benchmarks.server import HOST
from benchmarks.tenant import SERVICE_CLIENT_ID, make_tenant, sign_in_policies


@dataclass(frozen=True, slots=True)
class Scene:
    """A bare server, and engines by how they hash passwords."""

    bare: Child
    session: aiohttp.ClientSession
    engines: dict[str, tuple[Child, Client]]

    def bare_token(self) -> Side:
        """Return the bare endpoint that signs one token, as a side."""
        url = f"http://{HOST}:{self.bare.port}/token"

        async def work(count: int) -> None:
            form = {"grant_type": "client_credentials", "client_id": SERVICE_CLIENT_ID}
            await at_once(count, lambda _: post(self.session, url, form))

        return Side(work, self.bare.cpu_s)

    def side(self, hashing: str, work: Work) -> Side:
        """Return work for an engine as a side."""
        return Side(work, self.engines[hashing][0].cpu_s)


@asynccontextmanager
async def scene(*hashings: str) -> AsyncIterator[Scene]:
    """Start the servers for the duration of a block."""
    policy, files = sign_in_policies()
    async with AsyncExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        shared = await opened.enter_async_context(session())
        bare = await opened.enter_async_context(child("bare"))
        engines: dict[str, tuple[Child, Client]] = {}
        for hashing in hashings:
            tenant = make_tenant(folder / hashing, files)
            engine = await opened.enter_async_context(child("engine", str(tenant), hashing))
            engines[hashing] = engine, Client(engine.port, policy, engine.told["secret"], shared)
        yield Scene(bare, shared, engines)
