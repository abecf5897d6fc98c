"""Bodies as people and scripts write them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.management.errors import InvalidError
from journeyman.web.graph.json_text import parse_body, without_trailing_commas

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab,]}\"\\ ", max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": 1,}', {"a": 1}),
        ('{"a": [1, 2 ,\r\n ] , }', {"a": [1, 2]}),
        ('{"a": ",}", "b": "\\",]",}', {"a": ",}", "b": '",]'}),
        ('{"a": "\\\\",}', {"a": "\\"}),
        ("[]", []),
    ],
)
def test_a_byte_order_mark_and_trailing_commas_are_accepted(text, value):
    assert parse_body(text.encode()) == value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "the body is empty"),
        (b" \n ", "the body is empty"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1,,}', "not JSON"),
        (b"[,]", "not JSON"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b"\xff\xfe{", "not UTF-8, at byte 0"),
        (b'{"a": {"b": "\\ud800"}}', "a/b holds a character that is not allowed"),
        (b'{"a": ["\\u0000"]}', "a/0 holds a character that is not allowed"),
        (b'{"\\u0000": 1}', "the body holds a character"),
        (b"[" * 100 + b"]" * 100, "nested deeper than 64 levels"),
        (b"[" * 100_000, "nested deeper"),
        (b"1" * 5000, "not JSON"),
    ],
)
def test_what_cannot_be_read_is_told(body, says):
    with pytest.raises(InvalidError) as refused:
        parse_body(body)

    assert says in str(refused.value)
    assert len(str(refused.value)) < 300


@given(VALUES)
def test_json_is_read_as_it_is(value):
    assert parse_body(json.dumps(value).encode()) == value


@given(VALUES)
def test_nothing_is_taken_out_of_strings(value):
    text = json.dumps(value)

    assert without_trailing_commas(text) == text
