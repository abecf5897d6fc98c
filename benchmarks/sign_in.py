"""A whole sign-in (authorize page, submit, confirmed, token), password hashing apart and included; and a mix."""

from __future__ import annotations

from benchmarks.client import Client, at_once
from benchmarks.figure import Figure
from benchmarks.measure import Cost, Effort, Work, compare
from benchmarks.scene import scene

BASELINE = "bare Starlette endpoint, one RS256 JWT"
RATE = 200
SHARE_LIMIT = 40
MIX_REQUESTS = 10


async def sign_in(effort: Effort) -> list[Figure]:
    """Measure the processor time of the servers; the client is another process."""
    async with scene("cheap", "full") as shown:
        for _, client in shown.engines.values():
            await client.open_session()
        sides = {
            "bare": shown.bare_token(),
            "cheap": shown.side("cheap", _sign_ins(shown.engines["cheap"][1])),
            "full": shown.side("full", _sign_ins(shown.engines["full"][1])),
            "mix": shown.side("cheap", _mix(shown.engines["cheap"][1])),
        }
        costs = await compare(sides, effort.scaled(1 / 10))
        for _, client in shown.engines.values():
            await client.close_session()
    return _figures(costs)


def _sign_ins(client: Client) -> Work:
    async def work(count: int) -> None:
        await at_once(count, client.sign_in)

    return work


def _mix(client: Client) -> Work:
    """Ten requests: a sign-in (4), a code by the session (2), a refresh, a client's token, two documents."""

    async def one(number: int) -> None:
        await client.sign_in(number)
        client.codes.append(await client.code_by_session())
        tokens = await client.redeem_code()
        await client.refresh(tokens["refresh_token"])
        await client.client_credentials()
        await client.documents()

    async def work(count: int) -> None:
        await at_once(count, one)

    return work


def _figures(costs: dict[str, Cost]) -> list[Figure]:
    bare = costs["bare"]
    share = costs["mix"].cpu_s / MIX_REQUESTS * RATE * 100
    return [
        Figure(
            "sign-in, hashing apart: per second of one core", 1 / costs["cheap"].cpu_s, "/s", BASELINE, 1 / bare.cpu_s
        ),
        Figure(
            "sign-in, hashing apart: per second, 8 at once", 1 / costs["cheap"].wall_s, "/s", BASELINE, 1 / bare.wall_s
        ),
        Figure(
            "sign-in, argon2id included: per second of one core",
            1 / costs["full"].cpu_s,
            "/s",
            BASELINE,
            1 / bare.cpu_s,
        ),
        Figure(
            "sign-in, argon2id included: per second, 8 at once",
            1 / costs["full"].wall_s,
            "/s",
            BASELINE,
            1 / bare.wall_s,
        ),
        Figure(
            f"{RATE} mixed requests/s, hashing apart: share of one core",
            share,
            "%",
            BASELINE,
            bare.cpu_s * RATE * 100,
            f"at most {SHARE_LIMIT} %",
            share <= SHARE_LIMIT,
        ),
    ]
