"""``journeyman up``: a tenant folder served until it is told to end."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import uvloop
from watchfiles import Change, awatch

from journeyman.cli.flow_places import diagnostics_at_flows
from journeyman.cli.release_report import many
from journeyman.cli.terminal import errors_in_words, note, say
from journeyman.compiler.report import distinct
from journeyman.diagnostics import Diagnostic, PolicyError, Severity
from journeyman.engine import Engine, PolicySet, open_engine
from journeyman.errors import JourneymanError, SettingsError
from journeyman.settings import FILE_NAME, Settings, load_settings
from journeyman.trace.records import CallRecord
from journeyman.trace.render import call_line
from journeyman.web.app import build_app
from journeyman.web.portal.build import first_link, portal_is_local, portal_link
from journeyman.web.server import bind, end_servers, ending_signals, server_of, start

Load = Callable[[], Settings]
"""Reads the settings again."""


def up(folder: Path, listen: str | None) -> None:
    """Serve ``folder`` until SIGINT or SIGTERM."""
    load = partial(load_settings, folder, environment=os.environ, listen=listen)
    with errors_in_words():
        settings = load()
        with bind(settings.server.host, settings.server.port) as listener:
            uvloop.run(_run(settings, listener, load))


async def _run(settings: Settings, listener: socket.socket, load: Load) -> None:
    """Serve until a signal; in development with new settings as soon as they have been written."""
    with ending_signals() as ended:
        engine = await _open(settings)
        async with watching_settings(settings, load) as changes:
            while True:
                try:
                    changed = await _serve(engine, listener, ended, changes)
                finally:
                    await engine.close()
                if changed is None:
                    break
                engine = await _open_changed(changed, engine.settings)
    say("ended; journeys in flight are kept")


async def _open(settings: Settings) -> Engine:
    try:
        engine = await open_engine(settings, warn=lambda text: note(f"warning: {text}"))
    except PolicyError as error:
        print_diagnostics(diagnostics_at_flows(error.diagnostics, settings))
        raise
    print_diagnostics(diagnostics_at_flows(engine.policies.diagnostics, settings))
    engine.on_call = say_call
    engine.on_refresh = say_refreshed
    return engine


async def _open_changed(settings: Settings, before: Settings) -> Engine:
    try:
        return await _open(settings)
    except JourneymanError as error:
        note(f"error {error.code}: {error}; what was set before is served again")
        return await _open(before)


async def _serve(
    engine: Engine, listener: socket.socket, ended: asyncio.Event, changes: asyncio.Queue[Settings]
) -> Settings | None:
    """Serve an open engine on a bound socket; print what to open; reload when a policy changes.

    Returns:
        New settings that are to be served; None when a signal has ended it.
    """
    server = server_of(build_app(engine), engine.settings.server)
    async with watching(engine):
        # The server closes the socket that it is given, and there may be another server after it.
        serving = await start(server, listener.dup())
        say_addresses(engine)
        await say_first_link(engine)
        changed, signalled = asyncio.create_task(changes.get()), asyncio.create_task(ended.wait())
        await asyncio.wait((signalled, serving, changed), return_when=asyncio.FIRST_COMPLETED)
        found = changed.result() if changed.done() and not ended.is_set() else None
        for task in (changed, signalled):
            task.cancel()
        await end_servers([server], [serving])
    return found


@asynccontextmanager
async def watching_settings(settings: Settings, load: Load) -> AsyncIterator[asyncio.Queue[Settings]]:
    """Yield a queue into which the settings come each time the file holds others; mistakes in it are printed."""
    changes: asyncio.Queue[Settings] = asyncio.Queue()
    task = asyncio.create_task(_watch_settings(settings, load, changes), name="journeyman-settings")
    try:
        await asyncio.sleep(0)
        yield changes
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch_settings(settings: Settings, load: Load, changes: asyncio.Queue[Settings]) -> None:
    if not settings.development:
        return
    last = settings
    async for _ in awatch(settings.folder, watch_filter=_is_settings, recursive=False, debounce=300, step=50):
        try:
            found = await asyncio.to_thread(load)
        except SettingsError as error:
            for line in str(error).splitlines():
                note(f"error: {line}")
            note(f"{FILE_NAME} cannot be used as it is now; what was set before is served")
            continue
        if (found.server.host, found.server.port) != (settings.server.host, settings.server.port):
            note(f"{FILE_NAME} names another address to listen on; end and start again to use it")
        elif found != last:
            say(f"{FILE_NAME} has changed")
            last = found
            changes.put_nowait(found)


def _is_settings(_change: Change, path: str) -> bool:
    return Path(path).name == FILE_NAME


@asynccontextmanager
async def watching(engine: Engine) -> AsyncIterator[None]:
    """Reload policies that change while the block runs, from its first line on."""
    task = asyncio.create_task(_watch(engine), name="journeyman-watch")
    try:
        # One turn of the loop lets the watcher open its watches; a change that comes after that waits for it.
        await asyncio.sleep(0)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def say_addresses(engine: Engine) -> None:
    """Print what to open and where the data is."""
    say(f"Journeyman serves {engine.tenant.name} at {engine.origin} in {engine.settings.server.mode.value} mode")
    for policy_id in engine.policies.ids():
        path = f"/{engine.tenant.name}/{policy_id}/v2.0/.well-known/openid-configuration"
        say(f"  policy   {engine.origin}{path}")
    if not engine.policies.ids():
        say("  no policy is served; put TrustFrameworkPolicy files with a RelyingParty into policies/")
    if portal_is_local(engine):
        say(f"  journeys {engine.origin}/portal/journeys")
        say(f"  mailbox  {engine.origin}/portal/mailbox")
        say(f"  portal   {portal_link(engine)}")
    elif engine.settings.portal.enabled:
        say(f"  portal   {engine.origin}/portal")
    say(f"  data     {engine.settings.folder / '.journeyman'}")


async def say_first_link(engine: Engine) -> None:
    """Print the link by which the first administrator is made, while there is none."""
    link = await first_link(engine)
    if link is not None:
        say(f"  no administrator yet; this link makes the first one, once and within an hour: {link}")


async def _watch(engine: Engine) -> None:
    """Serve changed policies; a change that does not compile leaves the policies that are served."""
    paths = [path for path in engine.settings.policy_paths if path.exists()]
    if not paths or not engine.settings.development:
        return
    async for _ in awatch(*paths, debounce=300, step=50):
        try:
            policies = await engine.reload()
        except JourneymanError as error:
            note(f"error {error.code}: {error}; the policies that were served before still are")
            continue
        engine.policies = policies
        print_diagnostics(diagnostics_at_flows(policies.diagnostics, engine.settings))
        say(f"reloaded: {', '.join(policies.ids()) or 'no policy is served'}")


def say_refreshed(before: PolicySet, after: PolicySet) -> None:
    """Print what is served now that was not before, and what is new about policies that do not compile."""
    old, new = before.stored.release.number, after.stored.release.number
    if old != new:
        say(f"release {new} of the uploaded policies is served: {many(len(after.stored.release.manifest))}")
    if before.stored.identity != after.stored.identity:
        say("changed user flows, API connectors, attributes or identity providers are served")
    told = {text for texts in (*before.problems.values(), *before.outdated.values()) for text in texts}
    for name, texts in after.problems.items():
        for text in (each for each in texts if each not in told):
            note(f"not served: {after.entries[name].id}: {text}")
    for name, texts in after.outdated.items():
        for text in (each for each in texts if each not in told):
            note(f"served as it last compiled: {after.entries[name].id}: {text}")


def say_call(record: CallRecord) -> None:
    """Print a REST call in one line."""
    say(call_line(record))


def print_diagnostics(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Print errors and warnings, each with its remedy."""
    for diagnostic in distinct(diagnostics):
        if diagnostic.severity is Severity.INFO:
            continue
        note(str(diagnostic))
        if diagnostic.help:
            note(f"    help: {diagnostic.help}")
