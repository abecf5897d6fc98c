from __future__ import annotations

import pytest

from journeyman.connector.json_body import NotJsonError, parse_body, write_object


def test_an_object_is_written_compactly_in_order():
    members = [("b", 'quote " and \\ and \n'), ("a", None), ("ë", True), ("n", [1, {"x": "y"}])]

    assert write_object(members) == '{"b":"quote \\" and \\\\ and \\n","a":null,"ë":true,"n":[1,{"x":"y"}]}'


def test_an_empty_object_is_written():
    assert write_object([]) == "{}"


@pytest.mark.parametrize(
    ("body", "value"),
    [(b"\xef\xbb\xbf{}", {}), (b' {"a":1} ', {"a": 1}), (b"[1]", [1]), (b'"x"', "x"), (b"null", None)],
)
def test_json_is_read_with_or_without_a_byte_order_mark(body, value):
    assert parse_body(body) == value


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b'{"a":Infinity}', b"\xff", b"{'a':1}", b"1 2", b"[" * 100_000, b"9" * 5_000]
)
def test_what_is_not_json_is_refused_without_quoting_it(body):
    with pytest.raises(NotJsonError) as caught:
        parse_body(body)

    assert str(caught.value) == "the body is not JSON"


def test_a_body_deeper_than_64_levels_is_refused():
    parse_body(b"[" * 64 + b"]" * 64)

    with pytest.raises(NotJsonError, match="64 levels"):
        parse_body(b"[" * 66 + b"]" * 66)


def test_a_wide_body_is_not_a_deep_one():
    assert len(parse_body(b"[" + b",".join([b"[]"] * 100) + b"]")) == 100
