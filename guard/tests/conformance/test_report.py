from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from journeyman_guard.conformance.case import Case, Goal
from journeyman_guard.conformance.report import as_json, as_junit, text_lines
from journeyman_guard.conformance.run import Report
from journeyman_guard.conformance.subject import Subject
from journeyman_guard.conformance.verdict import Result, Verdict, judge
from journeyman_guard.conformance.wire import Answer, Probe

SUBJECT = Subject("bearer", "api.example", 443, tls=True, target="/a?code=canary", secret="canary")
RIGHT = Answer(200, body=b"gold")


def case(name="x/one", goal=Goal.CREDENTIAL):
    return Case(name, "sent\x00", "what it means", Probe("GET", "/a"), goal)


def report(*results, refused=0):
    verdicts = tuple(Verdict(case(f"x/{number}"), result, "seen") for number, result in enumerate(results))
    return Report(SUBJECT, verdicts, 3, refused, ("a note",))


def test_the_table_shows_what_did_not_pass_and_what_it_means():
    lines = list(text_lines(report(Result.REFUSED, Result.LET_IN, Result.UNCLEAR, Result.NOT_TRIED), everything=False))

    assert lines == [
        "FAIL  x/1  sent\\x00 -> seen",
        "           what it means",
        "look  x/2  sent\\x00 -> seen",
        "----  x/3  sent\\x00 -> seen",
        "x                1 of   4 refused",
        "note: a note",
        "FAILED: 1 of 4 wrong requests refused, 1 let in, 1 unclear, 1 not tried; the right credential got in 3 of 3 times",
    ]


def test_everything_can_be_listed():
    lines = list(text_lines(report(Result.REFUSED), everything=True))

    assert lines[0] == "pass  x/0  sent\\x00 -> seen"
    assert lines[-1].startswith("passed: 1 of 1")


def test_json_has_every_case_and_no_query():
    found = as_json(report(Result.LET_IN, refused=1))

    assert (found["passed"], found["url"], found["rightly_refused"]) == (False, "https://api.example/a", 1)
    assert found["cases"] == [
        {
            "id": "x/0",
            "sent": "sent\\x00",
            "result": "let in",
            "seen": "seen",
            "meaning": "what it means",
            "seconds": 0.0,
        }
    ]
    assert "canary" not in str(found)


def test_junit_counts_failures_and_skips():
    suite = ET.fromstring(as_junit(report(Result.REFUSED, Result.LET_IN, Result.UNCLEAR, refused=1)))

    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "2", "1")
    assert suite.find("testcase/failure").text == "what it means"
    assert ET.fromstring(as_junit(report(Result.REFUSED))).find("testcase/failure") is None


@pytest.mark.parametrize(
    ("goal", "answer", "result"),
    [
        (Goal.CREDENTIAL, Answer(401), Result.REFUSED),
        (Goal.CREDENTIAL, Answer(403), Result.REFUSED),
        (Goal.CREDENTIAL, Answer(400), Result.REFUSED),
        (Goal.CREDENTIAL, Answer(431), Result.REFUSED),
        (Goal.CREDENTIAL, Answer(None, ended="closed"), Result.REFUSED),
        (Goal.CREDENTIAL, Answer(None, ended="handshake refused"), Result.REFUSED),
        (Goal.CREDENTIAL, Answer(None, ended="silent"), Result.UNCLEAR),
        (Goal.CREDENTIAL, Answer(500), Result.UNCLEAR),
        (Goal.CREDENTIAL, Answer(302), Result.UNCLEAR),
        (Goal.CREDENTIAL, Answer(429), Result.NOT_TRIED),
        (Goal.CREDENTIAL, Answer(200), Result.LET_IN),
        (Goal.CREDENTIAL, Answer(200, body=b"gold"), Result.LET_IN),
        (Goal.CREDENTIAL, Answer(204), Result.LET_IN),
        (Goal.CREDENTIAL, Answer(409), Result.LET_IN),
        (Goal.CREDENTIAL, Answer(422), Result.LET_IN),
        (Goal.ELSEWHERE, Answer(200, body=b"gold"), Result.LET_IN),
        (Goal.ELSEWHERE, Answer(101), Result.LET_IN),
        (Goal.ELSEWHERE, Answer(200, body=b"index"), Result.UNCLEAR),
        (Goal.ELSEWHERE, Answer(204), Result.UNCLEAR),
        (Goal.ELSEWHERE, Answer(502), Result.UNCLEAR),
        (Goal.ELSEWHERE, Answer(429), Result.NOT_TRIED),
        (Goal.ELSEWHERE, Answer(501), Result.REFUSED),
        (Goal.ELSEWHERE, Answer(404), Result.REFUSED),
        (Goal.ELSEWHERE, Answer(301), Result.REFUSED),
        (Goal.ELSEWHERE, Answer(None, ended="closed"), Result.REFUSED),
    ],
)
def test_an_answer_has_one_meaning(goal, answer, result):
    assert judge(case(goal=goal), answer, RIGHT).result is result
