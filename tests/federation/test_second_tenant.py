"""A tenant of user flows as the identity provider of another one, in Chromium: sign-up, sign-in, sign-out."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import pytest
from playwright.async_api import async_playwright
from tests.federation.conftest import authorize_url
from tests.federation.flow_tenants import flow_tenant as flow_tenant  # noqa: PLC0414  # a fixture
from tests.federation.test_sign_in import free_port, id_token_of

from journeyman.settings.identity import (
    AttributeAssignment,
    IdentityProvider,
    IdentitySettings,
    UserFlow,
    UserFlowType,
)

pytestmark = pytest.mark.browser
PASSWORD = "Correct-Horse-9"


@pytest.fixture
async def tenants(flow_tenant):
    """Fabrikam keeps the accounts, Contoso sends people there."""
    if shutil.which("chromium") is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    login = UserFlow(
        "B2C_1_login", UserFlowType.SIGN_UP_OR_SIGN_IN, email_verification=False, claims=("displayName", "emails")
    )
    port = free_port()
    fabrikam = await flow_tenant("fabrikam", IdentitySettings(user_flows=(login,)))
    callback = f"http://127.0.0.1:{port}/contoso.onmicrosoft.com/oauth2/authresp"
    client, secret = await fabrikam.engine.applications.add("Contoso", redirect_uris=(callback,))
    provider = IdentityProvider(
        "OIDC-V1-Fabrikam",
        "OpenIDConnect",
        "Fabrikam",
        client.client_id,
        "B2C_1A_Fabrikam",
        fabrikam.metadata("B2C_1_login"),
        domain_hint="fabrikam.com",
    )
    susi = UserFlow(
        "B2C_1_susi",
        UserFlowType.SIGN_UP_OR_SIGN_IN,
        attributes=(AttributeAssignment("displayName"), AttributeAssignment("city")),
        claims=("displayName", "city", "identityProvider", "newUser", "objectId"),
        identity_providers=(provider.id,),
    )
    identity = IdentitySettings(user_flows=(susi,), identity_providers=(provider,))
    files = {"keys/B2C_1A_Fabrikam.txt": secret.reveal()}
    return await flow_tenant("contoso", identity, port=port, files=files), fabrikam


@asynccontextmanager
async def chromium(*arguments):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False, args=["--disable-quic", *arguments]
        )
        yield await browser.new_page()
        await browser.close()


async def token_after(tab, served, act):
    """Do something that ends the journey; return the claims of the ID token that the application gets."""
    async with tab.expect_event("framenavigated", lambda frame: frame.url.startswith(served.redirect_uri)):
        await act()
    return id_token_of(tab.url)


def start_of(served, **extra):
    return authorize_url(served, "B2C_1_susi", response_type="id_token", nonce="n", **extra)


async def sign_up(tab, contoso):
    """Choose Fabrikam, make an account there, complete the page of Contoso."""
    await tab.goto(start_of(contoso))
    await tab.click("#FabrikamExchange, [id='OIDC-V1-FabrikamExchange']")
    await tab.click("#createAccount")
    await tab.fill("#email", "ada@fabrikam.com")
    await tab.fill("#newPassword", PASSWORD)
    await tab.fill("#reenterPassword", PASSWORD)
    await tab.click("#continue")
    await tab.wait_for_selector("#city")
    await tab.fill("#displayName", "Ada Lovelace")
    await tab.fill("#city", "London")
    return await token_after(tab, contoso, lambda: tab.click("#continue"))


async def test_an_account_is_made_at_the_first_sign_in_known_at_the_second_and_sign_out_reaches_the_provider(tenants):
    contoso, fabrikam = tenants
    target = urlencode({"post_logout_redirect_uri": contoso.redirect_uri})
    async with chromium() as tab:
        first = await sign_up(tab, contoso)
        again = await token_after(tab, contoso, lambda: tab.evaluate("to => { location.href = to }", start_of(contoso)))
        await tab.goto(f"{contoso.origin}/{contoso.tenant}/B2C_1_susi/oauth2/v2.0/logout?{target}")
        await tab.wait_for_url(f"{contoso.redirect_uri}**")
        await tab.goto(start_of(contoso, domain_hint="fabrikam.com"))
        await tab.wait_for_selector("#password")
        asked = tab.url

    assert (first["newUser"], first["city"], first["name"]) == (True, "London", "Ada Lovelace")
    assert first["idp"].startswith(f"{fabrikam.origin}/")
    assert (again["oid"], again.get("newUser")) == (first["oid"], None)
    assert asked.startswith(f"{fabrikam.origin}/{fabrikam.tenant}/b2c_1_login/")
    (account,) = await contoso.engine.users.page()
    assert [identity.issuer for identity in account.identities] == [first["idp"]]
