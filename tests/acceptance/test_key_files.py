"""Text keys, PFX passwords, signing keys from a file."""

from __future__ import annotations

import base64
import json

import pytest
from acceptance_api import Api
from acceptance_browser import decoded, get
from acceptance_folder import TENANT
from acceptance_policy import accounts, call
from acceptance_tls import authority, pfx, private_key, server

from journeyman.clock import SystemClock

SECRET = "  pass wörd: \t€ with spaces  "
DISCOVERY = f"/{TENANT}/B2C_1A_Basic/discovery/v2.0/keys"


@pytest.fixture(scope="module")
def served(home, api, tmp_path_factory):
    """A folder whose keys are files of every kind, and an API that demands client certificates."""
    ca = authority(tmp_path_factory.mktemp("ca") / "ca.pem")
    now = int(SystemClock().now().timestamp())
    with Api(server(ca, "127.0.0.1", clients=ca)) as mutual:
        url = "https://api.contoso.example"
        basic = {"BasicAuthenticationUsername": "B2C_1A_User", "BasicAuthenticationPassword": "B2C_1A_Password"}
        home.write(
            f'[egress]\ntrust = ["ca.pem"]\n[egress.map]\n"{url}" = "{mutual.origin}"\n"https://plain.example" = "{api.origin}"\n',
            basic=call("Basic", "https://plain.example/ok/basic", "Basic", keys=basic),
            locked=call("Locked", f"{url}/ok/locked", "ClientCertificate", keys={"ClientCertificate": "B2C_1A_Locked"}),
            open=call("Open", f"{url}/ok/open", "ClientCertificate", keys={"ClientCertificate": "B2C_1A_Open"}),
        )
        (home.path / "ca.pem").write_bytes(ca.cert_pem.bytes())
        home.key("B2C_1A_User.txt", "user\n")
        home.key("B2C_1A_Password.txt", SECRET + "\r\n")
        home.key("B2C_1A_Locked.pfx", pfx(ca, "locked", "päss word"))
        home.key("B2C_1A_Locked.pfx.password", "päss word\n")
        home.key("B2C_1A_Open.pfx", pfx(ca, "open", ""))
        keys = [private_key("old", now - 1000), private_key("current", now - 10), private_key("future", now + 90_000)]
        home.key("B2C_1A_TokenSigningKeyContainer.jwks", json.dumps({"keys": keys}))
        home.up()
        home.mutual = mutual
        yield home


def published(up):
    return {key["kid"]: key for key in get(f"{up.origin}{DISCOVERY}").json["keys"]}


def test_a_text_key_is_its_file_byte_for_byte_without_one_final_line_break(served, api):
    served.started[-1].browser().id_token("B2C_1A_Basic")

    sent = api.last("/ok/basic").headers["authorization"]

    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == f"user:{SECRET}"


def test_a_pfx_is_opened_with_the_password_file_beside_it(served):
    served.started[-1].browser().id_token("B2C_1A_Locked")

    assert "locked" in str(served.mutual.last("/ok/locked").certificate["subject"])


def test_a_pfx_without_a_password_file_is_opened_with_the_empty_password(served):
    served.started[-1].browser().id_token("B2C_1A_Open")

    assert "open" in str(served.mutual.last("/ok/open").certificate["subject"])


def test_the_kid_of_each_signing_key_of_a_jwks_file_is_kept_and_all_good_keys_are_published(served):
    assert set(published(served.started[-1])) == {"old", "current", "future"}


def test_the_nbf_of_each_signing_key_of_a_jwks_file_is_kept(served):
    written = json.loads((served.path / "keys" / "B2C_1A_TokenSigningKeyContainer.jwks").read_text())["keys"]
    found = published(served.started[-1])

    assert {kid: key["nbf"] for kid, key in found.items()} == {key["kid"]: key["nbf"] for key in written}


def test_published_keys_have_no_private_members(served):
    assert all(not {"d", "p", "q", "dp", "dq", "qi"} & set(key) for key in published(served.started[-1]).values())


def test_a_token_is_signed_by_the_active_key_and_not_by_a_future_one(served):
    reply = served.started[-1].browser().authorize("B2C_1A_Basic", response_type="id_token")

    assert decoded(reply.answer["id_token"], 0)["kid"] == "current"


def test_a_changed_signing_key_file_is_taken_over_at_the_next_start_and_users_and_refresh_tokens_survive(folder, api):
    mapped = f'[egress.map]\n"https://plain.example" = "{api.origin}"\n'
    folder.write(mapped, users=accounts("B2C_1A_Users", "https://plain.example/ok/check"))
    write_signing_key(folder, "before")
    up = folder.up()
    browser = up.browser()
    page = browser.follow(browser.authorize("B2C_1A_Users"), "unified", local="signup")
    form = {"email": "ada@example.com", "newPassword": "Pass-word-1", "displayName": "Ada", "number": "7"}
    assert browser.submit(page, **form) == {"status": "200"}
    tokens = browser.redeem_code("B2C_1A_Users", browser.follow(page).answer["code"]).json
    write_signing_key(folder, "after")

    assert up.end() == 0
    browser = folder.up().browser()
    renewed = browser.redeem("B2C_1A_Users", grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json
    answer = browser.submit(browser.authorize("B2C_1A_Users"), signInName="ada@example.com", password="Pass-word-1")

    assert decoded(tokens["id_token"], 0)["kid"] == "before"
    assert decoded(renewed["id_token"], 0)["kid"] == "after"
    assert answer == {"status": "200"}


def write_signing_key(folder, kid):
    key = private_key(kid, int(SystemClock().now().timestamp()) - 5)
    folder.key("B2C_1A_TokenSigningKeyContainer.jwks", json.dumps({"keys": [key]}))


def test_every_file_of_keys_is_imported_at_the_start(served):
    listed = served.run("keys", "list", "--json").json
    names = {key["id"] for key in listed}

    assert names >= {
        "B2C_1A_User",
        "B2C_1A_Password",
        "B2C_1A_Locked",
        "B2C_1A_Open",
        "B2C_1A_TokenSigningKeyContainer",
    }
