"""Single sign-out: the applications that took part in a session are told of its end, and nobody else."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from tests.federation.flow_tenants import flow_tenant as flow_tenant  # noqa: PLC0414  # a fixture

from journeyman.settings.identity import IdentitySettings, UserFlow, UserFlowType
from journeyman.testing.browser import Browser, Redirect

SECOND = "22222222-1111-4111-8111-111111111111"
THIRD = "33333333-1111-4111-8111-111111111111"
APPLICATIONS = f"""
logout_url = "http://127.0.0.1:5000/first/logout"
[[applications]]
client_id = "{SECOND}"
name = "Second"
redirect_uris = ["http://127.0.0.1:5000/callback"]
logout_url = "https://second.example/logout?a=1&b=2"
[[applications]]
client_id = "{THIRD}"
name = "Third"
redirect_uris = ["http://127.0.0.1:5000/callback"]
logout_url = "https://third.example/logout"
"""


@pytest.fixture
async def served(flow_tenant):
    flow = UserFlow("B2C_1_login", UserFlowType.SIGN_UP_OR_SIGN_IN, email_verification=False)
    return await flow_tenant("contoso", IdentitySettings(user_flows=(flow,)), more=APPLICATIONS)


async def signed_in(served, browser, *clients):
    """Sign up with the first application, then get tokens for others from the session."""
    page = await browser.authorize(served.tenant, "B2C_1_login", served.request)
    page = await browser.navigate(page, "unified", local="signup")
    form = {"email": "ada@contoso.com", "newPassword": "Correct-Horse-9", "reenterPassword": "Correct-Horse-9"}
    answer = await browser.submit(page, {**form, "displayName": "Ada"})
    assert answer.accepted, answer
    assert isinstance(await browser.go_on(page), Redirect)
    for client in clients:
        assert isinstance(
            await browser.authorize(served.tenant, "B2C_1_login", {**served.request, "client_id": client}), Redirect
        )


async def logged_out(served, browser, **query):
    url = f"{served.origin}/{served.tenant}/B2C_1_login/oauth2/v2.0/logout?{urlencode(query)}"
    async with browser._client.get(url, allow_redirects=False) as answer:
        return answer.status, answer.headers, await answer.text()


async def test_the_other_applications_of_the_session_are_told_by_frames(served):
    async with Browser(served.origin) as browser:
        await signed_in(served, browser, SECOND)
        query = {"client_id": served.client_id, "post_logout_redirect_uri": served.redirect_uri, "state": "s"}
        status, headers, page = await logged_out(served, browser, **query)
        again, _, _ = await logged_out(served, browser, **query)

    assert (status, again) == (200, 302)
    assert page.count("<iframe") == 1
    assert 'src="https://second.example/logout?a=1&amp;b=2"' in page
    assert f'href="{served.redirect_uri}?state=s"' in page
    assert "frame-src https://second.example;" in f"{headers['Content-Security-Policy']};"


async def test_an_application_that_logs_out_itself_is_not_told(served):
    async with Browser(served.origin) as browser:
        await signed_in(served, browser)
        status, headers, _ = await logged_out(
            served, browser, client_id=served.client_id, post_logout_redirect_uri=served.redirect_uri
        )

    assert (status, headers["Location"]) == (302, served.redirect_uri)


async def test_without_a_session_nobody_is_told(served):
    async with Browser(served.origin) as browser:
        status, headers, page = await logged_out(served, browser)

    assert (status, "iframe" in page) == (200, False)
    assert "frame-src" not in headers["Content-Security-Policy"]
