"""The public sample of account linkage, unchanged: ``userIdentities`` of one account grow and shrink."""

from __future__ import annotations

import base64
import json

import pytest
from aiohttp import web
from tests.federation.conftest import parameters_of
from tests.federation.test_bearers import PASSWORD, with_ann

from journeyman.testing.browser import Browser, Page, Redirect

pytestmark = pytest.mark.corpus

FACEBOOK = {
    "id": "fb-1",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "name": "Ada Lovelace",
    "email": "ada@fb.example",
}
GOOGLE = {"id": "g-1", "given_name": "Ada", "family_name": "L.", "name": "Ada L.", "email": "ada@g.example"}
HOSTS = ("graph.facebook.com", "accounts.google.com", "www.googleapis.com")


@pytest.fixture
async def apis():
    """What stands at the two providers: token endpoints and the documents about a person."""

    async def answer(request):
        documents = {"/me": FACEBOOK, "/oauth2/v1/userinfo": GOOGLE}
        return web.json_response(documents.get(request.path) or {"access_token": "at", "token_type": "bearer"})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def served(corpus, serve_tenant, apis):
    folders = (corpus / "starterpack/SocialAndLocalAccounts", corpus / "samples/account-linkage/policy")
    files = {
        path.name: path.read_text(encoding="utf-8-sig") for folder in folders for path in sorted(folder.glob("*.xml"))
    }
    files |= {f"keys/B2C_1A_{name}Secret.txt": "canary" for name in ("Facebook", "Google", "MSA", "Twitter")}
    mapped = "".join(f'"https://{host}" = "{apis}"\n' for host in HOSTS)
    return await serve_tenant(files, settings=f"allow_implicit = true\n[egress.map]\n{mapped}")


async def come_back(served, browser, page, exchange):
    """Choose a provider on a page and come back from it."""
    away = await browser.navigate(page, "unified", social=exchange)
    assert isinstance(away, Redirect), away
    state = parameters_of(away.url)["state"]
    return await browser.get(f"{served.origin}/{served.tenant}/oauth2/authresp?state={state}&code=c0de")


async def begun(served, browser, policy):
    asked = {**served.request, "response_type": "id_token", "nonce": "n"}
    page = await browser.authorize(served.tenant, policy, asked)
    assert isinstance(page, Page)
    return page


def subject(answer):
    body = answer.parameters["id_token"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"]


async def signed_in(served, browser):
    """Sign in with the password of the local account; return the page with the providers to link."""
    page = await begun(served, browser, "B2C_1A_AccountLink")
    answer = await browser.submit(page, {"signInName": "ann@contoso.com", "password": PASSWORD})
    assert answer.accepted, answer
    return await browser.go_on(page)


async def linked(served, exchange):
    async with Browser(served.origin) as browser:
        page = await signed_in(served, browser)
        return await come_back(served, browser, page, exchange)


async def identities(served):
    return {
        account.object_id: [
            (each.issuer, base64.b64decode(each.value).decode()) for each in account.identities if not each.local
        ]
        for account in await served.engine.users.page()
    }


async def test_identities_that_were_linked_sign_in_to_the_account(served):
    ann = await with_ann(served)
    first = subject(await linked(served, "LinkFacebookExchange"))
    async with Browser(served.origin) as browser:
        page = await begun(served, browser, "B2C_1A_AccountLink_SUSI")
        by_facebook = subject(await come_back(served, browser, page, "FacebookExchange"))

    assert (first, by_facebook) == (ann.object_id, ann.object_id)
    assert await identities(served) == {ann.object_id: [("facebook.com", "fb-1")]}


async def test_an_identity_of_another_account_cannot_be_linked(served):
    ann = await with_ann(served)
    async with Browser(served.origin) as browser:
        page = await begun(served, browser, "B2C_1A_AccountLink_SUSI")
        page = await come_back(served, browser, page, "GoogleExchange")
        given = {"displayName": "Ada", "givenName": "Ada", "surName": "L.", "email": "ada@g.example"}
        answer = await browser.submit(page, {name: given[name] for name in page.fields if name in given})
        assert answer.accepted, answer
        other = subject(await browser.go_on(page))
    refused = await linked(served, "LinkGoogleExchange")

    assert isinstance(refused, Page)
    assert refused.fields == ("errorMessage",)
    assert await identities(served) == {ann.object_id: [], other: [("google.com", "g-1")]}
