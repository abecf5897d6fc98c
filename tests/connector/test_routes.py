from __future__ import annotations

import asyncio

import pytest
from yarl import URL

from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.believed import OriginRules, Origins
from journeyman.connector.circuit import Circuit
from journeyman.connector.egress_map import egress_map_of
from journeyman.connector.errors import ApiTimeoutError, ApiUnreachableError, CircuitOpenError, UnparsableAnswerError
from journeyman.connector.limits import Limits
from journeyman.connector.proxy import proxy_of
from journeyman.connector.routes import ORIGINS_LIMIT, Routes

NONE = NoAuthentication()


def routes(mapped=None, origins=None, proxy=None):
    return Routes(egress_map_of(mapped or {}, token_origin=None), origins or Origins(), proxy)


def test_all_calls_to_an_origin_take_one_route():
    found = routes()

    assert found.to(URL("https://api.example/a")) is found.to(URL("https://api.example/b?c=1"))
    assert found.to(URL("https://api.example/a")) is not found.to(URL("https://api.example:444/a"))


def test_two_names_of_one_dialled_origin_share_their_turn():
    found = routes(
        mapped={"https://a.example": "https://127.0.0.1:7071", "https://b.example": "https://127.0.0.1:7071"}
    )
    one, other = found.to(URL("https://a.example/x")), found.to(URL("https://b.example/x"))

    assert one.turn is other.turn
    assert (one.original_host, other.original_host) == ("a.example", "b.example")
    assert str(one.url(URL("https://a.example/x?y=1"))) == "https://127.0.0.1:7071/x?y=1"


@pytest.mark.parametrize(
    ("mapped", "proxy", "dialled"),
    [
        ({}, None, ""),
        ({"https://a.example": "https://b.example"}, None, "https://b.example"),
        ({}, "http://proxy.example:3128", "https://a.example through http://proxy.example:3128"),
    ],
)
def test_a_route_says_what_was_dialled_in_place_of_the_url(mapped, proxy, dialled):
    assert routes(mapped, proxy=proxy_of(proxy, ())).to(URL("https://a.example/x")).dialled == dialled


def test_routes_are_bounded():
    found = routes()
    first = found.to(URL("https://h0.example/"))
    for number in range(1, ORIGINS_LIMIT + 1):
        found.to(URL(f"https://h{number}.example/"))

    assert found.to(URL("https://h0.example/")) is not first


# --- turns ---------------------------------------------------------------------------------------


async def test_no_more_calls_run_to_an_origin_than_its_connections(serve, sender_for, answer):
    running, most = 0, 0

    async def slow(request, writer):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return answer("200 OK", "{}")

    api = await serve(slow)
    sender = sender_for(origins=Origins(64, {api.url: OriginRules(connections=3)}))
    answers = await asyncio.gather(*(sender.get(f"{api.url}/a", NONE) for _ in range(12)))

    assert {one.status for one in answers} == {200}
    assert (most, api.connections) == (3, 3)


async def test_a_call_that_never_gets_its_turn_is_a_timeout_that_says_so(serve, sender_for):
    arrived = asyncio.Event()

    async def slow(request, writer):
        arrived.set()
        await asyncio.sleep(5)

    api, other = await serve(slow), await serve()
    sender = sender_for(origins=Origins(connections=1))
    first = asyncio.create_task(sender.get(f"{api.url}/a", NONE))
    await arrived.wait()
    with pytest.raises(ApiTimeoutError, match="waiting for its turn among the calls to this origin"):
        await sender.get(f"{api.url}/a", NONE, limits=Limits(timeout_s=0.2, retries=0))

    assert (await sender.get(f"{other.url}/a", NONE)).status == 200
    first.cancel()


async def test_a_turn_that_was_given_up_is_free_again(serve, sender_for, answer):
    async def first_is_slow(request, writer):
        if len(api.received) == 1:
            await asyncio.sleep(5)
        return answer("200 OK", "{}")

    api = await serve(first_is_slow)
    sender = sender_for(origins=Origins(connections=1))
    with pytest.raises(ApiTimeoutError):
        await sender.get(f"{api.url}/a", NONE, limits=Limits(timeout_s=0.2, retries=0))

    assert (await sender.get(f"{api.url}/a", NONE)).status == 200


# --- circuit -------------------------------------------------------------------------------------


async def test_an_origin_that_is_left_alone_does_not_close_another_port_of_its_host(serve, sender_for):
    api = await serve()
    sender = sender_for(circuit=True)
    for _ in range(5):
        with pytest.raises(ApiUnreachableError):
            await sender.get("https://127.0.0.1:1/a", NONE)

    with pytest.raises(CircuitOpenError, match=r"https://127\.0\.0\.1:1 failed 5 times in a row"):
        await sender.get("https://127.0.0.1:1/a", NONE)
    assert (await sender.get(f"{api.url}/a", NONE)).status == 200
    assert isinstance(sender.client.circuit, Circuit)


async def test_an_api_that_answers_nonsense_is_there_and_ends_a_row_of_failures(serve, sender_for):
    api = await serve(b"nonsense\r\n\r\n")
    sender = sender_for(circuit=True)
    for _ in range(4):
        sender.client.circuit.failed(api.url)
    with pytest.raises(UnparsableAnswerError):
        await sender.get(f"{api.url}/a", NONE)
    for _ in range(4):
        sender.client.circuit.failed(api.url)

    sender.client.circuit.check(api.url)


# --- the budget of all tries ---------------------------------------------------------------------


async def test_the_total_time_limit_ends_the_tries_and_is_the_one_that_is_told(serve, sender_for):
    async def slow(request, writer):
        await asyncio.sleep(5)

    api = await serve(slow)
    sender = sender_for()
    with pytest.raises(ApiTimeoutError, match=r"no answer within 0\.5 s") as reached:
        await sender.get(f"{api.url}/a", NONE, limits=Limits(timeout_s=0.3, retries=5, total_timeout_s=0.5))

    assert reached.value.limit_s == 0.5
    assert (len(api.received), sender.progress.tries) == (2, 2)
    assert 500 <= sender.progress.total_ms() < 600


async def test_a_retry_after_that_fits_is_waited_for(serve, sender_for, answer):
    async def busy_once(request, writer):
        return (
            answer("429 Too Many Requests", "", "Retry-After: 1") if len(api.received) == 1 else answer("200 OK", "{}")
        )

    api = await serve(busy_once)
    sender = sender_for()

    assert (await sender.get(f"{api.url}/a", NONE, limits=Limits(timeout_s=3, retries=1))).status == 200
    assert 1000 <= sender.progress.total_ms() < 1500
