"""The servers of the commands, in this process, ended by a real signal."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest

from journeyman_guard import AnyoneCheck, Guard, MisconfiguredError, TrustedProxies, read_networks
from journeyman_guard.cli.authz import _answer
from journeyman_guard.cli.main import main
from journeyman_guard.cli.serve import _serve, log_to_stderr
from journeyman_guard.configuration.server import AuthzSettings, ServeSettings
from journeyman_guard.conformance.wire import Probe, Wire
from journeyman_guard.proxy.server import address_of, bind


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def asked(port, target="/", tls=False, trust=None):
    wire = Wire("127.0.0.1", port, tls=tls, trust=trust)
    for _ in range(200):
        try:
            return await wire.send(Probe("GET", target, ((b"Host", b"h"), (b"Connection", b"close"))))
        except OSError:
            await asyncio.sleep(0.02)
    raise AssertionError("nobody listens")


async def until_ended(task):
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(task, 10)


async def test_serve_stands_in_front_of_an_api_until_a_signal(serve_app, pem_files):
    async def api(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    certificate, key, ca = pem_files
    upstream = await serve_app(api, ssl_context_factory=None)
    port, metrics = free_port(), free_port()
    settings = ServeSettings(
        f"127.0.0.1:{port}", f"http://127.0.0.1:{upstream.port}", certificate, key, ca, f"127.0.0.1:{metrics}"
    )
    task = asyncio.create_task(_serve(Guard({"GET /": AnyoneCheck()}), settings))

    assert (await asked(port, tls=True, trust=ca)).status == 204
    assert b'accepted_total{route="GET /",methods="anyone"} 1' in (await asked(metrics, "/metrics")).body
    assert (await asked(metrics, "/healthz")).body == b"ok\n"
    assert (await asked(metrics, "/x")).status == 404
    await until_ended(task)


async def test_authz_answers_until_a_signal():
    port = free_port()
    guard = Guard({"GET /": AnyoneCheck()}, proxies=TrustedProxies(read_networks(["127.0.0.1"])))
    task = asyncio.create_task(_answer(guard, AuthzSettings(f"127.0.0.1:{port}", "envoy")))

    assert (await asked(port)).status == 200
    await until_ended(task)


def test_an_ipv6_address_stands_in_brackets():
    with bind("[::1]:0") as listener:
        assert address_of(listener).startswith("[::1]:")
    with pytest.raises(MisconfiguredError, match="is not HOST:PORT"):
        bind("8080")


def test_causes_go_to_standard_error(capsys):
    import logging

    logger = logging.getLogger("journeyman_guard")
    before, level = list(logger.handlers), logger.level
    log_to_stderr()
    logger.warning("refused")
    logger.handlers, logger.level = before, level

    assert capsys.readouterr().err.endswith("WARNING refused\n")


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (BrokenPipeError, 130)])
def test_an_interrupted_command_ends_quietly(monkeypatch, raised, code):
    def interrupted(options):
        raise raised

    monkeypatch.setattr("journeyman_guard.cli.check.run_options", interrupted)

    assert main(["check"]) == code
