"""Texts of the management API that become XML, pages and requests stay texts."""

from __future__ import annotations

HOSTILE = "</x>]]><script>&\"'{Settings:Key}{Claim:email}%<!DOCTYPE a>"
CONNECTOR = {
    "displayName": HOSTILE,
    "targetUrl": "https://api.example/a?x=%7BSettings:Key%7D&y='\"",
    "authenticationConfiguration": {
        "@odata.type": "#microsoft.graph.basicAuthentication",
        "username": HOSTILE.replace(":", ""),
        "password": HOSTILE,
    },
}
PROVIDER = {
    "@odata.type": "#microsoft.graph.openIdConnectIdentityProvider",
    "displayName": HOSTILE,
    "clientId": 'a<b>&"{Settings:Key}',
    "clientSecret": HOSTILE,
    "metadataUrl": "https://login.example/.well-known/openid-configuration?a=1&b=2",
    "scope": "openid <x>&{Settings:Key}",
    "claimsMapping": {"userId": 'a<&"{Settings:Key}'},
}
ASSIGNMENT = {
    "userAttribute": {"id": "city"},
    "displayName": HOSTILE,
    "userInputType": "dropdownSingleSelect",
    "userAttributeValues": [{"name": HOSTILE, "value": HOSTILE}],
}
TEXTS = {"en": {"heading": HOSTILE, f"signuporsignin/{HOSTILE}": HOSTILE, f"{HOSTILE}.DisplayName": HOSTILE}}


async def test_a_flow_of_hostile_texts_is_served_and_nothing_of_them_is_obeyed(deploy, employ):
    site = await deploy(change=lambda text: text.replace("[settings]", '[settings]\nKey = "LEAKED"'))
    roles = ("APIConnectors", "IdentityUserFlow", "IdentityProvider")
    api = await employ(*(f"{role}.ReadWrite.All" for role in roles), at=site)
    connector = (await api("POST", "identity/apiConnectors", json=CONNECTOR)).json["id"]
    provider = (await api("POST", "identity/identityProviders", json=PROVIDER)).json["id"]
    steps = ("postFederationSignup", "postAttributeCollection", "preTokenIssuance")

    flow = {
        "id": "B2C_1_Hostile",
        "userFlowType": "signUpOrSignIn",
        "userFlowTypeVersion": 1,
        "identityProviders": [{"id": provider}],
        "apiConnectorConfiguration": {step: {"@odata.id": connector} for step in steps},
        "userAttributeAssignments": [ASSIGNMENT],
        "x_texts": TEXTS,
    }
    made = await api("POST", "identity/b2cUserFlows", json=flow)

    assert (made.status, site.engine.settings.values["Key"]) == (201, "LEAKED")
    xml = site.engine.policies.entries["b2c_1_hostile"].text.data.decode()
    assert "<script>" not in xml
    assert "LEAKED" not in xml + repr(site.engine.policies.served["b2c_1_hostile"])
    assert (await api("GET", "identity/b2cUserFlows/B2C_1_Hostile")).json["x_texts"] == TEXTS
    assert (await api("GET", "identity/apiConnectors")).json["value"][0]["displayName"] == HOSTILE
