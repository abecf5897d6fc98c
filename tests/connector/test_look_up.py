from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest
from aiohttp import ThreadedResolver

from journeyman.connector import look_up
from journeyman.connector.look_up import SystemResolver, addresses


async def test_a_name_of_this_machine_has_its_addresses():
    found = await SystemResolver().resolve("localhost", 443, socket.AF_INET)

    assert [(one["hostname"], one["host"], one["port"]) for one in found] == [("localhost", "127.0.0.1", 443)]


def test_the_answer_is_that_of_the_library_it_stands_for():
    ours = addresses("localhost", 80, socket.AF_UNSPEC)

    async def theirs():
        return await ThreadedResolver().resolve("localhost", 80, socket.AF_UNSPEC)

    assert ours == asyncio.run(theirs())


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
async def test_a_name_that_cannot_be_looked_up_is_an_os_error(host):
    with pytest.raises(OSError, match="the name is not one that can be looked up"):
        await SystemResolver().resolve(host, 443)


async def test_a_silent_name_server_holds_up_neither_other_threads_nor_the_end(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(look_up, "addresses", lambda *_: release.wait(5) and [])
    resolver, others = SystemResolver(), set(threading.enumerate())
    waiting = [asyncio.create_task(resolver.resolve("a.example", 443)) for _ in range(look_up.THREADS + 3)]
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    await asyncio.to_thread(time.sleep, 0.001)

    assert time.monotonic() - begun < 1
    threads = [one for one in set(threading.enumerate()) - others if one.name == "journeyman-look-up"]
    assert (len(threads), all(one.daemon for one in threads)) == (look_up.THREADS, True)
    for task in waiting[:5]:
        task.cancel()
    release.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in found[:5]] == [asyncio.CancelledError] * 5
    assert found[5:] == [[]] * (look_up.THREADS - 2)


def test_a_look_up_that_ends_after_the_loop_is_lost_without_a_word(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(look_up, "addresses", lambda *_: release.wait(5) and [])

    async def give_up():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await SystemResolver().resolve("a.example", 443)

    asyncio.run(give_up())
    release.set()
    for thread in threading.enumerate():
        if thread.name == "journeyman-look-up":
            thread.join(5)


def test_the_zone_of_a_link_local_address_is_kept(monkeypatch):
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 443, 0, 1))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    (one,) = addresses("a.example", 443, socket.AF_UNSPEC)

    assert one["host"].startswith("fe80::1%")


async def test_a_name_without_address_is_the_error_of_the_system(monkeypatch):
    def fails(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(look_up, "addresses", fails)
    with pytest.raises(socket.gaierror, match="not known"):
        await SystemResolver().resolve("a.example", 443)
