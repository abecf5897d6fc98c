"""``journeyman-guard authz``: answer another proxy's question who may come in."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace

from journeyman_guard.cli.serve import log_to_stderr, metrics_server, need
from journeyman_guard.cli.terminal import DONE, note
from journeyman_guard.configuration.load import load_file
from journeyman_guard.configuration.server import AuthzSettings
from journeyman_guard.guard import Guard


def run_options(options: argparse.Namespace) -> int:
    """Answer until a signal ends it. Raises MisconfiguredError."""
    found = load_file(options.config)
    names = ("listen", "mode", "metrics")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    settings = replace(found.authz, **given)
    log_to_stderr()
    asyncio.run(_answer(found.guard, settings))
    return DONE


async def _answer(guard: Guard, settings: AuthzSettings) -> None:
    servers = need("journeyman_guard.proxy.server", "serve")
    application = need("journeyman_guard.proxy.authz", "serve").AuthzApplication(guard, settings.mode)
    listener = servers.bind(settings.listen)
    served = [(servers.server_of(application, {}), listener), *metrics_server(guard, settings.metrics)]
    note(f"answering {settings.mode} at http://{servers.address_of(listener)}")
    await servers.run_servers(served)
