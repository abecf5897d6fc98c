from __future__ import annotations

import pytest

from journeyman.connector.limits import CUSTOM_POLICY, Limits, default_limits, limits_of
from journeyman.settings import CallLimits, CallSettings, ProfileSettings


@pytest.mark.parametrize(
    ("named", "user_flow", "expected"),
    [
        (CallLimits.CURRENT, False, (10, 1)),
        (CallLimits.CURRENT, True, (5, 1)),
        (CallLimits.B2C_2024, False, (30, 2)),
        (CallLimits.B2C_2024, True, (20, 1)),
    ],
)
def test_the_documented_limits_before_and_after_april_2025(named, user_flow, expected):
    limits = default_limits(CallSettings(limits=named), user_flow=user_flow)

    assert (limits.timeout_s, limits.retries, limits.response_limit_bytes) == (*expected, 1_048_576)


def test_the_tenant_replaces_what_it_sets():
    calls = CallSettings(limits=CallLimits.B2C_2024, retries=0, response_limit_bytes=5)

    assert default_limits(calls) == Limits(timeout_s=30, retries=0, response_limit_bytes=5)


def test_settings_replace_only_what_they_name():
    assert limits_of(None) == CUSTOM_POLICY
    assert limits_of(ProfileSettings(timeout_s=2)) == Limits(timeout_s=2, retries=1)
    assert limits_of(ProfileSettings(retries=0, response_limit_bytes=7)) == Limits(10, 0, 7)
    assert limits_of(ProfileSettings(total_timeout_s=12)) == Limits(10, 1, total_timeout_s=12)


@pytest.mark.parametrize(
    ("limits", "budget_s"),
    [(Limits(10, 1), 20), (Limits(10, 1, total_timeout_s=12), 12), (Limits(2, 0, total_timeout_s=12), 2)],
)
def test_the_budget_of_a_call_is_that_of_its_tries_unless_a_total_is_set(limits, budget_s):
    assert limits.budget_s == budget_s
