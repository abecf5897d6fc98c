"""A report in words, JSON and JUnit; none of them holds a credential."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only

from journeyman_guard.conformance.run import Report
from journeyman_guard.conformance.verdict import Result, Verdict

_SIGNS: Final = {Result.REFUSED: "pass", Result.LET_IN: "FAIL", Result.UNCLEAR: "look", Result.NOT_TRIED: "----"}


def text_lines(report: Report, *, everything: bool) -> Iterator[str]:
    """Return the table, and below it what each line that did not pass means.

    Args:
        everything: also the lines that passed.
    """
    width = max((len(verdict.case.id) for verdict in report.verdicts), default=0)
    for verdict in report.verdicts:
        if everything or verdict.result is not Result.REFUSED:
            case = verdict.case
            yield f"{_SIGNS[verdict.result]}  {case.id:<{width}}  {_printable(case.title)} -> {verdict.seen}"
            if verdict.result is Result.LET_IN:
                yield f"      {'':<{width}}  {case.meaning}"
    yield from _family_lines(report)
    for note in report.notes:
        yield f"note: {note}"
    yield summary(report)


def summary(report: Report) -> str:
    """Return the last line."""
    total = len(report.verdicts)
    parts = [f"{report.count(Result.REFUSED)} of {total} wrong requests refused"]
    parts += [
        f"{report.count(result)} {result.value}"
        for result in (Result.LET_IN, Result.UNCLEAR, Result.NOT_TRIED)
        if report.count(result)
    ]
    right = f"the right credential got in {report.right - report.rightly_refused} of {report.right} times"
    verdict = "passed" if report.passed else "FAILED"
    return f"{verdict}: {', '.join(parts)}; {right}"


def as_json(report: Report) -> dict[str, object]:
    """Return the report for programs."""
    return {
        "passed": report.passed,
        "url": f"{'https' if report.subject.tls else 'http'}://{report.subject.authority}{_path(report)}",
        "auth": report.subject.kind,
        "counts": {result.value: report.count(result) for result in Result},
        "right_tried": report.right,
        "rightly_refused": report.rightly_refused,
        "notes": list(report.notes),
        "cases": [_case(verdict) for verdict in report.verdicts],
    }


def as_junit(report: Report) -> bytes:
    """Return the report as JUnit XML: let in is a failure, not tried and unclear are skipped."""
    failures = report.count(Result.LET_IN) + report.rightly_refused
    skipped = report.count(Result.UNCLEAR) + report.count(Result.NOT_TRIED)
    total = len(report.verdicts) + 1
    suite = Element(
        "testsuite", name="journeyman conformance", tests=str(total), failures=str(failures), skipped=str(skipped)
    )
    for verdict in report.verdicts:
        _junit_case(suite, verdict)
    right = SubElement(suite, "testcase", classname="right", name="the right credential gets in")
    if report.rightly_refused:
        message = f"refused {report.rightly_refused} of {report.right} times"
        SubElement(right, "failure", message=message)
    document: bytes = tostring(suite, encoding="utf-8", xml_declaration=True)
    return document


def _junit_case(suite: Element, verdict: Verdict) -> None:
    case = verdict.case
    entry = SubElement(
        suite,
        "testcase",
        classname=case.family,
        name=f"{case.id}: {_printable(case.title)}",
        time=f"{verdict.seconds:.3f}",
    )
    if verdict.result is Result.LET_IN:
        SubElement(entry, "failure", message=verdict.seen).text = case.meaning
    elif verdict.result is not Result.REFUSED:
        SubElement(entry, "skipped", message=f"{verdict.result.value}: {verdict.seen}")


def _case(verdict: Verdict) -> dict[str, object]:
    case = verdict.case
    return {
        "id": case.id,
        "sent": _printable(case.title),
        "result": verdict.result.value,
        "seen": verdict.seen,
        "meaning": case.meaning,
        "seconds": round(verdict.seconds, 3),
    }


def _family_lines(report: Report) -> Iterator[str]:
    families: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        families.setdefault(verdict.case.family, []).append(verdict)
    for family, verdicts in families.items():
        refused = sum(verdict.result is Result.REFUSED for verdict in verdicts)
        yield f"{family:<14} {refused:>3} of {len(verdicts):>3} refused"


def _path(report: Report) -> str:
    # A key may be in the query.
    return report.subject.target.partition("?")[0]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)[:160]
