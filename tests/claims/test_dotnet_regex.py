import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.claims.dotnet_regex import RegexTimeoutError, compile_regex
from journeyman.claims.dotnet_syntax import DotnetRegexError

SLOW = r"(.*)*x(.*)*y\1z"
SLOW_TEXT = "x" * 2000


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("^[a-z]+$", "abc", True),
        ("^[a-z]+$", "abc1", False),
        ("b", "abc", True),
        (r"a\z", "a\n", False),
        (r"a\Z", "a\n", True),
        ("a$", "a\n", True),
        (r"(?<n>a)(b)\1", "abb", True),
        (r"(?<n>a)(b)\1", "aba", False),
        (r"^(?=([^,]+)).+(?=(\1))", "ann,ann", True),
        (r"^[a-z-[aeiou]]+$", "xyz", True),
        (r"^[a-z-[aeiou]]+$", "xyza", False),
        ("^[^a-z-[0-9]]$", "X", True),
        ("^[^a-z-[0-9]]$", "5", False),
        ("(?i)^straße$", "STRAßE", True),
        ("(?i)^straße$", "STRASSE", False),
        (r"^\d$", "٣", True),
        (r"^\p{IsGreek}$", "α", True),
        (r"^((?=.*[a-z])(?=.*\d).{8,16})$", "passw0rd", True),
        (r"(?<=\d{2,4}-)x", "123-x", True),
        ("a{e<=1}", "a{e<=1}", True),
    ],
)
def test_an_expression_searches_as_in_net(expression, text, found):
    assert compile_regex(expression).found_in(text) is found


def test_a_search_returns_the_named_groups():
    groups = compile_regex(r"(?<alias>.*)@(?<domain>.*?)(?<none>\?)?$").search("ann@x.io")

    assert groups == {"alias": "ann", "domain": "x.io", "none": None}
    assert compile_regex("x").search("ann") is None


@pytest.mark.parametrize("expression", ["(", "[b-a]", r"\p{Nonsense}", "*a", r"\u12"])
def test_a_wrong_expression_is_an_error(expression):
    with pytest.raises(DotnetRegexError, match="is wrong"):
        compile_regex(expression)


def test_a_search_that_takes_too_long_is_given_up_and_counts_as_not_found():
    regex = compile_regex(SLOW)
    before = time.monotonic()

    assert regex.found_in(SLOW_TEXT) is False
    assert time.monotonic() - before < 2
    with pytest.raises(RegexTimeoutError):
        regex.search(SLOW_TEXT)
    with pytest.raises(RegexTimeoutError):
        regex.replaced_in(SLOW_TEXT, "*")


def test_a_replacement_is_taken_literally():
    assert compile_regex("(a)").replaced_in("banana", r"\1$1") == r"b\1$1n\1$1n\1$1"


@given(st.text(st.sampled_from(r"()[]{}?*+-^$|\.<>'=!:#abkpdiznsx019,&~"), max_size=12))
def test_any_expression_compiles_or_is_an_error_of_ours(expression):
    try:
        found = compile_regex(expression).found_in("ab(0)-x")
    except DotnetRegexError:
        found = False

    assert found in {True, False}
