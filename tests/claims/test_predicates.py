from datetime import UTC, datetime

import pytest

from journeyman.claims.predicates import (
    Predicate,
    PredicateGroup,
    PredicateValidation,
    compile_predicate,
    parse_character_set,
)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2031, 4, 2, 23, 59, tzinfo=UTC)

    def monotonic_s(self) -> float:
        return 0.0


def predicate(method: str, parameters: dict[str, str], id: str = "P", help_text: str = "") -> Predicate:
    return compile_predicate(id, method, parameters, help_text, clock=FixedClock())


SYMBOLS = r"@#$%^&*\-_+=[]{}|\\:',.?/`~\"();!"


@pytest.mark.parametrize(
    ("method", "parameters", "value", "holds"),
    [
        ("IsLengthRange", {"Minimum": "2", "Maximum": "3"}, "a", False),
        ("IsLengthRange", {"Minimum": "2", "Maximum": "3"}, "ab", True),
        ("islengthrange", {"minimum": "2", "MAXIMUM": "3"}, "abc", True),
        ("IsLengthRange", {"Minimum": "2", "Maximum": "3"}, "abcd", False),
        ("IsLengthRange", {"Minimum": "2", "Maximum": "2"}, "😀", True),
        ("IsLengthRange", {"Maximum": "1"}, "", True),
        ("IsLengthRange", {"Minimum": "1"}, "a" * 1000, True),
        ("MatchesRegex", {"RegularExpression": "(^([a-z]+)$)|(^$)"}, "", True),
        ("MatchesRegex", {"RegularExpression": "[0-9]"}, "a1", True),
        ("MatchesRegex", {"RegularExpression": "[0-9]"}, "ab", False),
        ("IncludesCharacters", {"CharacterSet": "a-z"}, "ABc", True),
        ("IncludesCharacters", {"CharacterSet": "a-z"}, "ABC", False),
        ("IncludesCharacters", {"CharacterSet": "0-9"}, "٣", False),
        ("IncludesCharacters", {"CharacterSet": SYMBOLS}, "abc]", True),
        ("IncludesCharacters", {"CharacterSet": SYMBOLS}, "abc-", True),
        ("IncludesCharacters", {"CharacterSet": SYMBOLS}, "abc\\", True),
        ("IncludesCharacters", {"CharacterSet": SYMBOLS}, "abc9", False),
        ("IncludesCharacters", {"CharacterSet": "a-z"}, "", False),
        ("IsDateRange", {"Minimum": "2000-01-01", "Maximum": "2001-12-31"}, "2000-01-01", True),
        ("IsDateRange", {"Minimum": "2000-01-01", "Maximum": "2001-12-31"}, "1999-12-31", False),
        ("IsDateRange", {"Minimum": "1970-01-01", "Maximum": "Today"}, "2031-04-02", True),
        ("IsDateRange", {"Minimum": "1970-01-01", "Maximum": "Today"}, "2031-04-03", False),
        ("IsDateRange", {"Minimum": "today"}, "2031-04-01", False),
        ("IsDateRange", {"Minimum": "today"}, "9999-12-31", True),
        ("IsDateRange", {"Maximum": "Today"}, "not a date", False),
    ],
)
def test_a_predicate_tests_a_value(method, parameters, value, holds):
    assert predicate(method, parameters).holds(value) is holds


@pytest.mark.parametrize(
    ("method", "parameters", "reason"),
    [
        ("IsNice", {}, "'IsNice' is unknown"),
        ("IsLengthRange", {"Minimum": "x"}, "Minimum is not a whole number"),
        ("IsLengthRange", {"Minimum": "3", "Maximum": "2"}, "Minimum is greater"),
        ("MatchesRegex", {}, "RegularExpression is missing"),
        ("MatchesRegex", {"RegularExpression": "("}, "is wrong"),
        ("IncludesCharacters", {}, "CharacterSet is missing"),
        ("IncludesCharacters", {"CharacterSet": ""}, "CharacterSet is empty"),
        ("IncludesCharacters", {"CharacterSet": "z-a"}, "runs backwards"),
        ("IsDateRange", {"Minimum": "yesterday"}, "Minimum is neither"),
        ("IsDateRange", {"Minimum": "2001-01-01", "Maximum": "2000-01-01"}, "Minimum is later"),
    ],
)
def test_a_wrong_predicate_is_an_error_that_names_the_reason(method, parameters, reason):
    with pytest.raises(ValueError, match=reason):
        predicate(method, parameters)


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("a-z", (("a", "z"),)),
        ("-a", (("-", "-"), ("a", "a"))),
        ("a-", (("a", "a"), ("-", "-"))),
        (r"a\-z", (("a", "a"), ("-", "-"), ("z", "z"))),
        (r"\\", (("\\", "\\"),)),
        ("a\\", (("a", "a"), ("\\", "\\"))),
        ("^[]", (("^", "^"), ("[", "["), ("]", "]"))),
        (r"\d", (("d", "d"),)),
    ],
)
def test_a_character_set_is_read_by_its_own_rules(text, ranges):
    assert parse_character_set(text) == ranges


def test_a_predicate_keeps_its_parameters_for_the_page():
    assert predicate("IsDateRange", {"Maximum": "Today"}).parameters == {"maximum": "Today"}


def test_today_follows_the_clock_of_this_machine_by_default():
    assert compile_predicate("P", "IsDateRange", {"Minimum": "1970-01-01", "Maximum": "Today"}, "").holds("1999-01-01")


LOWER = predicate("IncludesCharacters", {"CharacterSet": "a-z"}, "Lowercase", "a lowercase letter")
UPPER = predicate("IncludesCharacters", {"CharacterSet": "A-Z"}, "Uppercase", "an uppercase letter")
DIGIT = predicate("IncludesCharacters", {"CharacterSet": "0-9"}, "Number", "a digit")
LENGTH = predicate("IsLengthRange", {"Minimum": "8", "Maximum": "64"}, "Length", "8 to 64 characters")
STRONG = PredicateValidation(
    "StrongPassword",
    (
        PredicateGroup("Length", "", 1, (LENGTH,)),
        PredicateGroup(
            "CharacterClasses", "The password must have at least 2 of the following:", 2, (LOWER, UPPER, DIGIT)
        ),
    ),
)


@pytest.mark.parametrize(
    ("value", "failures"),
    [
        ("passw0rd", ()),
        ("pw0", ("8 to 64 characters",)),
        (
            "password",
            ("The password must have at least 2 of the following:", "an uppercase letter", "a digit"),
        ),
        (
            "!",
            (
                "8 to 64 characters",
                "The password must have at least 2 of the following:",
                "a lowercase letter",
                "an uppercase letter",
                "a digit",
            ),
        ),
    ],
)
def test_failures_are_the_group_text_and_the_texts_of_its_failing_predicates(value, failures):
    assert STRONG.failures(value) == failures


def test_localized_texts_replace_those_of_the_policy():
    texts = {
        ("InputValidation", "StrongPassword", "CharacterClasses"): "Mindestens zwei:",
        ("Predicate", "Number", "HelpText"): "eine Ziffer",
    }

    failures = STRONG.failures("password", texts=lambda *key: texts.get(key))

    assert failures == ("Mindestens zwei:", "an uppercase letter", "eine Ziffer")


def test_a_group_that_rejects_passes_while_fewer_hold():
    no_digit = PredicateValidation("NoDigit", (PredicateGroup("G", "No digits, please.", 1, (DIGIT,), reject=True),))

    assert no_digit.failures("abc") == ()
    assert no_digit.failures("abc1") == ("No digits, please.", "a digit")


def test_a_failure_without_any_text_is_still_a_failure():
    silent = PredicateValidation("V", (PredicateGroup("G", "", 1, (predicate("IsLengthRange", {"Minimum": "2"}),)),))

    assert silent.failures("a") == ("",)
    assert silent.failures("ab") == ()
