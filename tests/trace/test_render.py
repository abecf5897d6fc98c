from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from journeyman.trace.records import CallRecord, Entry, Exchange, JourneySummary, Phases, StepRecord, Verdict
from journeyman.trace.render import call_line, journey_json, summary_line, timeline

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CALL = CallRecord(
    profile_id="REST-CheckLoyalty",
    step="step 2",
    authentication="Basic",
    host="api.contoso.com",
    verdict=Verdict.OK,
    tries=1,
    total_ms=12.4,
    exchange=Exchange(
        "POST",
        "https://api.contoso.com/check",
        (("Content-Type", "application/json"),),
        '{"loyaltyId": "77"}',
        200,
        "OK",
        (("Date", "today"),),
        '{"tier": "gold"}',
    ),
    phases=Phases(dns_ms=0.21, connect_ms=None, first_byte_ms=10.0),
    address="203.0.113.7",
    credential=("B2C_1A_RestPassword (kid 3f)",),
    claims_in={"tier": "gold"},
    detail="fine",
    next="nothing",
)
SUMMARY = JourneySummary(
    "j1", "c1", "B2C_1A_signin", "app", START, START + timedelta(seconds=61), "tokens", 2, 1, ("REST-CheckLoyalty",)
)


def entry(record: StepRecord | CallRecord, second: float) -> Entry:
    return Entry("j1", "c1", "contoso", "B2C_1A_signin", "app", START + timedelta(seconds=second), record)


def test_a_call_is_one_line():
    assert call_line(CALL) == "REST-CheckLoyalty  Basic  api.contoso.com  200  12 ms"


def test_a_failed_call_says_how_it_failed_and_where_it_went():
    failed = replace(
        CALL, verdict=Verdict.TIMEOUT, tries=2, dialled="127.0.0.1:7071", exchange=Exchange("GET", "https://api/")
    )

    assert call_line(failed) == (
        "REST-CheckLoyalty  Basic  api.contoso.com -> 127.0.0.1:7071  no answer  12 ms  timeout  2 tries"
    )


def test_a_journey_is_one_line():
    assert summary_line(SUMMARY) == "2026-01-02 03:05:06  j1  B2C_1A_signin  tokens  2 calls, 1 failed"
    assert summary_line(replace(SUMMARY, calls=1, failed_calls=0)).endswith("  1 call")


def test_the_timeline_shows_steps_and_the_exchange_of_a_call():
    entries = [
        entry(StepRecord("start"), 0),
        entry(StepRecord("profile", "2", "Login", "signed in", {"objectId": "o…"}, 3.21), 0.5),
        entry(CALL, 61),
    ]

    assert timeline(SUMMARY, entries) == [
        "2026-01-02 03:05:06  j1  B2C_1A_signin  tokens  2 calls, 1 failed",
        "  application app  correlation c1",
        "  +   0.000 s  start",
        "  +   0.500 s  profile  step 2  Login  signed in  3.2 ms",
        "                     set      objectId = o…",
        "  +  61.000 s  call     REST-CheckLoyalty  Basic  api.contoso.com  200  12 ms",
        "                     > POST https://api.contoso.com/check",
        "                     > Content-Type: application/json",
        '                     > {"loyaltyId": "77"}',
        "                     < 200 OK",
        "                     < Date: today",
        '                     < {"tier": "gold"}',
        "                     time     dns 0.2 ms  first byte 10.0 ms",
        "                     address  203.0.113.7",
        "                     key      B2C_1A_RestPassword (kid 3f)",
        "                     received tier = gold",
        "                     detail   fine",
        "                     next     nothing",
    ]


def test_a_call_without_an_answer_shows_only_its_request():
    bare = CallRecord("P", "", "None", "h", Verdict.DNS, 1, 0.0, Exchange("GET", "https://h/"))

    assert timeline(SUMMARY, [entry(bare, 0)])[2:] == [
        "  +   0.000 s  call     P  None  h  no answer  0 ms  dns",
        "                     > GET https://h/",
    ]


def test_a_call_says_in_which_phase_it_ended_and_what_tls_agreed_on():
    ended = replace(
        CALL,
        phase="first_byte",
        earlier=("503 after 12 ms",),
        tls="TLSv1.3, certificate of api.contoso.com, good until 2027-03-01",
    )
    lines = [line.strip() for line in timeline(SUMMARY, [entry(replace(ended, phases=Phases(queue_ms=2.0)), 1)])]

    assert "try 1    503 after 12 ms" in lines
    assert "ended    in the phase first_byte" in lines
    assert "tls      TLSv1.3, certificate of api.contoso.com, good until 2027-03-01" in lines
    assert "time     queue 2.0 ms" in lines


def test_nothing_from_outside_moves_the_cursor():
    evil = "\x1b[2J\r\n"
    call = replace(CALL, host=evil, detail=evil, exchange=Exchange(evil, evil, ((evil, evil),), evil, 200, evil))
    lines = timeline(replace(SUMMARY, client_id=evil), [entry(call, 0), entry(StepRecord("page", detail=evil), 0)])

    assert [line for line in lines if not line.isprintable()] == []


def test_json_names_the_profiles_and_holds_every_entry():
    shown = journey_json(SUMMARY, [entry(StepRecord("profile", profile_id="REST-CheckLoyalty"), 0), entry(CALL, 1)])

    assert shown["profiles"] == ["REST-CheckLoyalty"]
    assert shown["started_at"] == "2026-01-02T03:04:05+00:00"
    assert [(item["type"], item["profile_id"]) for item in shown["entries"]] == [
        ("step", "REST-CheckLoyalty"),
        ("call", "REST-CheckLoyalty"),
    ]
    assert shown["entries"][1]["exchange"]["status"] == 200
