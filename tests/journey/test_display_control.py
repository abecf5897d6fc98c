from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.errors import ServiceError
from journeyman.journey.outcome import PageAnswer, ShowStep
from journeyman.technical_profile import Continue, Refuse

CODE = 'code ControlClaimType="VerificationCode" Required="true"'
NOT_VERIFIED = "The claims for verification control have not been verified."
ADA = "ada@contoso.com"
EVE = "eve@contoso.com"


def check(call):
    """Stands for an API that knows one code, whatever address it was sent to."""
    code = next(value for mapping, value in call.inputs if mapping.name == "code")
    return Continue({"ticket": f"ticket of {code}"}) if code == "123456" else Refuse("That code is wrong.")


@pytest.fixture
def page(play, xml):
    """Play a page with a verification control whose two actions call an API."""

    def make(*, displayed=('email Required="true"', CODE), outputs=("ticket",), **answers):
        send = xml.profile("Send", "rest", inputs=("email",), outputs=("handle",))
        verify = xml.profile("Verify", "rest", inputs=("code", "handle"), outputs=("ticket",))
        ask = xml.profile("Ask", "page", display=("name", "@Mail"), outputs=("name", "email", "ticket"))
        actions = {"SendCode": ("Send",), "VerifyCode": ("Verify",)}
        text = xml.policy(
            xml.step(Ask="Ask"),
            claims=tuple(xml.claim(name, control="TextBox") for name in ("email", "code", "name", "ticket", "handle")),
            profiles=(send, verify, ask),
            blocks=xml.control("Mail", *displayed, actions=actions, outputs=outputs),
            outputs=("email", "ticket", 'objectId DefaultValue="u"'),
            subject="",
        )
        return play(text, answers={"Verify": check, "Send": Continue({"handle": "h1"}), **answers})

    return make


async def test_a_verified_claim_and_the_outputs_of_the_control_reach_the_token(page, claims_of):
    journey = page()
    shown = await journey.start()

    assert await journey.act("mail", "sendcode", email=f" {ADA} ") == PageAnswer()
    assert await journey.act("Mail", "VerifyCode", email=ADA, code="123456") == PageAnswer()
    claims = claims_of(await journey.enter(name="Ada", email=ADA))
    assert isinstance(shown, ShowStep)
    assert journey.api.sent("Send") == [{"email": ADA}]
    assert {name: claims[name] for name in ("email", "ticket")} == {"email": ADA, "ticket": "ticket of 123456"}


async def test_outputs_of_an_action_reach_the_next_action_only_through_the_control(page):
    kept, lost = page(outputs=("handle",)), page(outputs=())
    for journey in (kept, lost):
        await journey.start()
        await journey.act("Mail", "SendCode", email=ADA)
        await journey.act("Mail", "VerifyCode", email=ADA, code="123456")

    assert kept.api.sent("Verify") == [{"code": "123456", "handle": "h1"}]
    assert lost.api.sent("Verify") == [{"code": "123456"}]


async def test_a_page_whose_control_is_not_verified_cannot_be_sent(page):
    journey = page()
    await journey.start()
    await journey.act("Mail", "SendCode", email=ADA)
    wrong = await journey.act("Mail", "VerifyCode", email=ADA, code="000000")

    assert wrong.message == "That code is wrong."
    assert (await journey.post(name="Ada", email=ADA)).message == NOT_VERIFIED


async def test_a_code_for_ones_own_address_does_not_prove_another(page):
    journey = page()
    await journey.start()
    await journey.act("Mail", "SendCode", email=EVE)
    proof = await journey.act("Mail", "VerifyCode", email=ADA, code="123456")

    assert proof.message == NOT_VERIFIED
    assert journey.api.sent("Verify") == []


async def test_an_address_that_was_changed_after_it_was_verified_is_refused(page):
    journey = page()
    await journey.start()
    await journey.act("Mail", "SendCode", email=EVE)
    await journey.act("Mail", "VerifyCode", email=EVE, code="123456")

    assert (await journey.post(name="Ada", email=ADA)).message == NOT_VERIFIED
    assert (await journey.post(name="Ada", email=EVE)) == PageAnswer()


async def test_a_new_code_takes_back_what_was_verified_and_so_does_a_page_that_is_shown_anew(page):
    again, reloaded = page(), page()
    for journey in (again, reloaded):
        await journey.start()
        await journey.act("Mail", "SendCode", email=ADA)
        await journey.act("Mail", "VerifyCode", email=ADA, code="123456")
    await again.act("Mail", "SendCode", email=ADA)
    await reloaded.show_again()

    assert (await again.post(name="Ada", email=ADA)).message == NOT_VERIFIED
    assert (await reloaded.post(name="Ada", email=ADA)).message == NOT_VERIFIED


async def test_a_code_cannot_be_checked_before_one_was_sent(page):
    journey = page()
    await journey.start()

    assert (await journey.act("Mail", "VerifyCode", email=ADA, code="123456")).message == NOT_VERIFIED


async def test_what_an_action_needs_is_required_before_its_profiles_run(page):
    journey = page()
    await journey.start()
    nothing = await journey.act("Mail", "SendCode")
    await journey.act("Mail", "SendCode", email=ADA)
    no_code = await journey.act("Mail", "VerifyCode", email=ADA)

    assert (nothing.message, no_code.message) == ("Missing required element: email", "Missing required element: code")
    assert (len(journey.api.sent("Send")), journey.api.sent("Verify")) == (1, [])


@pytest.mark.parametrize("names", [("Other", "SendCode"), ("Mail", "Steal"), ("", "")])
async def test_only_the_actions_of_the_controls_of_the_page_can_be_asked_for(page, names):
    journey = page()
    await journey.start()

    with pytest.raises(ServiceError) as lost:
        await journey.act(*names, email=ADA)
    assert lost.value.service_code == "AADB2C90046"


async def test_a_page_that_was_accepted_or_has_no_control_takes_no_action(page, play, xml):
    journey = page(displayed=("email",), Verify=Continue())
    await journey.start()
    await journey.act("Mail", "SendCode", email=ADA)
    await journey.act("Mail", "VerifyCode", email=ADA)
    await journey.post(name="Ada", email=ADA)
    select = play(
        xml.policy(
            xml.step("ClaimsProviderSelection", xml.selections("A", "B"), page="api.select"),
            xml.step(A="Give", B="Give"),
            profiles=(xml.profile("Give", "rest", outputs=("objectId",)),),
        )
    )
    await select.start()

    for each in (journey, select):
        with pytest.raises(ServiceError, match=r".*"):
            await each.act("Mail", "SendCode", email=ADA)


async def test_a_profile_that_fails_is_told_beside_the_control(page):
    failed = ServiceError("the mail API is down", service_code="AADB2C90161", user_message="Try again later.")
    journey = page(Send=failed)
    await journey.start()

    assert await journey.act("Mail", "SendCode", email=ADA) == PageAnswer("AADB2C90161", "Try again later.")
    assert journey.events()[-2:] == ["refused Send", "refused Ask"]


async def test_after_fifty_actions_a_journey_gets_no_more_however_often_its_page_is_shown(page):
    journey = page()
    await journey.start()
    for number in range(50):
        assert await journey.act("Mail", "SendCode", email=f"a{number}@contoso.com") == PageAnswer()
        if number % 10 == 0:
            await journey.show_again()

    refused = await journey.act("Mail", "SendCode", email=ADA)
    assert refused.message == "There are too many requests at this moment. Please wait for some time and try again."
    assert len(journey.api.sent("Send")) == 50


async def test_a_page_that_proved_an_address_renews_the_time_of_the_proof(page):
    journey = page()
    await journey.start()
    await journey.act("Mail", "SendCode", email=ADA)
    await journey.act("Mail", "VerifyCode", email=ADA, code="123456")
    await journey.post(name="Ada", email=ADA)

    assert journey.state.auth_time == int(journey.at.timestamp())


async def test_a_provider_that_has_no_controls_takes_no_action(page):
    journey = page()
    await journey.start()
    providers = {**journey.runner.pipeline.providers, "Ask": journey.api}
    journey.runner = replace(journey.runner, pipeline=replace(journey.runner.pipeline, providers=providers))

    with pytest.raises(ServiceError) as lost:
        await journey.act("Mail", "SendCode", email=ADA)
    assert lost.value.service_code == "AADB2C90046"
