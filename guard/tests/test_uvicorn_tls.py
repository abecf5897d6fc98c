from __future__ import annotations

import asyncio
import json
import ssl

import pytest
import uvicorn
from cryptography import x509

from journeyman_guard import MisconfiguredError
from journeyman_guard.uvicorn_tls import _subject, server_context, tls_config, tls_extension


async def show(scope, receive, send):
    body = json.dumps(scope.get("extensions")).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def test_the_scope_has_the_verified_chain_leaf_first(serve_app, authority):
    identity = authority.issue_cert("client.example", common_name="client")
    api = await serve_app(show)

    tls = json.loads((await api.call("GET /", identity=identity)).body)["tls"]

    names = [x509.load_pem_x509_certificate(pem.encode()).subject for pem in tls["client_cert_chain"]]
    assert len(names) == 2
    assert "CN=client" in tls["client_cert_name"]
    assert names[1] == x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
    assert (tls["tls_version"], tls["client_cert_error"]) == (0x0304, None)


async def test_without_a_certificate_the_chain_is_empty(serve_app):
    api = await serve_app(show)
    context = api.client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    tls = json.loads((await api.call("GET /", context=context)).body)["tls"]

    assert (tls["client_cert_chain"], tls["client_cert_name"], tls["tls_version"]) == ([], None, 0x0303)


async def test_every_request_of_a_connection_has_the_chain(serve_app, authority):
    api = await serve_app(show)
    context = api.client_context(authority.issue_cert("client.example"))
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port, ssl=context)
    lengths = []

    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nHost: api\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.split("content-length: ")[1].split("\r\n")[0])
        lengths.append(len(json.loads(await reader.readexactly(size))["tls"]["client_cert_chain"]))
    writer.close()

    assert lengths == [2, 2]


async def test_a_server_without_tls_says_nothing_of_tls(serve_app):
    api = await serve_app(show, ssl_context_factory=None)
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)

    writer.write(b"GET / HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()

    assert answer.endswith(b"null")


async def test_a_server_that_asks_for_no_certificate_has_none(serve_app, authority, pem_files):
    api = await serve_app(show, **tls_config(*pem_files[:2]))

    tls = json.loads((await api.call("GET /", identity=authority.issue_cert("client.example"))).body)["tls"]

    assert tls["client_cert_chain"] == []


def _handshake(client: ssl.SSLObject, server: ssl.SSLObject) -> None:
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def _connect(client_context, server, session=None):
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    served = server.wrap_bio(to_server, to_client, server_side=True)
    calling = client_context.wrap_bio(to_client, to_server, server_hostname="127.0.0.1", session=session)
    _handshake(calling, served)
    return calling, served


@pytest.mark.parametrize(("version", "reused"), [(ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, False)])
def test_a_resumed_session_still_has_its_leaf_and_tls_1_3_resumes_none(authority, pem_files, version, reused):
    server = server_context(*pem_files)
    server.maximum_version = version
    client = ssl.create_default_context()
    authority.configure_trust(client)
    authority.issue_cert("client.example", common_name="client").configure_cert(client)

    first, _ = _connect(client, server)
    second, served = _connect(client, server, first.session)

    assert second.session_reused is reused
    assert "CN=client" in tls_extension(served)["client_cert_name"]


async def test_a_required_certificate_is_required_in_the_handshake(serve_app, authority, pem_files):
    api = await serve_app(show, **tls_config(*pem_files, required=True))

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await api.call("GET /")
    assert (await api.call("GET /", identity=authority.issue_cert("client.example"))).status == 200


def test_tls_1_1_is_not_spoken(pem_files):
    assert server_context(*pem_files).minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_certificate_cannot_be_required_of_nobody(pem_files):
    with pytest.raises(MisconfiguredError, match="required of an authority"):
        server_context(*pem_files[:2], required=True)


def test_the_arguments_fit_uvicorn(pem_files):
    config = uvicorn.Config(show, **tls_config(*pem_files), log_config=None)
    config.load()

    assert config.ssl.verify_mode is ssl.CERT_OPTIONAL


def test_a_certificate_that_cannot_be_read_has_no_name():
    assert _subject(b"x") is None


def test_from_python_3_13_on_the_chain_comes_from_the_public_method(authority, pem_files):
    leaf, root = (ssl.PEM_cert_to_DER_cert(path.read_text()) for path in (pem_files[0], pem_files[2]))

    class Connection:
        context = server_context(*pem_files)

        def getpeercert(self, *, binary_form):
            return leaf

        def get_verified_chain(self):
            return [leaf, root]

        def version(self):
            return "TLSv1.3"

    chain = tls_extension(Connection())["client_cert_chain"]

    assert [ssl.PEM_cert_to_DER_cert(pem) for pem in chain] == [leaf, root]
