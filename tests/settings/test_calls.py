from __future__ import annotations

import pytest

from journeyman.settings import CallLimits, CallSettings, OpenApis


def test_without_the_table_the_rules_of_today_count(load):
    assert load().calls == CallSettings(limits=CallLimits.CURRENT, connections=64, open_apis=OpenApis.DECLARED)


def test_every_rule_can_be_set(load):
    text = (
        '[calls]\nlimits = "b2c-2024"\ntimeout_s = 2.5\nretries = 0\nresponse_limit_bytes = 10\n'
        'connections = 3\nopen_apis = "refuse"\n'
    )

    assert load(text).calls == CallSettings(
        limits=CallLimits.B2C_2024,
        timeout_s=2.5,
        retries=0,
        response_limit_bytes=10,
        connections=3,
        open_apis=OpenApis.REFUSE,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('limits = "b2c-2023"\n', "limits is not known; write one of 'current', 'b2c-2024'"),
        ('open_apis = "allow"\n', "write one of 'declared', 'warn', 'refuse'"),
        ("connections = 0\n", "a whole number from 1 to 10000"),
        ("timeout = 1\n", "did you mean 'timeout_s'?"),
    ],
)
def test_a_wrong_rule_says_what_to_write(problems, text, words):
    assert words in problems("[calls]\n" + text)[0]
