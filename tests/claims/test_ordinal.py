import pytest

from journeyman.claims.ordinal import contains, equal, lower, upper


@pytest.mark.parametrize(
    ("text", "raised", "lowered"),
    [
        ("Reader", "READER", "reader"),
        ("Ñandú", "ÑANDÚ", "ñandú"),
        ("straße", "STRAßE", "straße"),
        ("ıſ", "ıſ", "ıſ"),
        ("İ", "İ", "İ"),
        ("ΣΑΣ", "ΣΑΣ", "σασ"),
    ],
)
def test_case_is_changed_one_character_for_one(text, raised, lowered):
    assert upper(text) == raised
    assert lower(text) == lowered


def test_comparison_is_ordinal():
    assert equal("a", "a", ignore_case=False)
    assert not equal("a", "A", ignore_case=False)
    assert equal("Ñ", "ñ", ignore_case=True)
    assert not equal("ß", "SS", ignore_case=True)
    assert not equal("ı", "I", ignore_case=True)


def test_a_part_is_found_with_or_without_regard_to_case():
    assert contains("The Admin", "Admin", ignore_case=False)
    assert not contains("The Admin", "admin", ignore_case=False)
    assert contains("The Admin", "aDMIN", ignore_case=True)
