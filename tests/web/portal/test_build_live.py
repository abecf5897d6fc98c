"""The walkthroughs of the public documentation as a person does them in a browser: an API connector, a flow, a sign-up."""

from __future__ import annotations

import base64
import json
import re

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import expect

from journeyman.keys.certificate import self_signed
from journeyman.secret import Secret
from journeyman.web.portal.build import portal_link

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HOST = "https://api.contoso.example"
TRY_IT = "33333333-3333-4333-8333-333333333333"


@pytest_asyncio.fixture(loop_scope="session")
async def api():
    """An API that wants Basic credentials and gives every person a city."""
    received = []

    async def reply(request):
        if not request.headers.get("Authorization", "").startswith("Basic "):
            return web.Response(status=401)
        received.append(await request.json())
        return web.json_response({"version": "1.0.0", "action": "Continue", "city": "Ulm"})

    app = web.Application()
    app.router.add_post("/check", reply)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", received
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def site(deploy_for_browser, api):
    application = f'[[applications]]\nclient_id = "{TRY_IT}"\nname = "Try it"\n'
    back = 'redirect_uris = ["{origin}/healthz"]\nallow_implicit = true\n'
    return await deploy_for_browser(
        change=lambda text: f'{text}\n{application}{back}[egress.map]\n"{HOST}" = "{api[0]}"\n'
    )


async def connect(tab, name, way="Basic", **fields):
    await tab.get_by_role("link", name="New API connector").first.click()
    await tab.locator(".tabs").get_by_role("link", name=way, exact=True).click()
    await tab.get_by_label("Display name").fill(name)
    await tab.get_by_label("Endpoint URL").fill(f"{HOST}/check")
    for label, value in fields.items():
        await tab.get_by_label(label.replace("_", " ")).fill(value)


async def test_an_api_connector_with_basic_and_one_with_a_certificate_are_made_and_tried(site, api, open_tab, tmp_path):
    tab = (await open_tab(f"{portal_link(site.engine)}&back=/portal/connectors")).tab
    await connect(tab, "Loyalty", User_name="ada", Password="s3cret")
    await tab.get_by_role("button", name="Create").click()
    await tab.get_by_role("button", name="Test").click()
    await expect(tab.get_by_text("The journey would go on")).to_be_visible()
    await tab.goto(f"{site.origin}/portal/connectors")
    pfx = tmp_path / "client.pfx"
    pfx.write_bytes(self_signed("client", now=site.engine.clock.now()).pfx(Secret("pw")))
    await connect(tab, "Ledger", "Certificate", Password_of_the_file="pw")
    await tab.get_by_label("Certificate file").set_input_files(pfx)
    await tab.get_by_role("button", name="Create").click()

    await expect(tab.get_by_text("in use", exact=True)).to_be_visible()
    assert api[1][0]["step"] == "PostAttributeCollection"


async def make_flow(tab, site):
    await tab.goto(f"{site.origin}/portal/flows/new")
    await tab.get_by_label("Name", exact=True).fill("SignUp")
    for label in ("Collect Display Name", "Collect City", "Send City"):
        await tab.get_by_label(label).check()
    await tab.get_by_role("button", name="Create").click()
    await tab.locator(".tabs").get_by_role("link", name="API connectors").click()
    await tab.get_by_label("Before creating the user").select_option("Loyalty")
    await tab.get_by_role("button", name="Store").click()
    await tab.locator(".tabs").get_by_role("link", name="Overview").click()


async def sign_up(page, site):
    await page.get_by_role("link", name="Sign up now").click()
    await page.get_by_label("Email Address").fill("grace@contoso.com")
    await page.get_by_role("button", name="Send verification code").click()
    await expect(page.get_by_label("Verification code")).to_be_visible()
    (delivered, *_) = await site.engine.mailbox.list()
    await page.get_by_label("Verification code").fill(delivered.message.code)
    await page.get_by_role("button", name="Verify code").click()
    for label, text in (("New Password", "Cobol-1959!"), ("Confirm New Password", "Cobol-1959!")):
        await page.get_by_label(label, exact=True).fill(text)
    await page.get_by_label("Display Name").fill("Grace")
    await page.get_by_label("City").fill("Arlington")
    await page.get_by_role("button", name="Create").click()


async def test_a_flow_calls_its_connector_when_it_is_run_and_the_call_is_seen(site, api, open_tab):
    tab = (await open_tab(f"{portal_link(site.engine)}&back=/portal/connectors")).tab
    await connect(tab, "Loyalty", User_name="ada", Password="s3cret")
    await tab.get_by_role("button", name="Create").click()
    await make_flow(tab, site)
    await tab.get_by_label("Application and reply URL").select_option(f"{TRY_IT} {site.origin}/healthz")
    async with tab.context.expect_page() as opened:
        await tab.get_by_role("button", name="Run now").click()
    page = await opened.value
    await sign_up(page, site)
    await page.wait_for_url(re.compile("id_token="))
    claims = page.url.partition("id_token=")[2].split(".")[1]
    await tab.goto(f"{site.origin}/portal/journeys")
    await tab.get_by_role("link", name="B2C_1_SignUp").first.click()

    await expect(tab.get_by_role("article", name=re.compile("REST call"))).to_contain_text("A… (9 characters)")
    assert json.loads(base64.urlsafe_b64decode(claims + "==="))["city"] == "Ulm"
    assert api[1][-1]["email"] == "grace@contoso.com"
    await tab.goto(f"{site.origin}/portal/connectors")
    await tab.get_by_role("link", name="Loyalty").click()
    await expect(tab.get_by_text("1 of the last 1 succeeded, which is 100 %.")).to_be_visible()
