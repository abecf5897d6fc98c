"""Journeys without a page, applications, client credentials, the platform document, logout."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import pytest
from acceptance_browser import VERIFIER, decoded, get, post
from acceptance_folder import CALLBACK, CLIENT_ID, TENANT
from acceptance_policy import accounts, call

POLICY = "B2C_1A_Plain"
IDENTIFIER = f"https://{TENANT}/other"
APPLICATIONS = f"""
[[applications]]
client_id = "33333333-2222-3333-4444-555555555555"
name = "Other API"
identifier_uris = ["{IDENTIFIER}"]
scopes = ["read", "write"]
[[applications]]
client_id = "44444444-2222-3333-4444-555555555555"
name = "Single page"
type = "spa"
redirect_uris = ["http://127.0.0.1:5001/spa"]
permissions = ["{IDENTIFIER}/read"]
"""


@pytest.fixture(scope="module")
def made(home, api):
    home.write(
        f'[egress.map]\n"https://api.contoso.example" = "{api.origin}"\n' + APPLICATIONS,
        plain=call("Plain", "https://api.contoso.example/ok/plain"),
        users=accounts("B2C_1A_Users", "https://api.contoso.example/ok/check"),
    )
    return home.run("apps", "add", "Engine", "--own-role", "Reader", "--redirect-uri", CALLBACK, "--json")


@pytest.fixture(scope="module")
def up(made, home):
    return home.up()


def test_apps_add_works_before_the_first_start_and_prints_client_id_and_secret(made):
    assert made.code == 0
    assert set(made.json) >= {"client_id", "client_secret"}


def test_apps_add_makes_a_confidential_web_application_by_default(made, up, home):
    listed = {app["client_id"]: app for app in home.run("apps", "list", "--json").json}

    assert listed[made.json["client_id"]]["type"] == "web"


def test_the_client_secret_is_printed_once(made, up, home):
    listed = home.run("apps", "list", "--json")

    assert made.json["client_secret"] not in listed.out


def test_an_untyped_application_gets_an_id_token_in_the_fragment_by_default(up):
    reply = up.browser().authorize(POLICY, response_type="id_token")

    assert reply.status in {302, 303}
    assert reply.location.startswith(f"{CALLBACK}#")
    assert decoded(reply.answer["id_token"])["aud"] == CLIENT_ID
    assert reply.answer["state"] == "a-state"


def test_a_journey_without_a_page_answers_the_authorize_request_by_query(up):
    reply = up.browser().authorize(POLICY)

    assert reply.location.startswith(f"{CALLBACK}?")
    assert set(reply.answer) >= {"code", "state"}


def test_a_journey_without_a_page_answers_the_authorize_request_by_fragment(up):
    assert up.browser().authorize(POLICY, response_mode="fragment").location.startswith(f"{CALLBACK}#")


def test_a_journey_without_a_page_answers_the_authorize_request_by_form_post(up):
    reply = up.browser().authorize(POLICY, response_mode="form_post", response_type="id_token")

    assert reply.status == 200
    assert '<form id="auto"' in reply.text
    assert f'action="{CALLBACK}"' in reply.text
    assert decoded(reply.answer["id_token"])["tier"] == "gold"


def test_an_untyped_application_redeems_a_code_with_pkce_as_a_public_client(up):
    browser = up.browser()
    reply = browser.redeem_code(POLICY, browser.authorize(POLICY).answer["code"])

    assert reply.status == 200, reply.text
    assert decoded(reply.json["id_token"])["sub"] == "somebody"
    assert decoded(reply.json["id_token"])["nonce"] == "a-nonce"


def test_a_code_does_not_redeem_twice_or_with_another_verifier(up):
    browser = up.browser()
    first, second = (browser.authorize(POLICY).answer["code"] for _ in range(2))
    browser.redeem_code(POLICY, first)

    wrong = browser.redeem(POLICY, grant_type="authorization_code", code=second, code_verifier="x" * 50)

    assert browser.redeem_code(POLICY, first).json["error"] == "invalid_grant"
    assert (wrong.status, wrong.json["error"]) == (400, "invalid_grant")


def test_discovery_and_keys_verify_the_token(up):
    document = get(f"{up.origin}/{TENANT}/{POLICY}/v2.0/.well-known/openid-configuration").json
    token = up.browser().authorize(POLICY, response_type="id_token").answer["id_token"]

    assert decoded(token)["iss"] == document["issuer"]
    assert decoded(token, 0)["kid"] in {key["kid"] for key in get(document["jwks_uri"]).json["keys"]}


def test_the_p_parameter_form_serves_the_same_policy(up):
    in_path = get(f"{up.origin}/{TENANT}/{POLICY}/v2.0/.well-known/openid-configuration").json
    by_query = get(f"{up.origin}/{TENANT}/v2.0/.well-known/openid-configuration?p={POLICY.lower()}").json

    assert by_query["issuer"] == in_path["issuer"]


def test_a_scope_that_was_not_granted_is_redirected_as_unauthorized_client_aadb2c90205(up):
    reply = up.browser().authorize(POLICY, scope=f"openid {IDENTIFIER}/write")

    assert reply.location.startswith(CALLBACK)
    assert reply.answer["error"] == "unauthorized_client"
    assert reply.answer["error_description"].startswith("AADB2C90205")


@pytest.mark.parametrize("place", [f"/{TENANT}/{POLICY}/oauth2/v2.0/token", f"/{TENANT}/oauth2/v2.0/token"])
@pytest.mark.parametrize("way", ["basic", "form"])
def test_client_credentials_of_the_own_default_scope_at_the_policy_and_at_the_tenant_endpoint(up, made, place, way):
    client_id, secret = made.json["client_id"], made.json["client_secret"]
    form = {"grant_type": "client_credentials", "scope": f"{client_id}/.default"}
    headers = {}
    if way == "basic":
        headers["Authorization"] = "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    else:
        form |= {"client_id": client_id, "client_secret": secret}

    reply = post(up.origin + place, form, **headers)

    assert reply.status == 200, reply.text
    assert reply.json["token_type"] == "Bearer"
    assert decoded(reply.json["access_token"])["aud"] == client_id
    assert decoded(reply.json["access_token"])["roles"] == ["Reader"]


def test_a_wrong_client_secret_is_refused(up, made):
    client_id = made.json["client_id"]
    form = {
        "grant_type": "client_credentials",
        "scope": f"{client_id}/.default",
        "client_id": client_id,
        "client_secret": "wrong",
    }

    reply = post(f"{up.origin}/{TENANT}/oauth2/v2.0/token", form)

    assert (reply.status, reply.json["error"]) == (400, "invalid_client")


def test_the_confidential_application_redeems_a_code_with_its_secret_and_not_without(up, made):
    client_id, secret = made.json["client_id"], made.json["client_secret"]
    browser = up.browser()
    codes = [browser.authorize(POLICY, client_id=client_id).answer["code"] for _ in range(2)]

    without = browser.redeem(
        POLICY, grant_type="authorization_code", code=codes[0], client_id=client_id, code_verifier=VERIFIER
    )
    reply = browser.redeem(
        POLICY,
        grant_type="authorization_code",
        code=codes[1],
        client_id=client_id,
        client_secret=secret,
        code_verifier=VERIFIER,
    )

    assert without.json["error"] == "invalid_client"
    assert reply.status == 200, reply.text


def test_the_platform_document_without_p_has_the_tenants_token_endpoint(up):
    document = get(f"{up.origin}/{TENANT}/v2.0/.well-known/openid-configuration").json

    assert document["token_endpoint"] == f"{up.origin}/{TENANT}/oauth2/v2.0/token"


def logout(up, uri, **parameters):
    query = urlencode({"post_logout_redirect_uri": uri, "state": "bye", **parameters})
    return get(f"{up.origin}/{TENANT}/{POLICY}/oauth2/v2.0/logout?{query}")


def test_logout_without_hint_redirects_to_a_uri_that_some_application_has_registered(up):
    reply = logout(up, "http://127.0.0.1:5001/spa")

    assert reply.status in {302, 303}
    assert reply.location == "http://127.0.0.1:5001/spa?state=bye"


def test_logout_without_hint_redirects_to_no_other_uri(up):
    reply = logout(up, "https://evil.example/")

    assert reply.location == ""
    assert "evil.example" not in dict(reply.headers).get("location", "")


def test_logout_with_a_client_id_redirects_to_its_own_uris_only(up):
    assert logout(up, CALLBACK, client_id=CLIENT_ID).location.startswith(CALLBACK)
    assert logout(up, "http://127.0.0.1:5001/spa", client_id=CLIENT_ID).location == ""


def test_an_unknown_redirect_uri_is_never_redirected_to(up):
    reply = up.browser().authorize(POLICY, redirect_uri="https://evil.example/callback")

    assert reply.location == ""
    assert reply.status == 400


def test_up_stops_and_a_second_start_keeps_application_and_secret(up, made, home):
    form = {
        "grant_type": "client_credentials",
        "scope": f"{made.json['client_id']}/.default",
        "client_id": made.json["client_id"],
        "client_secret": made.json["client_secret"],
    }

    assert up.end() == 0
    again = home.start().wait_ready()

    assert post(f"{again.origin}/{TENANT}/oauth2/v2.0/token", form).status == 200
