from __future__ import annotations

from journeyman.diagnostics import Rule
from journeyman.policy.user_flow import rules

PINNED = {
    "UNKNOWN_NAME": "JM1500",
    "NO_WAY_IN": "JM1501",
    "UNREACHABLE_STEP": "JM1502",
    "NOT_COLLECTED": "JM1503",
    "TWICE": "JM1504",
    "INPUT_TYPE": "JM1505",
    "NO_OPTIONS": "JM1506",
    "WITHOUT_VALUE": "JM1507",
    "NO_ATTRIBUTES": "JM1508",
    "UNKNOWN_PAGE": "JM1509",
}


def test_every_rule_keeps_its_number():
    assert {name: rule.code for name, rule in vars(rules).items() if isinstance(rule, Rule)} == PINNED
