from __future__ import annotations

import pytest

from journeyman.errors import KeyStoreError
from journeyman.keys.upload import uploaded_keys
from journeyman.secret import Secret

PASSWORD = Secret("correct horse")


@pytest.mark.parametrize("name", ["client.pfx", "client.P12"])
def test_a_pfx_becomes_a_key_with_its_certificate(now, own_certificate, name):
    (key,) = uploaded_keys(name, own_certificate.pfx(PASSWORD), PASSWORD, use=None, now=now)

    assert (key.certificates, key.private_key is None) == ((own_certificate.certificate,), False)


def test_a_certificate_becomes_a_key_that_verifies_only(now, own_certificate):
    (key,) = uploaded_keys("a.cer", own_certificate.chain_pem(), Secret(""), use="enc", now=now)

    assert (key.private_key, key.use) == (None, "enc")


def test_a_jwk_set_becomes_its_keys(now):
    (key,) = uploaded_keys("a.jwks", b'{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', Secret(""), use=None, now=now)

    assert key.secret == Secret("secret")


def test_another_suffix_is_refused_with_those_that_are_known(now):
    with pytest.raises(KeyStoreError, match=r"key\.txt: the name ends in none of .pfx, .p12, .pem"):
        uploaded_keys("key.txt", b"x", Secret(""), use=None, now=now)
