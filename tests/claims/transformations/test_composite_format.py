import pytest

from journeyman.claims.transformations.composite_format import FormatError, check_format, format_composite


@pytest.mark.parametrize(
    ("template", "arguments", "expected"),
    [
        ("user_{0}", ["k7"], "user_k7"),
        ("{0}:{1}", ["a", "b"], "a:b"),
        ("{1}{0}{1}", ["a", "b"], "bab"),
        ("{{{0}}}", ["a"], "{a}"),
        ("{{0}}", [], "{0}"),
        ("[{0,5}]", ["ab"], "[   ab]"),
        ("[{0,-5}]", ["ab"], "[ab   ]"),
        ("{0:D6}", ["ab"], "ab"),
        ("{0:D6}", [42], "000042"),
        ("{0:d3}", [-7], "-007"),
        ("{0:0000}", [42], "0042"),
        ("{0:D0}", [42], "42"),
        ("{0,8:D4}", [42], "    0042"),
        ("{0:X}", [42], "42"),
        ("{ 0 }", ["a"], "a"),
        ("", ["a"], ""),
    ],
)
def test_items_are_filled(template, arguments, expected):
    assert format_composite(template, arguments) == expected


def test_an_argument_is_not_read_as_a_format():
    assert format_composite("{0}{1}", ["{1}", "{0}"]) == "{1}{0}"


@pytest.mark.parametrize("template", ["{1}", "{", "}", "{0", "{a}", "{0,99999}", "x" * 4001])
def test_a_wrong_template_is_an_error(template):
    with pytest.raises(FormatError):
        check_format(template, 1)


def test_a_text_that_would_be_too_long_is_an_error_before_it_is_made():
    with pytest.raises(FormatError, match="longer than 1048576 characters"):
        format_composite("{0}" * 1000, ["x" * 10_000])
