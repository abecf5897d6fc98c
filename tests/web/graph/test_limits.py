"""Sizes: what is too large is refused without being read."""

import asyncio
import io
import json
import socket
import time
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def raw(site, request):
    reader, writer = await asyncio.open_connection("127.0.0.1", site.engine.settings.server.port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    finally:
        writer.close()


async def test_a_body_of_20_mb_is_413_within_5_seconds(shared_api, problem):
    started = time.monotonic()
    reply = await shared_api("POST", "users", data=io.BytesIO(b"x" * 20_000_000))

    assert (reply.status, problem(reply)["code"]) == (413, "RequestEntityTooLarge")
    assert time.monotonic() - started < 5


async def test_it_is_refused_before_it_is_sent(shared_api, shared_site):
    head = (
        f"POST /v1.0/users HTTP/1.1\r\nHost: {shared_site.origin[7:]}\r\nAuthorization: Bearer {shared_api.token}\r\n"
        "Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n"
    )

    assert (await raw(shared_site, head.encode())).startswith(b"HTTP/1.1 413 ")


async def test_a_client_that_closes_after_each_request_hears_the_refusal(shared_api, shared_site):
    def send():
        headers = {"Authorization": f"Bearer {shared_api.token}"}
        request = urllib.request.Request(f"{shared_site.origin}/v1.0/users", b"x" * 20_000_000, headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        with refused.value as answer:
            return answer.code, json.load(answer)["error"]["code"]

    assert await asyncio.to_thread(send) == (413, "RequestEntityTooLarge")


async def test_a_body_that_does_not_come_is_not_waited_for_long(shared_site):
    head = f"POST /v1.0/users HTTP/1.1\r\nHost: {shared_site.origin[7:]}\r\nContent-Length: 1000\r\n\r\n"

    assert (await raw(shared_site, head.encode())).startswith(b"HTTP/1.1 401 ")


async def test_a_body_without_a_length_is_cut_off(shared_api, problem):
    async def parts():
        for _ in range(200):
            yield b"x" * 10_000

    reply = await shared_api("POST", "users", data=parts())

    assert (reply.status, problem(reply)["code"]) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999", "x"])
async def test_a_strange_length_is_refused(shared_api, shared_site, length):
    head = (
        f"POST /v1.0/users HTTP/1.1\r\nHost: {shared_site.origin[7:]}\r\nAuthorization: Bearer {shared_api.token}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )

    assert (await raw(shared_site, head.encode()))[:12] in {b"HTTP/1.1 413", b"HTTP/1.1 400"}


async def test_who_may_not_write_learns_nothing_of_the_size(shared_employ):
    reader = await shared_employ("User.Read.All")

    assert (await reader("POST", "users", data=b"x" * 1_000_000)).status == 403


async def test_who_closes_in_the_middle_of_a_body_does_no_harm(shared_api, shared_site, caplog):
    head = (
        f"POST /v1.0/users HTTP/1.1\r\nHost: {shared_site.origin[7:]}\r\nAuthorization: Bearer {shared_api.token}\r\n"
        'Content-Length: 1000\r\n\r\n{"displayName":'
    )
    with socket.create_connection(("127.0.0.1", shared_site.engine.settings.server.port)) as connection:
        connection.sendall(head.encode())
    await asyncio.sleep(0.2)

    assert (await shared_api("GET", "organization")).status == 200
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("body", [b"[]", b"7", b'"x"', b"null", b"<x/>", json.dumps({"a": 1}).encode("utf-16")])
async def test_a_body_that_is_no_object_is_told(shared_api, problem, body):
    reply = await shared_api("POST", "users", data=body)

    assert (reply.status, problem(reply)["code"]) == (400, "BadRequest")


async def test_a_long_query_is_refused(shared_api, problem):
    many = "&".join(f"a{number}=1" for number in range(101))
    reply = await shared_api("GET", f"users?{many}")

    assert (reply.status, problem(reply)["code"]) == (400, "BadRequest")
