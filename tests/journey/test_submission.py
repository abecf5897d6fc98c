from __future__ import annotations

import pytest

from journeyman.errors import ServiceError
from journeyman.journey.submission import submit_page
from journeyman.technical_profile import Continue, Refuse, ShowPage

SKIP = (
    '><Preconditions><Precondition Type="ClaimEquals" ExecuteActionsIf="true"><Value>name</Value><Value>skip</Value>'
    "<Action>SkipThisValidationTechnicalProfile</Action></Precondition></Preconditions>"
)


@pytest.fixture
def page(xml, play):
    """A page with a name; ``validations`` are references, ``answers`` what the profiles A, B and C say."""

    def make(*validations, answers=None, profiles=(), outputs=("name", "objectId"), field="TextBox", **enabled):
        claims = (xml.claim("name", control=field), xml.claim("seen"), xml.claim("secret", control="Password"))
        rest = tuple(
            xml.profile(
                name, "rest", inputs=("name", "seen"), outputs=("objectId", "seen"), enabled=enabled.get(name, "")
            )
            for name in "ABC"
        )
        ask = xml.profile("Ask", "page", outputs=outputs, validations=validations)
        text = xml.policy(
            xml.step(Ask="Ask"), claims=claims, profiles=(ask, *rest, *profiles), outputs=("name",), subject=""
        )
        return play(text, answers=answers)

    return make


def ran(journey):
    return [call.profile.id for call in journey.api.calls]


async def test_validation_profiles_run_in_order_and_see_what_the_earlier_ones_found(page):
    journey = page("A", "B", answers={"A": Continue({"seen": "by A"}), "B": Continue({"objectId": "u"})})
    await journey.start()

    answer = await journey.post(name="Ada")

    assert answer.error_code is None
    assert journey.api.sent("B") == [{"name": "Ada", "seen": "by A"}]


async def test_only_the_output_claims_of_the_page_leave_it(page):
    journey = page("A", answers={"A": Continue({"seen": "by A", "objectId": "u"})})
    await journey.start()
    await journey.post(name="Ada")

    assert dict(journey.claims) == {"name": "Ada", "objectId": "u"}


async def test_the_first_refusal_stops_and_no_claim_is_taken_over(page):
    journey = page(
        "A", "B", "C", answers={"A": Continue({"objectId": "u"}), "B": Refuse("Not today.", "AADB2C90054", "why")}
    )
    await journey.start()

    answer = await journey.post(name="Ada")

    assert (answer.error_code, answer.message) == ("AADB2C90054", "Not today.")
    assert ran(journey) == ["A", "B"]
    assert dict(journey.claims) == {}
    refused = [record.detail for record in journey.records if record.event == "refused"]
    assert refused == ["AADB2C90054: why", "AADB2C90054: why"]


async def test_continue_on_error_swallows_a_refusal_and_what_it_wrote(page):
    journey = page(
        'A ContinueOnError="true"',
        "B",
        answers={"A": ServiceError("down", service_code="AADB2C90162"), "B": Continue({"objectId": "u"})},
    )
    await journey.start()

    answer = await journey.post(name="Ada")

    assert answer.error_code is None
    assert ran(journey) == ["A", "B"]


async def test_a_refused_profile_leaves_none_of_its_transformed_claims(xml, page, play):
    mark = xml.transformation("T", "CopyClaim", "name=inputClaim", outputs="seen=outputClaim")
    profiles = (
        xml.profile("Ask", "page", outputs=("name",), validations=('A ContinueOnError="true"', "B")),
        xml.profile("A", "rest", outputs=("seen",), before=("T",)),
        xml.profile("B", "rest", inputs=("seen",), outputs=("seen",)),
    )
    claims = (xml.claim("name", control="TextBox"), xml.claim("seen"))
    text = xml.policy(
        xml.step(Ask="Ask"), claims=claims, profiles=profiles, transformations=(mark,), outputs=("name",), subject=""
    )
    journey = play(text, answers={"A": Refuse("no")})
    await journey.start()
    await journey.post(name="Ada")

    assert journey.api.sent("B") == [{}]


async def test_continue_on_success_false_stops_after_a_success(page):
    journey = page('A ContinueOnSuccess="false"', "B", answers={"B": Refuse("never asked")})
    await journey.start()

    assert (await journey.post(name="Ada")).error_code is None
    assert ran(journey) == ["A"]


@pytest.mark.parametrize(("name", "expected"), [("skip", ["B"]), ("Ada", ["A", "B"])])
async def test_a_precondition_skips_a_validation_profile(page, name, expected):
    journey = page(f"A {SKIP}", "B")
    await journey.start()
    await journey.post(name=name)

    assert ran(journey) == expected


async def test_a_disabled_validation_profile_is_skipped_and_is_no_success(page):
    journey = page('A ContinueOnSuccess="false"', "B", A="false")
    await journey.start()
    await journey.post(name="Ada")

    assert ran(journey) == ["B"]


async def test_an_error_without_a_text_for_people_is_told_in_general_words(page):
    journey = page("A", answers={"A": ServiceError("the inner workings", service_code="AADB2C90162")})
    await journey.start()

    answer = await journey.post(name="Ada")

    assert (answer.error_code, answer.message) == ("AADB2C90162", "Unable to validate the information provided.")


async def test_a_page_with_nothing_to_enter_never_calls_an_api(page):
    journey = page("A", field="Readonly")
    await journey.start()

    assert (await journey.post(name="x")).error_code is None
    assert ran(journey) == []


async def test_outputs_that_do_not_fit_refuse_the_page_and_cost_no_try(xml, play):
    profiles = (
        xml.profile(
            "Ask",
            "page",
            outputs=("name", 'count DefaultValue="{OIDC:LoginHint}"'),
            metadata={"IncludeClaimResolvingInClaimsHandling": "true"},
        ),
    )
    claims = (xml.claim("name", control="TextBox"), xml.claim("count", "int"))
    text = xml.policy(xml.step(Ask="Ask"), claims=claims, profiles=profiles, outputs=("name",), subject="")
    journey = play(text)
    await journey.start(login_hint="Canary")

    answer = await journey.post(name="Ada")

    assert (answer.error_code, answer.message) == ("AADB2C90278", "Unable to validate the information provided.")
    assert (journey.state.page.tries, dict(journey.claims)) == (0, {})


async def test_a_validation_profile_that_needs_a_page_is_refused(page):
    journey = page("A", answers={"A": ShowPage("api.page")})
    await journey.start()

    answer = await journey.post(name="Ada")

    assert answer.error_code == "AADB2C90037"


async def test_a_profile_without_a_page_cannot_be_submitted(page):
    journey = page("A")
    profile = journey.policy.technical_profiles["A"]

    with pytest.raises(ServiceError, match="technical profile 'A' has no page"):
        await submit_page(journey.runner.pipeline, profile, {}, journey.state, None)
