from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from journeyman.errors import KeyStoreError
from journeyman.keys.certificate import Purpose, describe, issue, make_ca, may_issue, self_signed
from journeyman.keys.creation import certified_key, generate_rsa, secret_key
from journeyman.keys.renewal import renewed


def as_key(made, now):
    return certified_key(made.certificate, made.chain, made.private_key, now=now, use=None)


def test_a_secret_is_renewed_by_a_random_one_of_the_same_use(now):
    new = renewed(secret_key("old", use="enc", now=now), now=now)

    assert (new.kty, new.use, len(new.secret)) == ("oct", "enc", 43)


def test_a_key_pair_is_renewed_by_a_key_pair(now):
    old = generate_rsa(use="sig", now=now)
    new = renewed(old, now=now)

    assert (new.kty, new.certificates, new.kid != old.kid) == ("RSA", (), True)


def test_a_self_signed_certificate_keeps_subject_purpose_names_and_lifetime(now):
    made = self_signed("CN=api,O=Contoso", now=now, purpose=Purpose.SERVER, names=("localhost",), days=90)
    new = renewed(as_key(made, now), now=now + timedelta(days=80)).certificates[0]

    assert (describe(new).subject, describe(new).names) == ("CN=api,O=Contoso", ("localhost",))
    assert (new.not_valid_after_utc - now).days == 170
    assert list(new.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        x509.ExtendedKeyUsageOID.SERVER_AUTH
    ]


def test_an_authority_is_renewed_as_an_authority(now, authority):
    new = renewed(as_key(authority, now), now=now).certificates[0]

    assert (may_issue(new), describe(new).subject) == (True, "CN=Contoso test authority")


def test_an_issued_certificate_is_issued_again_and_never_outlives_its_authority(now, authority):
    old = as_key(issue(authority, "api", now=now, purpose=Purpose.CLIENT), now)
    short = make_ca("Short", now=now, days=30)

    assert renewed(old, now=now, authority=authority).certificates[1] == authority.certificate
    assert renewed(old, now=now, authority=short).certificates[0].not_valid_after_utc == now + timedelta(days=30)
    with pytest.raises(KeyStoreError, match="was issued by CN=Contoso test authority; name the policy key of"):
        renewed(old, now=now)
