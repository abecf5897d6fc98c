"""Real objects for generated requests: without them nearly all would end at 404."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from acceptance_policy import call
from clients_caller import API, Caller, user

BASIC = {"@odata.type": "#microsoft.graph.basicAuthentication", "username": "user", "password": "Canary-openapi"}


def _made(caller: Caller, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = caller("POST", path, body)
    assert answer.status in {200, 201}, answer
    return dict(answer.json)


def make_objects(caller: Caller) -> Mapping[str, str]:
    """Make one object of each kind; return its id by the place of the parameter in the paths."""
    mark = secrets.token_hex(4)
    connector = {"displayName": mark, "targetUrl": "https://api.example/x", "authenticationConfiguration": BASIC}
    made = _made(caller, "identity/apiConnectors", connector)["id"]
    flow = _made(
        caller,
        "identity/b2cUserFlows",
        {"id": f"Open{mark}", "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 1},
    )["id"]
    attribute = _made(caller, "identity/userFlowAttributes", {"displayName": f"Open{mark}", "dataType": "string"})["id"]
    assignment = {"userAttribute": {"id": attribute}, "displayName": "Open", "userInputType": "textBox"}
    assigned = _made(caller, f"identity/b2cUserFlows/{flow}/userAttributeAssignments", assignment)["id"]
    bind = f"identity/b2cUserFlows/{flow}/apiConnectorConfiguration/postAttributeCollection/$ref"
    assert caller("PUT", bind, {"@odata.id": f"identity/apiConnectors/{made}"}).status == 204
    return {
        "identity/apiConnectors/{id}": made,
        "identity/b2cUserFlows/{id}": flow,
        "identity/b2xUserFlows/{id}": flow,
        "identity/userFlowAttributes/{id}": attribute,
        "{assignment}": assigned,
        "{step}": "postAttributeCollection",
        **_provider(caller, mark, flow),
        **_policy_objects(caller, mark),
        **_directory_objects(caller, mark),
    }


def _provider(caller: Caller, mark: str, flow: str) -> Mapping[str, str]:
    provider = {
        "@odata.type": "#microsoft.graph.socialIdentityProvider",
        "displayName": mark,
        "identityProviderType": "LinkedIn",
        "clientId": mark,
        "clientSecret": "Canary-openapi",
    }
    found = caller("POST", "identity/identityProviders", provider)
    made = "LinkedIn-OAUTH" if found.status == 409 else str(found.json["id"])
    assert caller("GET", f"identity/identityProviders/{made}").status == 200
    place = f"identity/b2cUserFlows/{flow}/userFlowIdentityProviders/$ref"
    assert caller("POST", place, {"@odata.id": f"identity/identityProviders/{made}"}).status == 204
    return {"identity/identityProviders/{id}": made, "identityProviders/{id}": made, "{provider}": made}


def _policy_objects(caller: Caller, mark: str) -> Mapping[str, str]:
    key_set = _made(caller, "trustFramework/keySets", {"id": f"Open{mark}"})["id"]
    key = _made(caller, f"trustFramework/keySets/{key_set}/generateKey", {"use": "sig", "kty": "oct"})["kid"]
    policy = f"B2C_1A_Open{mark}"
    text = call(f"Open{mark}", f"{API}/ok/open")
    assert caller("PUT", f"trustFramework/policies/{policy}/$value", body=text).status == 201
    return {
        "trustFramework/keySets/{id}": key_set,
        "{kid}": key,
        "trustFramework/policies/{id}": policy,
        "{number}": "1",
    }


def _directory_objects(caller: Caller, mark: str) -> Mapping[str, str]:
    person = _made(caller, "users", user(f"{mark}@contoso.example"))["id"]
    application = _made(caller, "applications", {"displayName": mark})
    principal = _made(caller, "servicePrincipals", {"appId": application["appId"]})["id"]
    tenant = caller("GET", "organization").json["value"][0]
    domain = caller("GET", "domains").json["value"][0]["id"]
    return {
        "users/{id}": person,
        "applications/{id}": application["id"],
        "{appId}": application["appId"],
        "servicePrincipals/{id}": principal,
        "organization/{id}": tenant["id"],
        "domains/{id}": domain,
    }


def real_parameters(objects: Mapping[str, str], pattern: str) -> Mapping[str, str]:
    """Return the parameters of a path, as far as there are objects: the longest place that fits counts."""
    found: dict[str, str] = {}
    for place in sorted(objects, key=len):
        name = place[place.rindex("{") + 1 : place.rindex("}")]
        if pattern.lstrip("/").startswith(place) or (place.startswith("{") and place in pattern):
            found[name] = objects[place]
    return found
