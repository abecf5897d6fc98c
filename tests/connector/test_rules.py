from __future__ import annotations

from journeyman.connector import rules
from journeyman.diagnostics import Rule

RULES = [rule for rule in vars(rules).values() if isinstance(rule, Rule)]


def test_codes_are_unique_and_in_the_range_of_rest_profiles():
    codes = [rule.code for rule in RULES]

    assert len(set(codes)) == len(codes)
    assert all("JM1401" <= code <= "JM1449" for code in codes)


def test_every_rule_says_what_to_do_and_where_it_comes_from():
    assert all(rule.help and ".md" in rule.source for rule in RULES)
