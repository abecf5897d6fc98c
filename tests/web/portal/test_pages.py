from datetime import UTC, datetime, timedelta

import pytest
from portal_frame import ask, framed

from journeyman.mail.mailbox import Delivered
from journeyman.mail.mailer import Message
from journeyman.trace.records import (
    CallRecord,
    Entry,
    Exchange,
    JourneySummary,
    Phases,
    StepRecord,
    Verdict,
)
from journeyman.web.portal.journeys import journeys_area
from journeyman.web.portal.mailbox import mailbox_area

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202etxt.exe"


def summary(policy_id: str = "B2C_1A_SignUp", outcome: str = "tokens", failed_calls: int = 0) -> JourneySummary:
    return JourneySummary(
        journey_id="j-1",
        correlation_id="c-1",
        policy_id=policy_id,
        client_id="22222222-2222-3333-4444-555555555555",
        started_at=NOON,
        last_at=NOON,
        outcome=outcome,
        calls=5,
        failed_calls=failed_calls,
        profiles=("REST-Loyalty",),
    )


def entry(record: StepRecord | CallRecord, after_ms: int = 0, policy_id: str = "B2C_1A_SignUp") -> Entry:
    return Entry("j-1", "c-1", "contoso", policy_id, "client", NOON + timedelta(milliseconds=after_ms), record)


def call(**changes: object) -> CallRecord:
    values: dict[str, object] = {
        "profile_id": "REST-Loyalty",
        "step": "4 ClaimsExchange",
        "authentication": "Basic",
        "host": "loyalty.contoso.com",
        "verdict": Verdict.CREDENTIAL_REFUSED,
        "tries": 2,
        "total_ms": 41.26,
        "exchange": Exchange(
            "POST",
            "https://loyalty.contoso.com/check?code=***",
            (("Authorization", "Basic (secret, 24 characters, #a1b2c3d4e5f6)"),),
            '{"number":"123456"}',
            401,
            "Unauthorized",
            (("WWW-Authenticate", "Basic"),),
            "no",
        ),
        "phases": Phases(dns_ms=1.0, connect_ms=3.0, first_byte_ms=16.0),
        "credential": ("B2C_1A_RestPassword (kid 3f)",),
        "next": "Compare the value of B2C_1A_RestPassword with what the API expects.",
    }
    return CallRecord(**{**values, **changes})  # type: ignore[arg-type]  # a table of keyword arguments


class Recorded:
    def __init__(self, summaries=(), entries=(), messages=()):
        self.summaries, self.entries, self.messages = summaries, entries, messages

    async def journeys(self, limit, *, before=None):
        return list(self.summaries)

    async def journey(self, journey_id):
        return list(self.entries)

    async def list(self, limit):
        return list(self.messages)


def shown(recorded, path, applications=None):
    async def names():
        return applications or {}

    status, _, html = ask(framed(journeys_area(recorded, names), mailbox_area(recorded)), path)
    assert status == 200
    return html


def journeys_page(summaries, applications=None):
    return shown(Recorded(summaries), "/portal/journeys", applications)


def journey_page(entries):
    return shown(Recorded(entries=entries), "/portal/journeys/j-1")


def mailbox_page(messages):
    return shown(Recorded(messages=messages), "/portal/mailbox")


def test_the_list_shows_policy_outcome_calls_and_failures_of_a_journey():
    html = journeys_page([summary(failed_calls=2)])

    assert "B2C_1A_SignUp" in html
    assert '<span class="badge good">Tokens issued</span>' in html
    assert 'class="number has-failed">2<' in html
    assert 'href="/portal/journeys/j-1"' in html
    assert '<time datetime="2026-03-01T12:00:00+00:00">2026-03-01 12:00:00 UTC</time>' in html


def test_a_known_application_is_named():
    html = journeys_page([summary()], applications={"22222222-2222-3333-4444-555555555555": "Web app"})

    assert "<bdi>Web app</bdi>" in html
    assert "22222222-2222-3333-4444-555555555555" not in html


def test_without_journeys_the_page_says_what_to_do():
    html = journeys_page([])

    assert "No journey yet" in html
    assert "<table" not in html


@pytest.mark.parametrize("hostile", [HOSTILE, "A" * 10_000], ids=["script", "long"])
def test_hostile_values_are_escaped_on_every_page(hostile):
    records = [
        entry(StepRecord("start", step=hostile, profile_id=hostile, detail=hostile, claims={hostile: hostile})),
        entry(call(profile_id=hostile, host=hostile, detail=hostile, next=hostile, claims_out={hostile: hostile})),
        entry(call(exchange=Exchange(hostile, hostile, ((hostile, hostile),), hostile, 200, hostile, (), hostile))),
    ]
    delivered = [Delivered(1, NOON, Message(hostile, hostile, hostile, hostile))]
    pages = [
        journeys_page([summary(policy_id=hostile, outcome=hostile)]),
        journey_page(records),
        mailbox_page(delivered),
    ]

    for html in pages:
        assert "<script>" not in html
        assert "<img src=x" not in html
        assert "\u202e" not in html


def test_marks_that_turn_text_around_are_written_out():
    html = journeys_page([summary(policy_id="safe\u202etxt.exe")])

    assert "safe⟨U+202E⟩txt.exe" in html


def test_a_call_shows_request_response_credential_and_what_to_check_next():
    html = journey_page([entry(StepRecord("start")), entry(call(), after_ms=18)])

    assert "Credential refused" in html
    assert "Basic (secret, 24 characters, #a1b2c3d4e5f6)" in html
    assert "&#34;number&#34;: &#34;123456&#34;" in html
    assert "<b>401</b> <bdi>Unauthorized</bdi>" in html
    assert "B2C_1A_RestPassword (kid 3f)" in html
    assert "Compare the value of B2C_1A_RestPassword with what the API expects." in html
    assert "+18 ms" in html
    assert "41 ms, 2 tries" in html


def test_the_bar_of_a_call_divides_its_time_among_the_phases_reached():
    html = journey_page([entry(call())])

    assert '<rect class="phase-1" x="0.0" y="0" width="5.0" height="4"/>' in html
    assert '<rect class="phase-4" x="20.0" y="0" width="80.0" height="4"/>' in html


def test_a_phase_has_its_colour_whichever_others_there_are():
    html = journey_page([entry(call(phases=Phases(queue_ms=1.0, first_byte_ms=1.0)))])

    assert '<rect class="phase-6" x="0.0" y="0" width="50.0" height="4"/>' in html
    assert '<rect class="phase-4" x="50.0" y="0" width="50.0" height="4"/>' in html


def test_a_failed_call_says_what_happened_where_it_ended_and_what_to_check():
    failed = call(verdict=Verdict.TIMEOUT, phase="first_byte", detail="no answer within 10 s", next="See the phases.")
    html = " ".join(journey_page([entry(failed)]).split())

    assert "The API did not answer within the time limit. It ended in the phase <b>first byte</b>." in html
    assert "<bdi>no answer within 10 s</bdi>" in html
    assert "<strong>Check next</strong> <bdi>See the phases.</bdi>" in html
    assert "Verdict <code>timeout</code>" in html


def test_a_call_that_was_fine_has_no_explanation():
    html = journey_page([entry(call(verdict=Verdict.OK, detail="", next=""))])

    assert 'class="explanation"' not in html
    assert "TLS <b>" not in html


def test_a_call_without_an_answer_says_so():
    exchange = Exchange("GET", "https://loyalty.contoso.com/")
    html = journey_page([entry(call(exchange=exchange, verdict=Verdict.TIMEOUT))])

    assert "no answer" in html
    assert "Too slow" in html


@pytest.mark.parametrize(
    ("events", "label"),
    [
        (["start", "page"], "Running"),
        (["start", "refused"], "Refused"),
        (["start", "refused", "submit", "tokens"], "Tokens issued"),
        (["start", "error"], "Failed"),
    ],
)
def test_the_head_says_how_the_journey_stands(events, label):
    html = journey_page([entry(StepRecord(event)) for event in events])
    head = html[html.index('<div class="title">') : html.index('<dl class="facts">')]

    assert label in head


def test_the_mailbox_shows_the_code_and_says_when_it_is_empty():
    full = mailbox_page([Delivered(7, NOON, Message("ada@contoso.com", "Your code", "It is 123456", "123456"))])
    empty = mailbox_page([])

    assert '<p class="code"><code><bdi>123456</bdi></code></p>' in full
    assert "ada@contoso.com" in full
    assert "No message yet" in empty
