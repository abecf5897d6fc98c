import pytest

from journeyman.claims.json_text import JsonTextError, compact, parse_json


def test_json_is_read():
    assert parse_json(' {"a": [1, 2.5, true, null, "é"]} ') == {"a": [1, 2.5, True, None, "é"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{'a': 1}",
        "NaN",
        "[Infinity]",
        '{"secret": "hunter2"',
        "[" * 65 + "]" * 65,
        "[" * 100_000,
        "1" * 5000,
        '"' + "x" * 1_048_576 + '"',
    ],
)
def test_what_is_not_strict_json_is_refused_without_being_shown(text):
    with pytest.raises(JsonTextError) as caught:
        parse_json(text)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_sixty_four_levels_are_allowed():
    assert compact(parse_json("[" * 63 + '"x"' + "]" * 63)) == "[" * 63 + '"x"' + "]" * 63


def test_json_is_written_without_white_space_and_escapes():
    assert compact({"name": "Ñandú", "n": [1, None]}) == '{"name":"Ñandú","n":[1,null]}'


@pytest.mark.parametrize("value", [float("inf"), object(), {"a": {1, 2}}, "x" * 1_048_576])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(JsonTextError):
        compact(value)
