from __future__ import annotations

import json

from journeyman.compiler.report import Verdict, distinct, github_lines, json_object, sarif_object, text_lines
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


def test_sarif_names_rule_level_message_and_place():
    log = json.loads(json.dumps(sarif_object([found("my rp.xml", 7), found("b.xml", 0, severity=Severity.INFO)])))

    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["JM1199"]
    assert run["results"][0] == {
        "ruleId": "JM1199",
        "level": "error",
        "message": {"text": "It is wrong."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "my%20rp.xml"},
                    "region": {"startLine": 7, "startColumn": 5},
                },
                "logicalLocations": [{"name": "REST-SignUp"}],
            }
        ],
    }
    assert run["results"][1]["level"] == "note"
    assert run["results"][1]["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "b.xml"}}


def test_sarif_leaves_out_an_element_that_is_not_named():
    plain = RULE.at(Location("a.xml", 1, 1), what="It")

    (run,) = sarif_object([plain])["runs"]
    assert run["results"][0]["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "a.xml"}, "region": {"startLine": 1, "startColumn": 1}}}
    ]


def test_a_workflow_command_cannot_be_broken_out_of():
    (line,) = github_lines([found("a,b:c.xml", 7, what="100 %\n::error::It")])

    assert line == ("::error file=a%2Cb%3Ac.xml,line=7,col=5,title=JM1199 REST-SignUp::100 %25%0A::error::It is wrong.")


def test_information_is_a_notice():
    (line,) = github_lines([found("a.xml", 1, severity=Severity.INFO)])

    assert line.startswith("::notice file=a.xml,line=1,col=5")
