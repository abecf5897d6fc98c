from __future__ import annotations

import pytest

from journeyman.providers.oauth2_error import OAuth2ErrorProvider


@pytest.fixture
def answer(xml, compile_policy_text, make_call):
    """Return the refusal for claims ``code`` and ``text``."""
    inputs = ('code PartnerClaimType="errorCode"', 'text PartnerClaimType="errorMessage"')
    profile = xml.profile("Say", "None", inputs=inputs, outputs=("objectId",))
    policy = compile_policy_text(
        xml.policy(xml.step(Say="Say"), claims=(xml.claim("code"), xml.claim("text")), profiles=(profile,))
    )

    async def run(**claims):
        return await OAuth2ErrorProvider().execute(make_call(policy, "Say", claims))

    return run


async def test_code_and_message_are_those_of_the_policy(answer):
    refusal = await answer(code="1234", text="Not today")

    assert (refusal.service_code, refusal.user_message) == ("AAD_Custom_1234", "Not today")


async def test_a_code_breaks_no_line_and_has_an_end(answer):
    refusal = await answer(code="1\r\n2" + "3" * 200, text="x")

    assert refusal.service_code == "AAD_Custom_12" + "3" * 98


async def test_without_claims_the_error_is_still_one(answer):
    refusal = await answer()

    assert (refusal.service_code, refusal.user_message) == ("AAD_Custom_", "")
