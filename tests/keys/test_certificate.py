from __future__ import annotations

import asyncio
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from journeyman.errors import KeyStoreError
from journeyman.keys.certificate import Purpose, describe, issue, load_into, make_ca, self_signed
from journeyman.keys.creation import oct_key, pfx_key, read_certificate
from journeyman.keys.keyset import Key
from journeyman.secret import Secret

REAL_NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def real_authority():
    return make_ca("CN=Test authority", now=REAL_NOW)


@pytest.fixture(scope="module")
def server(real_authority):
    return issue(real_authority, "CN=localhost", now=REAL_NOW, purpose=Purpose.SERVER, names=("127.0.0.1",))


@pytest.fixture(scope="module")
def client(real_authority):
    return issue(real_authority, "CN=client", now=REAL_NOW, purpose=Purpose.CLIENT)


def client_key(issued):
    return pfx_key(issued.pfx(Secret("pw")), Secret("pw"), now=REAL_NOW)


def server_context(server, authority, folder):
    (folder / "server.pem").write_bytes(server.chain_pem() + server.key_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    context.load_verify_locations(cadata=authority.certificate.public_bytes(Encoding.PEM).decode())
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=authority.certificate.public_bytes(Encoding.PEM).decode())
    return context


async def certificate_seen_by_server(server_tls, client_tls):
    seen = asyncio.get_running_loop().create_future()

    async def answer(reader, writer):
        seen.set_result(writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
        writer.write(b"x")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_tls)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_tls)
        await reader.read()
        writer.close()
        await writer.wait_closed()
        return x509.load_der_x509_certificate(await seen)


def leave_no_memfd(monkeypatch):
    def missing(*arguments):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "memfd_create", missing)


async def test_a_server_that_demands_a_certificate_sees_that_of_the_key(server, client, real_authority, tmp_path):
    context = client_context(real_authority)
    load_into(context, client_key(client))

    seen = await certificate_seen_by_server(server_context(server, real_authority, tmp_path), context)
    assert seen == client.certificate


async def test_without_memory_files_an_encrypted_one_is_used_and_removed(
    server, client, real_authority, tmp_path, monkeypatch
):
    leave_no_memfd(monkeypatch)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    context = client_context(real_authority)
    load_into(context, client_key(client))

    assert list((tmp_path / "temporary").iterdir()) == []
    seen = await certificate_seen_by_server(server_context(server, real_authority, tmp_path), context)
    assert seen == client.certificate


def test_the_temporary_file_holds_no_key_in_clear_and_is_for_this_user_only(client, tmp_path, monkeypatch):
    leave_no_memfd(monkeypatch)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    context = RecordingContext()
    load_into(context, client_key(client))

    assert b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in context.content
    assert b"BEGIN PRIVATE KEY" not in context.content
    assert context.mode == 0o100600


class RecordingContext:
    """Keeps what TLS was given."""

    def load_cert_chain(self, path, password=None):
        self.content, self.mode = Path(path).read_bytes(), Path(path).stat().st_mode


class ContextWithoutProc(RecordingContext):
    def load_cert_chain(self, path, password=None):
        if str(path).startswith("/proc"):
            raise FileNotFoundError(path)
        super().load_cert_chain(path, password)


def test_without_proc_the_encrypted_file_is_used(client, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    context = ContextWithoutProc()
    load_into(context, client_key(client))

    assert b"-----BEGIN ENCRYPTED PRIVATE KEY-----" in context.content
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_file_is_removed_when_tls_refuses(client, tmp_path, monkeypatch):
    leave_no_memfd(monkeypatch)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(KeyStoreError, match=r"cannot be used for TLS: KEY_VALUES_MISMATCH"):
        load_into(ssl.create_default_context(), mismatched(client))
    assert list(tmp_path.iterdir()) == []


def mismatched(issued):
    key = client_key(issued)
    other = self_signed("CN=other", now=REAL_NOW)
    return Key(key.kid, "RSA", "sig", 1, REAL_NOW, private_key=key.private_key, certificates=(other.certificate,))


def test_nothing_reaches_a_disk_and_no_descriptor_stays_open(client, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "does-not-exist"))
    key, context = client_key(client), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        load_into(context, key)

    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_a_certificate_that_does_not_fit_its_key_is_refused_in_memory_too(client):
    with pytest.raises(KeyStoreError, match=r"cannot be used for TLS: KEY_VALUES_MISMATCH"):
        load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), mismatched(client))


def test_a_key_without_certificate_or_private_key_is_no_client_identity(own_certificate, now):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    with pytest.raises(KeyStoreError, match="has no certificate; upload a PFX file"):
        load_into(context, oct_key("x", use="sig", now=now))
    with pytest.raises(KeyStoreError, match=r"^AADB2C90178: The certificate of the key '.{43}' has no private key"):
        load_into(context, read_certificate(own_certificate.chain_pem(), now=now))


def test_a_description_has_what_may_be_shown(server_certificate, now):
    shown = describe(server_certificate.certificate)

    assert (shown.subject, shown.issuer) == ("CN=localhost", "CN=Contoso test authority")
    assert shown.names == ("localhost", "127.0.0.1")
    assert (len(shown.sha1_thumbprint), len(shown.sha256_thumbprint), shown.key_bits) == (40, 64, 2048)
    assert shown.sha256_thumbprint == server_certificate.certificate.fingerprint(SHA256()).hex().upper()
    assert int(shown.serial_number, 16) == server_certificate.certificate.serial_number
    assert shown.days_left(now) == 365
    assert shown.days_left(now + timedelta(days=366)) == -1


def test_a_certificate_without_names_has_none(own_certificate):
    assert describe(own_certificate.certificate).names == ()


def usage(issued):
    return issued.certificate.extensions.get_extension_for_class(x509.KeyUsage).value


def purposes(issued):
    return list(issued.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def constraints(issued):
    return issued.certificate.extensions.get_extension_for_class(x509.BasicConstraints).value


def test_a_self_signed_certificate_is_for_clients_signs_only_and_lasts_twelve_months(own_certificate, now):
    certificate = own_certificate.certificate

    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == "CN=app.contoso.onmicrosoft.com"
    assert purposes(own_certificate) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert (usage(own_certificate).digital_signature, usage(own_certificate).key_encipherment) == (True, False)
    assert (constraints(own_certificate).ca, own_certificate.private_key.key_size) == (False, 2048)
    assert certificate.not_valid_after_utc == now + timedelta(days=365)


def test_an_authority_signs_certificates_and_nothing_else(authority):
    assert (constraints(authority).ca, constraints(authority).path_length) == (True, 0)
    assert (usage(authority).key_cert_sign, usage(authority).crl_sign) == (True, True)
    assert not usage(authority).digital_signature


def test_an_issued_certificate_is_signed_by_its_authority_and_names_it(authority, server_certificate):
    server_certificate.certificate.verify_directly_issued_by(authority.certificate)

    extensions = server_certificate.certificate.extensions
    key_id = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier == key_id
    assert purposes(server_certificate) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert usage(server_certificate).key_encipherment
    assert server_certificate.chain == (authority.certificate,)


def test_a_common_name_alone_is_a_subject(now):
    assert self_signed("My API", now=now).certificate.subject.rfc4514_string() == "CN=My API"


@pytest.mark.parametrize("subject", ["=", "CN=", "x" * 65, ""])
def test_what_is_no_subject_is_refused(subject, now):
    with pytest.raises(KeyStoreError, match="is not a subject"):
        self_signed(subject, now=now)


@pytest.mark.parametrize("days", [0, -1, 36501])
def test_a_validity_out_of_range_is_refused(days, now):
    with pytest.raises(KeyStoreError, match="valid for 1 to 36500 days"):
        self_signed("CN=x", now=now, days=days)


def test_neither_an_issued_certificate_nor_an_identity_print_a_key(own_certificate):
    assert "PRIVATE KEY" not in repr(own_certificate)
