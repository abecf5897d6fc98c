"""Secrets that went in, or were shown once, are nowhere afterwards."""

import json

PASSWORD = "Canary-Password-4711"
TENANT = "contoso.onmicrosoft.com"


async def test_passwords_and_client_secrets_are_nowhere_after_they_were_set(site, api, caplog):
    caplog.set_level("DEBUG")
    identity = {"signInType": "emailAddress", "issuer": TENANT, "issuerAssignedId": "canary@example.com"}
    body = {"displayName": "Canary", "identities": [identity], "passwordProfile": {"password": PASSWORD}}
    user = await api("POST", "users", body)
    refused = [
        await api("POST", "users", body),
        await api("POST", "users", body | {"accountEnabled": "x"}),
        await api("POST", "users", data=json.dumps(body)[:-3].encode()),
        await api("PATCH", f"users/{user.json['id']}", {"passwordProfile": {"password": PASSWORD, "x": 1}, "city": 1}),
    ]
    made = await api("POST", "applications", {"displayName": "Canary"})
    secret = (await api("POST", f"applications/{made.json['id']}/addPassword", {})).json["secretText"]
    places = ["users", f"users/{user.json['id']}?$select=passwordProfile,password,displayName", "applications"]
    places += [f"applications/{made.json['id']}", "auditLogs/directoryAudits", "openapi.json", "servicePrincipals"]
    shown = "".join([one.text for one in [user, *refused]] + [(await api("GET", place)).text for place in places])
    stored = b"".join(path.read_bytes() for path in (site.engine.settings.folder / ".journeyman").iterdir())

    assert [one.status for one in refused] == [409, 400, 400, 400]
    for canary in (PASSWORD, secret, api.secret, api.token):
        assert canary not in shown
        assert canary not in caplog.text
        assert canary.encode() not in stored
