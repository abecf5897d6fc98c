"""Who holds a token and means harm: names, addresses and bodies that try to get out of their place, and races."""

from __future__ import annotations

import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import pytest
from acceptance_policy import call
from clients_caller import API, encoded, hire, user

NAMES = (
    "<script>alert(1)</script>",
    "'\"; DROP TABLE users;--",
    "../../etc/passwd",
    "{Settings:Secret}{{7*7}}${jndi:ldap://x}",
    "line\nbreak\r\nSet-Cookie: a=b",
    "\u202etxt.exe",
    "a" * 5000,
    "\x1b[31mred",
)
BASIC = {"@odata.type": "#microsoft.graph.basicAuthentication", "username": "user", "password": "Canary-hostile"}


def bodies(name):
    """Return the body of each kind of object, with a hostile name in it."""
    connector = {"displayName": name, "targetUrl": "https://api.example/x", "authenticationConfiguration": BASIC}
    flow = {"id": name, "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 1}
    provider = {
        "@odata.type": "#microsoft.graph.openIdConnectIdentityProvider",
        "displayName": name,
        "clientId": name,
        "clientSecret": name,
        "metadataUrl": f"https://login.example/{name}",
        "responseType": "code",
        "scope": "openid",
        "claimsMapping": {"userId": name, "displayName": name},
    }
    return {
        "identity/apiConnectors": connector,
        "identity/b2cUserFlows": flow,
        "identity/userFlowAttributes": {"displayName": name, "dataType": "string", "description": name},
        "identity/identityProviders": provider,
        "trustFramework/keySets": {"id": name},
        "users": {**user("hostile@contoso.example"), "displayName": name, "city": name, "extension_x": name},
        "applications": {"displayName": name, "web": {"redirectUris": [name]}, "identifierUris": [name]},
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_stored_as_it_is_or_refused_and_breaks_nothing(master, name):
    for place, body in bodies(name).items():
        answer = master("POST", place, body)

        assert answer.status in {201, 400, 409}, (place, answer)
        assert answer.headers["content-type"].startswith("application/json")
        assert not {"set-cookie", "x-injected"} & set(answer.headers)
        if answer.status == 201:
            shown = answer.json.get("displayName", answer.json["id"])
            assert shown in (name, f"B2C_1A_{name}", f"B2C_1_{name}"), (place, answer.text)
            location = answer.headers["location"]
            assert re.fullmatch(r"[\x21-\x7e]+", location), location
            gone = master("DELETE", urlsplit(location).path)
            assert gone.status == 204, (place, gone)


PATHS = (
    "..%2f..%2fusers",
    "%2e%2e/%2e%2e/users",
    "x%00",
    "x%0d%0aSet-Cookie:%20a=b",
    "x')%20or%20('1'='1",
    "x%27%29%3B%20DROP%20TABLE%20users",
    "%ff%fe",
    "x%25%32%66y",
    "(appId='x')",
    "('x')/('y')",
    ";x=y",
    "%3Cscript%3E",
    "🦊".encode().hex("%").join(("%", "")),
    "a" * 3000,
)
PLACES = ("identity/apiConnectors", "identity/b2cUserFlows", "identity/userFlowAttributes", "identity/identityProviders",
          "trustFramework/keySets", "trustFramework/policies", "users", "applications", "servicePrincipals", "domains")  # fmt: skip


def test_an_address_never_leads_out_of_its_place(master, nobody):
    before = len(master("GET", "users").json["value"])
    for place in PLACES:
        for path in PATHS:
            answer = master("GET", f"/v1.0/{place}/{path}")
            refused = nobody("GET", f"/v1.0/{place}/{path}")

            assert answer.status in {400, 404, 405}, (place, path, answer)
            assert answer.error["message"]
            # Whoever may not read is told so, or that the address is none: never what is there.
            assert refused.status in {403, 400, 404, 200 if place == "domains" else 403}, (place, path, refused)
            assert "set-cookie" not in answer.headers
    assert len(master("GET", "users").json["value"]) == before


FILTERS = (
    "displayName eq 'x' or 1 eq 1",
    "displayName eq 'x'' or ''1'' eq ''1'",
    "displayName eq '",
    "startswith(displayName,'%')",
    "startswith(displayName,'_')",
    "not " * 2000 + "displayName eq 'x'",
    "(" * 2000,
    "identities/any(c:c/issuerAssignedId eq 'x' or true)",
    "passwordProfile/password eq 'Canary'",
    "passwordHash ge ''",
    "displayName eq '\u0000'",
    "a" * 100_000,
)


def test_a_filter_finds_what_it_says_and_nothing_more(master):
    assert master("POST", "users", user("filtered@contoso.example")).status == 201
    for text in FILTERS:
        if len(text) > 50_000:
            continue
        answer = master("GET", f"users?$filter={quote(text)}")

        assert answer.status in {200, 400, 414}, (text[:80], answer)
        if answer.status == 200:
            assert answer.json["value"] == [], (text[:80], answer.text[:300])


def chunked(caller, method, path, parts):
    """Send a body whose length nobody announces; return the status."""
    parts_of = urlsplit(caller.origin)
    connection = http.client.HTTPConnection(parts_of.hostname, parts_of.port, timeout=20)
    headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, iter(parts), headers, encode_chunked=True)
        return connection.getresponse().status
    except (BrokenPipeError, ConnectionResetError):
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_body_of_unannounced_length_is_cut_off_as_well(master):
    endless = [b"x" * 65536] * 320
    for method, path in (
        ("PUT", "/beta/trustFramework/policies/B2C_1A_Endless/$value"),
        ("POST", "/beta/identity/apiConnectors/x/uploadClientCertificate"),
        ("POST", "/beta/users"),
    ):
        began = time.monotonic()

        assert chunked(master, method, path, endless) == 413, path
        assert time.monotonic() - began < 5, path


DEEP = (
    b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"displayName": ' + b"9" * 100_000 + b"}",
    b'{"displayName": 1e999999}',
    b'{"displayName": NaN}',
    b'{"displayName": "\\ud800"}',
    b'{"displayName": "x", "displayName": 5}',
    b"\xff\xfe{}",
    b"null",
    b'"text"',
    b"",
)


def test_a_body_that_is_built_to_hurt_is_refused(master):
    for place in ("identity/apiConnectors", "users", "trustFramework/keySets", "applications", "identity/b2cUserFlows"):
        for body in DEEP:
            answer = master("POST", place, body=body, Content_Type="application/json")

            assert answer.status in {400, 413}, (place, body[:40], answer)
            assert answer.error["message"]


XML = (
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><TrustFrameworkPolicy>&b;</TrustFrameworkPolicy>',
    '<!DOCTYPE x SYSTEM "file:///etc/passwd"><TrustFrameworkPolicy/>',
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><TrustFrameworkPolicy>&f;</TrustFrameworkPolicy>',
    '<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd" parse="text"/></x>',
    "<a>" * 20_000,
    "<TrustFrameworkPolicy " + " ".join(f'a{n}="x"' for n in range(20_000)) + "/>",
)


def test_xml_that_is_built_to_hurt_is_refused_in_the_envelope(master):
    for text in XML:
        began = time.monotonic()
        answer = master("PUT", "/beta/trustFramework/policies/B2C_1A_Hurt/$value", body=text)

        assert (answer.status, answer.error["code"]) == (400, "AADB2C"), text[:60]
        assert "root:" not in answer.text
        assert time.monotonic() - began < 5, text[:60]


def test_who_may_change_policies_cannot_send_the_secret_of_a_connector_elsewhere_or_sign_as_the_tenant(home, master):
    writer = hire(home, "Policy.ReadWrite.TrustFramework", name="Writer")
    connector = {"displayName": "Stolen", "targetUrl": "https://api.example/x", "authenticationConfiguration": BASIC}
    made = master("POST", "identity/apiConnectors", connector).json["id"]
    secret = f"B2C_1A_ApiConnector-{made.replace('-', '')}-password"
    keys = {"BasicAuthenticationUsername": secret, "BasicAuthenticationPassword": secret}
    theft = call("Theft", f"{API}/ok/theft", "Basic", keys=keys)
    forged = call("Theft", f"{API}/ok/theft").replace(
        "B2C_1A_TokenSigningKeyContainer", "B2C_1A_JourneymanPlatformSigning"
    )
    for text in (theft, theft.replace(secret, secret.upper()), forged):
        answer = writer("PUT", "/beta/trustFramework/policies/B2C_1A_Theft/$value", body=text)

        assert answer.status == 400, answer
    assert writer("GET", "/beta/trustFramework/policies/B2C_1A_Theft").status == 404
    assert writer("GET", f"identity/apiConnectors/{made}").status == 403
    assert master("GET", f"trustFramework/keySets/{secret}").status in {400, 404}


# --- races -----------------------------------------------------------------------------------------


def at_once(count, act):
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(act, range(count)))


CREATED = {
    "trustFramework/keySets": {"id": "RaceKey"},
    "identity/b2cUserFlows": {"id": "Race", "userFlowType": "signUp", "userFlowTypeVersion": 1},
    "identity/userFlowAttributes": {"displayName": "Race", "dataType": "string"},
    "users": user("race@contoso.example"),
}


@pytest.mark.parametrize("place", CREATED)
def test_of_many_who_create_the_same_object_one_succeeds(master, place):
    statuses = [answer.status for answer in at_once(8, lambda _: master("POST", place, CREATED[place]))]

    assert statuses.count(201) == 1, statuses
    assert set(statuses) <= {201, 400, 409}, statuses


def test_no_key_is_lost_when_many_add_one_to_a_set(master):
    place = f"trustFramework/keySets/{master('POST', 'trustFramework/keySets', {'id': 'RaceAdd'}).json['id']}"
    body = encoded({"use": "sig", "kty": "oct"})

    def add(_):
        # Who is told that somebody else was faster asks again, as the SDKs do after 409 and 429.
        for _attempt in range(40):
            answer = master("POST", f"{place}/generateKey", body=body)
            if answer.status == 200:
                return str(answer.json["kid"])
            assert answer.status in {409, 429, 503}, answer
            time.sleep(0.02)
        raise AssertionError(answer)

    added = at_once(8, add)

    assert sorted(key["kid"] for key in master("GET", place).json["keys"]) == sorted(added)


def test_of_changes_to_one_version_only_one_is_taken(master):
    connector = {"displayName": "Race", "targetUrl": "https://api.example/x", "authenticationConfiguration": BASIC}
    place = f"identity/apiConnectors/{master('POST', 'identity/apiConnectors', connector).json['id']}"
    seen = master("GET", place).headers["etag"]
    answers = at_once(6, lambda number: master("PATCH", place, {"displayName": f"Race {number}"}, If_Match=seen))
    statuses = [answer.status for answer in answers]

    assert statuses.count(204) == 1, statuses
    assert set(statuses) <= {204, 409, 412}, statuses
    assert master("GET", place).json["displayName"] == f"Race {statuses.index(204)}"


def test_a_bound_connector_is_never_deleted_between_bind_and_delete(master):
    flow = {"id": "RaceBind", "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 1}
    assert master("POST", "identity/b2cUserFlows", flow).status == 201
    step = "identity/b2cUserFlows/B2C_1_RaceBind/apiConnectorConfiguration/postAttributeCollection"
    connector = {"displayName": "Race", "targetUrl": "https://api.example/x", "authenticationConfiguration": BASIC}
    for _ in range(4):
        made = master("POST", "identity/apiConnectors", connector).json["id"]
        bind = {"@odata.id": f"identity/apiConnectors/{made}"}

        def act(number, made=made, bind=bind):
            if number:
                return master("PUT", f"{step}/$ref", bind).status
            return master("DELETE", f"identity/apiConnectors/{made}").status

        deleted, bound = at_once(2, act)
        shown = master("GET", step)
        assert (deleted, bound) in {(204, 404), (204, 400), (409, 204), (204, 409), (412, 204)}, (deleted, bound)
        assert (shown.status == 200) == (bound == 204), shown
        assert master("PUT", f"{step}/$ref", {}).status == 204


def test_a_removed_application_ends_what_it_opened(home, master):
    caller = hire(home, "User.Read.All", name="Leaver")
    place = f"applications(appId='{caller.client_id}')"
    before, refused = caller("GET", "users").status, caller("DELETE", place).status
    removed = master("DELETE", place).status

    assert (before, refused, removed) == (200, 403, 204)
    assert caller("GET", "users").status == 401
    assert caller.sign_in().status != 200
