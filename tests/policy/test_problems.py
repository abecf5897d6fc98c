from __future__ import annotations

from journeyman.diagnostics import Location
from journeyman.policy import rules
from journeyman.policy.problems import Problems


def test_a_text_of_a_file_is_cut_so_that_diagnostics_stay_smaller_than_the_file():
    problems = Problems("p.xml")
    problems.report(rules.TENANT_ID, Location("p.xml", 1, 1), element="e" * 5000, value="v" * 5000)

    assert problems.found[0].message == f"'{'v' * 1000}…' is not the name of a tenant."
    assert problems.found[0].element == "e" * 1000 + "…"


def test_braces_in_a_text_of_a_file_stay_as_they_are():
    problems = Problems("p.xml")
    problems.report(rules.TENANT_ID, Location("p.xml"), value="{value.__class__}")

    assert problems.found[0].message == "'{value.__class__}' is not the name of a tenant."
