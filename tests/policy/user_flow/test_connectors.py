"""What an API connector of a user flow is sent, and what its answer may set. Expected: rest-connectors.md §15."""

from __future__ import annotations

import pytest
from tests.policy.user_flow.conftest import CONNECTOR, EXTENSIONS_APP, PROVIDER, TENANT

from journeyman.policy.user_flow.attributes import attribute_table, find
from journeyman.policy.user_flow.connectors import connector_calls
from journeyman.settings.identity import ConnectorStep, LocalAccounts, UserFlow, UserFlowType

FEDERATION, COLLECTION, TOKEN = (
    ConnectorStep.POST_FEDERATION_SIGNUP,
    ConnectorStep.POST_ATTRIBUTE_COLLECTION,
    ConnectorStep.PRE_TOKEN_ISSUANCE,
)
TIER = "extension_aaaaaaaa222233334444555555555555_Tier"
FEDERATED = [
    ("identityProvider", "identities.federated.issuer"),
    ("issuerUserId", "identities.federated.issuerAssignedId"),
]


def calls(*steps, kind=UserFlowType.SIGN_UP_OR_SIGN_IN, local=LocalAccounts.EMAIL, providers=(PROVIDER.id,)):
    flow = UserFlow(
        "B2C_1_x",
        kind,
        local_accounts=local,
        identity_providers=providers,
        connectors=dict.fromkeys(steps, CONNECTOR.id),
    )
    table = attribute_table(TENANT.user_attributes)
    named = {name: find(table, name) for name in ("email", "city", "extension_Tier", "objectId", "emails")}
    return connector_calls(
        flow,
        TENANT.api_connectors,
        [named["email"], named["city"], named["extension_Tier"]],
        [named["emails"], named["objectId"], named["extension_Tier"]],
        extensions_app=EXTENSIONS_APP,
    )


def test_after_federation_the_identity_and_the_names_of_the_provider_are_sent():
    (call,) = calls(FEDERATION)

    assert call.profile_id == "PreSelfAssertedRestful"
    assert call.metadata["Step"] == "PostFederationSignup"
    assert list(call.inputs) == [
        ("email", "email"), ("displayName", "displayName"), ("givenName", "givenName"), ("surname", "surname"), *FEDERATED,
    ]  # fmt: skip
    assert call.outputs == (("city", "city"), ("extension_Tier", TIER))


def test_before_the_user_is_made_each_kind_of_account_sends_its_own_identity():
    local, federated = calls(COLLECTION)

    attributes = [("city", "city"), ("extension_Tier", TIER)]
    assert (local.profile_id, federated.profile_id) == ("PreUserWriteRestful", "PreUserWriteRestful-Federated")
    assert list(local.inputs) == [("email", "email"), *attributes, ("email", "identities.emailAddress")]
    assert list(federated.inputs)[-2:] == FEDERATED
    assert ("displayName", "displayName") in federated.inputs
    assert list(local.outputs) == list(federated.outputs) == attributes


def test_a_user_name_is_an_identity_of_its_kind():
    (call,) = calls(COLLECTION, local=LocalAccounts.USER_NAME, providers=())

    assert call.inputs[-1] == ("signInName", "identities.userName")


def test_before_the_token_the_object_id_and_all_identities_are_sent_and_no_address_may_be_set():
    (call,) = calls(TOKEN)

    assert call.profile_id == "PreSendClaimsRestful"
    assert list(call.inputs) == [
        ("objectId", "objectId"), ("email", "email"), ("city", "city"), ("extension_Tier", TIER),
        ("signInNames.emailAddress", "identities.emailAddress"), ("signInNames.userName", "identities.userName"),
        ("userIdentities", "identities"),
    ]  # fmt: skip
    assert call.outputs == (("extension_Tier", TIER),)


def test_a_password_is_never_sent():
    every = [name for call in calls(FEDERATION, COLLECTION, TOKEN) for pair in call.inputs for name in pair]

    assert not [name for name in every if "password" in name.lower()]


@pytest.mark.parametrize(
    ("kind", "local", "providers", "profiles"),
    [
        (UserFlowType.SIGN_IN, LocalAccounts.EMAIL, (), ["PreSendClaimsRestful"]),
        (UserFlowType.SIGN_UP, LocalAccounts.EMAIL, (), ["PreUserWriteRestful", "PreSendClaimsRestful"]),
        (
            UserFlowType.SIGN_UP,
            LocalAccounts.NONE,
            (PROVIDER.id,),
            ["PreSelfAssertedRestful", "PreUserWriteRestful-Federated", "PreSendClaimsRestful"],
        ),
        (UserFlowType.PROFILE_UPDATE, LocalAccounts.EMAIL, (), []),
        (UserFlowType.RESOURCE_OWNER, LocalAccounts.EMAIL, (), []),
    ],
)
def test_a_kind_of_flow_calls_at_the_steps_that_it_has(kind, local, providers, profiles):
    made = calls(TOKEN, COLLECTION, FEDERATION, kind=kind, local=local, providers=providers)

    assert sorted(call.profile_id for call in made) == sorted(profiles)
