from __future__ import annotations

import pytest

from journeyman_guard import JwtRules, MisconfiguredError


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({"audiences": "api"}, "audiences are a tuple"),
        ({"audiences": ("a b",)}, "audiences are a tuple"),
        ({"scopes": "read"}, "scopes and roles are tuples"),
        ({"roles": ('"',)}, "scopes and roles are tuples"),
        ({"authorized_parties": "app"}, "authorized parties are a tuple"),
        ({"authorized_parties": ("",)}, "authorized parties are a tuple"),
        ({"skew_s": -1}, "0 to 600 seconds"),
        ({"skew_s": 601}, "0 to 600 seconds"),
    ],
)
def test_a_rule_that_could_let_the_wrong_ones_in_is_refused(rules, message):
    with pytest.raises(MisconfiguredError, match=message):
        JwtRules(**rules)


@pytest.mark.parametrize(
    ("claims", "subject"),
    [({"sub": "s", "azp": "a"}, "s"), ({"sub": "", "appid": "a"}, "a"), ({"client_id": "c"}, "c"), ({}, "unnamed")],
)
def test_the_subject_is_the_person_or_the_application(claims, subject):
    assert JwtRules().subject(claims) == subject
