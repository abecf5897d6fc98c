"""What is wrong with a user flow, and where in it."""

from __future__ import annotations

import pytest
from tests.policy.user_flow.conftest import CONNECTOR, PROVIDER, TENANT

from journeyman.diagnostics import Location, Severity
from journeyman.policy.user_flow.check import check_flow
from journeyman.settings.identity import (
    AttributeAssignment,
    AttributeOption,
    ConnectorStep,
    FlowPage,
    InputType,
    LocalAccounts,
    UserFlow,
    UserFlowType,
)

SUSI, SIGN_IN, EDIT = UserFlowType.SIGN_UP_OR_SIGN_IN, UserFlowType.SIGN_IN, UserFlowType.PROFILE_UPDATE
TOKEN = ConnectorStep.PRE_TOKEN_ISSUANCE
OPTIONS = (AttributeOption("A", "a"),)


def found(kind=SUSI, **settings):
    problems = check_flow(UserFlow("B2C_1_x", kind, **settings), TENANT, Location("user flow B2C_1_x"))
    return [(each.code, each.severity.value, each.element) for each in problems]


def attribute(name, **more):
    return {"attributes": (AttributeAssignment("city"), AttributeAssignment(name, **more))}


@pytest.mark.parametrize(
    ("kind", "settings", "code", "place"),
    [
        (SUSI, {"identity_providers": (PROVIDER.id, "Google")}, "JM1500", "identity_providers.1"),
        (SUSI, {"connectors": {TOKEN: "nobody"}}, "JM1500", "connectors.preTokenIssuance"),
        (SUSI, attribute("ciyt"), "JM1500", "attributes.1"),
        (SUSI, {"claims": ("city", "extension_No")}, "JM1500", "claims.1"),
        (SIGN_IN, {"local_accounts": LocalAccounts.NONE}, "JM1501", "local_accounts"),
        (UserFlowType.PASSWORD_RESET, {"local_accounts": LocalAccounts.NONE}, "JM1501", "local_accounts"),
        (SUSI, attribute("objectId"), "JM1503", "attributes.1"),
        (SUSI, attribute("City"), "JM1504", "attributes.1"),
        (SUSI, attribute("extension_Hobbies", input_type=InputType.RADIO_SINGLE_SELECT, options=OPTIONS), "JM1505", "attributes.1"),
        (SUSI, attribute("state", input_type=InputType.CHECKBOX_MULTI_SELECT, options=OPTIONS), "JM1505", "attributes.1"),
        (SUSI, attribute("state", input_type=InputType.DROPDOWN_SINGLE_SELECT), "JM1506", "attributes.1"),
        (SUSI, attribute("extension_Hobbies"), "JM1506", "attributes.1"),
        (EDIT, {}, "JM1508", "attributes"),
    ],
)  # fmt: skip
def test_an_error_is_found_at_its_key(kind, settings, code, place):
    assert found(kind, **settings) == [(code, Severity.ERROR.value, place)]


@pytest.mark.parametrize(
    ("kind", "settings", "code", "severity", "place"),
    [
        (SIGN_IN, {"connectors": {ConnectorStep.POST_ATTRIBUTE_COLLECTION: CONNECTOR.id}}, "JM1502", "warning", "connectors.postAttributeCollection"),
        (SUSI, {"connectors": {ConnectorStep.POST_FEDERATION_SIGNUP: CONNECTOR.id}}, "JM1502", "warning", "connectors.postFederationSignup"),
        (SUSI, {"claims": ("identityProvider",)}, "JM1507", "info", "claims.0"),
        (SIGN_IN, {"claims": ("newUser",)}, "JM1507", "info", "claims.0"),
        (SUSI, {"pages": {"selfasserted.profileupdate": FlowPage("https://x")}}, "JM1509", "warning", "pages.selfasserted.profileupdate"),
        (SUSI, {"texts": {"de": {"nowhere/heading": "x"}}}, "JM1509", "warning", "texts.de"),
    ],
)  # fmt: skip
def test_what_has_no_effect_is_a_note(kind, settings, code, severity, place):
    assert found(kind, **settings) == [(code, severity, place)]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (SUSI, {"local_accounts": LocalAccounts.NONE, "identity_providers": (PROVIDER.id.lower(),)}),
        (SUSI, {"connectors": {TOKEN: CONNECTOR.id.upper()}}),
        (SUSI, attribute("extension_Vip", input_type=InputType.DROPDOWN_SINGLE_SELECT)),
        (SUSI, {"claims": ("identityProvider", "newUser"), "identity_providers": (PROVIDER.id,)}),
        (SUSI, {"pages": {"SignUpOrSignIn": FlowPage("https://x")}, "texts": {"de": {"error/heading": "x", "a": "b"}}}),
    ],
)
def test_a_good_flow_has_no_problem(kind, settings):
    assert found(kind, **settings) == []


def test_a_name_that_is_near_is_suggested_and_else_what_there_is():
    flow = UserFlow("B2C_1_x", SUSI, identity_providers=("OIDC-V1-Fabrikm", "zzz"))

    near, far = check_flow(flow, TENANT, Location("f"))

    assert near.help == "did you mean 'OIDC-V1-Fabrikam'?"
    assert far.help == "there is: OIDC-V1-Fabrikam"
