"""The starter pack SocialAndLocalAccounts, unchanged: sign-up and sign-in with its Facebook profile.

Facebook itself is not reached: the egress map sends its API to a server here, and the test brings back the code.
"""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from tests.federation.conftest import parameters_of

from journeyman.testing.browser import Browser, Page, PageError, Redirect

pytestmark = pytest.mark.corpus

POLICY = "B2C_1A_signup_signin"
PERSON = {"id": "4711", "first_name": "Ada", "last_name": "Lovelace", "name": "Ada Lovelace", "email": "ada@fb.example"}


@pytest.fixture
async def facebook():
    """The two endpoints that the profile calls; remembers what it was asked."""
    asked = []

    async def answer(request):
        asked.append((request.method, request.path, dict(request.query)))
        document = PERSON if request.path.endswith("/me") else {"access_token": "EAAtoken", "token_type": "bearer"}
        return web.Response(text=json.dumps(document), content_type="text/javascript")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", asked
    await runner.cleanup()


@pytest.fixture
async def served(corpus, serve_tenant, facebook):
    folder = corpus / "starterpack" / "SocialAndLocalAccounts"
    files = {path.name: path.read_text(encoding="utf-8-sig") for path in sorted(folder.glob("*.xml"))}
    files["keys/B2C_1A_FacebookSecret.txt"] = "Canary-facebook-secret"
    settings = f'allow_implicit = true\n[egress.map]\n"https://graph.facebook.com" = "{facebook[0]}"\n'
    return await serve_tenant({**files, "keys/B2C_1A_FacebookSecret.txt": "Canary-facebook-secret"}, settings=settings)


async def choose_facebook(served, browser):
    """Click the button of the combined page; return the address to which the browser is sent."""
    page = await browser.authorize(served.tenant, POLICY, served.request)
    assert isinstance(page, Page)
    away = await browser.navigate(page, "unified", social="FacebookExchange")
    assert isinstance(away, Redirect)
    return away.url


async def come_back(served, browser, away):
    state = parameters_of(away)["state"]
    return await browser.get(f"{served.origin}/{served.tenant}/oauth2/authresp?state={state}&code=c0de")


async def test_a_new_person_completes_a_page_and_is_known_the_next_time(served, facebook):
    async with Browser(served.origin) as browser:
        away = await choose_facebook(served, browser)
        page = await come_back(served, browser, away)
        assert (await browser.submit(page, {"displayName": "Ada L.", "givenName": "Ada", "surName": "L."})).accepted
        first = await browser.go_on(page)
    async with Browser(served.origin) as browser:
        again = await come_back(served, browser, await choose_facebook(served, browser))

    assert away.startswith("https://www.facebook.com/dialog/oauth?")
    assert parameters_of(away)["redirect_uri"] == f"{served.origin}/{served.tenant}/oauth2/authresp"
    assert page.fields[:1] == ("displayName",)
    assert "code" in first.parameters
    assert "code" in again.parameters


async def test_the_token_endpoint_is_asked_by_get_with_the_secret_and_the_claims_endpoint_with_the_token(
    served, facebook
):
    async with Browser(served.origin) as browser:
        await come_back(served, browser, await choose_facebook(served, browser))

    (method, _, token), (_, path, me) = facebook[1]
    assert (method, token["client_secret"], token["code"]) == ("GET", "Canary-facebook-secret", "c0de")
    assert (path, me["access_token"]) == ("/me", "EAAtoken")


async def test_who_signed_in_with_a_provider_is_sent_there_again_without_a_choice(served):
    async with Browser(served.origin) as browser:
        page = await come_back(served, browser, await choose_facebook(served, browser))
        assert (await browser.submit(page, {"displayName": "Ada L.", "givenName": "Ada", "surName": "L."})).accepted
        await browser.go_on(page)
        again = await browser.authorize(served.tenant, POLICY, served.request)

    assert isinstance(again, Redirect)
    assert again.url.startswith("https://www.facebook.com/dialog/oauth?")


async def test_domain_hint_goes_to_the_provider_without_a_page(served):
    async with Browser(served.origin) as browser:
        away = await browser.authorize(served.tenant, POLICY, {**served.request, "domain_hint": "facebook.com"})

    assert isinstance(away, Redirect)
    assert away.url.startswith("https://www.facebook.com/dialog/oauth?")


async def test_who_goes_back_and_chooses_again_gets_a_request_of_its_own(served):
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, POLICY, served.request)
        first = await browser.navigate(page, "unified", social="FacebookExchange")
        second = await browser.navigate(page, "unified", social="FacebookExchange")
        completed = await come_back(served, browser, second.url)
        with pytest.raises(PageError, match="AADB2C90046"):
            await come_back(served, browser, first.url)

    assert parameters_of(first.url)["state"] != parameters_of(second.url)["state"]
    assert isinstance(completed, Page)
