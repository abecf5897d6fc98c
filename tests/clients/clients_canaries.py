"""Secrets of every kind that the management API takes or gives, each one to be looked for afterwards."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import trustme
from acceptance_tls import pfx
from canary_search import Canary
from clients_caller import Caller, user
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

GRAPH_TYPE = "#microsoft.graph."


@dataclass
class Planted:
    """What was planted; ``places`` are addresses of the objects that hold them."""

    caller: Caller
    canaries: list[Canary] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    mark: str = field(default_factory=lambda: secrets.token_hex(4))

    def secret(self, name: str, odd: str = '&"ä') -> str:
        """Make a secret with characters that encodings change."""
        value = f"Canary+{name.replace(' ', '-')}/{secrets.token_urlsafe(18)}{odd}"
        self.canaries.append(Canary(name, value.encode()))
        return value

    def pfx(self, name: str) -> dict[str, str]:
        """Make a PFX file; its password and its private key are canaries."""
        password = self.secret(f"{name} password")
        content = pfx(trustme.CA(), name.replace(" ", "-"), password)
        key = pkcs12.load_pkcs12(content, password.encode()).key
        assert isinstance(key, rsa.RSAPrivateKey)
        number = key.private_numbers().d
        self.canaries.append(Canary(f"{name} private key", number.to_bytes(256, "big")))
        self.canaries.append(Canary(f"{name} file", content[200:260]))
        return {"content": base64.b64encode(content).decode(), "password": password}

    def send(self, method: str, path: str, body: Mapping[str, Any], *statuses: int) -> Any:
        """Send a request, keep the answer and return it."""
        answer = self.caller(method, path, body)
        assert answer.status in (statuses or (200, 201, 204)), (method, path, answer)
        self.answers.append(answer.body)
        return answer.json if answer.body else None

    def place(self, path: str) -> str:
        """Remember where an object is."""
        self.places.append(path)
        return path


def plant(caller: Caller) -> Planted:
    """Put a secret wherever one may be put."""
    planted = Planted(caller)
    for plant_one in (_connectors, _providers, _key_sets, _users, _applications, _mistakes):
        plant_one(planted)
    return planted


def _connectors(planted: Planted) -> None:
    certificate = planted.pfx("connector")
    kinds = (
        {"@odata.type": f"{GRAPH_TYPE}basicAuthentication", "username": "user", "password": planted.secret("basic")},
        {"@odata.type": "#journeyman.bearerToken", "token": planted.secret("bearer", odd="==")},
        {
            "@odata.type": "#journeyman.apiKeyHeader",
            "header": "x-key",
            "key": planted.secret("api key", odd="&%"),
        },
        {
            "@odata.type": "#journeyman.managedBearer",
            "tokenUrl": "https://login.example/token",
            "clientId": "client",
            "clientSecret": planted.secret("managed bearer"),
        },
        {
            "@odata.type": f"{GRAPH_TYPE}pkcs12Certificate",
            "pkcs12Value": certificate["content"],
            "password": certificate["password"],
        },
    )
    for kind in kinds:
        new = {"displayName": planted.mark, "targetUrl": "https://api.example/x", "authenticationConfiguration": kind}
        planted.place(f"identity/apiConnectors/{planted.send('POST', 'identity/apiConnectors', new)['id']}")
    second = planted.pfx("uploaded")
    body = {"pkcs12Value": second["content"], "password": second["password"]}
    planted.send("POST", f"{planted.places[-1]}/uploadClientCertificate", body)


def _providers(planted: Planted) -> None:
    open_id = {
        "@odata.type": f"{GRAPH_TYPE}openIdConnectIdentityProvider",
        "displayName": planted.mark,
        "clientId": planted.mark,
        "clientSecret": planted.secret("open id provider"),
        "metadataUrl": "https://login.example/.well-known/openid-configuration",
        "responseType": "code",
        "responseMode": "form_post",
        "scope": "openid",
        "claimsMapping": {"userId": "sub", "displayName": "name"},
    }
    made = planted.send("POST", "identity/identityProviders", open_id)
    place = planted.place(f"identity/identityProviders/{made['id']}")
    planted.send("PATCH", place, {**open_id, "clientSecret": planted.secret("changed open id provider")})


def _key_sets(planted: Planted) -> None:
    def made(name: str) -> str:
        planted.send("POST", "trustFramework/keySets", {"id": f"{name}{planted.mark}"})
        return planted.place(f"trustFramework/keySets/B2C_1A_{name}{planted.mark}")

    planted.send("POST", f"{made('Secret')}/uploadSecret", {"use": "sig", "k": planted.secret("key set")})
    file = planted.pfx("key set")
    body = {"key": file["content"], "password": file["password"]}
    planted.send("POST", f"{made('Pfx')}/uploadPkcs12", body)
    raw = secrets.token_bytes(32)
    planted.canaries.append(Canary("replaced key", raw))
    key = {"kty": "oct", "use": "sig", "k": base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    planted.send("PUT", made("Replaced"), {"id": f"B2C_1A_Replaced{planted.mark}", "keys": [key]})


def _users(planted: Planted) -> None:
    profile = {"password": f"{planted.secret('user password')}A1a", "forceChangePasswordNextSignIn": False}
    made = planted.send("POST", "users", {**user(f"{planted.mark}@contoso.example"), "passwordProfile": profile})
    place = planted.place(f"users/{made['id']}")
    changed = {"password": f"{planted.secret('changed user password')}A1a"}
    planted.send("PATCH", place, {"passwordProfile": changed})


def _applications(planted: Planted) -> None:
    made = planted.send("POST", "applications", {"displayName": planted.mark})
    place = planted.place(f"applications/{made['id']}")
    new = planted.caller("POST", f"{place}/addPassword", {"passwordCredential": {"displayName": "key"}}).json
    planted.canaries.append(Canary("client secret", new["secretText"].encode()))
    tool = Caller(planted.caller.origin, made["appId"], new["secretText"])
    assert tool.sign_in().status == 200
    for name, token in (("token", tool.token), ("token of the caller", planted.caller.token)):
        planted.canaries.append(Canary(name, token.rpartition(".")[2].encode()))
    planted.canaries.append(Canary("client secret of the caller", planted.caller.secret.encode()))


def _mistakes(planted: Planted) -> None:
    """Send secrets where they are refused."""
    basic = {"@odata.type": f"{GRAPH_TYPE}basicAuthentication", "username": "user"}
    connector = {"displayName": "x", "targetUrl": "https://api.example/x"}
    secret = planted.secret
    bodies: tuple[tuple[str, Any], ...] = (
        (
            "identity/apiConnectors",
            {**connector, "authenticationConfiguration": {**basic, "password": [secret("list")]}},
        ),
        ("identity/apiConnectors", {**connector, "authenticationConfiguration": secret("text")}),
        ("identity/apiConnectors", {**connector, "targetUrl": f"https://user:{secret('url')}@api.example/x"}),
        ("identity/apiConnectors", {**connector, "authenticationConfiguration": {"@odata.type": secret("type")}}),
        (
            "identity/identityProviders",
            {"@odata.type": f"{GRAPH_TYPE}socialIdentityProvider", "clientSecret": {secret("x"): 1}},
        ),
        ("trustFramework/keySets", {"id": {"k": secret("id")}}),
        ("trustFramework/keySets", {"id": "Wrong", "keys": [{"kty": secret("kty"), "use": "sig", "k": secret("jwk")}]}),
        ("users", {**user("x@contoso.example"), "passwordProfile": {"password": secret("short")[:3]}}),
        ("users", {"displayName": "x", "passwordProfile": secret("profile")}),
    )
    for path, body in bodies:
        planted.send("POST", path, body, 400)
    broken = planted.caller("POST", "trustFramework/keySets", body=f'{{"id": "x", "k": "{secret("broken")[:20]}')
    assert broken.status == 400
    planted.answers.append(broken.body)
    planted.answers.append(
        Caller(planted.caller.origin, planted.caller.client_id, "").sign_in(secret=secret("guess")).body
    )
