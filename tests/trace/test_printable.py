from __future__ import annotations

from journeyman.trace.printable import printable


def test_plain_text_stays_as_it_is():
    assert printable("Grüße, 世界") == "Grüße, 世界"


def test_control_characters_are_escaped_so_that_none_moves_the_cursor():
    assert printable("a\nb\x1b[2Jc\u202ed\ud800") == r"a\nb\x1b[2Jc\u202ed\ud800"


def test_long_text_is_cut_and_says_how_long_it_was():
    assert printable("abcdef", limit=3) == "abc… (6 characters)"
