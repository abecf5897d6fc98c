from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import Lifetime, oct_key, read_certificate, read_pfx, rsa_key
from journeyman.keys.keyset import Key
from journeyman.keys.record import decode_key, encode_key
from journeyman.secret import Secret


def test_a_secret_comes_back_with_dates_and_place(now):
    lifetime = Lifetime(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    key = oct_key(b"\x00 bytes \xff", use="enc", now=now, lifetime=lifetime, kid="k1")

    assert decode_key(encode_key(key)) == key


def test_a_private_key_comes_back_and_signs_the_same(private_key, now):
    key = decode_key(encode_key(rsa_key(private_key, use="sig", now=now)))

    assert key.private_key.private_numbers() == private_key.private_numbers()
    assert key.public_key == private_key.public_key()


def test_a_public_key_and_a_certificate_come_back(private_key, own_certificate, now):
    public = decode_key(encode_key(rsa_key(private_key.public_key(), use="sig", now=now)))
    certified = decode_key(encode_key(read_certificate(own_certificate.chain_pem(), now=now)))

    assert (public.private_key, public.public_key) == (None, private_key.public_key())
    assert certified.certificates == (own_certificate.certificate,)
    assert certified.public_key == own_certificate.private_key.public_key()


def test_a_chain_comes_back_in_order(client_certificate, authority, now):
    key = read_pfx(client_certificate.pfx(Secret("pw")), Secret("pw"), now=now)

    assert decode_key(encode_key(key)).certificates == (client_certificate.certificate, authority.certificate)


def test_a_record_of_a_newer_version_is_refused():
    with pytest.raises(KeyStoreError, match="newer version"):
        decode_key(b'{"v": 3}')


def test_a_key_without_any_material_is_not_stored(now):
    with pytest.raises(KeyStoreError, match="neither a secret nor an RSA key"):
        encode_key(Key("k1", "oct", "sig", 1, now))
