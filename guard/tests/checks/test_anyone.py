from __future__ import annotations

from journeyman_guard import AnyoneCheck


async def test_an_open_route_lets_everyone_in(serve):
    api = await serve(AnyoneCheck())

    answer = await api.call("GET /")

    assert (answer.status, answer.body) == (200, b"anonymous")
