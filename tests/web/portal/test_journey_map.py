from __future__ import annotations

from journeyman.web.portal.journey_map import journey_maps


def test_a_step_shows_its_profiles_what_their_pages_run_and_when_it_is_skipped(xml, compile_policy_text):
    page = xml.profile("Ask", "page", outputs=("email",), validations=("Check",))
    check = xml.profile("Check", "rest", inputs=("email",), outputs=("objectId",))
    text = xml.policy(
        xml.step(AskExchange="Ask", skip_if="email"),
        claims=(xml.claim("email", control="TextBox"),),
        profiles=(page, check),
    )

    (journey,) = journey_maps(compile_policy_text(text))
    first, last = journey.steps

    assert (journey.id, journey.kind) == ("Journey", "User")
    assert (first.order, first.type, first.title) == (1, "ClaimsExchange", "Exchange claims")
    assert first.skipped == ("email is there",)
    assert [(one.id, one.kind, one.exchange, one.calls) for one in first.profiles] == [
        ("Ask", "Page", "AskExchange", False)
    ]
    assert [(one.id, one.kind, one.calls) for one in first.profiles[0].validations] == [("Check", "REST call", True)]
    assert [(one.id, one.kind) for one in last.profiles] == [("JwtIssuer", "Token")]


def test_the_conditions_of_a_step_read_as_a_person_says_them(xml, compile_policy_text):
    text = xml.policy(
        xml.step(AskExchange="Ask", skip_unless="email", skip_equal="email=a@b"),
        claims=(xml.claim("email", control="TextBox"),),
        profiles=(xml.profile("Ask", "page", outputs=("email", "objectId")),),
    )

    (journey,) = journey_maps(compile_policy_text(text))

    assert journey.steps[0].skipped == ("email is not there", "email is 'a@b'")


def test_sub_journeys_that_are_reached_come_after_the_journey(xml, compile_policy_text):
    inner = xml.sub_journey("Inner", xml.step(AskExchange="Ask"))
    candidates = '<JourneyList><Candidate SubJourneyReferenceId="Inner" /></JourneyList>'
    text = xml.policy(
        xml.step("InvokeSubJourney", candidates),
        xml.step("SendClaims"),
        claims=(xml.claim("email", control="TextBox"),),
        profiles=(xml.profile("Ask", "page", outputs=("email", "objectId")),),
        sub_journeys=(inner,),
    )

    journey, sub = journey_maps(compile_policy_text(text))

    assert journey.steps[0].sub_journeys == ("Inner",)
    assert (sub.id, sub.kind, [one.id for one in sub.steps[0].profiles]) == ("Inner", "Call", ["Ask"])
