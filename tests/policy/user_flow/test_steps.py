"""The user journeys of user flows, step by step. Expected: pages.md §13.1, rest-connectors.md §15.2."""

from __future__ import annotations

import pytest
from tests.policy.user_flow.conftest import PROVIDER

from journeyman.policy.user_flow.identity_providers import provider_fragment
from journeyman.policy.user_flow.steps import journey_steps, refresh_steps
from journeyman.settings.identity import (
    AttributeAssignment,
    ConnectorStep,
    LocalAccounts,
    UserFlow,
    UserFlowType,
)

ALL_STEPS = dict.fromkeys(ConnectorStep, "c")
CITY = (AttributeAssignment("city"),)
P = "OIDC-V1-FabrikamExchange"
FIND, READ = "AADUserReadUsingAlternativeSecurityId", "AADUserReadWithObjectId"


def steps(kind, *, providers=True, **settings):
    ids = (PROVIDER.id,) if providers else ()
    flow = UserFlow("B2C_1_x", kind, identity_providers=ids, **settings)
    return journey_steps(flow, [provider_fragment(PROVIDER)] * len(ids))


def exchanges(made):
    return [[each.id for each in step.exchanges] or [step.type] for step in made]


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        (
            UserFlowType.SIGN_UP_OR_SIGN_IN,
            {"attributes": CITY, "connectors": ALL_STEPS},
            [
                ["LocalAccountSigninExchange"],
                [P, "LocalAccountSignupExchange", "ForgotPasswordExchange"],
                ["PasswordResetDiscoveryExchange"],
                ["NewPasswordExchange"],
                [FIND],
                ["PreSelfAssertedRestful"],
                ["SelfAsserted-Social"],
                [READ],
                ["PreSendClaimsRestful"],
                ["SendClaims"],
            ],
        ),
        (
            UserFlowType.SIGN_UP,
            {"connectors": ALL_STEPS},
            [
                ["ClaimsProviderSelection"],
                [P, "LocalAccountSignupExchange"],
                [FIND],
                ["PreSelfAssertedRestful"],
                ["PreUserWriteRestful"],
                ["AADUserWrite"],
                [READ],
                ["PreSendClaimsRestful"],
                ["SendClaims"],
            ],
        ),
        (UserFlowType.SIGN_UP, {"providers": False}, [["LocalAccountSignupExchange"], [READ], ["SendClaims"]]),
        (
            UserFlowType.SIGN_IN,
            {"local_accounts": LocalAccounts.NONE, "connectors": ALL_STEPS},
            [["ClaimsProviderSelection"], [P], [FIND], [READ], ["PreSendClaimsRestful"], ["SendClaims"]],
        ),
        (
            UserFlowType.SIGN_IN,
            {"providers": False, "self_service_password_reset": False},
            [["LocalAccountSigninExchange"], [READ], ["SendClaims"]],
        ),
        (
            UserFlowType.PROFILE_UPDATE,
            {"providers": False, "self_service_password_reset": False, "attributes": CITY, "connectors": ALL_STEPS},
            [["LocalAccountSigninExchange"], [READ], ["ProfileUpdateExchange"], ["SendClaims"]],
        ),
        (
            UserFlowType.PASSWORD_RESET,
            {"providers": False},
            [["PasswordResetDiscoveryExchange"], ["NewPasswordExchange"], [READ], ["SendClaims"]],
        ),
        (UserFlowType.RESOURCE_OWNER, {"providers": False}, [["PasswordExchange"], [READ], ["SendClaims"]]),
    ],
)
def test_the_steps_of_a_kind_in_their_order(kind, settings, expected):
    assert exchanges(steps(kind, **settings)) == expected


def test_a_refresh_calls_no_connector():
    assert exchanges(refresh_steps()) == [
        ["RefreshTokenSetupExchange"],
        ["CheckRefreshTokenDateExchange"],
        ["SendClaims"],
    ]


def test_what_is_for_new_people_is_skipped_once_the_account_is_known():
    made = steps(UserFlowType.SIGN_UP_OR_SIGN_IN, attributes=CITY, connectors=ALL_STEPS)

    known = {
        step.exchanges[0].id for step in made if any(skip.claim == "objectId" and skip.when for skip in step.skips)
    }
    assert known == {P, "PreSelfAssertedRestful", "SelfAsserted-Social"}
    find = next(step for step in made if step.exchanges and step.exchanges[0].id == FIND)
    assert (find.skips[0].claim, find.skips[0].value) == ("authenticationSource", "localAccountAuthentication")
