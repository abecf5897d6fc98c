from __future__ import annotations

from journeyman.diagnostics import Location, Rule, Severity
from journeyman.web.portal.policy_source import LINES, source_view, worst_first

BROKEN = Rule("JM1102", Severity.ERROR, "it is broken", "mend it", "")
ODD = Rule("JM1205", Severity.WARNING, "it is odd", "look at it", "")


def test_a_finding_stands_in_its_line_with_the_tone_of_the_worst_of_the_line():
    odd, broken = ODD.at(Location("a.xml", 2, 1)), BROKEN.at(Location("a.xml", 2, 9))

    view = source_view(b"<a>\n<b/>\n</a>", "a.xml", [odd, broken])

    assert [line.text for line in view.lines] == ["<a>", "<b/>", "</a>"]
    assert [line.found for line in view.lines] == [(), (odd, broken), ()]
    assert [line.tone for line in view.lines] == ["", "bad", ""]


def test_a_finding_of_the_whole_file_or_of_another_file_stands_above():
    whole, other, past = BROKEN.at(Location("a.xml")), ODD.at(Location("base.xml", 1)), ODD.at(Location("a.xml", 99))

    view = source_view(b"<a/>", "a.xml", [whole, other, past])

    assert view.whole == (whole, other, past)
    assert view.lines[0].found == ()


def test_a_long_file_is_shown_in_parts():
    text = b"\n".join(b"<x/>" for _ in range(LINES * 2 + 1))

    first, second, last = (source_view(text, "a", (), first=line) for line in (1, LINES + 1, LINES * 2 + 1))

    assert (first.previous, first.next) == (None, LINES + 1)
    assert (second.previous, second.next) == (1, LINES * 2 + 1)
    assert (last.previous, last.next, len(last.lines)) == (LINES + 1, None, 1)


def test_a_first_line_beyond_the_end_or_before_the_beginning_shows_what_there_is():
    assert source_view(b"a\nb", "a", (), first=99).first == 2
    assert source_view(b"a\nb", "a", (), first=0).first == 1
    assert source_view(b"", "a", ()).lines == ()


def test_a_byte_order_mark_is_no_text_and_bad_bytes_are_shown_as_such():
    view = source_view(b"\xef\xbb\xbf<a/>\n\xff", "a", ())

    assert [line.text for line in view.lines] == ["<a/>", "\N{REPLACEMENT CHARACTER}"]


def test_a_very_long_line_is_cut():
    assert source_view(b"x" * 5000, "a", ()).lines[0].text == "x" * 2000 + "…"


def test_errors_come_before_warnings():
    odd, broken = ODD.at(Location("a", 1)), BROKEN.at(Location("a", 2))

    assert worst_first([odd, broken]) == (broken, odd)
