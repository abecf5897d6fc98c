"""What was agreed with those who write tools against the API, point by point, by the command line and HTTP alone.

Source: graph-api.md, "Agreed behaviour of our server".
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from acceptance_api import Api
from acceptance_folder import TENANT, Ended, Folder
from acceptance_policy import call
from clients_caller import API, FORM, Caller, ask, hire, until, user

POLICIES = "/beta/trustFramework/policies"
KEY_SETS = "/beta/trustFramework/keySets"
CONNECTORS = "/beta/identity/apiConnectors"
FLOWS = "/beta/identity/b2cUserFlows"
BASIC = {"@odata.type": "#microsoft.graph.basicAuthentication", "username": "user", "password": "Canary-agreed"}
CONNECTOR = {"displayName": "Agreed", "targetUrl": "https://api.example/x", "authenticationConfiguration": BASIC}


def flow(name, **more):
    return {"id": name, "userFlowType": "signUpOrSignIn", "userFlowTypeVersion": 1, **more}


# --- 1 ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Folder, Ended]]:
    """A folder in development mode without a policy: an application is added, only then it is started."""
    found = Folder(tmp_path_factory.mktemp("fresh") / "tenant").write()
    made = found.run("apps", "add", "Tool", "--role", "Policy.Read.All", "--role", "User.Read.All", "--json")
    found.up()
    yield found, made
    found.end_all()


def test_1_apps_add_prints_one_json_object_in_a_folder_that_was_never_started(fresh: tuple[Folder, Ended]):
    folder, made = fresh

    assert made.code == 0, made.err
    assert {"client_id", "client_secret"} <= set(json.loads(made.out))
    caller = Caller(folder.started[-1].origin, made.json["client_id"], made.json["client_secret"])
    assert caller.sign_in().status == 200


def test_1_apps_add_counts_within_3_s_while_up_runs(home: Folder):
    made = home.run("apps", "add", "Tool", "--role", "Policy.Read.All", "--json")
    caller = Caller(home.started[-1].origin, made.json["client_id"], made.json["client_secret"])

    assert until(lambda: caller.sign_in().status == 200, within_s=3)


def test_1_an_unknown_role_is_exit_code_2_with_the_known_ones_named(home: Folder):
    refused = home.run("apps", "add", "Tool", "--role", "Policy.Everything", "--json")

    assert refused.code == 2
    assert "Policy.ReadWrite.TrustFramework" in refused.err + refused.out
    assert "APIConnectors.ReadWrite.All" in refused.err + refused.out


# --- 2 ---------------------------------------------------------------------------------------------


def test_2_tokens_live_as_long_as_the_setting_says_and_over_a_restart(folder: Folder):
    folder.write(mode="production").token_keys()
    up = folder.up()
    long_lived = hire(folder, "User.Read.All")
    up.end()
    folder.write("[management]\ntoken_lifetime_s = 2\n", mode="production")
    folder.up()

    assert long_lived("GET", "domains").status == 200, "the token is gone with the restart"
    short_lived = Caller(long_lived.origin, long_lived.client_id, long_lived.secret)
    assert short_lived.sign_in().json["expires_in"] == 2
    assert until(lambda: short_lived("GET", "domains").status == 401, within_s=7)
    assert short_lived("GET", "domains").error["code"] == "InvalidAuthenticationToken"
    assert long_lived("GET", "domains").status == 200


# --- 3 ---------------------------------------------------------------------------------------------


def test_3_a_tenant_folder_without_a_policy_starts_in_both_modes(fresh: tuple[Folder, Ended], home: Folder):
    for folder, mode in ((fresh[0], "development"), (home, "production")):
        assert not list((folder.path / "policies").iterdir())
        assert f"in {mode} mode" in folder.started[-1].log
        assert folder.started[-1].ready() == 200


# --- 4 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{CONNECTORS}/unknown"),
        ("GET", f"{KEY_SETS}/B2C_1A_unknown"),
        ("DELETE", f"{FLOWS}/B2C_1_unknown"),
        ("PUT", f"{FLOWS}/B2C_1_unknown/apiConnectorConfiguration/postFederationSignup/$ref"),
        ("GET", "/v1.0/users/unknown"),
        ("POST", "/v1.0/applications/unknown/addPassword"),
        ("GET", "/v1.0/identity/identityProviders/unknown"),
        ("POST", f"{KEY_SETS}/B2C_1A_unknown/generateKey"),
        ("PUT", f"{POLICIES}/B2C_1A_unknown/$value"),
        ("PATCH", "/v1.0/identity/userFlowAttributes/unknown"),
    ],
)
def test_4_authorization_comes_before_the_object_and_before_the_body(home: Folder, nobody: Caller, method, path):
    unknown = nobody(method, path, body=b"this is no body of any kind {")

    assert (unknown.status, unknown.error["code"]) == (403, "Authorization_RequestDenied")


def test_4_the_body_is_not_waited_for(nobody: Caller):
    parts = urlsplit(nobody.origin)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    connection.putrequest("PUT", f"{POLICIES}/B2C_1A_x/$value")
    connection.putheader("Authorization", f"Bearer {nobody.token}")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders(b"<Trust")
    status = connection.getresponse().status
    connection.close()

    assert status == 403


# --- 5 ---------------------------------------------------------------------------------------------


def test_5_an_uploaded_policy_is_served_and_a_refused_one_leaves_it_untouched(home: Folder, master: Caller, api: Api):
    text = call("Uploaded", f"{API}/ok/uploaded")
    url = f"{POLICIES}/B2C_1A_Uploaded/$value"
    made = master("PUT", url, body=text, Content_Type="application/xml")
    assert made.status == 201, made.text
    browser = home.started[-1].browser()
    asked = {"response_type": "id_token"}
    assert until(lambda: "id_token" in browser.authorize("B2C_1A_Uploaded", **asked).answer, within_s=10)
    assert api.count("/ok/uploaded") >= 1

    broken = text.replace("</TrustFrameworkPolicy>", "")
    wrong = text.replace('ReferenceId="Journey"', 'ReferenceId="Gone"')
    for bad in (broken, wrong):
        refused = master("PUT", url, body=bad, Content_Type="application/xml")
        assert (refused.status, refused.error["code"]) == (400, "AADB2C")

    assert master("GET", url).text == text


# --- 6 ---------------------------------------------------------------------------------------------


def test_6_a_missing_policy_is_404(master: Caller):
    for path in (f"{POLICIES}/B2C_1A_missing", f"{POLICIES}/B2C_1A_missing/$value"):
        assert master("GET", path).status == 404
    assert master("DELETE", f"{POLICIES}/B2C_1A_missing").status == 404


def test_6_a_duplicate_key_set_is_409_and_a_missing_one_400(master: Caller):
    first = master("POST", KEY_SETS, {"id": "AgreedSix"})
    second = master("POST", KEY_SETS, {"id": "AgreedSix"})
    missing = master("GET", f"{KEY_SETS}/B2C_1A_AgreedMissing")

    assert (first.status, second.status, second.error["code"]) == (201, 409, "AADB2C95028")
    assert second.error["message"] == (
        "Can't create trustframework key set with name 'B2C_1A_AgreedSix' because it already exists."
    )
    assert (missing.status, missing.error["code"]) == (400, "AADB2C90073")


def test_6_a_duplicate_user_flow_is_409(master: Caller):
    first, second = master("POST", FLOWS, flow("AgreedTwice")), master("POST", FLOWS, flow("agreedtwice"))

    assert (first.status, second.status) == (201, 409)
    assert "B2C_1_" in second.error["message"]


def test_6_a_duplicate_user_is_409(master: Caller):
    made = [master("POST", "users", user("agreed-six@contoso.example")) for _ in range(2)]

    assert [each.status for each in made] == [201, 409], made


def test_6_a_bound_connector_is_not_deleted_and_the_flow_is_named(master: Caller):
    connector = master("POST", CONNECTORS, CONNECTOR).json["id"]
    assert master("POST", FLOWS, flow("AgreedBound")).status == 201
    bind = f"{FLOWS}/B2C_1_AgreedBound/apiConnectorConfiguration/postAttributeCollection/$ref"
    bound = master("PUT", bind, {"@odata.id": f"{master.origin}{CONNECTORS}/{connector}"})
    refused = master("DELETE", f"{CONNECTORS}/{connector}")
    unbound = master("PUT", bind, {})

    assert (bound.status, refused.status, unbound.status) == (204, 409, 204)
    assert "B2C_1_AgreedBound" in refused.error["message"]
    assert master("DELETE", f"{CONNECTORS}/{connector}").status == 204


# --- 7 ---------------------------------------------------------------------------------------------


def test_7_a_secret_counts_within_2_s_of_add_password_and_no_longer_than_2_s_after_remove_password(master: Caller):
    application = master("POST", "applications", {"displayName": "Agreed seven"}).json
    place = f"applications/{application['id']}"
    added = master("POST", f"{place}/addPassword", {"passwordCredential": {"displayName": "one"}})
    assert added.status == 200, added.text
    tool = Caller(master.origin, application["appId"], added.json["secretText"])

    assert until(lambda: tool.sign_in().status == 200, within_s=2)
    assert added.json["hint"] == added.json["secretText"][:3]
    assert master("POST", f"{place}/removePassword", {"keyId": added.json["keyId"]}).status == 204
    assert until(lambda: tool.sign_in().status != 200, within_s=2)


# --- 8 ---------------------------------------------------------------------------------------------

WRONG = (
    ("POST", CONNECTORS, {**CONNECTOR, "targetUrl": None}, "targetUrl"),
    ("POST", CONNECTORS, {**CONNECTOR, "authenticationConfiguration": {**BASIC, "password": 5}}, "password"),
    ("POST", KEY_SETS, {}, "id"),
    ("POST", FLOWS, {"id": "x", "userFlowTypeVersion": 1}, "userFlowType"),
    ("POST", FLOWS, {"userFlowType": "signUp", "userFlowTypeVersion": 1}, "id"),
    ("POST", "/v1.0/identity/identityProviders", {"displayName": "x"}, "identityProviderType"),
    ("POST", "/v1.0/users", {**user("x@contoso.example"), "passwordProfile": {}}, "password"),
    ("POST", "/v1.0/users", {"displayName": "x"}, "identities"),
    ("POST", "/v1.0/applications", {}, "displayName"),
    ("POST", "/v1.0/identity/userFlowAttributes", {"dataType": "string"}, "displayName"),
    ("POST", "/v1.0/identity/userFlowAttributes", {"displayName": "x", "dataType": "colour"}, "dataType"),
)


@pytest.mark.parametrize(("method", "path", "body", "member"), WRONG)
def test_8_an_error_names_the_member(master: Caller, method, path, body, member):
    refused = master(method, path, body)

    assert refused.status == 400, refused
    assert member in refused.error["message"]


def test_8_a_wrong_key_names_the_member(master: Caller):
    master("POST", KEY_SETS, {"id": "AgreedEight"})
    for operation, body, member in (
        ("generateKey", {"use": "sig", "kty": "EC"}, "kty"),
        ("uploadSecret", {"use": "sig"}, "k"),
        ("uploadPkcs12", {"password": ""}, "key"),
        ("uploadCertificate", {}, "key"),
    ):
        refused = master("POST", f"{KEY_SETS}/B2C_1A_AgreedEight/{operation}", body)

        assert refused.status == 400, refused
        assert member in refused.error["message"], refused.text


def test_8_20_mb_are_answered_413_within_5_s(master: Caller):
    large = b"A" * (20 * 1024 * 1024)
    pkcs12 = json.dumps({"key": large.decode(), "password": ""}).encode()
    for method, path, body in (
        ("PUT", f"{POLICIES}/B2C_1A_Large/$value", large),
        ("POST", POLICIES, large),
        ("POST", f"{KEY_SETS}/B2C_1A_Large/uploadPkcs12", pkcs12),
        ("POST", f"{CONNECTORS}/x/uploadClientCertificate", pkcs12),
    ):
        began = time.monotonic()
        refused = master(method, path, body=body)

        assert (refused.status, refused.error["code"]) == (413, "RequestEntityTooLarge"), path
        assert time.monotonic() - began < 5, path


# --- 9 ---------------------------------------------------------------------------------------------


def test_9_an_application_made_over_the_api_has_no_roles(master: Caller):
    body = {"displayName": "Agreed nine", "roles": ["User.Read.All"], "appRoles": [{"value": "User.Read.All"}]}
    application = master("POST", "applications", body).json
    added = master("POST", f"applications/{application['id']}/addPassword", {})
    tool = Caller(master.origin, application["appId"], added.json["secretText"])

    assert until(lambda: tool.sign_in().status == 200, within_s=2)
    for path in ("domains", "users", "identity/apiConnectors"):
        assert tool("GET", path).status == 403, path


# --- 10 --------------------------------------------------------------------------------------------


def test_10_the_client_request_id_is_echoed(master: Caller, nobody: Caller):
    mine = "5f2f1b5e-1111-4222-8333-444455556666"
    for caller, path in ((master, "domains"), (master, "nothing"), (nobody, "users")):
        answer = caller("GET", path, client_request_id=mine)

        assert answer.headers["client-request-id"] == mine
        assert answer.headers["request-id"] != mine


# --- 11 --------------------------------------------------------------------------------------------


def test_11_what_public_scripts_send_is_taken(master: Caller):
    form = {"grant_type": "client_credentials", "resource": "https://graph.microsoft.com"}
    form |= {"scope": "https://graph.microsoft.com/.default"}
    form |= {"client_id": master.client_id, "client_secret": master.secret}
    v1 = ask("POST", f"{master.origin}/{master.tenant}/oauth2/token", urlencode(form).encode(), {"Content-Type": FORM})
    trailing = '{"use": "sig", "kty": "rsa",}'
    master("POST", KEY_SETS, {"id": "AgreedEleven"})
    generated = master("POST", f"{KEY_SETS}/B2C_1A_AgreedEleven/generateKey", body=trailing)
    text = call("JsonTyped", "https://api.example/ok")
    uploaded = master("PUT", f"{POLICIES}/B2C_1A_JsonTyped/$value", body=text, Content_Type="application/json")

    assert (v1.status, v1.json["token_type"]) == (200, "Bearer")
    assert (generated.status, generated.json["kty"]) == (200, "RSA")
    assert uploaded.status == 201, uploaded.text


def test_11_the_discovery_document_behind_a_front_names_https_only(front):
    url = f"{front.origin}/{TENANT}/v2.0/.well-known/openid-configuration"
    with urllib.request.urlopen(url, context=front.context(), timeout=10) as answer:
        document = json.load(answer)

    assert document["token_endpoint"] == f"{front.origin}/{TENANT}/oauth2/v2.0/token"
    assert document["issuer"].startswith("https://")
