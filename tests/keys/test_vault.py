"""Against a real server; what a server does not do on demand is done by a small one of our own, over real TLS."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import threading
from dataclasses import replace

import pytest
import trustme

from journeyman.errors import KeyServiceError, SealError
from journeyman.keys.root_keys import open_root_keys
from journeyman.keys.vault import VaultClient, VaultMasterKey, vault_value
from journeyman.settings import VaultSettings

ROOT_KEY = bytes(range(32))


@pytest.fixture
def settings(vault_server):
    return VaultSettings(address=vault_server.address, trust=vault_server.ca)


@pytest.fixture
def client(settings, vault_server):
    return VaultClient(settings, {"VAULT_TOKEN": vault_server.token})


def test_a_key_is_wrapped_by_the_vault_and_unwrapped_again(client):
    master = VaultMasterKey(client)
    wrapped = master.wrap(ROOT_KEY)

    assert wrapped.startswith(b"vault:v1:")
    assert ROOT_KEY not in wrapped
    assert base64.b64encode(ROOT_KEY) not in wrapped
    assert master.unwrap(wrapped) == ROOT_KEY


async def test_a_store_opens_with_the_vault_alone(database, client):
    sealed = (await open_root_keys(database, VaultMasterKey(client), make=True)).seal(b"secret", context="a")
    again = await open_root_keys(database, VaultMasterKey(client), make=False)

    assert again.open(sealed, context="a") == b"secret"


def test_what_was_wrapped_before_a_rotation_of_the_transit_key_still_unwraps(client, vault_server):
    vault_server.call("POST", "transit/keys/rotated", {})
    master = VaultMasterKey(VaultClient(replace(client.settings, key="rotated"), client.environ))
    before = master.wrap(ROOT_KEY)
    vault_server.call("POST", "transit/keys/rotated/rotate", {})

    assert master.wrap(ROOT_KEY).startswith(b"vault:v2:")
    assert master.unwrap(before) == ROOT_KEY


def test_the_id_of_the_master_key_depends_on_its_place_and_not_on_the_address(client):
    moved = VaultClient(replace(client.settings, address="https://other.example"), {})
    other = VaultClient(replace(client.settings, key="other"), {})

    assert VaultMasterKey(client).key_id == VaultMasterKey(moved).key_id != VaultMasterKey(other).key_id
    assert len(VaultMasterKey(client).key_id) == 8


def test_a_changed_ciphertext_is_refused(client):
    wrapped = bytearray(VaultMasterKey(client).wrap(ROOT_KEY))
    wrapped[-6] ^= 1

    with pytest.raises(KeyServiceError, match="'transit/decrypt/journeyman', answered 400"):
        VaultMasterKey(client).unwrap(bytes(wrapped))
    with pytest.raises(SealError, match="not a ciphertext of a vault"):
        VaultMasterKey(client).unwrap(b"\xff")


@pytest.mark.parametrize(
    ("changes", "token", "words"),
    [
        ({}, "wrong", "answered 403: it refuses the token; renew the token, or let its policy allow this path"),
        ({"transit": "nowhere"}, "root", "answered 404: it has nothing there; enable the engine and create the key"),
        ({}, "", "VAULT_TOKEN holds no token for the vault; set VAULT_TOKEN, or [vault] token_file"),
        ({}, "two\nlines", "VAULT_TOKEN holds something that is no token of a vault"),
    ],
)
def test_a_request_that_the_vault_refuses_says_what_to_do(settings, changes, token, words):
    master = VaultMasterKey(VaultClient(replace(settings, **changes), {"VAULT_TOKEN": token}))

    with pytest.raises(KeyServiceError) as caught:
        master.wrap(ROOT_KEY)
    assert words in str(caught.value)


def test_a_certificate_that_nobody_trusts_is_refused(settings):
    master = VaultMasterKey(VaultClient(replace(settings, trust=None), {"VAULT_TOKEN": "root"}))

    with pytest.raises(
        KeyServiceError, match=r"TLS with the vault failed: .*; name the authority .* as \[vault\] trust"
    ):
        master.wrap(ROOT_KEY)


def test_the_token_may_stand_in_a_file_that_is_read_each_time(settings, tmp_path):
    (tmp_path / "token").write_text("wrong\n", encoding="utf-8")
    master = VaultMasterKey(VaultClient(replace(settings, token_file=tmp_path / "token"), {}))
    with pytest.raises(KeyServiceError, match="answered 403"):
        master.wrap(ROOT_KEY)
    (tmp_path / "token").write_text("root\n", encoding="utf-8")

    assert master.unwrap(master.wrap(ROOT_KEY)) == ROOT_KEY


def test_a_token_file_that_is_missing_is_named(settings, tmp_path):
    client = VaultClient(replace(settings, token_file=tmp_path / "token"), {})

    with pytest.raises(KeyServiceError, match=f"{tmp_path}/token: the token of the vault cannot be read: No such file"):
        client.read("secret/data/api")


def test_values_of_both_versions_of_the_kv_engine_are_read(client, vault_server):
    vault_server.call("POST", "secret/data/api", {"data": {"password": "hunter2", "n": 1}})
    vault_server.call("POST", "sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
    vault_server.call("POST", "kv1/api", {"password": "hunter1"})

    assert vault_value(client, "secret/data/api#password").reveal() == "hunter2"
    assert vault_value(client, "kv1/api#password").reveal() == "hunter1"
    with pytest.raises(KeyServiceError, match="holds no text 'n' at 'secret/data/api'; correct the path or the field"):
        vault_value(client, "secret/data/api#n")


@pytest.mark.parametrize("reference", ["", "secret/data/api", "#password", "secret/data/api#"])
def test_a_reference_without_path_or_field_is_refused(client, reference):
    with pytest.raises(KeyServiceError, match="write PATH#FIELD, such as kv/data/api#password"):
        vault_value(client, reference)


# --- a server that misbehaves ----------------------------------------------------------------------


@pytest.fixture
def odd_server(tmp_path):
    """A TLS server that answers every request with what the test puts into ``answer``."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = http.server.HTTPServer(("127.0.0.1", 0), _Odd)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.answer, server.seen = (200, b"{}"), []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings = VaultSettings(
        address=f"https://127.0.0.1:{server.server_port}", trust=tmp_path / "ca.pem", namespace="team/a"
    )
    server.client = VaultClient(settings, {"VAULT_TOKEN": "s.canary"})
    yield server
    server.shutdown()
    server.server_close()


class _Odd(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append(dict(self.headers))
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Location", "https://127.0.0.1:1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815  # the name that http.server asks for

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((307, b""), "answered 307: it names another address, which is not followed"),
        ((503, b"{}"), "answered 503: it is sealed or stands by; unseal it, or name the active node"),
        ((418, b"{}"), "answered 418: look into its log"),
        ((200, b"<html>"), "answered something else than a vault does; correct [vault] address"),
        ((200, b"[]"), "answered something else than a vault does"),
        ((200, b'{"data": ' + b" " * 1024 * 1024 + b"{}}"), "answered something else than a vault does"),
        ((200, b'{"data": {}}'), "the vault answered without a ciphertext"),
        ((200, b'{"data": {"ciphertext": "\xc3\xa4"}}'), "the vault answered without a ciphertext"),
    ],
)
def test_an_odd_answer_is_an_error_that_repeats_nothing(odd_server, answer, words):
    odd_server.answer = answer

    with pytest.raises(KeyServiceError) as caught:
        VaultMasterKey(odd_server.client).wrap(ROOT_KEY)
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("data", [{}, {"plaintext": 1}, {"plaintext": "?"}])
def test_an_answer_without_a_plaintext_is_an_error(odd_server, data):
    odd_server.answer = (200, json.dumps({"data": data}).encode())

    with pytest.raises(KeyServiceError, match="the vault answered without a plaintext"):
        VaultMasterKey(odd_server.client).unwrap(b"vault:v1:x")


def test_the_namespace_travels_in_its_header(odd_server):
    odd_server.answer = (200, b'{"data": {"ciphertext": "vault:v1:x"}}')
    VaultMasterKey(odd_server.client).wrap(ROOT_KEY)

    assert odd_server.seen[0]["X-Vault-Namespace"] == "team/a"
    assert odd_server.seen[0]["X-Vault-Token"] == "s.canary"


def test_a_proxy_of_the_environment_is_not_used(odd_server, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    odd_server.answer = (200, b'{"data": {"ciphertext": "vault:v1:x"}}')

    assert VaultMasterKey(odd_server.client).wrap(ROOT_KEY) == b"vault:v1:x"


def test_a_vault_that_is_not_there_is_an_error_that_says_what_to_do():
    client = VaultClient(VaultSettings(address="http://127.0.0.1:9"), {"VAULT_TOKEN": "t"})

    with pytest.raises(KeyServiceError, match="the vault cannot be reached: Connection refused; start it, or correct"):
        client.read("secret/data/api")


def test_a_trust_file_without_a_certificate_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("nothing", encoding="utf-8")
    client = VaultClient(VaultSettings("https://127.0.0.1:9", trust=tmp_path / "ca.pem"), {"VAULT_TOKEN": "t"})

    with pytest.raises(KeyServiceError, match=r"holds no certificate in PEM; correct \[vault\] trust"):
        client.read("secret/data/api")


def test_neither_token_nor_environment_are_printed():
    assert "canary" not in repr(VaultClient(VaultSettings("https://v.example"), {"VAULT_TOKEN": "canary"}))
