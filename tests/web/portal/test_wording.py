import pytest

from journeyman.trace.records import Verdict
from journeyman.web.portal.wording import VERDICTS, body_text, milliseconds, visible


def test_every_verdict_has_words():
    assert set(VERDICTS) == set(Verdict)


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (0.44, "0.4 ms"), (9.96, "10.0 ms"), (18.4, "18 ms"), (2410.0, "2.41 s")]
)
def test_durations_read_well(value, text):
    assert milliseconds(value) == text


def test_a_flood_of_text_is_cut_and_its_length_told():
    shown = visible("x" * 30_000)

    assert shown.endswith("… (30000 characters)")
    assert len(shown) < 20_100


def test_line_breaks_stay_and_control_characters_are_written_out():
    assert visible("a\nb\tc\x00\u200f") == "a\nb\tc⟨U+0000⟩⟨U+200F⟩"


def test_a_json_body_is_indented_and_another_stays_as_it_is():
    assert body_text('{"a":"ü"}') == '{\n  "a": "ü"\n}'
    assert body_text("a=1&b=2") == "a=1&b=2"
    assert body_text("[" * 5000) == "[" * 5000
