"""``journeyman demo``: the bundled tenant, the sample API and the application, together in one process."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
import uvloop

from journeyman.cli.terminal import DONE, WRONG, end, errors_in_words, note, say
from journeyman.cli.up import say_addresses, say_call, watching
from journeyman.clock import SystemClock
from journeyman.demo.application import DemoApplication, build_application
from journeyman.demo.folder import TENANT, DemoFolder, open_folder, write_private
from journeyman.demo.sample_api import SampleApiConfig, serve_sample_api
from journeyman.demo.transcript import play
from journeyman.engine import Engine, open_engine
from journeyman.errors import SettingsError
from journeyman.keys.folder import import_folder
from journeyman.secret import Secret
from journeyman.settings import load_settings
from journeyman.testing.browser import PageError
from journeyman.web.app import build_app
from journeyman.web.oidc.discovery import platform_issuer
from journeyman.web.server import Server, bind, end_servers, ending_signals, run_until, server_of, start
from journeyman_guard import Credential, hashed_credential

HOST: Final = "127.0.0.1"
API_PORT: Final = 7071
APP_PORT: Final = 5000
DEFAULT_LISTEN: Final = "127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Listeners:
    """The bound sockets of the demo."""

    engine: socket.socket
    api: socket.socket
    app: socket.socket

    @property
    def ports(self) -> tuple[int, int]:
        """The ports of the API and of the application."""
        return self.api.getsockname()[1], self.app.getsockname()[1]


def demo(path: Path, once: bool, listen: str | None) -> None:  # noqa: FBT001  # called by the command line alone
    """Play a sign-up; then serve until a signal, or end at once when ``once``."""
    with errors_in_words(), ExitStack() as opened:
        listeners = _bind(opened, listen or ("127.0.0.1:0" if once else DEFAULT_LISTEN), once=once)
        done = uvloop.run(_run(path, listeners, once=once))
        if not done:
            end(WRONG)
    end(DONE)


def _bind(opened: ExitStack, listen: str, *, once: bool) -> Listeners:
    host, _, port = listen.rpartition(":")
    if not port.isdecimal():
        detail = f"--listen {listen!r} is not HOST:PORT; write for example 127.0.0.1:8080"
        raise SettingsError(detail)
    engine = opened.enter_context(bind(host, int(port)))
    # A transcript may run beside a demo that serves, so it takes whatever ports are free.
    api = opened.enter_context(_bind_near(0 if once else API_PORT))
    app = opened.enter_context(_bind_near(0 if once else APP_PORT))
    return Listeners(engine, api, app)


def _bind_near(port: int) -> socket.socket:
    """Bind a port of the demo's own servers, another free one when it is taken: both are printed."""
    try:
        return bind(HOST, port)
    except SettingsError:
        return bind(HOST, 0)


async def _run(path: Path, listeners: Listeners, *, once: bool) -> bool:
    host, port = listeners.engine.getsockname()[:2]
    api_port, app_port = listeners.ports
    folder = open_folder(path, listen=f"{host}:{port}", api_port=api_port, app_port=app_port, now=SystemClock().now())
    async with AsyncExitStack() as opened:
        engine = await open_engine(load_settings(folder.path, environment=os.environ), warn=_warn)
        opened.push_async_callback(engine.close)
        await _give_client_secret(engine, folder)
        with ending_signals() as ended:
            servers, tasks = await _start(engine, folder, listeners)
            played = await _play(engine, folder, app_port)
            if once or ended.is_set():
                await end_servers(servers, tasks)
                return played
            engine.on_call = say_call
            _say_what_to_open(engine, folder, app_port)
            async with watching(engine):
                await run_until(ended, servers, tasks)
    say("ended; users, keys and journeys are kept")
    return True


async def _give_client_secret(engine: Engine, folder: DemoFolder) -> None:
    """Give the policies the credentials with which they ask for a token, once, as an operator would."""
    secret_file = folder.path / "keys" / "B2C_1A_SecureRESTClientSecret.txt"
    if secret_file.exists():
        return
    secret = await engine.applications.add_secret(folder.engine_client_id)
    write_private(folder.path / "keys" / "B2C_1A_SecureRESTClientId.txt", folder.engine_client_id.encode())
    write_private(secret_file, secret.reveal_bytes())
    await import_folder(folder.path / "keys", engine.key_store, engine.clock)
    await engine.keys.load()
    engine.policies = await engine.reload()


async def _start(
    engine: Engine, folder: DemoFolder, listeners: Listeners
) -> tuple[list[uvicorn.Server], list[asyncio.Task[None]]]:
    api_port, app_port = listeners.ports
    application = DemoApplication(engine, folder.app_client_id, f"http://{HOST}:{app_port}")
    app = Server(
        uvicorn.Config(
            build_application(application), loop="none", ws="none", lifespan="off", log_config=None, access_log=False
        )
    )
    main = server_of(build_app(engine), engine.settings.server)
    api = _sample_api(engine, folder, api_port)
    pairs = [(main, listeners.engine), (api, listeners.api), (app, listeners.app)]
    tasks = [await start(server, listener) for server, listener in pairs]
    return [main, api, app], tasks


async def _play(engine: Engine, folder: DemoFolder, app_port: int) -> bool:
    try:
        return await play(engine, folder, f"http://{HOST}:{app_port}/callback", say)
    except PageError as error:
        note(f"error: the sign-up did not get through: {error}")
        return False


def _sample_api(engine: Engine, folder: DemoFolder, port: int) -> uvicorn.Server:
    config = SampleApiConfig(
        users=(_credential(folder.key_text("RestApiUsername").reveal(), folder.key_text("RestApiPassword")),),
        client_ca=folder.tls / "ca.pem",
        issuer=platform_issuer(engine.origin, engine.tenant.id),
        audience=folder.api_client_id,
        jwks_url=f"{engine.origin}/{TENANT}/discovery/v2.0/keys",
        bearer_tokens=(_credential("policies", folder.key_text("RestApiBearerToken")),),
        api_keys=(_credential("policies", folder.key_text("RestApiKey")),),
    )
    return serve_sample_api(
        config,
        HOST,
        port,
        certificate=folder.tls / "api.pem",
        key=folder.tls / "api.key",
        client_ca=folder.tls / "ca.pem",
    )


def _credential(name: str, secret: Secret) -> Credential:
    return hashed_credential(name, secret.reveal())


def _say_what_to_open(engine: Engine, folder: DemoFolder, app_port: int) -> None:
    say("")
    say("Now try it yourself:")
    say(f"  open     http://{HOST}:{app_port}/            sign up, watch the calls, read the token")
    say_addresses(engine)
    say(f"  keys     {folder.path / 'keys'}    secrets made on first start, for this machine alone")
    say("Each REST call prints a line below. Ctrl-C ends the demo.")


def _warn(text: str) -> None:
    note(f"note: {text}")
