"""The exact calls of community tools: read in their sources, replayed here. Source: graph-api.md §11."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from community_exchange import ABSENT, PRESENT, Exchange

JSON: Final = "application/json"
XML: Final = "application/xml"
FORM: Final = "application/x-www-form-urlencoded"
OCTETS: Final = "application/octet-stream"
POLICIES: Final = "/beta/trustFramework/policies"
KEYS: Final = "/beta/trustFramework/keySets"
POLICY: Final = "$policy"
"""The XML of a policy whose id is $id; the test writes it."""


def body(**members: Any) -> str:
    """Write JSON."""
    return json.dumps(members)


def token(path: str, form: str, **more: Any) -> Exchange:
    """Ask for a token; the requests after it send it."""
    return Exchange("POST", path, form, FORM, signed=False, keeps={"token": "access_token"}, **more)


CREDENTIALS: Final = "client_id=$client_id&client_secret=$client_secret"
SCOPE: Final = "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
V2: Final = token(
    "/$tenant/oauth2/v2.0/token",
    f"{CREDENTIALS}&{SCOPE}&grant_type=client_credentials",
    wants={"token_type": "Bearer", "expires_in": PRESENT},
)


def found(name: str) -> Exchange:
    """Look up an application as the VS Code extension and IEFPolicies do."""
    path = f"/beta/applications?$filter=startsWith(displayName,'{name}')"
    return Exchange(
        "GET", path, wants={"value/0/appId": PRESENT, "value/0/id": PRESENT, "value/0/displayName": PRESENT}
    )


EXTENSIONS: Final = "b2c-extensions-app. Do not modify. Used by AADB2C for storing user data."
LOOKUPS: Final = tuple(
    found(name) for name in ("IdentityExperienceFramework", "ProxyIdentityExperienceFramework", "b2c-extensions-app")
)

VS_CODE: Final = (
    *LOOKUPS,
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, XML, status=(200, 201)),
    # Only 200 is a success for a single file.
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, XML, status=(200,), text=POLICY),
    # Otherwise it parses JSON and shows error.message.
    Exchange(
        "PUT", f"{POLICIES}/$id/$value", "<x/>", XML, (400,), wants={"error/code": "AADB2C", "error/message": PRESENT}
    ),
)

GITHUB_ACTION: Final = (
    Exchange(
        "GET",
        "/$tenant/v2.0/.well-known/openid-configuration",
        signed=False,
        wants={"issuer": PRESENT, "token_endpoint": PRESENT, "jwks_uri": PRESENT},
    ),
    # The action hands its secret to openid-client as a parameter, and openid-client proves itself by Basic as well.
    token(
        "/$tenant/oauth2/v2.0/token",
        f"grant_type=client_credentials&{CREDENTIALS}&{SCOPE}",
        headers={"Authorization": "$basic"},
    ),
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, OCTETS, status=(200, 201)),
)

IEF_TOOL: Final = (V2, Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, XML, status=(200, 201)))

GO_IEF_TOOL: Final = (
    V2,
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, f"{XML}; charset=utf-8", status=(200, 201)),
    Exchange("GET", POLICIES, wants={"value/0/id": PRESENT}),
    Exchange("DELETE", f"{POLICIES}/$id", status=(204,)),
)

ADD_PASSWORD: Final = Exchange(
    "POST",
    "/beta/applications/$object/addPassword",
    body(passwordCredential={"displayName": "Key"}),
    JSON,
    wants={"secretText": PRESENT, "keyId": PRESENT, "endDateTime": PRESENT, "customKeyIdentifier": ABSENT},
)
APPLICATION: Final = (
    Exchange(
        "POST", "/beta/applications", body(displayName="Samples"), JSON, (201,), keeps={"object": "id", "app": "appId"}
    ),
    ADD_PASSWORD,
    Exchange("POST", "/beta/servicePrincipals", body(appId="$app"), JSON, (201,), keeps={"principal": "id"}),
    Exchange(
        "GET",
        "/beta/servicePrincipals?$filter=appId%20eq%20'00000003-0000-0000-c000-000000000000'",
        keeps={"graph": "value/0/id"},
    ),
    Exchange(
        "POST",
        "/beta/oauth2PermissionGrants",
        body(clientId="$principal", consentType="AllPrincipals", resourceId="$graph", scope="openid offline_access"),
        JSON,
        (201,),
        wants={"id": PRESENT},
    ),
    Exchange(
        "GET",
        "/beta/applications?$filter=displayName eq 'Samples'".replace(" ", "%20"),
        wants={"value/0/appId": "$app"},
    ),
    Exchange("GET", "/beta/servicePrincipals?$filter=AppId%20eq%20'$app'", wants={"value/0/appId": "$app"}),
    Exchange("GET", "/beta/applications?$filter=startswith(displayName,%20'Samples')", wants={"value/0/id": "$object"}),
)

IEF_POLICIES: Final = (
    V2,
    Exchange("GET", "/v1.0/domains", type=JSON, wants={"value/0/id": "$tenant"}),
    Exchange("GET", "/v1.0/organization", type=JSON, wants={"value/0/id": PRESENT}, keeps={"tenant_id": "value/0/id"}),
    *LOOKUPS,
    Exchange(
        "GET",
        f"/v1.0/applications?$filter=displayName%20eq%20%27{quote(EXTENSIONS)}%27",
        type=JSON,
        wants={"value/0/displayName": EXTENSIONS, "value/0/appId": PRESENT},
    ),
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, f"{XML}; charset=utf-8", status=(201,)),
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, f"{XML}; charset=utf-8", status=(200,)),
    Exchange("GET", f"{POLICIES}/", type=JSON, wants={"value/0/id": PRESENT}),
    Exchange("GET", f"{POLICIES}/$id/$value", text=POLICY),
    Exchange("DELETE", f"{POLICIES}/$id", status=(204,)),
    # New-IefPoliciesKey: 400 of the first request means that the set is missing, AADB2C95028 that it is there.
    Exchange("GET", f"{KEYS}/B2C_1A_IefKey", status=(400,), wants={"error/code": "AADB2C90073"}),
    Exchange("POST", KEYS, body(id="IefKey"), JSON, status=(201,), wants={"id": "B2C_1A_IefKey"}),
    Exchange("POST", KEYS, body(id="IefKey"), JSON, status=(409,), wants={"error/code": "AADB2C95028"}),
    Exchange(
        "POST",
        f"{KEYS}/B2C_1A_IefKey/generateKey",
        body(use="sig", kty="RSA"),
        JSON,
        wants={"kid": PRESENT, "kty": "RSA", "d": ABSENT},
    ),
    Exchange("GET", f"{KEYS}/B2C_1A_IefKey", wants={"id": "B2C_1A_IefKey", "keys/0/kid": PRESENT}),
    Exchange("POST", KEYS, body(id="IefCert"), JSON, status=(201,)),
    Exchange(
        "POST",
        f"{KEYS}/B2C_1A_IefCert/uploadPkcs12",
        body(key="$pfx", password="$pfx_password"),
        JSON,
        wants={"kty": "RSA", "x5t": PRESENT, "d": ABSENT},
    ),
    Exchange("POST", KEYS, body(id="IefSecret"), JSON, status=(201,)),
    Exchange(
        "POST",
        f"{KEYS}/B2C_1A_IefSecret/uploadSecret",
        body(use="sig", k="Canary-ief", nbf=1_700_000_000, exp=4_000_000_000),
        JSON,
        wants={"kid": PRESENT, "use": "sig", "nbf": 1_700_000_000, "exp": 4_000_000_000, "k": ABSENT},
    ),
    Exchange(
        "POST",
        "/v1.0/applications",
        body(displayName="IefApplication", signInAudience="AzureADMyOrg", web={"redirectUris": ["https://jwt.ms"]}),
        JSON,
        (201,),
        wants={"displayName": "IefApplication", "appId": PRESENT},
        keeps={"object": "id", "app": "appId"},
    ),
    Exchange("PATCH", "/v1.0/applications/$object", body(isFallbackPublicClient=True), JSON, status=(204,)),
    Exchange(
        "POST", "/v1.0/servicePrincipals", body(appId="$app"), JSON, (201,), wants={"appId": "$app", "id": PRESENT}
    ),
    ADD_PASSWORD,
    # One function has a slip of the pen in its address; it expects nothing of the answer but that it comes.
    Exchange(
        "POST", "/beta/applications/$tenant_id/aadPassword", "{}", JSON, status=(404,), wants={"error/message": PRESENT}
    ),
)

B2C_SAMPLES: Final = (
    V2,
    *APPLICATION,
    Exchange("DELETE", f"{KEYS}/B2C_1A_SamplesSecret", status=(204, 400, 404)),
    Exchange("POST", KEYS, body(id="B2C_1A_SamplesSecret"), JSON, (201,), wants={"id": "B2C_1A_SamplesSecret"}),
    Exchange(
        "POST",
        f"{KEYS}/B2C_1A_SamplesSecret/uploadSecret",
        body(use="sig", kty="oct", k="Canary-samples"),
        JSON,
        wants={"kid": PRESENT, "k": ABSENT},
    ),
    Exchange("DELETE", f"{KEYS}/B2C_1A_SamplesSecret", status=(204,)),
    Exchange("POST", KEYS, body(id="B2C_1A_SamplesCert"), JSON, (201,)),
    Exchange(
        "POST",
        f"{KEYS}/B2C_1A_SamplesCert/uploadPkcs12",
        body(key="$pfx", password="$pfx_password"),
        JSON,
        wants={"kid": PRESENT},
    ),
)

SCRIPTS: Final = (
    # The v1 endpoint, with an api-version, a resource that ends in a slash and a scope that means nothing there.
    token(
        "/$tenant/oauth2/token?api-version=1.0",
        f"grant_type=client_credentials&resource=https%3A%2F%2Fgraph.microsoft.com%2F&{CREDENTIALS}"
        "&scope=Policy.ReadWrite.TrustFramework",
        wants={"token_type": "Bearer", "expires_on": PRESENT, "resource": PRESENT},
    ),
    Exchange(
        "GET", "/$tenant/v2.0/.well-known/openid-configuration", signed=False, wants={"authorization_endpoint": PRESENT}
    ),
    Exchange("GET", "/beta/trustFramework/keySets", type=JSON, wants={"value": PRESENT}),
    Exchange("POST", KEYS, '{\n    "id": "ScriptsKey"\n}', JSON, status=(201,)),
    Exchange(
        "POST",
        f"{KEYS}/B2C_1A_ScriptsKey/generateKey",
        '{\n    "use": "sig",\n    "kty": "RSA",\n}',
        JSON,
        wants={"kid": PRESENT},
    ),
    Exchange("POST", KEYS, '{\n    "id": "ScriptsSecret"\n}', JSON, status=(201,)),
    Exchange(
        "POST",
        f"{KEYS}/B2C_1A_ScriptsSecret/uploadSecret",
        '{\n    "use": "sig",\n    "k": "Canary-scripts",\n    "nbf": 1700000000,\n    "exp": 4000000000\n}',
        JSON,
        wants={"kid": PRESENT},
    ),
    # Invoke-RestMethod of the wrapper says JSON whatever it sends.
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, JSON, status=(200, 201)),
    Exchange("GET", f"{POLICIES}/$id/$value", type=JSON, text=POLICY),
    Exchange("GET", "/beta/trustFramework/policies", type=JSON, wants={"value/0/id": PRESENT}),
    Exchange("DELETE", f"{POLICIES}/$id", type=JSON, status=(204,)),
    Exchange("GET", "/beta/domains", type=JSON, wants={"value/0/id": PRESENT}),
    Exchange("GET", "/beta/users", type=JSON, wants={"@odata.context": PRESENT}),
)

AZURE_SAAS: Final = (
    Exchange("POST", KEYS, body(id="B2C_1A_SaasSigning"), JSON, (201,), wants={"id": "B2C_1A_SaasSigning"}),
    Exchange("POST", f"{KEYS}/B2C_1A_SaasSigning/generateKey", body(use="sig", kty="RSA"), JSON),
    Exchange("POST", KEYS, body(id="B2C_1A_SaasApiKey"), JSON, (201,)),
    Exchange(
        "POST", f"{KEYS}/B2C_1A_SaasApiKey/uploadSecret", body(use="sig", k="Canary-saas"), JSON, wants={"k": ABSENT}
    ),
    Exchange("PUT", f"{POLICIES}/$id/$value", POLICY, XML, status=(200, 201)),
    Exchange("GET", f"{KEYS}/B2C_1A_SaasSigning/getActiveKey", wants={"kid": PRESENT, "status": PRESENT}),
)

ENTRA_POWERSHELL: Final = (
    Exchange("POST", "/beta/trustframework/policies", POLICY, XML, status=(201,), text=POLICY),
    Exchange("GET", "/beta/trustframework/policies/$id", wants={"id": "$id"}),
    Exchange("GET", "/beta/trustframework/policies/$id/$value", text=POLICY),
    Exchange("PUT", "/beta/trustframework/policies/$id/$value", POLICY, XML, status=(200,)),
    Exchange("POST", "/beta/trustframework/policies", POLICY, XML, status=(400, 409), wants={"error/message": PRESENT}),
    Exchange("DELETE", "/beta/trustframework/policies/$id", status=(204,)),
)

UTF8: Final = "application/json; charset=utf-8"
ATTRIBUTES: Final = "/v1.0/identity/userFlowAttributes"
TERRAFORM: Final = (
    V2,
    Exchange("GET", ATTRIBUTES, type=UTF8, wants={"value": PRESENT}),
    Exchange(
        "POST",
        ATTRIBUTES,
        body(displayName="TerraformTier", description="Tier", dataType="string"),
        UTF8,
        (201,),
        wants={"id": PRESENT, "displayName": "TerraformTier", "dataType": "string", "userFlowAttributeType": "custom"},
        keeps={"attribute": "id"},
    ),
    Exchange("GET", f"{ATTRIBUTES}/$attribute", type=UTF8, wants={"description": "Tier"}),
    Exchange("PATCH", f"{ATTRIBUTES}//$attribute", body(description="Changed"), UTF8, (200, 204)),
    Exchange("GET", f"{ATTRIBUTES}/$attribute", wants={"description": "Changed"}),
    Exchange("DELETE", f"{ATTRIBUTES}/$attribute", type=UTF8, status=(204,)),
    Exchange("GET", f"{ATTRIBUTES}/$attribute", status=(404,), wants={"error/code": "AADB2C90073"}),
)

FLOWS: Final = "/beta/$tenant_id/identity/b2cUserFlows"
HAMILTON: Final = (
    V2,
    Exchange("GET", "/v1.0/organization", keeps={"tenant_id": "value/0/id"}),
    Exchange("GET", FLOWS, type=UTF8, wants={"@odata.context": PRESENT}),
    Exchange(
        "POST",
        FLOWS,
        body(id="B2C_1_hamilton", userFlowType="signUpOrSignIn", userFlowTypeVersion=1.0),
        UTF8,
        (201,),
        wants={"id": "B2C_1_hamilton", "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 1},
    ),
    Exchange("GET", f"{FLOWS}/B2C_1_hamilton", wants={"id": "B2C_1_hamilton"}),
    Exchange("PATCH", f"{FLOWS}//B2C_1_hamilton", body(defaultLanguageTag="en"), UTF8, (200, 204)),
    Exchange(
        "POST",
        "/beta/identity/b2cUserFlows/B2C_1_hamilton/userAttributeAssignments",
        body(displayName="City", isOptional=True, userInputType="textBox", userAttribute={"id": "city"}),
        UTF8,
        (201,),
        wants={"displayName": "City", "isOptional": True},
        keeps={"assignment": "id"},
    ),
    Exchange(
        "GET", "/beta/identity/b2cUserFlows/B2C_1_hamilton/userAttributeAssignments", wants={"value/0/id": PRESENT}
    ),
    Exchange(
        "GET",
        "/beta/identity/b2cUserFlows/B2C_1_hamilton/userAttributeAssignments/$assignment",
        wants={"displayName": "City"},
    ),
    Exchange(
        "DELETE", "/beta/identity/b2cUserFlows/B2C_1_hamilton/userAttributeAssignments/$assignment", status=(204,)
    ),
    Exchange("DELETE", f"{FLOWS}/B2C_1_hamilton", status=(204,)),
)

TOOLS: Final = {
    "VS Code extension": VS_CODE,
    "GitHub action": GITHUB_ACTION,
    "ieftool": IEF_TOOL,
    "go-ieftool": GO_IEF_TOOL,
    "IEFPolicies": IEF_POLICIES,
    "b2csamples": B2C_SAMPLES,
    "Scripts": SCRIPTS,
    "azure-saas": AZURE_SAAS,
    "entra-powershell": ENTRA_POWERSHELL,
    "Terraform": TERRAFORM,
    "hamilton": HAMILTON,
}
