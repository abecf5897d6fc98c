"""What ``journeyman.toml`` declares is shown like what is stored, and is changed in the file only."""

from __future__ import annotations

import pytest

DECLARED = """
[[api_connectors]]
name = "Invitation"
url = "https://api.contoso.example/signup?code=CANARY"
id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
authentication = { type = "basic", username = "journeyman", password_key = "B2C_1A_InvitationPassword" }

[[identity_providers]]
type = "Google"
client_id = "1234.apps.googleusercontent.com"
secret_key = "B2C_1A_GoogleSecret"

[[user_attributes]]
name = "Tier"

[[user_flows]]
id = "B2C_1_declared"
type = "signUpOrSignIn"
identity_providers = ["Google-OAUTH"]
attributes = [{ id = "extension_Tier" }]
connectors = { postAttributeCollection = "Invitation" }
"""
CONNECTOR = "identity/apiConnectors/7c9e6679-7425-40de-944b-e07fc1f90ae7"
FLOW = "identity/b2cUserFlows/B2C_1_DECLARED"
CHANGES = (
    ("PATCH", CONNECTOR, {"displayName": "x"}),
    ("DELETE", CONNECTOR, None),
    ("PATCH", "identity/identityProviders/google-oauth", {"displayName": "x"}),
    ("DELETE", "identity/identityProviders/Google-OAUTH", None),
    ("PATCH", "identity/userFlowAttributes/extension_Tier", {"description": "x"}),
    ("DELETE", "identity/userFlowAttributes/extension_tier", None),
    ("POST", "identity/userFlowAttributes", {"displayName": "Tier", "dataType": "string"}),
    ("PATCH", FLOW, {"x_javascript": True}),
    ("DELETE", FLOW, None),
    ("PUT", f"{FLOW}/apiConnectorConfiguration/postAttributeCollection/$ref", {}),
    ("POST", f"{FLOW}/userAttributeAssignments", {"userAttribute": {"id": "city"}}),
    ("DELETE", f"{FLOW}/userFlowIdentityProviders/Google-OAUTH/$ref", None),
    ("PUT", f"{FLOW}/languages/fr", {}),
    ("POST", "identity/b2cUserFlows", {"id": "declared", "userFlowType": "signIn", "userFlowTypeVersion": 1}),
)


def with_keys(folder):
    (folder / "keys").mkdir(exist_ok=True)
    for name in ("GoogleSecret", "InvitationPassword"):
        (folder / "keys" / f"B2C_1A_{name}.txt").write_text("a secret of a test")


@pytest.fixture
async def declared(deploy, employ):
    site = await deploy(change=lambda text: text + DECLARED, prepare=with_keys)
    roles = ("APIConnectors", "IdentityUserFlow", "IdentityProvider")
    return await employ(*(f"{role}.ReadWrite.All" for role in roles), at=site)


async def test_declared_objects_are_listed_read_and_expanded(declared):
    connectors, providers = await declared("GET", "identity/apiConnectors"), await declared("GET", "identityProviders")
    attributes = await declared("GET", "identity/userFlowAttributes?$filter=displayName eq 'Tier'".replace(" ", "%20"))
    steps = await declared("GET", f"{FLOW}/apiConnectorConfiguration?$expand=postAttributeCollection")
    flow = await declared("GET", f"{FLOW}?$expand=userFlowIdentityProviders")
    order = await declared("GET", f"{FLOW}/userAttributeAssignments/getOrder()")

    connector = connectors.json["value"][0]
    basic = {"@odata.type": "#microsoft.graph.basicAuthentication", "username": "journeyman", "password": "******"}
    assert (connector["displayName"], connector["authenticationConfiguration"]) == ("Invitation", basic)
    assert [each["id"] for each in providers.json["value"]] == ["Google-OAUTH"]
    assert steps.json["postAttributeCollection"] == connector
    assert flow.json["id"] == "B2C_1_declared"
    assert flow.json["userFlowIdentityProviders"][0]["clientSecret"] == "******"
    (tier,) = [each["id"] for each in attributes.json["value"]]
    assert order.json["order"] == [tier]
    assert (await declared("GET", f"{FLOW}/userAttributeAssignments/extension_Tier")).json["id"] == tier
    assert tier.endswith("_Tier")


async def test_declared_objects_are_changed_in_the_file_only(declared, problem):
    for method, path, body in CHANGES:
        reply = await declared(method, path, json=body)

        assert reply.status == 409, (method, path, reply.text)
        if method != "POST" or path.startswith(FLOW):
            assert "journeyman.toml" in problem(reply)["message"], path


async def test_a_stored_flow_uses_declared_objects(declared):
    body = {"id": "stored", "userFlowType": "signUp", "userFlowTypeVersion": 1, "x_claims": ["extension_Tier"]}
    bound = {"postAttributeCollection": {"@odata.id": CONNECTOR}}
    made = await declared(
        "POST",
        "identity/b2cUserFlows",
        json={**body, "apiConnectorConfiguration": bound, "identityProviders": [{"id": "Google-OAUTH"}]},
    )

    assert made.status == 201, made.text
