from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from journeyman.testing.browser import Browser
from journeyman.trace.records import CallRecord


@pytest.fixture
async def halting_api():
    """An API whose second answer waits until the test lets it go."""
    going = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/second":
            await going.wait()
        return web.json_response({})

    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    async with TestServer(app) as server:
        server.go = going.set
        yield server
        going.set()


async def test_a_call_is_in_the_trace_within_a_second_while_its_journey_still_runs(xml, serve_tenant, halting_api):
    url = f"http://127.0.0.1:{halting_api.port}"
    profiles = tuple(
        xml.profile(f"REST-{name}", "rest", metadata={"ServiceUrl": f"{url}/{name}", "AuthenticationType": "None"})
        for name in ("first", "second")
    )
    steps = (xml.step(A="REST-first"), xml.step(B="REST-second"))
    served = await serve_tenant({"test.xml": xml.policy(*steps, profiles=profiles, subject="", outputs=())})
    async with Browser(served.origin) as browser:
        running = asyncio.create_task(browser.authorize(served.tenant, "B2C_1A_Test", served.request))
        seen = await asyncio.wait_for(first_call(served), 1)
        ended = running.done()
        halting_api.go()
        await running

    assert (seen.profile_id, ended) == ("REST-first", False)


async def first_call(served) -> CallRecord:
    async with aiohttp.ClientSession() as client:
        while True:
            async with client.get(f"{served.origin}/portal/api/journeys") as answer:
                journeys = (await answer.json())["journeys"]
            if journeys and journeys[0]["calls"]:
                entries = await served.engine.traces.journey(journeys[0]["journey_id"])
                return next(entry.record for entry in entries if isinstance(entry.record, CallRecord))
            await asyncio.sleep(0.02)
