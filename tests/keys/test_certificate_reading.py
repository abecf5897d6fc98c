from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from journeyman.keys.certificate import KeyType, Purpose, issue, make_ca, self_signed
from journeyman.keys.certificate_reading import Role, findings, key_words, role_of

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
SIGNING = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
ENCIPHERING = x509.KeyUsage(False, False, True, False, False, False, False, False, False)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def odd(key, *extensions, algorithm=SHA256, days=365, issuer="api", signer=None):
    """Make a certificate of a kind that this product does not make."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name("api"))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=days))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(signer or key, algorithm() if algorithm else None)


def texts(*chain, role=Role.CLIENT, now=NOW):
    return [("error" if one.error else "warning", one.text) for one in findings(chain, now, role)]


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def authority():
    return make_ca("Contoso API clients", now=NOW, key_type=KeyType.P256)


@pytest.mark.parametrize("key_type", KeyType)
def test_nothing_is_wrong_with_what_this_product_makes(authority, key_type):
    own = self_signed("api", now=NOW, key_type=key_type)
    client = issue(authority, "api", now=NOW, purpose=Purpose.CLIENT, key_type=key_type)
    server = issue(authority, "api", now=NOW, purpose=Purpose.SERVER, key_type=key_type)

    assert texts(own.certificate) == []
    assert texts(client.certificate, *client.chain) == []
    assert texts(server.certificate, *server.chain, role=Role.SERVER) == []
    assert texts(authority.certificate, role=Role.AUTHORITY) == []


def test_the_certificate_says_what_it_is_for(authority):
    server = issue(authority, "api", now=NOW, purpose=Purpose.SERVER)

    assert role_of(authority.certificate) is Role.AUTHORITY
    assert role_of(server.certificate) is Role.SERVER
    assert role_of(self_signed("api", now=NOW).certificate) is Role.CLIENT


def test_dates_are_told_in_days():
    certificate = self_signed("api", now=NOW, days=90).certificate

    assert texts(certificate, now=NOW + timedelta(days=93)) == [
        ("error", "CN=api expired 3 days ago, at 2025-08-30T12:00:00Z")
    ]
    assert texts(certificate, now=NOW + timedelta(days=89)) == [
        ("warning", "CN=api expires in 1 day, at 2025-08-30T12:00:00Z")
    ]
    assert texts(certificate, now=NOW - timedelta(days=1)) == [
        ("error", "CN=api is not valid before 2025-06-01T11:55:00Z")
    ]


def test_weak_keys_are_errors(key):
    usage = SIGNING, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    small = odd(rsa.generate_private_key(65537, 1024), *usage)
    cube = odd(rsa.generate_private_key(3, 2048), *usage)
    curve = odd(ec.generate_private_key(ec.SECP192R1()), *usage)

    assert texts(small) == [("error", "CN=api has a weak key (RSA, 1024 bits); at least 2048 bits are needed")]
    assert texts(cube) == [("warning", "CN=api has the exponent 3; 65537 is usual")]
    assert texts(curve) == [("error", "CN=api has a weak key (EC, secp192r1); P-256 is the least")]


def test_a_key_that_few_servers_take_is_a_warning():
    usage = SIGNING, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = odd(ed25519.Ed25519PrivateKey.generate(), *usage, algorithm=None)

    assert key_words(certificate) == "Ed25519"
    assert texts(certificate) == [
        ("warning", "CN=api has a key (Ed25519) that is neither RSA nor EC; few servers take it")
    ]


def test_a_certificate_that_may_not_sign_or_is_for_a_server_is_no_client_certificate(key):
    certificate = odd(key, ENCIPHERING, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))

    assert texts(certificate) == [
        ("error", "CN=api may not sign (key usage), which TLS needs to prove that the private key is there"),
        ("error", "CN=api is not meant for a TLS client (extended key usage)"),
    ]


def test_a_certificate_that_says_nothing_of_its_use_is_a_warning(key):
    assert texts(odd(key)) == [
        ("warning", "CN=api does not say that it is meant for a TLS client; some servers refuse it")
    ]


def test_any_extended_usage_is_good_for_a_client(key):
    assert texts(odd(key, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]))) == []


def test_an_authority_as_client_certificate_is_a_warning(authority):
    found = texts(authority.certificate)

    assert (
        "warning",
        "CN=Contoso API clients is a certificate authority; whoever trusts it trusts all that it issues",
    ) in found


def test_what_is_no_authority_may_not_be_read_as_one(key):
    no_signing = odd(key, x509.BasicConstraints(ca=True, path_length=None), ENCIPHERING)

    assert texts(odd(key), role=Role.AUTHORITY) == [
        ("error", "CN=api is no certificate authority (basic constraints), so nobody accepts what it issues")
    ]
    assert texts(no_signing, role=Role.AUTHORITY) == [("error", "CN=api may not sign certificates (key usage)")]


def test_a_missing_issuer_is_named(authority):
    leaf = issue(authority, "api", now=NOW, purpose=Purpose.CLIENT).certificate

    assert texts(leaf) == [
        ("warning", "CN=api is issued by CN=Contoso API clients, which is not in the file; the API must have it")
    ]


def test_a_chain_that_does_not_hold_together_is_an_error(authority):
    namesake = make_ca("Contoso API clients", now=NOW, key_type=KeyType.P256).certificate
    stranger = make_ca("Somebody else", now=NOW, key_type=KeyType.P256).certificate
    leaf = issue(authority, "api", now=NOW, purpose=Purpose.CLIENT).certificate

    assert texts(leaf, namesake) == [
        ("error", "CN=api has a signature that CN=Contoso API clients did not make; the chain is broken")
    ]
    assert texts(leaf, stranger) == [
        ("error", "CN=api is not issued by CN=Somebody else, which follows it; the chain is broken")
    ]


def test_an_issuer_that_is_no_authority_is_an_error(key):
    above = odd(key, SIGNING)
    leaf = odd(key, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), signer=key)

    assert ("error", "CN=api is no certificate authority, yet it issued the one before it") in texts(leaf, above)


def test_a_signature_with_sha_1_is_an_error(sha1_certificate):
    found = texts(sha1_certificate, now=datetime(2026, 12, 1, tzinfo=UTC))

    assert ("error", "CN=weak is signed with SHA1, which can be forged; have it issued again") in found


def patched(certificate, old, new):
    return x509.load_der_x509_certificate(certificate.public_bytes(Encoding.DER).replace(old, new))


def test_a_key_or_signature_of_an_unknown_kind_is_told_and_ends_nothing(authority):
    made = self_signed("api", now=NOW, key_type=KeyType.P256).certificate
    unknown_curve = patched(made, bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030163"))
    issued = issue(authority, "api", now=NOW, purpose=Purpose.CLIENT, key_type=KeyType.P256).certificate
    unknown_hash = patched(issued, bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d040363"))

    assert key_words(unknown_curve) == "of an unknown kind"
    assert ("error", "CN=api has a key that cannot be read") in texts(unknown_curve)
    assert (
        "warning",
        "CN=api is issued by CN=Contoso API clients, which is not in the file; the API must have it",
    ) in (texts(unknown_hash))
