import pytest

from journeyman.claims.restriction import Mask, Pattern, compile_pattern


def test_a_pattern_searches():
    pattern = compile_pattern("[0-9]", "Enter a digit.")

    assert pattern.matches("a1b")
    assert not pattern.matches("ab")
    assert pattern.help_text == "Enter a digit."


def test_a_pattern_made_by_hand_works_alike():
    assert Pattern("^[a-z]+$", "").matches("abc")
    assert not Pattern("^[a-z]+$", "").matches("ABC")


def test_a_wrong_expression_is_found_when_the_pattern_is_compiled():
    with pytest.raises(ValueError, match="is wrong"):
        compile_pattern("(")


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (Mask("XXX-XXX-"), "324-232-4343", "XXX-XXX-4343"),
        (Mask("XXX-XXX-"), "324", "XXX"),
        (Mask("XXX"), "", ""),
        (Mask("*", "(?<=.).(?=.*@)"), "ann.lee@contoso.example", "a******@contoso.example"),
        (Mask("$0", "a"), "banana", "b$0n$0n$0"),
        (Mask("*", r"(.*)*x(.*)*y\1z"), "x" * 2000, "*"),
    ],
)
def test_a_mask_hides_what_it_covers(mask, value, shown):
    assert mask.apply(value) == shown
