"""Tenants made of user flows, each an engine of its own behind HTTP: ``served = await flow_tenant("fabrikam", identity)``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import web
from tests.conftest import CLIENT_ID, REDIRECT_URI

from journeyman.directory.passwords import PasswordHasher
from journeyman.engine import Engine, open_engine
from journeyman.settings import load_settings
from journeyman.settings.identity import IdentitySettings
from journeyman.web.app import build_app
from journeyman.web.server import bind, server_of, start


@dataclass
class FlowTenant:
    """A tenant that runs."""

    engine: Engine
    origin: str
    stop: Callable[[], Awaitable[None]]
    tenant: str
    client_id: str = CLIENT_ID
    redirect_uri: str = REDIRECT_URI

    @property
    def request(self) -> dict[str, str]:
        """The parameters of an authorization request that a test need not think about."""
        return {"client_id": self.client_id, "redirect_uri": self.redirect_uri}

    def metadata(self, policy: str) -> str:
        """Return the address of a discovery document."""
        return f"{self.origin}/{self.tenant}/{policy}/v2.0/.well-known/openid-configuration"

    @property
    def callback(self) -> str:
        """Where identity providers send the browser."""
        return f"{self.origin}/{self.tenant}/oauth2/authresp"


@pytest.fixture
async def flow_tenant(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[FlowTenant]]]:
    """Serve a tenant of user flows; the origin may be needed for the settings of another, so ports can be given."""
    running: list[FlowTenant] = []
    runner, server, redirect_uri = await _application()

    async def serve(
        name: str, identity: IdentitySettings, *, port: int = 0, files: Mapping[str, str] | None = None, more: str = ""
    ) -> FlowTenant:
        folder = tmp_path / name
        for path in (folder / "policies", folder / "keys"):
            path.mkdir(parents=True)
        for file, content in (files or {}).items():
            (folder / file).write_text(content, encoding="utf-8")
        text = SETTINGS.replace("NAME", name) + more
        (folder / "journeyman.toml").write_text(text, encoding="utf-8")
        listener = bind("127.0.0.1", port)
        number = listener.getsockname()[1]
        settings = load_settings(folder, environment={}, listen=f"127.0.0.1:{number}")
        warnings: list[str] = []
        engine = await open_engine(
            replace(settings, identity=identity),
            warn=warnings.append,
            passwords=PasswordHasher(memory_kib=64, time_cost=1),
        )
        assert all(policy in engine.policies.served for policy in (flow.id.lower() for flow in identity.user_flows)), (
            warnings
        )
        serving = server_of(build_app(engine), engine.settings.server)
        task = await start(serving, listener)

        async def stop() -> None:
            if not task.done():
                serving.should_exit = True
                await asyncio.wait([task])
                await engine.close()

        origin, tenant = f"http://127.0.0.1:{number}", f"{name}.onmicrosoft.com"
        running.append(FlowTenant(engine, origin, stop, tenant, redirect_uri=redirect_uri))
        return running[-1]

    yield serve
    for served in running:
        await served.stop()
    server.close()
    await runner.cleanup()


async def _application() -> tuple[web.AppRunner, asyncio.Server, str]:
    """Run an application that only takes the browser back; in development any port of a redirect URI will do."""

    async def back(_: web.Request) -> web.Response:
        return web.Response(text="<title>Back</title>", content_type="text/html")

    application = web.Application()
    application.router.add_get("/callback", back)
    runner = web.AppRunner(application)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", 0)
    return runner, server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"


SETTINGS = f"""
[tenant]
name = "NAME.onmicrosoft.com"

[[applications]]
client_id = "{CLIENT_ID}"
name = "Application"
type = "native"
redirect_uris = ["{REDIRECT_URI}"]
allow_implicit = true
"""
