"""The text of a filter in, the objects that it chooses out. Expected by OData 4.01, part 2, §5.1.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.management.conditions import holds
from journeyman.management.errors import InvalidError
from journeyman.web.graph.conditional import value_of
from journeyman.web.graph.filters import parse_filter

ADA = {
    "displayName": "Ada O'Neill",
    "age": 36,
    "score": 1.5,
    "enabled": True,
    "nothing": None,
    "created": "2026-01-02T03:04:05Z",
    "mails": ["ada@example.com", "a@b.c"],
    "identities": [{"issuer": "google.com", "issuerAssignedId": "7"}, {"issuer": "x.com", "issuerAssignedId": "8"}],
    "web": {"logoutUrl": "https://app.example/out"},
}


@pytest.mark.parametrize(
    "text",
    [
        "displayName eq 'Ada O''Neill'",
        "DISPLAYNAME EQ 'ada o''neill'",
        "displayName ne 'Ada'",
        "startswith(displayName,'ada')",
        "startsWith( displayName , 'Ada' )",
        "endswith(displayName,'Neill')",
        "contains(displayName,'a o')",
        "age eq 36",
        "age gt 35 and age lt 37 and age ge 36 and age le 36",
        "score eq 1.5",
        "score gt 1",
        "enabled eq true",
        "nothing eq null",
        "missing eq null",
        "created ge 2026-01-02",
        "created lt 2026-01-02T04:04:06+01:00",
        "mails/any(m:m eq 'A@B.C')",
        "identities/any(i:i/issuer eq 'google.com' and i/issuerAssignedId eq '7')",
        "web/logoutUrl eq 'https://app.example/out'",
        "age in (1, 36)",
        "not (age eq 1)",
        "not age eq 1",
        "age eq 1 or age eq 2 or enabled eq true",
        "age eq 1 and enabled eq false or enabled eq true",
        "displayName gt 'Abe'",
        "((age eq 36))",
    ],
)
def test_a_condition_that_holds(text):
    assert holds(parse_filter(text), value_of(ADA))


@pytest.mark.parametrize(
    "text",
    [
        "enabled eq 1",
        "age eq '36'",
        "age gt 'a'",
        "enabled gt false",
        "displayName lt 'Abe'",
        "startswith(age,'3')",
        "mails/any(m:m eq 'b')",
        "displayName/any(m:m eq 'Ada O''Neill')",
        "identities/any(i:i/issuer eq 'google.com' and i/issuerAssignedId eq '8')",
        "age eq 36 and not (enabled eq true)",
        "nothing eq 'x'",
        "displayName/x eq 'y'",
        "age in (1)",
    ],
)
def test_a_condition_that_does_not_hold(text):
    assert not holds(parse_filter(text), value_of(ADA))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("displayName", "letter 12"),
        ("displayName eq", "letter 15"),
        ("displayName is 'x'", "letter 13"),
        ("displayName eq 'x", "letter 15"),
        ("displayName eq x", "letter 16"),
        ("displayName eq 'x' 'y'", "letter 20"),
        ("(age eq 1", "letter 10"),
        ("age eq 1)", "letter 9"),
        ("startswith(displayName)", "letter 23"),
        ("startswith(displayName,1)", "letter 24"),
        ("'x' eq 'x'", "letter 1"),
        ("mails/any(m m eq 'x')", "letter 13"),
        ("created gt 2026-13-01", "letter 12"),
        ("age in ()", "letter 9"),
        ("and", "letter 4"),
        ("$x eq 1", "letter 1"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, place):
    with pytest.raises(InvalidError, match=r"[$]filter cannot be read at ") as refused:
        parse_filter(text)

    assert place in str(refused.value)


@pytest.mark.parametrize(
    "text", ["(" * 100 + "a eq 1", "not " * 100 + "a eq 1", "a eq 1 or " * 1000 + "a eq 1", "a" * 9000]
)
def test_a_filter_is_bounded(text):
    with pytest.raises(InvalidError, match=r"nested too deeply|more than|longer than"):
        parse_filter(text)


def test_a_member_of_something_else_is_refused():
    with pytest.raises(InvalidError, match="y/issuer is not a member of x"):
        parse_filter("identities/any(x:y/issuer eq 'z')")


def test_no_filter_is_no_condition():
    assert parse_filter("  ") is None


@given(st.text("ab'(),: eqnorandt/1", max_size=40))
def test_any_text_is_a_condition_or_refused(text):
    try:
        condition = parse_filter(text)
    except InvalidError:
        return

    assert condition is None or isinstance(holds(condition, value_of(ADA)), bool)
