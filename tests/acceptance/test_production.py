"""Production mode, on a plain-HTTP loopback address with the embedded store."""

from __future__ import annotations

import pytest
from acceptance_api import Api
from acceptance_policy import call
from acceptance_tls import authority, server

BASIC = {"BasicAuthenticationUsername": "B2C_1A_User", "BasicAuthenticationPassword": "B2C_1A_Password"}


def with_keys(folder):
    folder.token_keys()
    folder.key("B2C_1A_User.txt", "user")
    folder.key("B2C_1A_Password.txt", "password")
    return folder


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    with Api(server(authority(path), "127.0.0.1")) as found:
        found.ca = path.read_bytes()
        yield found


@pytest.fixture(scope="module")
def allowed(secure):
    with Api(secure.tls) as found:
        yield found


@pytest.fixture(scope="module")
def up(home, api, secure, allowed):
    home.write(
        f'[egress]\ntrust = ["ca.pem"]\nallow = ["127.0.0.1/32:{allowed.port}", "127.0.0.1/32:{api.port}"]\n[egress.map]\n'
        f'"https://to-http.example" = "{api.origin}"\n"https://to-https.example" = "{secure.origin}"\n'
        f'"https://open.example" = "{allowed.origin}"\n',
        mode="production",
        allowed=call("Allowed", f"{allowed.origin}/ok/allowed", "Basic", keys=BASIC),
        refused=call("Refused", f"{secure.origin}/ok/refused", "Basic", keys=BASIC),
        to_http=call("ToHttp", "https://to-http.example/ok/mapped", "Basic", keys=BASIC),
        open=call("Open", "https://open.example/ok/open", "Basic", keys=BASIC),
    )
    (home.path / "ca.pem").write_bytes(secure.ca)
    return with_keys(home).up()


def test_production_mode_starts_on_a_plain_http_loopback_address_with_the_embedded_store(up):
    assert up.ready() == 200


def test_the_master_key_is_made_on_first_start(up, home):
    assert any("master" in path.name for path in (home.path / ".journeyman").iterdir())


def test_an_exception_opens_that_address_and_port_in_production_mode(up, allowed):
    assert up.browser().id_token("B2C_1A_Allowed")["tier"] == "gold"


def test_production_mode_refuses_an_unlisted_loopback_target(up, secure):
    answer = up.browser().authorize("B2C_1A_Refused", response_type="id_token").answer

    assert answer["error"] == "server_error"
    assert secure.count("/ok/refused") == 0


def test_the_refusal_prints_the_line_to_add(up, secure):
    up.browser().authorize("B2C_1A_Refused", response_type="id_token")

    assert f'allow = ["127.0.0.1/32:{secure.port}"]' in up.log


def test_the_egress_map_sends_an_https_call_to_http_in_production_mode(up, api):
    answer = up.browser().authorize("B2C_1A_ToHttp", response_type="id_token").answer

    assert "id_token" in answer, (answer, up.log)
    assert api.count("/ok/mapped") == 1


def test_a_mapped_call_to_an_allowed_address_passes_in_production_mode(up):
    assert up.browser().id_token("B2C_1A_Open")["tier"] == "gold"


def test_production_mode_asks_for_nothing_else_than_the_keys_that_the_policies_name(folder):
    folder.write(mode="production", basic=call("Basic", "https://api.example/ok", "Basic", keys=BASIC))

    first = folder.run("up")
    with_keys(folder)

    assert first.code == 1
    assert "B2C_1A_TokenSigningKeyContainer" in first.err + first.out
    assert folder.up().ready() == 200


def test_a_public_listen_without_tls_is_refused_in_production_mode(folder):
    folder.write(mode="production", basic=call("Basic", "https://api.example/ok"))
    toml = folder.path / "journeyman.toml"
    text = toml.read_text()
    toml.write_text(
        text.replace("127.0.0.1:", "0.0.0.0:", 1).replace("[server]", '[server]\npublic_url = "https://x.example"')
    )

    ended = folder.run("up")

    assert ended.code in {1, 2}
    assert "tls_certificate" in ended.err
    assert "trusted_proxies" in ended.err


def test_a_mailbox_is_never_kept_in_production_mode(up, home):
    assert home.run("mailbox", "--json").code != 0
