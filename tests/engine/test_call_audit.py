from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from journeyman.testing.browser import Browser, Redirect

CALLED = "An API was called as part of a user flow"
CALLING = "An API is about to be called as part of a user flow"


@pytest.fixture
async def api() -> AsyncIterator[TestServer]:
    """An API that counts how often it was asked; it refuses ``/no``."""
    app = web.Application()
    asked = web.AppKey("asked", list)
    app[asked] = []

    async def answer(request: web.Request) -> web.Response:
        app[asked].append(request.path)
        if request.path == "/no":
            return web.json_response({"status": 409, "userMessage": "secret-canary"}, status=409)
        return web.json_response({"tier": "gold"})

    app.router.add_route("*", "/{any:.*}", answer)
    server = TestServer(app)
    server.asked = app[asked]
    async with server:
        yield server


@pytest.fixture
def called(xml, api, serve_tenant):
    """``await called("/path", settings)``: a journey whose only step calls the API; the served tenant."""

    async def run(path: str, settings: str = ""):
        profile = xml.profile(
            "REST-Get",
            "rest",
            metadata={"ServiceUrl": f"http://127.0.0.1:{api.port}{path}", "AuthenticationType": "None"},
            outputs=("tier",),
        )
        policy = xml.policy(
            xml.step(Get="REST-Get"), claims=(xml.claim("tier"),), profiles=(profile,), outputs=("tier",), subject=""
        )
        return await serve_tenant({"test.xml": policy}, settings=settings)

    return run


async def ended(served) -> Redirect:
    async with Browser(served.origin) as browser:
        back = await browser.authorize(served.tenant, "B2C_1A_Test", served.request)
    assert isinstance(back, Redirect), back
    return back


async def rows(served, number: int):
    for _ in range(100):
        found = [row for row in await served.engine.audit.list() if row.activity in {CALLED, CALLING}]
        if len(found) >= number:
            break
        await asyncio.sleep(0.02)
    await served.engine.audit.verify()
    return found


async def test_each_call_leaves_one_row_with_its_attempts_and_its_outcome(called, api):
    served = await called("/yes")

    assert "code" in (await ended(served)).parameters
    (row,) = await rows(served, 1)

    assert (row.activity, row.actor, row.target) == (CALLED, served.client_id, "REST-Get")
    assert row.detail["outcome"] == "ok"
    assert (row.detail["numberOfAttempts"], row.detail["status"]) == ("1", "200")
    assert row.detail["policy"] == "B2C_1A_Test"
    assert row.tenant == served.engine.tenant.id


async def test_a_refusal_leaves_its_outcome_and_nothing_of_what_was_said(called):
    served = await called("/no")

    assert (await ended(served)).parameters["error"] == "server_error"
    (row,) = await rows(served, 1)

    assert (row.detail["outcome"], row.detail["status"]) == ("refused_by_api", "409")
    assert "secret-canary" not in repr(row)


async def test_nothing_is_recorded_when_the_settings_say_off(called):
    served = await called("/yes", '[server]\naudit = "off"')

    assert "code" in (await ended(served)).parameters
    assert await rows(served, 0) == []


async def test_a_required_record_is_written_before_the_call_and_after_it(called):
    served = await called("/yes", '[server]\naudit = "required"')

    assert "code" in (await ended(served)).parameters
    after, before = await rows(served, 2)

    assert (before.activity, after.activity) == (CALLING, CALLED)
    assert before.detail["journey"] == after.detail["journey"]


async def test_a_call_that_cannot_be_recorded_is_not_made_when_the_record_is_required(called, api):
    served = await called("/yes", '[server]\naudit = "required"')
    await served.engine.database.execute("DROP TABLE audit")

    back = await ended(served)

    assert back.parameters["error"] == "server_error"
    assert api.asked == []
    (journey,) = await journeys(served)
    assert [entry.record.verdict.value for entry in journey if hasattr(entry.record, "verdict")] == ["not_recorded"]


async def test_a_call_whose_end_cannot_be_recorded_ends_the_journey_when_the_record_is_required(called, api):
    served = await called("/yes", '[server]\naudit = "required"')
    refuse = "CREATE TRIGGER full BEFORE INSERT ON audit WHEN new.activity = '{}' BEGIN SELECT RAISE(FAIL, 'full'); END"
    await served.engine.database.execute(refuse.format(CALLED))

    back = await ended(served)

    assert back.parameters["error"] == "server_error"
    assert api.asked == ["/yes"]


async def test_a_call_is_made_without_its_record_when_none_is_required(called, caplog):
    served = await called("/yes")
    await served.engine.database.execute("DROP TABLE audit")

    assert "code" in (await ended(served)).parameters
    await served.stop()

    assert "audit entries were dropped" in caplog.text


async def journeys(served):
    await served.engine.trace_writer.flush()
    return [await served.engine.traces.journey(one.journey_id) for one in await served.engine.traces.journeys()]


async def test_the_row_of_a_call_names_the_version_of_the_key_that_it_used(xml, api, serve_tenant):
    metadata = {"ServiceUrl": f"http://127.0.0.1:{api.port}/yes", "AuthenticationType": "ApiKeyHeader"}
    profile = xml.profile("REST-Get", "rest", metadata=metadata, outputs=("tier",))
    key = '<CryptographicKeys><Key Id="x-api-key" StorageReferenceId="B2C_1A_ApiKey" /></CryptographicKeys>'
    policy = xml.policy(
        xml.step(Get="REST-Get"),
        claims=(xml.claim("tier"),),
        profiles=(profile.replace("</Metadata>", f"</Metadata>{key}"),),
        outputs=("tier",),
        subject="",
    )
    served = await serve_tenant({"test.xml": policy, "keys/B2C_1A_ApiKey.txt": "secret-canary"})
    await ended(served)
    (row,) = await rows(served, 1)
    (used,) = (await served.engine.key_store.get("ApiKey")).keys

    assert row.detail["credential"].startswith("B2C_1A_ApiKey")
    assert used.kid[:4] in row.detail["credential"]
    assert "secret-canary" not in repr(await served.engine.audit.list())
