"""The unit tests of identity providers, as their authors mean them: choose one, come back, complete the page, read the token.

What stands at the providers is in outside_world.py. Expected values are what the output claims of each policy name.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from outside_world import AAD_TENANT, TOKENS
from policy_walk import CLIENT_ID, REDIRECT_URI, TENANT, token_in, values_on

from journeyman.testing.browser import Browser, Page, Redirect

pytestmark = pytest.mark.corpus

QUERY = {
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT_URI,
    "response_type": "id_token",
    "response_mode": "form_post",
    "scope": "openid",
}
MICROSOFT = f"https://login.microsoftonline.com/{AAD_TENANT}/v2.0"
CUSTOM = "https://myidp.biz/livedemo/oauth2"

# policy, exchange, where the browser is sent, identityProvider in the token, parameters of the policy's own
PROVIDERS = [
    ("IDP_AAD_Multi", "AzureADCommonExchange", "https://login.microsoftonline.com/common/", MICROSOFT, {}),
    (
        "IDP_AAD_Multi_OAuth2_AccessToken",
        "AzureADCommonExchange",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "fabrikam.com",
        {},
    ),
    ("IDP_AAD_OIDC_Multi_AccessToken", "AzureADCommonExchange", "https://login.microsoftonline.com/", MICROSOFT, {}),
    ("IDP_MyCustomIDP_OIDC", "MyCustomIdpExchange", f"{CUSTOM}/authorize", CUSTOM, {}),
    ("IDP_MyCustomIDP_Oauth2", "MyCustomIdpExchange", f"{CUSTOM}/authorize", CUSTOM, {}),
    ("IDP_Facebook", "FacebookExchange", "https://www.facebook.com/dialog/oauth", "facebook.com", {}),
    ("IDP_Facebook_AccessToken", "FacebookExchange", "https://www.facebook.com/dialog/oauth", "facebook.com", {}),
    (
        "IDP_Facebook_Reauthenticate",
        "FacebookExchange",
        "https://www.facebook.com/dialog/oauth",
        "facebook.com",
        {"auth_type": "reauthenticate"},
    ),
    ("IDP_GitHub", "GitHubExchange", "https://github.com/login/oauth/authorize", "github.com", {}),
    ("IDP_GitHub_AccessToken", "GitHubExchange", "https://github.com/login/oauth/authorize", "github.com", {}),
    ("IDP_Google", "GoogleExchange", "https://accounts.google.com/o/oauth2/auth", "google.com", {}),
    (
        "IDP_Google_AccessToken",
        "GoogleExchange",
        "https://accounts.google.com/o/oauth2/auth",
        "google.com",
        {"access_type": "offline", "prompt": "consent"},
    ),
    (
        "IDP_Google_SelectAccount",
        "GoogleExchange",
        "https://accounts.google.com/o/oauth2/auth",
        "google.com",
        {"prompt": "select_account"},
    ),
    ("IDP_MobileID", "MobileIdExchange", "https://m.mobileid.ch/oidc/authorize", "mobileid.ch", {}),
]


async def sign_in(unit_policies, browser, policy, exchange):
    """Choose a provider and come back from it; return where the browser was sent and what is shown then."""
    page = await browser.authorize(TENANT, f"B2C_1A_{policy}", QUERY)
    away = await browser.navigate(page, "unified", social=exchange)
    assert isinstance(away, Redirect)
    sent = dict(parse_qsl(urlsplit(away.url).query))
    unit_policies.world.nonce, unit_policies.world.client_id = sent.get("nonce", ""), sent["client_id"]
    answer = urlencode({"state": sent["state"], "code": "c0de"})
    return away.url, sent, await browser.get(f"{sent['redirect_uri']}?{answer}")


@pytest.mark.parametrize(
    ("policy", "exchange", "address", "provider", "own"), PROVIDERS, ids=[row[0] for row in PROVIDERS]
)
async def test_a_person_signs_in_at_the_provider(unit_policies, policy, exchange, address, provider, own):
    async with Browser(unit_policies.origin) as browser:
        url, sent, now = await sign_in(unit_policies, browser, policy, exchange)
        shown = {}
        while isinstance(now, Page):
            shown |= values_on(now)
            given = {name: value for name, value in values_on(now).items() if value}
            assert (await browser.submit(now, {"displayName": "Ada", **given})).accepted
            now = await browser.go_on(now)

    token = token_in(now)
    assert url.startswith(address)
    assert {name: sent.get(name) for name in own} == own
    assert token["idp"] == provider
    assert token["name"] == "Ada Lovelace"
    if policy.endswith("AccessToken"):
        # {oauth2:…} as partner claim types: the result page shows what the token endpoint of the provider gave.
        assert shown["oauth2Access_token"] == token["oauth2Access_token"] == TOKENS["access_token"]
        assert (shown["oauth2Expires_in"], token["oauth2Refresh_token"]) == ("3599", TOKENS["refresh_token"])
