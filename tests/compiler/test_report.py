from __future__ import annotations

import json

from journeyman.compiler.report import Verdict, distinct, json_object, text_lines
from journeyman.diagnostics import Diagnostic, Location, Rule, Severity

RULE = Rule("JM1199", Severity.ERROR, "{what} is wrong.", "make it right", "a document")
VERDICTS = (Verdict("B2C_1A_base", "base.xml", ok=True), Verdict("B2C_1A_rp", "rp.xml", ok=False))


def found(path: str, line: int, what: str = "It", severity: Severity | None = None) -> Diagnostic:
    return RULE.at(Location(path, line, 5), element="REST-SignUp", severity=severity, what=what)


def test_a_mistake_of_a_shared_base_is_reported_once():
    assert distinct([found("base.xml", 3), found("base.xml", 3)]) == (found("base.xml", 3),)


def test_the_gravest_of_equal_diagnostics_is_kept():
    (kept,) = distinct([found("a.xml", 3, severity=Severity.WARNING), found("a.xml", 3)])

    assert kept.severity is Severity.ERROR


def test_diagnostics_come_in_the_order_of_the_files():
    lines = [
        (each.location.path, each.location.line) for each in distinct([found("b", 1), found("a", 9), found("a", 2)])
    ]

    assert lines == [("a", 2), ("a", 9), ("b", 1)]


def test_text_names_place_severity_code_element_message_and_remedy():
    assert list(text_lines(VERDICTS, [found("rp.xml", 7)])) == [
        "rp.xml:7:5: error JM1199 [REST-SignUp] It is wrong.",
        "    help: make it right",
        "base.xml: B2C_1A_base ok",
        "rp.xml: B2C_1A_rp has errors",
    ]


def test_json_has_exactly_the_agreed_members():
    report = json.loads(json.dumps(json_object(VERDICTS, [found("rp.xml", 7)])))

    assert report == {
        "policies": [
            {"id": "B2C_1A_base", "path": "base.xml", "ok": True},
            {"id": "B2C_1A_rp", "path": "rp.xml", "ok": False},
        ],
        "diagnostics": [
            {
                "code": "JM1199",
                "severity": "error",
                "message": "It is wrong.",
                "path": "rp.xml",
                "line": 7,
                "column": 5,
                "help": "make it right",
                "element": "REST-SignUp",
            }
        ],
    }


def test_a_diagnostic_without_remedy_is_one_line():
    plain = Rule("JM1198", Severity.INFO, "So it is.", "", "a document").at(Location("a.xml", 1, 1))

    assert list(text_lines([], [plain])) == ["a.xml:1:1: info JM1198 So it is."]
