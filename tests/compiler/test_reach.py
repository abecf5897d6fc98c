from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "profile",
    ["SM-Noop", "AAD-Read", "REST-Loyalty", "SelfAsserted-SignIn", "SelfAsserted-SignUp", "JwtIssuer"],
)
def test_steps_validations_controls_sessions_and_issuers_are_reached(compile_xml, profile):
    sample = compile_xml((f'<TechnicalProfile Id="{profile}">', f'<TechnicalProfile Id="{profile}">'), specs={})

    severities = {found.element: found.severity.value for found in sample.of("JM1150")}
    assert severities[profile] == "error"


def test_a_profile_that_is_only_included_is_not_reached(compile_xml):
    sample = compile_xml(specs={})

    assert [found.severity.value for found in sample.of("JM1150") if found.element == "AAD-Common"] == ["warning"]


def test_the_compiled_policy_tells_what_is_reached(compile_xml):
    assert compile_xml().policy.reached == {
        "SM-Noop",
        "AAD-Read",
        "REST-Loyalty",
        "SelfAsserted-SignIn",
        "SelfAsserted-SignUp",
        "JwtIssuer",
    }
