from __future__ import annotations

from pathlib import PurePath

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12

from journeyman.errors import KeyStoreError
from journeyman.keys.certificate import KeyType, Purpose, issue, make_ca, pem, self_signed
from journeyman.keys.certificate_file import (
    authority_of_file,
    authority_of_key,
    read_certificate_file,
)
from journeyman.keys.creation import certified_key, read_certificate, read_pfx, require_readable, secret_key
from journeyman.secret import Secret

PFX, PEM, CER = PurePath("a.pfx"), PurePath("a.pem"), PurePath("a.cer")
PASSWORD = Secret("correct horse")
NO_PASSWORD = Secret("")


@pytest.fixture(scope="module")
def curve_authority(now_of_module):
    return make_ca("Curve", now=now_of_module, key_type=KeyType.P256)


@pytest.fixture(scope="module")
def now_of_module():
    from datetime import UTC, datetime

    return datetime(2025, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("key_type", KeyType)
def test_a_pfx_of_either_kind_and_protection_is_read_again(now, key_type, legacy):
    made = self_signed("api", now=now, key_type=key_type)
    read = read_certificate_file(made.pfx(PASSWORD, legacy=legacy), PFX, PASSWORD)

    assert read.chain == (made.certificate,)
    assert read.private_key.private_numbers() == made.private_key.private_numbers()


def test_the_legacy_protection_is_triple_des_and_the_usual_one_is_aes(now):
    made = self_signed("api", now=now, key_type=KeyType.P256)
    triple_des = bytes.fromhex("2a864886f70d010c0103")  # OID pbeWithSHAAnd3-KeyTripleDES-CBC
    aes = bytes.fromhex("60864801650304012a")  # OID aes256-CBC

    assert [oid in made.pfx(PASSWORD, legacy=True) for oid in (triple_des, aes)] == [True, False]
    assert [oid in made.pfx(PASSWORD) for oid in (triple_des, aes)] == [False, True]


def test_pem_and_der_are_read_and_a_chain_is_put_in_order(now, curve_authority):
    made = issue(curve_authority, "api", now=now, purpose=Purpose.CLIENT, key_type=KeyType.P256)
    chain = (made.certificate, curve_authority.certificate)

    assert read_certificate_file(pem(chain), PEM, NO_PASSWORD).chain == chain
    der = read_certificate_file(made.certificate.public_bytes(Encoding.DER), CER, NO_PASSWORD)
    assert (der.chain, der.private_key) == (chain[:1], None)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_is_refused(content):
    with pytest.raises(KeyStoreError, match="AADB2C90179"):
        read_certificate_file(content, PEM, NO_PASSWORD)


def test_a_pfx_without_certificate_is_refused(now):
    made = self_signed("api", now=now, key_type=KeyType.P256)
    data = pkcs12.serialize_key_and_certificates(None, made.private_key, None, None, NoEncryption())
    with pytest.raises(KeyStoreError, match="AADB2C90179"):
        read_certificate_file(data, PFX, NO_PASSWORD)


def test_a_certificate_whose_extensions_are_garbage_is_refused(garbled_certificate):
    with pytest.raises(KeyStoreError, match="holds parts that cannot be read"):
        require_readable(garbled_certificate)


def test_a_certificate_whose_extensions_are_garbage_becomes_no_policy_key(now, garbled_certificate, own_certificate):
    data = pkcs12.serialize_key_and_certificates(
        None, own_certificate.private_key, garbled_certificate, None, NoEncryption()
    )

    with pytest.raises(KeyStoreError, match="AADB2C90179"):
        read_pfx(data, NO_PASSWORD, now=now)
    with pytest.raises(KeyStoreError, match="AADB2C90179"):
        read_certificate(pem([garbled_certificate]), now=now)


def test_an_authority_is_read_from_a_file_and_from_a_policy_key(now, authority, curve_authority):
    file = read_certificate_file(curve_authority.pfx(PASSWORD), PFX, PASSWORD)
    key = certified_key(authority.certificate, (), authority.private_key, now=now, use=None)

    assert authority_of_file(file).certificate == curve_authority.certificate
    assert authority_of_key(key).certificate == authority.certificate
    assert key.use == "sig"


def test_an_authority_without_private_key_issues_nothing(now, authority):
    with pytest.raises(KeyStoreError, match="AADB2C90178"):
        authority_of_file(read_certificate_file(authority.chain_pem(), PEM, NO_PASSWORD))
    with pytest.raises(KeyStoreError, match="AADB2C90178"):
        authority_of_key(secret_key("x", use="sig", now=now))


def test_a_leaf_and_an_authority_that_ends_too_early_issue_nothing(now):
    leaf = self_signed("api", now=now, key_type=KeyType.P256)
    short = make_ca("Short", now=now, days=30, key_type=KeyType.P256)
    wish = {"now": now, "purpose": Purpose.CLIENT, "key_type": KeyType.P256}

    with pytest.raises(KeyStoreError, match="CN=api is no certificate authority"):
        issue(leaf, "other", **wish)
    with pytest.raises(KeyStoreError, match="the authority ends in 30 days, before the certificate would"):
        issue(short, "other", **wish)
    with pytest.raises(KeyStoreError, match="the authority ends at 2025-07-01T12:00:00Z; make a new one"):
        issue(short, "other", **{**wish, "now": short.certificate.not_valid_after_utc})
