"""What the record of a real call says of its phases and of TLS."""

from __future__ import annotations

import asyncio
import re
import socket

import pytest

from journeyman.connector.errors import ApiTimeoutError, ApiUnreachableError, HttpStatusError
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import Continue


async def test_a_call_that_was_answered_has_its_phases_and_no_phase_in_which_it_ended(serve, profile_for):
    api = await serve()
    profile = profile_for(f"{api.url}/", AuthenticationType="None")

    assert isinstance(await profile.run(), Continue)
    (record,) = profile.records

    phases = record.phases
    assert all(took is not None and took >= 0 for took in (phases.connect_ms, phases.tls_ms, phases.first_byte_ms))
    assert phases.read_ms is not None
    assert record.phase == ""
    assert record.tls.startswith("TLSv1.3, certificate of ")


async def test_a_second_call_on_the_same_connection_has_neither_connect_nor_tls(serve, profile_for):
    api = await serve()
    profile = profile_for(f"{api.url}/", AuthenticationType="None")
    await profile.run()
    await profile.run()

    second = profile.records[1]

    assert (second.phases.connect_ms, second.phases.tls_ms, second.tls) == (None, None, "")


@pytest.fixture
async def silent():
    """A server that takes connections and says nothing."""
    writers = []

    async def take(_, writer):
        writers.append(writer)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in writers:
        writer.transport.abort()


@pytest.mark.parametrize(("scheme", "phase"), [("http", "first_byte"), ("https", "tls")])
async def test_a_timeout_ends_in_the_phase_that_took_the_time(silent, profile_for, scheme, phase):
    limits = ProfileSettings(timeout_s=0.1, retries=0)
    profile = profile_for(f"{scheme}://{silent}/", AuthenticationType="None", settings=limits)

    with pytest.raises(ApiTimeoutError):
        await profile.run()
    (record,) = profile.records

    assert record.phase == phase
    assert getattr(record.phases, f"{phase}_ms") >= 50


async def test_the_record_says_how_each_earlier_try_ended(silent, profile_for):
    limits = ProfileSettings(timeout_s=0.1, retries=2)
    profile = profile_for(f"http://{silent}/", AuthenticationType="None", settings=limits)

    with pytest.raises(ApiTimeoutError):
        await profile.run()
    (record,) = profile.records

    assert record.tries == 3
    assert [re.sub(r"\d+", "N", how) for how in record.earlier] == ["timeout in first_byte after N ms"] * 2


async def test_a_status_that_is_tried_again_is_told_without_a_phase(serve, profile_for):
    api = await serve(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
    profile = profile_for(f"{api.url}/", AuthenticationType="None", settings=ProfileSettings(timeout_s=5, retries=1))

    with pytest.raises(HttpStatusError):
        await profile.run()

    assert re.fullmatch(r"503 after \d+ ms", profile.records[0].earlier[0])


async def test_a_connection_that_nobody_takes_ends_in_connect(profile_for):
    with socket.socket() as taken:
        # Bound and not listening: nobody else gets the port, and nobody answers on it.
        taken.bind(("127.0.0.1", 0))
        profile = profile_for(f"http://127.0.0.1:{taken.getsockname()[1]}/", AuthenticationType="None")
        with pytest.raises(ApiUnreachableError):
            await profile.run()

    assert profile.records[0].phase == "connect"
