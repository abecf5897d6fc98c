"""The server: addresses that can be used, and an end that waits for nobody long."""

import asyncio
import os
import signal

import pytest
from starlette.applications import Starlette

from journeyman.errors import SettingsError
from journeyman.settings import ServerSettings
from journeyman.web.server import bind, ending_signals, run_until, server_of, start


def test_an_address_in_use_is_said_with_a_remedy():
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"127\.0\.0\.1:{port} is in use; .*--listen"):
            bind("127.0.0.1", port)


def test_an_address_of_another_machine_cannot_be_used():
    with pytest.raises(SettingsError, match="cannot be used"):
        bind("192.0.2.1", 0)


def test_the_second_family_of_addresses_works():
    with bind("::1", 0) as listener:
        assert listener.getsockname()[0] == "::1"


async def running():
    listener = bind("127.0.0.1", 0)
    server = server_of(Starlette(), ServerSettings())
    return server, await start(server, listener)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_all_servers(number):
    (first, first_task), (second, second_task) = await running(), await running()
    with ending_signals() as ended:
        os.kill(os.getpid(), number)
        await asyncio.wait_for(run_until(ended, [first, second], [first_task, second_task]), 5)

    assert first_task.done()
    assert second_task.done()


async def test_one_server_that_ends_takes_the_others_along():
    (first, first_task), (second, second_task) = await running(), await running()
    first.should_exit = True
    await asyncio.wait_for(run_until(asyncio.Event(), [first, second], [first_task, second_task]), 5)

    assert second_task.done()


async def test_a_server_that_cannot_start_says_so():
    listener = bind("127.0.0.1", 0)
    server = server_of(Starlette(), ServerSettings())
    # A socket that does not listen cannot be served.
    listener.close()
    with pytest.raises((OSError, ValueError, SystemExit)):
        await start(server, listener)
