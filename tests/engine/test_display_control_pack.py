"""The starter pack LocalAccounts with display controls, unchanged, through the real pages."""

from __future__ import annotations

import pytest

from journeyman.testing.browser import Browser

pytestmark = pytest.mark.corpus

EMAIL, SECRET = "ada@contoso.com", "Canary-pass-1"
POLICY = "B2C_1A_signup_signin"
CONTROL = "SelfAsserted/DisplayControlAction/vbeta/emailVerificationControl"
FORM = {"newPassword": SECRET, "reenterPassword": SECRET, "displayName": "Ada", "givenName": "Ada", "surName": "L"}


@pytest.fixture
def pack(corpus):
    folder = corpus / "starterpack" / "DisplayControls" / "LocalAccounts"
    return {path.name: path.read_text(encoding="utf-8-sig") for path in sorted(folder.glob("*.xml"))}


async def test_a_person_signs_up_with_the_code_of_the_display_control(pack, serve_tenant):
    served = await serve_tenant(pack)
    async with Browser(served.origin) as browser:
        page = await browser.authorize(served.tenant, POLICY, served.request)
        page = await browser.navigate(page, "unified", local="signup")
        early = await browser.submit(page, {**FORM, "email": EMAIL})
        assert (await browser.post(page, f"{CONTROL}/SendCode", {"email": EMAIL})).accepted
        code = (await served.engine.mailbox.list())[0].message.code
        wrong = await browser.post(page, f"{CONTROL}/VerifyCode", {"email": EMAIL, "verificationCode": "none"})
        right = await browser.post(page, f"{CONTROL}/VerifyCode", {"email": EMAIL, "verificationCode": code})
        accepted = await browser.submit(page, {**FORM, "email": EMAIL})
        back = await browser.go_on(page)

    assert early.message == "The claims for verification control have not been verified."
    assert (wrong.accepted, wrong.message) == (False, "That code is incorrect. Please try again.")
    assert (right.accepted, accepted.accepted) == (True, True)
    assert "code" in back.parameters
    assert (await served.engine.users.find_by_sign_in_name(EMAIL)).attributes["displayname"] == "Ada"
