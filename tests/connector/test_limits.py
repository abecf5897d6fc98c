from __future__ import annotations

from journeyman.connector.limits import CUSTOM_POLICY, CUSTOM_POLICY_BEFORE_2025, USER_FLOW, Limits, limits_of
from journeyman.settings import ProfileSettings


def test_custom_policies_have_ten_seconds_and_user_flows_five_each_with_one_retry():
    assert (CUSTOM_POLICY.timeout_s, CUSTOM_POLICY.retries, CUSTOM_POLICY.response_limit_bytes) == (10.0, 1, 1_048_576)
    assert (USER_FLOW.timeout_s, USER_FLOW.retries) == (5.0, 1)
    assert (CUSTOM_POLICY_BEFORE_2025.timeout_s, CUSTOM_POLICY_BEFORE_2025.retries) == (30.0, 2)


def test_settings_of_a_profile_replace_what_they_name():
    assert limits_of(None) == CUSTOM_POLICY
    assert limits_of(ProfileSettings(timeout_s=3)) == Limits(3, 1, 1_048_576)
    assert limits_of(ProfileSettings(retries=0, response_limit_bytes=5), USER_FLOW) == Limits(5.0, 0, 5)
