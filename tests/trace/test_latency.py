from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeyman.trace.latency import latency_json, latency_lines, latency_report, percentile
from journeyman.trace.records import CallRecord, Entry, Exchange, StepRecord, Verdict

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(profile: str, total_ms: float, verdict: Verdict = Verdict.OK) -> Entry:
    call = CallRecord(profile, "1", "Basic", "api.example", verdict, 1, total_ms, Exchange("POST", "https://a/"))
    return Entry("j-1", "c", "t", "P", "app", NOON, call)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7.0], 0.99, 7.0),
        ([15.0, 20.0, 35.0, 40.0, 50.0], 0.30, 20.0),  # the example of the nearest-rank method
        ([15.0, 20.0, 35.0, 40.0, 50.0], 0.40, 20.0),
        ([15.0, 20.0, 35.0, 40.0, 50.0], 1.00, 50.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
        ([float(n) for n in range(1, 101)], 0.99, 99.0),
    ],
)
def test_a_percentile_is_the_time_of_a_call_that_was_made(values, share, expected):
    assert percentile(values, share) == expected


def test_profiles_are_told_by_their_times_and_errors_the_slowest_first():
    fast = [entry("REST-Fast", float(n)) for n in range(1, 101)]
    slow = [entry("REST-Slow", 2500.0), entry("REST-Slow", 11_000.0, Verdict.TIMEOUT)]
    report = latency_report([*fast, *slow, Entry("j", "c", "t", "P", "a", NOON, StepRecord("page"))])

    first, second = report.profiles
    assert (first.profile_id, first.calls, first.errors, first.error_rate) == ("REST-Slow", 2, 1, 0.5)
    assert first.broken == {10: 1, 5: 1, 3: 1, 2: 2}
    assert (second.p50_ms, second.p95_ms, second.p99_ms) == (50.0, 95.0, 99.0)
    assert second.broken == {10: 0, 5: 0, 3: 0, 2: 0}


def test_a_refusal_is_no_error_and_a_call_that_was_never_made_has_no_time():
    refused = entry("REST-A", 10.0, Verdict.REFUSED_BY_API)
    unmade = [entry("REST-A", 0.1, verdict) for verdict in (Verdict.EGRESS, Verdict.CIRCUIT_OPEN)]

    (profile,) = latency_report([refused, *unmade]).profiles

    assert (profile.calls, profile.made, profile.errors) == (3, 1, 2)
    assert profile.p50_ms == 10.0


def test_each_call_that_would_break_a_limit_is_named():
    report = latency_json(latency_report([entry("REST-A", 2000.0), entry("REST-A", 2000.1), entry("REST-B", 5100.0)]))

    assert [(call["profile"], call["breaks_s"]) for call in report["slow_calls"]] == [
        ("REST-B", [5, 3, 2]),
        ("REST-A", [2]),
    ]
    assert report["slow_calls"][0]["journey_id"] == "j-1"


def test_the_lines_have_a_row_for_each_profile_and_the_worst_calls():
    lines = latency_lines(latency_report([entry("REST-A", 3100.0) for _ in range(25)]))

    assert lines[0].split() == [
        "profile",
        "calls",
        "errors",
        "p50",
        "p95",
        "p99",
        ">10",
        "s",
        ">5",
        "s",
        ">3",
        "s",
        ">2",
        "s",
    ]
    assert lines[1].split() == ["REST-A", "25", "0.0%", "3.10", "s", "3.10", "s", "3.10", "s", "-", "-", "25", "25"]
    assert "  2026-03-01 12:00:00  REST-A  3.10 s  ok  breaks 3 s, 2 s  j-1" in lines
    assert lines[-1] == "  and 5 more; --json prints all"


def test_a_profile_whose_calls_were_never_made_has_no_times():
    lines = latency_lines(latency_report([entry("REST-A", 0.1, Verdict.CREDENTIAL_MISSING)]))

    assert lines[1].split() == ["REST-A", "1", "100.0%", "-", "-", "-", "-", "-", "-", "-"]
