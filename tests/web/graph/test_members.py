"""Members of a body: values out, or an error that names the member by its path."""

from datetime import UTC, datetime
from enum import Enum

import pytest

from journeyman.management.errors import InvalidError
from journeyman.web.graph.members import Members


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "darkBlue"


BODY = Members(
    {
        "text": " x ",
        "blank": " ",
        "none": None,
        "flag": False,
        "whole": 7,
        "float": 7.0,
        "half": 7.5,
        "large": 2**63,
        "texts": ["a", "b"],
        "mixed": ["a", 1],
        "colour": "DARKBLUE",
        "inner": {"a": {"b": 1}},
        "inners": [{"a": 1}, {"a": "x"}],
        "strange": [{}, 1],
        "at": "2026-01-02T03:04:05+01:00",
        "day": "2026-01-02",
        "@odata.type": "#microsoft.graph.thing",
    }
)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda m: m.text("text"), " x "),
        (lambda m: m.text("TEXT"), " x "),
        (lambda m: m.text("blank", blank=True), " "),
        (lambda m: m.optional_text("none"), None),
        (lambda m: m.optional_text("absent"), None),
        (lambda m: m.flag("flag"), False),
        (lambda m: (m.integer("whole"), m.integer("float"), m.integer("absent")), (7, 7, None)),
        (lambda m: (m.number("half"), m.number("whole")), (7.5, 7)),
        (lambda m: (m.texts("texts"), m.texts("absent")), (("a", "b"), None)),
        (lambda m: (m.one_of("colour", Colour), m.one_of("absent", Colour)), (Colour.DARK_BLUE, None)),
        (lambda m: m.required_inner("inner").required_inner("a").integer("b"), 1),
        (lambda m: [one.value("a") for one in m.inners("inners")], [1, "x"]),
        (lambda m: m.moment("at"), datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)),
        (lambda m: m.moment("day"), datetime(2026, 1, 2, tzinfo=UTC)),
        (lambda m: m.odata_type(), "thing"),
        (lambda m: (m.has("none"), m.has("NONE"), m.has("absent")), (True, True, False)),
        (lambda m: (m.is_null("none"), m.is_null("flag"), m.is_null("absent")), (True, False, False)),
    ],
)
def test_members_are_read(read, value):
    assert read(BODY) == value


@pytest.mark.parametrize(
    ("read", "place", "says"),
    [
        (lambda m: m.text("absent"), "absent", "is missing"),
        (lambda m: m.text("none"), "none", "is missing"),
        (lambda m: m.text("blank"), "blank", "is empty"),
        (lambda m: m.text("flag"), "flag", "is not a string"),
        (lambda m: m.text("text", max_length=2), "text", "longer than 2"),
        (lambda m: m.flag("whole"), "whole", "is not true or false"),
        (lambda m: m.integer("half"), "half", "is not a whole number"),
        (lambda m: m.integer("flag"), "flag", "is not a whole number"),
        (lambda m: m.integer("large"), "large", "is out of range"),
        (lambda m: m.number("text"), "text", "is not a whole number"),
        (lambda m: m.texts("mixed"), "mixed/1", "is not a string"),
        (lambda m: m.texts("texts", max_items=1), "texts", "more than 1"),
        (lambda m: m.texts("text"), "text", "is not a list"),
        (lambda m: m.one_of("text", Colour), "text", "is not one of red, darkBlue"),
        (lambda m: m.inner("texts"), "texts", "is not an object"),
        (lambda m: m.required_inner("absent"), "absent", "is missing"),
        (lambda m: m.required_inner("inner").required_inner("a").text("c"), "inner/a/c", "is missing"),
        (lambda m: m.inners("inners")[1].integer("a"), "inners/1/a", "is not a whole number"),
        (lambda m: m.inners("strange"), "strange/1", "is not an object"),
        (lambda m: m.moment("text"), "text", "is not a time"),
    ],
)
def test_a_wrong_member_is_named_by_its_path(read, place, says):
    with pytest.raises(InvalidError) as refused:
        read(BODY)

    assert refused.value.member == place
    assert str(refused.value).startswith(f"{place} ")
    assert says in str(refused.value)
