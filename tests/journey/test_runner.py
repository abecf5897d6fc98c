from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.compiler.compiled import StepType
from journeyman.errors import ServiceError
from journeyman.journey.outcome import ShowStep
from journeyman.journey.page import PageApi
from journeyman.technical_profile import Continue, Refuse, ShowPage


@pytest.fixture
def sign_in(xml):
    """A combined page with a sign-up link, the sign-up page, a REST call at the end."""

    def build(**options):
        claims = (
            xml.claim("signInName", control="TextBox", label="Email"),
            xml.claim("password", control="Password", label="Password"),
            xml.claim("name", control="TextBox", label="Name"),
            xml.claim("tier"),
        )
        profiles = (
            xml.profile(
                "SignIn",
                "page",
                {
                    "ContentDefinitionReferenceId": "api.signin",
                    "SignUpTarget": "SignUpExchange",
                    **options.pop("metadata", {}),
                },
                outputs=('signInName Required="true"', 'password Required="true"', "objectId"),
                validations=("Check",),
            ),
            xml.profile("SignUp", "page", outputs=('name Required="true"', "objectId"), validations=("Create",)),
            xml.profile("Check", "rest", inputs=("signInName", "password"), outputs=("objectId",)),
            xml.profile("Create", "rest", inputs=("name",), outputs=("objectId",)),
            xml.profile("Enrich", "rest", inputs=("objectId",), outputs=("tier",)),
            *options.pop("profiles", ()),
        )
        steps = (
            xml.step(
                "CombinedSignInAndSignUp",
                xml.selections(local="SignInExchange"),
                page="api.signin",
                SignInExchange="SignIn",
            ),
            xml.step(skip_if="objectId", SignUpExchange="SignUp"),
            xml.step(EnrichExchange="Enrich"),
        )
        outputs = ('objectId PartnerClaimType="sub"', "tier", "name", "password")
        return xml.policy(*steps, claims=claims, profiles=profiles, outputs=outputs, **options)

    return build


ANSWERS = {
    "Check": Continue({"objectId": "user-1"}),
    "Create": Continue({"objectId": "user-2"}),
    "Enrich": Continue({"tier": "gold"}),
}


async def test_a_sign_in_runs_to_its_tokens_and_the_sign_up_step_is_skipped(sign_in, play, claims_of):
    journey = play(sign_in(), answers=ANSWERS)

    shown = await journey.start()
    tokens = await journey.enter(signInName="ada@contoso.com", password="Correct-horse-1")

    assert shown.page.api is PageApi.COMBINED
    assert claims_of(tokens) == {"sub": "user-1", "tier": "gold"}
    assert (tokens.subject, tokens.user_id) == ("user-1", "user-1")
    assert journey.events() == [
        "page SignIn",
        "profile Check",
        "profile SignIn",
        "skip",
        "profile Enrich",
        "tokens JwtIssuer",
    ]


async def test_the_sign_up_link_leads_to_its_exchange(sign_in, play, claims_of, fields_of):
    journey = play(sign_in(), answers=ANSWERS)
    shown = await journey.start()

    page = await journey.sign_up()
    tokens = await journey.enter(name="Ada")

    assert shown.page.sign_up
    assert fields_of(page) == ["name"]
    assert claims_of(tokens) == {"sub": "user-2", "tier": "gold", "name": "Ada"}


async def test_a_password_reaches_the_validation_profile_and_is_gone_afterwards(sign_in, play):
    journey = play(sign_in(), answers=ANSWERS)
    await journey.start()

    await journey.post(signInName="ada@contoso.com", password="Canary-1234")

    assert journey.api.sent("Check") == [{"signInName": "ada@contoso.com", "password": "Canary-1234"}]
    assert b"Canary-1234" not in journey.state.to_bytes()
    assert "password" not in journey.claims


async def test_a_refused_password_is_neither_in_the_state_nor_in_the_records(sign_in, play):
    echo = Refuse("You sent Canary-1234, which is wrong.", "AADB2C90054", "Canary-1234 does not match")
    journey = play(sign_in(), answers={"Check": echo})
    await journey.start()

    answer = await journey.post(signInName="ada@contoso.com", password="Canary-1234")

    assert answer.error_code == "AADB2C90054"
    assert answer.message == "You sent Canary-1234, which is wrong."
    assert b"Canary" not in journey.state.to_bytes()
    assert "Canary" not in repr(journey.records)


async def test_cancel_and_a_forgotten_password_without_a_target_end_the_journey(sign_in, play, code_of):
    for move, code in (("cancel", "AADB2C90091"), ("forgot_password", "AADB2C90118")):
        journey = play(sign_in())
        await journey.start()

        outcome = await getattr(journey, move)()

        assert code_of(outcome) == code
        assert outcome.error.oauth_error == "access_denied"


async def test_the_forgot_password_link_leads_to_the_exchange_of_its_override(sign_in, play, fields_of):
    journey = play(sign_in(metadata={"setting.forgotPasswordLinkOverride": "signupexchange"}))
    await journey.start()

    assert fields_of(await journey.forgot_password()) == ["name"]


async def test_a_page_that_was_not_accepted_cannot_be_confirmed(sign_in, play, code_of):
    journey = play(sign_in(), answers={"Check": Refuse("no")})
    await journey.start()
    await journey.post(signInName="ada@contoso.com", password="wrong")

    assert code_of(await journey.confirm()) == "AADB2C90255"


async def test_a_page_that_was_accepted_is_not_checked_twice(sign_in, play):
    journey = play(sign_in(), answers=ANSWERS)
    await journey.start()
    for _ in range(2):
        answer = await journey.post(signInName="ada@contoso.com", password="Correct-horse-1")

    assert answer.error_code is None
    assert len(journey.api.sent("Check")) == 1


async def test_the_fifth_refusal_of_a_validation_profile_ends_the_journey_and_a_reload_does_not_help(
    sign_in, play, code_of
):
    journey = play(sign_in(), answers={"Check": Refuse("no")})
    await journey.start()
    for _ in range(5):
        await journey.post(signInName="ada@contoso.com", password="wrong")

    answer = await journey.post(signInName="ada@contoso.com", password="right")

    assert answer.error_code == "AADB2C90157"
    assert len(journey.api.sent("Check")) == 5
    for move in (journey.show_again, journey.confirm, journey.sign_up, journey.forgot_password, journey.cancel):
        assert code_of(await move()) == "AADB2C90157"


@pytest.mark.parametrize(("limit", "tries"), [("2", 2), ("0", 5), ("many", 5), ("99999", 5)])
async def test_the_retry_limit_is_a_setting_of_the_page(sign_in, play, limit, tries):
    journey = play(sign_in(metadata={"setting.retryLimit": limit}), answers={"Check": Refuse("no")})
    await journey.start()

    for number in range(1, tries + 1):
        await journey.post(signInName="ada@contoso.com", password="wrong")
        assert bool(journey.state.page.ended) is (number == tries)


async def test_a_field_that_is_wrong_costs_no_try(sign_in, play):
    journey = play(sign_in())
    await journey.start()

    for _ in range(9):
        await journey.post(signInName="", password="")

    assert journey.state.page.tries == 0


async def test_showing_a_page_again_gives_it_a_new_token_and_keeps_its_tries(sign_in, play):
    journey = play(sign_in(), answers={"Check": Refuse("no")})
    await journey.start()
    await journey.post(signInName="ada@contoso.com", password="wrong")
    before = journey.state.page.csrf

    outcome = await journey.show_again()

    assert isinstance(outcome, ShowStep)
    assert journey.state.page.csrf != before
    assert journey.state.page.tries == 1


async def test_a_journey_without_a_page_runs_through(xml, play, claims_of):
    text = xml.policy(
        xml.step(Call="Call"), profiles=(xml.profile("Call", "rest", outputs=('objectId PartnerClaimType="id"',)),)
    )
    journey = play(text, answers={"Call": Continue({"id": "user-1"})})

    assert claims_of(await journey.start()) == {"sub": "user-1"}


async def test_prompt_none_refuses_a_journey_that_needs_a_page(sign_in, play, code_of):
    outcome = await play(sign_in()).start(prompt="none")

    assert code_of(outcome) == "AADB2C90077"
    assert outcome.error.oauth_error == "interaction_required"


async def test_a_journey_that_may_not_show_pages_refuses_to(sign_in, play, code_of):
    assert code_of(await play(sign_in(journey='NonInteractive="true"')).start()) == "AADB2C90077"
    assert code_of(await play(sign_in(), interactive=False).start()) == "AADB2C90077"


async def test_a_refusal_outside_a_page_ends_the_journey_with_the_meaning_of_its_code(sign_in, play, code_of):
    journey = play(sign_in(), answers={**ANSWERS, "Enrich": Refuse("No benefits.", "AADB2C99002", "detail")})
    await journey.start()

    outcome = await journey.enter(signInName="ada@contoso.com", password="Correct-horse-1")

    assert code_of(outcome) == "AADB2C99002"
    assert outcome.error.oauth_error == "access_denied"
    assert str(outcome.error) == "No benefits."


async def test_a_refusal_without_a_known_code_is_a_server_error(xml, play, code_of):
    text = xml.policy(xml.step(Call="Call"), profiles=(xml.profile("Call", "rest", outputs=("objectId",)),))

    outcome = await play(text, answers={"Call": Refuse("", detail="said no")}).start()

    assert code_of(outcome) == "AADB2C"
    assert outcome.error.oauth_error == "server_error"
    assert str(outcome.error) == "said no"


async def test_the_error_issuer_of_a_step_ends_the_journey_with_the_error_of_the_policy(xml, play, code_of):
    said = xml.profile("Say", "OAuth2", inputs=('text PartnerClaimType="errorMessage" DefaultValue="Not today"',))
    said = said.replace("<InputClaims>", "<OutputTokenFormat>OAuth2Error</OutputTokenFormat><InputClaims>")
    last = xml.step("SendClaims").replace('"JwtIssuer"', '"Say"')
    text = xml.policy(
        last, claims=(xml.claim("text"),), profiles=(said,), outputs=('objectId DefaultValue="u"',), subject=""
    )

    outcome = await play(text).start()

    assert code_of(outcome) == "AAD_Custom_"
    assert (outcome.error.oauth_error, outcome.error.user_message) == ("access_denied", "Not today")


async def test_an_error_of_a_provider_ends_the_journey(xml, play, code_of):
    text = xml.policy(xml.step(Call="Call"), profiles=(xml.profile("Call", "rest", outputs=("objectId",)),))
    error = ServiceError("the API is down", service_code="AADB2C90162")

    assert code_of(await play(text, answers={"Call": error}).start()) == "AADB2C90162"


async def test_a_disabled_profile_is_passed_over_and_leaves_nothing(xml, play, claims_of):
    claims = (xml.claim("tier"),)
    profiles = (
        xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',)),
        xml.profile("Call", "rest", outputs=("tier",), persisted=(), enabled="false", session="SM"),
        xml.profile("SM", "session", persisted=("objectId",)),
    )
    text = xml.policy(xml.step(A="Id"), xml.step(B="Call"), claims=claims, profiles=profiles)
    journey = play(text, answers={"Call": Continue({"tier": "gold"})})

    tokens = await journey.start()

    assert claims_of(tokens) == {"sub": "user-1"}
    assert journey.api.calls == []
    assert journey.state.session_writes == {}
    assert "skip Call" in journey.events()


async def test_a_step_type_and_a_profile_that_cannot_run_are_named(xml, play, code_of):
    consent = xml.policy(xml.step("ConsentScreen"), outputs=(), subject="")
    otp = xml.policy(xml.step(Otp="Otp"), profiles=(xml.profile("Otp", "mfa", outputs=("objectId",)),))

    first, second = await play(consent).start(), await play(otp).start()

    assert code_of(first) == code_of(second) == "AADB2C90037"
    assert "ConsentScreen" in str(first.error)
    assert "'Otp'" in str(second.error)


async def test_a_journey_whose_send_claims_is_skipped_is_refused(xml, play, code_of):
    text = xml.policy(xml.step("SendClaims", skip_unless="objectId"), outputs=(), subject="")

    assert code_of(await play(text).start()) == "AADB2C90040"


async def test_a_release_that_moves_steps_ends_the_journeys_under_way(sign_in, play):
    journey = play(sign_in(), answers=ANSWERS)
    await journey.start()
    journey.state.plan = "of another release"

    for move in (journey.confirm, journey.post, journey.show_again, journey.sign_up, journey.cancel):
        with pytest.raises(ServiceError) as caught:
            await move()
        assert caught.value.service_code == "AADB2C90046"


async def test_moves_of_a_journey_without_a_page_are_refused(sign_in, play):
    journey = play(sign_in())
    journey.state.plan = journey.runner.plan

    with pytest.raises(ServiceError, match="cannot be loaded"):
        await journey.confirm()


async def test_a_page_at_the_end_of_all_steps_is_refused(sign_in, play):
    journey = play(sign_in())
    await journey.start()
    journey.state.frames[0].index = 99

    with pytest.raises(ServiceError, match="cannot be loaded"):
        await journey.confirm()


async def test_sending_a_page_of_provider_buttons_is_refused(xml, play):
    journey = play(_choice(xml))
    await journey.start()

    with pytest.raises(ServiceError) as caught:
        await journey.post(anything="1")
    assert caught.value.service_code == "AADB2C90046"


def _choice(xml, display="", one=None, two=None):
    profiles = (
        xml.profile("One", "page", outputs=("name",), name="First way", domain="one.example", **(one or {})),
        xml.profile("Two", "page", outputs=("name",), **(two or {})),
    )
    select = xml.step("ClaimsProviderSelection", xml.selections("ToOne", "ToTwo", display=display), page="api.select")
    claims = (xml.claim("name", control="TextBox"),)
    return xml.policy(
        select, xml.step(ToOne="One", ToTwo="Two"), claims=claims, profiles=profiles, outputs=("name",), subject=""
    )


async def test_a_choice_of_providers_leads_to_the_chosen_exchange(xml, play):
    journey = play(_choice(xml))

    shown = await journey.start()
    page = await journey.select("totwo")

    assert [(option.exchange_id, option.text) for option in shown.page.options] == [
        ("ToOne", "First way"),
        ("ToTwo", "Two"),
    ]
    assert shown.page.api is PageApi.PROVIDER_SELECTION
    assert page.page.profile_id == "Two"


async def test_an_exchange_that_was_not_offered_cannot_be_chosen(xml, play, code_of):
    journey = play(_choice(xml))
    await journey.start()

    assert code_of(await journey.select("JwtIssuer")) == "AADB2C90051"


async def test_a_page_that_is_no_choice_offers_nothing(xml, play, code_of):
    journey = play(_choice(xml))
    await journey.start()
    await journey.select("ToOne")

    assert code_of(await journey.select("ToTwo")) == "AADB2C90051"


async def test_a_domain_hint_chooses_without_a_page(xml, play):
    outcome = await play(_choice(xml)).start(domain_hint="ONE.example")

    assert outcome.page.profile_id == "One"


async def test_an_unknown_domain_hint_leaves_the_choice_to_the_person(xml, play):
    outcome = await play(_choice(xml)).start(domain_hint="other.example")

    assert len(outcome.page.options) == 2


async def test_the_only_enabled_provider_is_chosen_without_a_page_unless_the_policy_wants_it_shown(xml, play):
    off = {"enabled": "false"}

    chosen = await play(_choice(xml, two=off)).start()
    shown = await play(_choice(xml, "ShowSingleProvider", two=off)).start()

    assert chosen.page.profile_id == "One"
    assert [option.exchange_id for option in shown.page.options] == ["ToOne"]


async def test_a_choice_without_any_provider_is_refused(xml, play, code_of):
    off = {"enabled": "false"}

    assert code_of(await play(_choice(xml, one=off, two=off)).start()) == "AADB2C90051"


# --- what the compiler refuses, and the runner too ---------------------------------------------------


def _with_first_step(journey, **changes):
    """Change the first step of a compiled journey behind the compiler's back."""
    main = journey.policy.journeys["Journey"]
    steps = (replace(main.steps[0], **changes), *main.steps[1:])
    policy = replace(journey.policy, journeys={"Journey": replace(main, steps=steps)})
    journey.runner = replace(journey.runner, policy=policy)
    return journey


async def test_a_step_type_that_nobody_has_built_is_named(sign_in, play, code_of):
    outcome = await _with_first_step(play(sign_in()), type=StepType.USER_DIALOG).start()

    assert code_of(outcome) == "AADB2C90037"
    assert "UserDialog is not built yet (step 1)" in str(outcome.error)


async def test_a_combined_page_whose_profile_has_none_is_refused(sign_in, play, code_of):
    journey = play(sign_in())
    exchange = replace(journey.policy.journeys["Journey"].steps[0].exchanges[0], profile_id="Check")

    outcome = await _with_first_step(journey, exchanges=(exchange,)).start()

    assert code_of(outcome) == "AADB2C90037"
    assert "'Check' does not show a page" in str(outcome.error)


async def test_a_page_without_a_content_definition_is_refused(sign_in, play, code_of):
    outcome = await _with_first_step(play(sign_in()), content_definition="api.gone").start()

    assert code_of(outcome) == "AADB2C90277"


async def test_a_provider_that_cannot_take_an_answer_cannot_show_a_page(xml, play, code_of):
    text = xml.policy(xml.step(Call="Call"), profiles=(xml.profile("Call", "rest", outputs=("objectId",)),))

    outcome = await play(text, answers={"Call": ShowPage("api.page")}).start()

    assert code_of(outcome) == "AADB2C90037"
    assert "'Call' has no page" in str(outcome.error)


async def test_a_target_that_stands_nowhere_is_not_offered(xml, play, code_of):
    journey = play(_choice(xml))
    main = journey.policy.journeys["Journey"]
    gone = replace(main.steps[0].selections[0], target_exchange="Gone")
    named = replace(gone, target_exchange=None, validation_exchange="Nowhere")

    outcome = await _with_first_step(journey, selections=(gone, named)).start()

    assert code_of(outcome) == "AADB2C90051"
