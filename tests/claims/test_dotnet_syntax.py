import pytest

from journeyman.claims.dotnet_syntax import DotnetRegexError, translate


@pytest.mark.parametrize(
    ("expression", "translated"),
    [
        ("^[a-zA-Z0-9]+$", "^[a-zA-Z0-9]+$"),
        (r"^\d{3}-\d{4}$", r"^\d{3}-\d{4}$"),
        ("(?<alias>.*)@", "(?<alias>.*)@"),
        ("(?'alias'.*)@", "(?<alias>.*)@"),
        (r"(a)\1", r"(a)\g<1>"),
        (r"\1(a)", r"\g<1>(a)"),
        (r"(?<n>a)(b)\1", r"(?<n>a)(b)\g<2>"),
        (r"(?<n>a)(?<n>c)(b)\1\2", r"(?<n>a)(?<n>c)(b)\g<2>\g<n>"),
        (r"(?<n>a)(b)\2", r"(?<n>a)(b)\g<n>"),
        (r"(?<n>a)\k<n>\k'n'", r"(?<n>a)\g<n>\g<n>"),
        (r"(a)\k<1>", r"(a)\g<1>"),
        (r"a\z", r"a\Z"),
        (r"a\Z", r"a(?=\n?\Z)"),
        ("a{e<=1}", r"a\{e<=1\}"),
        ("a{,3}", r"a\{,3\}"),
        ("a{2}b{2,}c{2,3}?", "a{2}b{2,}c{2,3}?"),
        ("a(?#note (it))b", r"a)b"),
        ("(?i)a(?i-s:b)(?:c)", "(?i)a(?i-s:b)(?:c)"),
        (r"(?=a)(?!b)(?<=c)(?<!d)(?>e)", r"(?=a)(?!b)(?<=c)(?<!d)(?>e)"),
        (r"\p{Lu}\P{L}\p{IsGreek}\p{IsCyrillic}", r"\p{Lu}\P{L}\p{InGreekandCoptic}\p{InCyrillic}"),
        (r"\a\e\cA\_\.\-\/", r"\x07\x1B\x01_\.\-\/"),
        (r"\u0041\x41\011", r"\u0041\x41\011"),
        ("[a-z-[aeiou]]", "[[a-z]--[aeiou]]"),
        ("[^a-z-[aeiou-[u]]]", "[[^a-z]--[[aeiou]--[u]]]"),
        ("[]a]", r"[\]a]"),
        ("[^]a]", r"[^\]a]"),
        ("[[:alpha:]]", r"[\[:alpha:]]"),
        ("[a&&b||c~~d--e]", r"[a\&\&b\|\|c\~\~d-\-e]"),
        ("[+--]", r"[+-\-]"),
        ("[a-]", r"[a\-]"),
        (r"[\b\a\e\_\-\]\d\cA\p{L}\x41-\x43]", r"[\x08\x07\x1B_\-\]\d\x01\p{L}\x41-\x43]"),
        ("[(?<a>*+{]", "[(?<a>*+{]"),
    ],
)
def test_an_expression_is_translated(expression, translated):
    assert translate(expression) == translated


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("a" * 4097, "longer than 4096"),
        ("(" * 201, "more than 200 groups"),
        ("a\\", "ends in a backslash"),
        ("a++", "nested quantifier"),
        ("a{2}{3}", "nested quantifier"),
        ("(?<a-b>x)", "not supported"),
        ("(?<1>x)", "not supported"),
        ("(?P<a>x)", "not supported"),
        ("(?(a)b|c)", "not supported"),
        ("(?n)a", "option other than"),
        ("(?x)a", "option other than"),
        ("(?R)", "option other than"),
        ("(?)", "option other than"),
        (r"\h", r"unknown escape \\h"),
        (r"[\w\y]", r"unknown escape \\y"),
        (r"\5", "unknown group 5"),
        (r"(a)\k<0>", "unknown group 0"),
        (r"\k<a>", "unknown group 'a'"),
        ("[a", "set without an end"),
        ("[a-", "set without an end"),
        ("[]", "set without an end"),
        ("[a\\", "set without an end"),
        ("[-[a]]", "empty set"),
        ("[a-z-[b]c]", "does not end its set"),
        ("x{999999999}", "repeats more than"),
        ("((x{100}){100}){11}", "repeats more than"),
    ],
)
def test_what_net_or_this_engine_does_not_have_is_refused(expression, reason):
    with pytest.raises(DotnetRegexError, match=reason):
        translate(expression)
