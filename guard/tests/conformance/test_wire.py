from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from journeyman_guard.conformance.wire import Probe, Wire


@pytest.fixture
async def server():
    """Answer with given bytes; the connection stays open unless told otherwise."""
    started = []
    finished = []

    async def start(answer, *, close=True):
        done = asyncio.Event()
        finished.append(done)

        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            if not close:
                await asyncio.sleep(0.3)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            done.set()

        running = await asyncio.start_server(serve, "127.0.0.1", 0)
        started.append(running)
        return Wire("127.0.0.1", running.sockets[0].getsockname()[1], tls=False, timeout_s=0.5)

    yield start
    for running in started:
        running.close()
    for done in finished:
        await asyncio.wait_for(done.wait(), 5)
    await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n1\r\n!\r\n0\r\n\r\n", 200, b"ok!"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 200, b""),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, b""),
        (b"nonsense\r\n\r\n", None, b""),
        (b"", None, b""),
    ],
)
async def test_an_answer_is_read_as_it_comes(server, answer, status, body):
    wire = await server(answer)

    found = await wire.send(Probe("GET", "/"))

    assert (found.status, found.body) == (status, body)


async def test_a_server_that_says_nothing_is_silent(server):
    wire = await server(b"", close=False)
    quick = Wire(wire.host, wire.port, tls=False, timeout_s=0.1)

    assert (await quick.send(Probe("GET", "/"))).ended == "silent"


async def test_a_long_chunked_answer_is_cut(server, monkeypatch):
    monkeypatch.setattr("journeyman_guard.conformance.wire.LIMIT_BYTES", 3)
    wire = await server(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n2\r\nef\r\n0\r\n\r\n"
    )

    assert (await wire.send(Probe("GET", "/"))).body == b"abcd"


async def test_nobody_there_is_an_error():
    with pytest.raises(OSError, match="Connect call failed"):
        await Wire("127.0.0.1", 1, tls=False).send(Probe("GET", "/"))
