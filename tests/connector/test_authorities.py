from __future__ import annotations

import shutil
import ssl
import subprocess

import pytest

from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.authorities import trust_system
from journeyman.connector.errors import ServerCertificateError


def paths_of(tmp_path, *, file=True, directory=True) -> ssl.DefaultVerifyPaths:
    return ssl.DefaultVerifyPaths(
        str(tmp_path / "all.pem") if file else None,
        str(tmp_path / "hashed") if directory else None,
        "SSL_CERT_FILE", "/nowhere/file", "SSL_CERT_DIR", "/nowhere/directory",
    )  # fmt: skip


@pytest.fixture
def system(tmp_path, authority):
    """A system that trusts the session's authority, in a file and in a directory of hashed names."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the command openssl makes the hashed names")
    (tmp_path / "all.pem").write_bytes(authority.pem.read_bytes())
    (tmp_path / "hashed").mkdir()
    command = [openssl, "x509", "-noout", "-subject_hash", "-in", str(authority.pem)]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / "hashed" / f"{name}.0").write_bytes(authority.pem.read_bytes())
    return paths_of(tmp_path)


def context_for(paths: ssl.DefaultVerifyPaths, environment: dict[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust_system(context, paths, environment)
    return context


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    """Do a TLS handshake in memory. Raises what the client finds wrong."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname="localhost")
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (asking, answering, asking):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_an_authority_of_the_directory_is_read_when_it_is_needed_and_not_before(system, authority):
    context = context_for(system, {})

    assert context.get_ca_certs() == []
    shake_hands(context, authority.server_context())
    assert len(context.get_ca_certs()) == 1


def test_an_authority_that_is_not_in_the_directory_is_not_trusted(system, foreign_authority):
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context_for(system, {}), foreign_authority.server_context())


def test_a_directory_with_fewer_authorities_than_the_file_is_not_used(system, tmp_path, authority, foreign_authority):
    (tmp_path / "all.pem").write_bytes(authority.pem.read_bytes() + foreign_authority.pem.read_bytes())
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context_for(system, {}), authority.server_context())


@pytest.mark.parametrize("missing", ["file", "directory"])
def test_without_file_or_directory_the_library_decides(system, tmp_path, missing):
    paths = paths_of(tmp_path, **{missing: False})

    assert context_for(paths, {}).verify_mode is ssl.CERT_REQUIRED


def test_a_directory_that_cannot_be_read_is_not_used(system, tmp_path, authority):
    shutil.rmtree(tmp_path / "hashed")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context_for(system, {}), authority.server_context())


def test_what_the_environment_names_is_trusted_instead(system, foreign_authority, authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(foreign_authority.pem))
    context = context_for(system, {"SSL_CERT_FILE": str(foreign_authority.pem)})
    shake_hands(context, foreign_authority.server_context())

    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(context, authority.server_context())


def test_where_file_and_directory_are_both_named_they_belong_together(system, authority):
    environment = {"SSL_CERT_FILE": system.cafile, "SSL_CERT_DIR": system.capath}
    context = context_for(system, environment)

    assert context.get_ca_certs() == []
    shake_hands(context, authority.server_context())


async def test_a_call_trusts_no_authority_but_those_of_the_system(serve, sender_for, authority):
    api = await serve()
    sender = sender_for(trust=())
    with pytest.raises(ServerCertificateError):
        await sender.get(f"{api.url}/a", NoAuthentication())
