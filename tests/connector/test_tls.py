from __future__ import annotations

import asyncio
import ssl

import pytest

from journeyman.connector.believed import Believed
from journeyman.connector.tls import Trust
from journeyman.errors import SettingsError


def test_a_context_speaks_tls_1_2_at_least_and_verifies_certificate_and_name(authority):
    context = Trust((authority.pem,), system=False).context(verify=True)

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert len(context.get_ca_certs()) == 1


def test_extra_authorities_are_added_to_those_of_the_system(authority, monkeypatch, foreign_authority):
    monkeypatch.setenv("SSL_CERT_FILE", str(foreign_authority.pem))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    system = Trust().context(verify=True).get_ca_certs()
    both = Trust((authority.pem,)).context(verify=True).get_ca_certs()

    assert (len(system), len(both)) == (1, 2)


def test_the_keys_of_connections_are_not_written_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))

    assert Trust().context(verify=True).keylog_filename is None
    assert not (tmp_path / "keys.log").exists()


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_a_trust_file_that_cannot_be_read_is_a_settings_error_naming_it(tmp_path, content):
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"trust: .*ca\.pem holds no certificate"):
        Trust((path,), system=False).context(verify=True)


def test_an_authority_of_an_api_replaces_all_others(authority, foreign_authority):
    trust = Trust((authority.pem,))
    context = trust.context(Believed(authorities=(foreign_authority.pem,)), verify=True)
    expected = ssl.PEM_cert_to_DER_cert(foreign_authority.pem.read_text())

    assert context.get_ca_certs(binary_form=True) == [expected]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    "cipher",
    [
        f"ECDHE-{key}-{rest}"
        for key in ("ECDSA", "RSA")
        for rest in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA256", "AES256-SHA384")
    ],
)
def test_the_documented_ciphers_are_offered(cipher):
    offered = {one["name"] for one in Trust(system=False).context(verify=True).get_ciphers()}

    assert cipher in offered


async def test_a_handshake_outside_of_a_call_is_not_timed(authority, serve):
    api = await serve()
    context = Trust((authority.pem,), system=False).context(verify=True)
    _, writer = await asyncio.open_connection("127.0.0.1", api.port, ssl=context)
    version = writer.get_extra_info("ssl_object").version()
    writer.close()
    await writer.wait_closed()

    assert version == "TLSv1.3"
