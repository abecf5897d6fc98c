"""A person at a page cannot hold the node with a text that a careless expression of the policy takes forever to read."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from journeyman.testing.browser import Browser

CARELESS = '<Restriction><Pattern RegularExpression="^(a|aa)+$" HelpText="Letters a only" /></Restriction>'
HOSTILE = "a" * 3999 + "!"


async def test_hostile_texts_of_five_browsers_do_not_keep_the_node_from_answering(serve_tenant, xml):
    policy = xml.policy(
        xml.step(Ask="Ask"),
        claims=(xml.claim("letters", control="TextBox", inner=CARELESS),),
        profiles=(xml.profile("Ask", "page", outputs=("letters", "objectId")),),
        outputs=('objectId PartnerClaimType="sub" DefaultValue="u"',),
    )
    served = await serve_tenant({"policy.xml": policy})
    waits = []

    async def attack():
        async with Browser(served.origin) as browser:
            page = await browser.authorize(served.tenant, "B2C_1A_Test", served.request)
            return [(await browser.submit(page, {"letters": HOSTILE})).message for _ in range(2)]

    async def watch(stopped):
        async with aiohttp.ClientSession(trust_env=False) as client:
            while not stopped.is_set():
                before = time.monotonic()
                async with client.get(f"{served.origin}/healthz") as response:
                    assert response.status == 200
                waits.append(time.monotonic() - before)
                await asyncio.sleep(0.01)

    stopped = asyncio.Event()
    watching = asyncio.create_task(watch(stopped))
    refused = await asyncio.gather(*(attack() for _ in range(5)))
    stopped.set()
    await watching

    assert {message for messages in refused for message in messages} == {"Letters a only"}
    assert max(waits) < 5
