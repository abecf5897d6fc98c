from __future__ import annotations

import time

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import pfx_key
from journeyman.keys.pfx_cost import refuse_costly
from journeyman.secret import Secret

ROUNDS = 0x010203
ENCODED = bytes.fromhex("0203010203")
HOSTILE = bytes.fromhex("02037fffff")


@pytest.fixture(scope="module")
def pfx(own_certificate):
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(SHA256())
        .build(b"pw")
    )
    return pkcs12.serialize_key_and_certificates(
        None, own_certificate.private_key, own_certificate.certificate, None, encryption
    )


def element(tag, *contents):
    body = b"".join(contents)
    length = len(body).to_bytes(1) if len(body) < 128 else b"\x82" + len(body).to_bytes(2)
    return bytes([tag]) + length + body


def asking_for(rounds):
    encoded = rounds.to_bytes(5)
    return element(0x30, element(0x04, b"saltsalt"), element(0x02, encoded))


def test_a_usual_file_passes(pfx):
    refuse_costly(pfx)

    assert pfx.count(ENCODED) >= 2


def test_the_round_counts_of_a_real_file_are_seen(pfx, now):
    hostile = pfx.replace(ENCODED, HOSTILE)
    begun = time.perf_counter()

    with pytest.raises(KeyStoreError, match="rounds of key derivation; at most 2000000 are done"):
        pfx_key(hostile, Secret("pw"), now=now)
    assert time.perf_counter() - begun < 0.5


def test_the_rounds_of_the_integrity_check_are_seen():
    with pytest.raises(KeyStoreError, match="rounds of key derivation"):
        refuse_costly(element(0x30, element(0x30, b""), element(0x04, b"salt"), HOSTILE))


@pytest.mark.parametrize("wrap", [lambda inner: inner, lambda inner: element(0x04, element(0x30, inner))])
def test_the_rounds_of_all_parts_are_added_up_wherever_they_stand(wrap):
    refuse_costly(element(0x30, wrap(asking_for(1_000_000)), asking_for(1_000_000)))

    with pytest.raises(KeyStoreError, match=r"2e\+06 rounds"):
        refuse_costly(element(0x30, wrap(asking_for(1_000_000)), asking_for(1_000_001)))


def test_scrypt_is_refused():
    with pytest.raises(KeyStoreError, match="scrypt"):
        refuse_costly(element(0x30, bytes.fromhex("06092b06010401da47040b")))


@pytest.mark.parametrize(
    "data", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x85\x01", b"\x04\x7f", b"\x30" * 262144, b"\xa0\x7e" * 5000]
)
def test_what_is_not_der_ends_the_search_at_once(data):
    begun = time.perf_counter()
    refuse_costly(data)

    assert time.perf_counter() - begun < 1
