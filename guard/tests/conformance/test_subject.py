from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from journeyman_guard import MisconfiguredError
from journeyman_guard.conformance.catalogue import catalogue
from journeyman_guard.conformance.catalogue.token_claims import token_claim_cases
from journeyman_guard.conformance.certificates import Certificates, Wanted
from journeyman_guard.conformance.forge import forge, load_signing_key
from journeyman_guard.conformance.subject import Subject, subject_of_url
from journeyman_guard.conformance.wire import Identity

PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_a_url_is_read():
    subject = subject_of_url("https://[2001:db8::1]/a?b=c", "bearer")

    assert (subject.authority, subject.target, subject.port) == ("[2001:db8::1]", "/a?b=c", 443)
    assert subject_of_url("http://h:8080", "bearer").authority == "h:8080"
    with pytest.raises(MisconfiguredError, match="'x' is not one of"):
        subject_of_url("http://h/", "x")


def test_a_body_travels_with_its_type():
    subject = replace(subject_of_url("http://h/", "bearer"), body=b"{}", method="POST")

    assert (b"Content-Type", b"application/json") in subject.right().headers
    assert b"Content-Length: 2\r\n\r\n{}" in subject.right().message()


@pytest.mark.parametrize("secret", ["a", "ab", "abc"])
def test_the_catalogue_can_be_made_for_secrets_of_any_length(secret):
    for kind in ("basic", "api-key", "bearer"):
        subject = Subject(kind, "h", 80, tls=False, target="/", user="1", secret=secret, header="xkey")

        assert len(catalogue(subject)) > 280


def test_wrong_claims_are_made_for_es256_and_for_tokens_that_name_no_rights():
    key = ec.generate_private_key(ec.SECP256R1())
    claims = {"iss": "1234/", "aud": "12", "exp": 4_102_444_800}
    token = forge({"alg": "ES256"}, claims, key, "ES256")
    subject = Subject("jwt", "h", 80, tls=False, target="/", secret=token, signing_key=key.private_bytes(*PEM))

    names = {case.id for case in token_claim_cases(subject)}

    assert "token-claims/expired-hour" in names
    assert names.isdisjoint({"token-claims/rights-missing", "token-claims/other-hash", "token-claims/issuer-case"})


def test_rights_may_be_a_list_or_something_odd():
    key = ec.generate_private_key(ec.SECP256R1())
    for roles in (["a"], 7):
        token = forge({"alg": "ES256"}, {"roles": roles}, key, "ES256")
        subject = Subject("jwt", "h", 80, tls=False, target="/", secret=token, signing_key=key.private_bytes(*PEM))

        assert "token-claims/rights-star" in {case.id for case in token_claim_cases(subject)}


def test_a_signing_key_of_another_kind_is_refused():
    with pytest.raises(MisconfiguredError, match="neither RSA nor EC"):
        load_signing_key(ed25519.Ed25519PrivateKey.generate().private_bytes(*PEM))


def test_a_token_whose_claims_are_no_object_is_refused():
    subject = Subject("jwt", "h", 80, tls=False, target="/", secret="W10.W10.x")

    with pytest.raises(MisconfiguredError, match="not a JWT"):
        subject.claims()


def test_certificates_without_a_right_one_are_invented():
    made = Certificates(None)
    for identity in (made.foreign(Wanted("", "", "", authority="same")), made.below(None)):
        assert x509.load_pem_x509_certificate(identity.chain).subject.rfc4514_string() == "CN=client"


def test_below_a_right_one_whose_key_cannot_issue_there_is_a_foreign_one():
    identity = Certificates(None).foreign(Wanted("", "", "", subject="CN=right"))
    right = x509.load_pem_x509_certificate(identity.chain)
    odd = Identity(identity.chain, ed25519.Ed25519PrivateKey.generate().private_bytes(*PEM))

    below = x509.load_pem_x509_certificate(Certificates(right).below(odd).chain)

    assert below.subject == below.issuer


def test_alternative_names_are_taken_over_or_given():
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    key = ec.generate_private_key(ec.SECP256R1())
    root = x509.load_pem_x509_certificate(Certificates(None).foreign(Wanted("", "", "", is_authority=True)).chain)

    made = Certificates(None).issued(Wanted("", "", ""), (root, key), names)

    found = x509.load_pem_x509_certificate(made.chain).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert found.value == names
