from __future__ import annotations

import pytest

from journeyman.engine.alone.usage import Context, usage_of

URL = {"ServiceUrl": "https://api.example/get", "AuthenticationType": "None"}


@pytest.fixture
def used(xml, compile_policy_text):
    """``used(*steps)``: where a policy of these steps uses REST-Get."""

    def find(*steps: str, profiles: tuple[str, ...] = (), **options: object):
        rest = xml.profile("REST-Get", "rest", URL, inputs=("email",))
        text = xml.policy(
            *steps,
            claims=(xml.claim("email"),),
            profiles=(rest, *profiles),
            outputs=('objectId DefaultValue="u"',),
            subject="",
            **options,
        )
        policy = compile_policy_text(text)
        return usage_of(policy, policy.technical_profiles["REST-Get"])

    return find


def test_a_claims_exchange_is_told_with_its_step_and_its_id(xml, used):
    usage = used(xml.step("Noop"), xml.step(CallIt="REST-Get"))

    assert usage.context is Context.CLAIMS_EXCHANGE
    assert (usage.step, usage.exchange_id) == ("Order=2, Type=ClaimsExchange", "CallIt")


def test_a_validation_profile_is_told_with_the_page_around_it(xml, used):
    page = xml.profile("Page", "page", outputs=("email",), validations=("REST-Get",))

    usage = used(xml.step(Ask="Page"), profiles=(page,))

    assert usage.context is Context.VALIDATION
    assert (usage.exchange_id, usage.page.id, usage.page_profile.id) == ("REST-Get", "api.page", "Page")


def test_a_profile_that_no_step_reaches_stands_for_its_own_exchange(xml, used):
    usage = used(xml.step("Noop"))

    assert usage.context is Context.NONE
    assert usage.exchange_id == "REST-Get"
