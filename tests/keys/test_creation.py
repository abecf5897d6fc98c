from __future__ import annotations

import base64
import inspect
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from journeyman.errors import KeyStoreError
from journeyman.keys.certificate import Purpose, issue, self_signed
from journeyman.keys.creation import (
    Lifetime,
    certificate_key,
    certificate_use,
    generate_rsa,
    generate_secret,
    pfx_key,
    read_pfx,
    rsa_key,
    rsa_thumbprint,
    secret_key,
)
from journeyman.secret import Secret

PASSWORD = Secret("pass wörd")
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])

# The example of RFC 7638 §3.1.
RFC_7638_N = int.from_bytes(
    base64.urlsafe_b64decode(
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF"
        "V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9"
        "c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1"
        "jF44-csFCur-kEgU8awapJzKnqDKgw=="
    ),
    "big",
)


def legacy_pfx(certificate, password):
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(2048)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(SHA1())
        .build(password)
    )
    return pkcs12.serialize_key_and_certificates(
        b"name", certificate.private_key, certificate.certificate, None, encryption
    )


def openssl_pfx(certificate, folder, *options):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl command: files encrypted with RC2 are not tested")
    (folder / "key.pem").write_bytes(certificate.key_pem())
    (folder / "chain.pem").write_bytes(certificate.chain_pem())
    command = ["openssl", "pkcs12", "-export", "-inkey", "key.pem", "-in", "chain.pem", "-out", "out.pfx", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"openssl cannot make this file: {done.stderr.decode()[:100]}")
    return (folder / "out.pfx").read_bytes()


def certificate_with(private_key, usage=None, hash=None):
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(private_key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2025, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2026, 1, 1, tzinfo=UTC))
    )
    if usage is not None:
        names = inspect.signature(x509.KeyUsage).parameters
        builder = builder.add_extension(x509.KeyUsage(**{name: name in usage for name in names}), critical=True)
    return builder.sign(private_key, hash or SHA256())


def test_the_text_of_a_secret_is_kept_byte_for_byte(now):
    key = secret_key("  pässword\t ", use="enc", now=now)

    assert (key.kty, key.use) == ("oct", "enc")
    assert key.secret.reveal_bytes() == "  pässword\t ".encode()


def test_the_kid_of_a_secret_is_random_and_not_made_from_it(now):
    one, two = secret_key("same", use="sig", now=now), secret_key("same", use="sig", now=now)

    assert one.kid != two.kid
    assert len(one.kid) == 43


def test_an_empty_secret_is_refused(now):
    with pytest.raises(KeyStoreError, match=r"^AADB2C90253: "):
        secret_key("", use="sig", now=now)


def test_a_secret_of_more_than_64_kib_is_refused(now):
    assert len(secret_key("x" * 65536, use="sig", now=now).secret) == 65536
    with pytest.raises(KeyStoreError, match="at most 65536 bytes, this one has 65537"):
        secret_key("x" * 65537, use="sig", now=now)


def test_another_use_than_sig_or_enc_is_refused(now):
    with pytest.raises(KeyStoreError, match=r"^AADB2C95033: "):
        secret_key("x", use="Signature", now=now)


def test_a_generated_secret_is_the_base64url_text_of_32_random_bytes(now):
    one, two = generate_secret(use="sig", now=now), generate_secret(use="sig", now=now)

    assert len(one.secret.reveal()) == 43
    assert one.secret != two.secret


def test_a_generated_rsa_key_has_2048_bits_and_its_thumbprint_as_kid(now):
    key = generate_rsa(use="sig", now=now)

    assert (key.kty, key.private_key.key_size, key.public_key.public_numbers().e) == ("RSA", 2048, 65537)
    assert key.kid == rsa_thumbprint(key.public_key)


def test_the_thumbprint_is_that_of_rfc_7638():
    key = RSAPublicNumbers(65537, RFC_7638_N).public_key()

    assert rsa_thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_dates_are_kept(now):
    lifetime = Lifetime(now + timedelta(days=1), now + timedelta(days=2))
    key = secret_key("x", use="sig", now=now, lifetime=lifetime)

    assert (key.not_before, key.expires_at) == (now + timedelta(days=1), now + timedelta(days=2))


def test_a_key_that_has_expired_is_refused(now):
    with pytest.raises(KeyStoreError, match=r"^AADB2C90214: The key has expired: it ended at 2025-06-01T12:00:00Z"):
        secret_key("x", use="sig", now=now, lifetime=Lifetime(None, now))


def test_a_key_that_would_end_before_it_begins_is_refused(now):
    with pytest.raises(KeyStoreError, match="activation date of the key must lie before"):
        secret_key("x", use="sig", now=now, lifetime=Lifetime(now + timedelta(2), now + timedelta(1)))


def test_an_rsa_key_of_less_than_2048_bits_is_refused(small_key, now):
    with pytest.raises(KeyStoreError, match=r"^AADB2C90137: An RSA key has at least 2048 bits, this one has 1024"):
        rsa_key(small_key, use="sig", now=now)


def test_an_rsa_key_of_more_than_4096_bits_is_refused(now):
    with pytest.raises(KeyStoreError, match="at most 4096 bits, this one has 4104"):
        rsa_key(RSAPublicNumbers(65537, (1 << 4103) + 1).public_key(), use="sig", now=now)


def test_a_pfx_yields_key_leaf_and_chain_with_the_dates_of_the_certificate(client_certificate, authority, now):
    key = pfx_key(client_certificate.pfx(PASSWORD), PASSWORD, now=now)

    assert key.certificates == (client_certificate.certificate, authority.certificate)
    assert key.private_key.private_numbers() == client_certificate.private_key.private_numbers()
    assert (key.kty, key.use) == ("RSA", "sig")
    assert key.not_before == datetime(2025, 6, 1, 11, 55, tzinfo=UTC)
    assert key.expires_at == datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_a_pfx_with_modern_encryption_opens(own_certificate, now):
    data = pkcs12.serialize_key_and_certificates(
        None, own_certificate.private_key, own_certificate.certificate, None, BestAvailableEncryption(b"pw")
    )

    assert pfx_key(data, Secret("pw"), now=now).certificates == (own_certificate.certificate,)


def test_a_pfx_with_triple_des_and_sha1_opens(own_certificate, now):
    data = legacy_pfx(own_certificate, PASSWORD.reveal_bytes())

    assert pfx_key(data, PASSWORD, now=now).certificates == (own_certificate.certificate,)


@pytest.mark.parametrize("password", ["", "pw"])
def test_a_pfx_with_rc2_opens(own_certificate, now, tmp_path, password):
    data = openssl_pfx(own_certificate, tmp_path, "-legacy", "-passout", f"pass:{password}")

    assert b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06" in data  # pbeWithSHAAnd40BitRC2-CBC
    assert pfx_key(data, Secret(password), now=now).certificates == (own_certificate.certificate,)


def test_a_pfx_of_the_openssl_command_with_the_empty_password_opens(client_certificate, authority, now, tmp_path):
    data = openssl_pfx(client_certificate, tmp_path, "-passout", "pass:")

    assert pfx_key(data, Secret(""), now=now).certificates == (client_certificate.certificate, authority.certificate)


def test_a_pfx_without_encryption_opens_with_the_empty_password(own_certificate, now):
    assert pfx_key(own_certificate.pfx(Secret("")), Secret(""), now=now).private_key is not None


@pytest.mark.parametrize("make", [legacy_pfx, lambda certificate, password: certificate.pfx(Secret(password))])
@pytest.mark.parametrize("wrong", ["", "wrong", "right\0", "é", b"\xff"])
def test_a_wrong_password_is_refused_as_the_service_does_and_not_quoted(own_certificate, now, make, wrong):
    with pytest.raises(KeyStoreError) as caught:
        pfx_key(make(own_certificate, b"right"), Secret(wrong), now=now)

    assert str(caught.value) == "AADB2C90213: The certificate password provided in request is incorrect."


@pytest.mark.parametrize("data", [b"", b"hello", b"\x30\x82\x01\x00", b"\x30\x80"])
def test_what_is_no_pfx_is_refused(now, data):
    with pytest.raises(KeyStoreError, match=r"^AADB2C90179: this is not a PFX file"):
        pfx_key(data, Secret("pw"), now=now)


def test_a_pfx_cut_short_anywhere_is_refused(own_certificate, now):
    data = own_certificate.pfx(Secret(""))

    for end in range(0, len(data), 97):
        with pytest.raises(KeyStoreError):
            pfx_key(data[:end], Secret(""), now=now)


def test_a_pfx_without_private_key_is_refused(own_certificate, now):
    data = pkcs12.serialize_key_and_certificates(None, None, own_certificate.certificate, None, NoEncryption())

    with pytest.raises(KeyStoreError, match=r"^AADB2C90178: the PFX file holds no private key"):
        pfx_key(data, Secret(""), now=now)


def test_a_pfx_with_an_elliptic_key_is_refused(now):
    private_key = ec.generate_private_key(ec.SECP256R1())
    data = pkcs12.serialize_key_and_certificates(None, private_key, certificate_with(private_key), None, NoEncryption())

    with pytest.raises(KeyStoreError, match=r"^AADB2C90178: .* a private key that is not RSA"):
        pfx_key(data, Secret(""), now=now)


def test_a_pfx_without_certificate_is_refused(private_key, now):
    data = pkcs12.serialize_key_and_certificates(None, private_key, None, None, NoEncryption())

    with pytest.raises(KeyStoreError, match=r"^AADB2C90179: the PFX file holds no certificate"):
        pfx_key(data, Secret(""), now=now)


def test_an_expired_certificate_is_refused_at_upload_and_read_where_it_must_be(now):
    data = self_signed("CN=old", now=now - timedelta(days=400), days=300).pfx(Secret(""))

    with pytest.raises(KeyStoreError, match=r"^AADB2C90214: "):
        pfx_key(data, Secret(""), now=now)
    assert not read_pfx(data, Secret(""), now=now).good(now)


def test_a_pfx_with_a_small_key_is_refused(small_key, now):
    data = pkcs12.serialize_key_and_certificates(None, small_key, certificate_with(small_key), None, NoEncryption())

    with pytest.raises(KeyStoreError, match=r"^AADB2C90137: "):
        pfx_key(data, Secret(""), now=now)


def test_files_and_passwords_beyond_the_limits_are_refused_unread(now):
    with pytest.raises(KeyStoreError, match="a PFX file has at most 262144 bytes, this one has 262145"):
        pfx_key(bytes(262145), Secret(""), now=now)
    with pytest.raises(KeyStoreError, match="a certificate has at most 262144 bytes"):
        certificate_key(bytes(262145), now=now)
    with pytest.raises(KeyStoreError, match="password of a PFX file has at most 1024 bytes"):
        pfx_key(b"", Secret("x" * 1025), now=now)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_certificate_alone_makes_a_key_without_private_part(own_certificate, now, encoding):
    key = certificate_key(own_certificate.certificate.public_bytes(encoding), now=now)

    assert key.private_key is None
    assert key.public_key == own_certificate.private_key.public_key()
    assert key.certificates == (own_certificate.certificate,)
    assert key.kid == rsa_thumbprint(key.public_key)


@pytest.mark.parametrize("key_first", [True, False])
def test_a_pem_with_private_key_and_chain_is_read_whole(client_certificate, authority, now, key_first):
    parts = [client_certificate.key_pem(), client_certificate.chain_pem()]
    key = certificate_key(b"".join(parts if key_first else reversed(parts)), now=now)

    assert key.private_key is not None
    assert key.certificates == (client_certificate.certificate, authority.certificate)


def test_a_pem_whose_private_key_belongs_to_another_certificate_is_refused(own_certificate, client_certificate, now):
    with pytest.raises(KeyStoreError, match="does not belong to the private key beside it"):
        certificate_key(client_certificate.key_pem() + own_certificate.chain_pem(), now=now)


def test_a_pem_with_an_encrypted_or_an_elliptic_private_key_is_refused(own_certificate, now):
    encrypted = own_certificate.private_key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw")
    )
    elliptic = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    with pytest.raises(KeyStoreError, match="is encrypted; store it as a PFX file"):
        certificate_key(encrypted + own_certificate.chain_pem(), now=now)
    with pytest.raises(KeyStoreError, match="is not an RSA key"):
        certificate_key(elliptic + own_certificate.chain_pem(), now=now)


@pytest.mark.parametrize("data", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(now, data):
    with pytest.raises(KeyStoreError, match=r"^AADB2C90179: this is not an X.509 certificate"):
        certificate_key(data, now=now)


def test_a_certificate_with_an_elliptic_key_is_refused(now):
    certificate = certificate_with(ec.generate_private_key(ec.SECP256R1()))

    with pytest.raises(KeyStoreError, match=r"^AADB2C90179: the key of the certificate must be RSA"):
        certificate_key(certificate.public_bytes(Encoding.DER), now=now)


@pytest.mark.parametrize(
    ("usage", "use"),
    [
        (None, "sig"),
        ({"digital_signature"}, "sig"),
        ({"digital_signature", "key_encipherment"}, "sig"),
        ({"content_commitment"}, "sig"),
        ({"key_encipherment"}, "enc"),
        ({"data_encipherment"}, "enc"),
        ({"key_agreement"}, "sig"),
    ],
)
def test_the_use_follows_the_key_usage_of_the_certificate(private_key, usage, use):
    assert certificate_use(certificate_with(private_key, usage)) == use


def test_an_upload_may_inherit_the_use_of_its_set(own_certificate, now):
    assert pfx_key(own_certificate.pfx(Secret("")), Secret(""), now=now, use="enc").use == "enc"


def test_intermediates_are_ordered_from_the_leaf_upwards(client_certificate, own_certificate, authority, now):
    pem = client_certificate.certificate.public_bytes(Encoding.PEM)
    unrelated = own_certificate.certificate.public_bytes(Encoding.PEM)
    key = certificate_key(pem + unrelated + authority.chain_pem(), now=now)

    assert key.certificates == (client_certificate.certificate, authority.certificate)


def test_a_server_certificate_of_the_authority_is_for_signatures_too(authority, now):
    issued = issue(authority, "CN=server", now=now, purpose=Purpose.SERVER, names=("localhost",))

    assert certificate_use(issued.certificate) == "sig"
