from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from journeyman_guard import ClientCertificateCheck, MisconfiguredError, Refused, load_certificates

USAGE = {
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}
SIGNATURES = x509.KeyUsage(digital_signature=True, **USAGE)
NO_SIGNATURES = x509.KeyUsage(digital_signature=False, **{**USAGE, "key_encipherment": True})
FOR_CLIENTS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
FOR_SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)


@pytest.fixture
def by_issuer(authority):
    return ClientCertificateCheck(issuers=load_certificates(authority.cert_pem.bytes()))


async def test_a_certificate_of_the_authority_is_accepted_over_tls(serve, by_issuer, authority):
    api = await serve(by_issuer)

    answer = await api.call("GET /", identity=authority.issue_cert("client.example", common_name="client"))

    assert answer.status == 200
    assert b"CN=client" in answer.body


async def test_a_certificate_with_the_thumbprint_is_accepted_over_tls_and_no_other(serve, authority):
    ours, other = authority.issue_cert("ours.example"), authority.issue_cert("other.example")
    leaf = x509.load_pem_x509_certificate(ours.cert_chain_pems[0].bytes())
    api = await serve(ClientCertificateCheck(thumbprints=(leaf.fingerprint(SHA256()).hex(":").upper(),)))

    answers = [await api.call("GET /", identity=identity) for identity in (ours, other)]

    assert [answer.status for answer in answers] == [200, 403]


async def test_a_caller_without_a_certificate_is_refused_with_403_and_no_challenge(serve, by_issuer):
    api = await serve(by_issuer)

    answer = await api.call("GET /", "X-ARR-ClientCert: MIIB", "X-Forwarded-Client-Cert: Hash=0", "Client-Cert: :MIIB:")

    assert (answer.status, answer.header("www-authenticate")) == (403, [])
    assert answer.body == b'{"error":"unauthorized"}'


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("attempt", range(3))
async def test_a_certificate_of_a_foreign_authority_never_gets_an_answer(
    serve, by_issuer, foreign_authority, version, attempt
):
    api = await serve(by_issuer)
    context = api.client_context(foreign_authority.issue_cert("client.example"))
    context.maximum_version = version

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await api.call("GET /", context=context)


async def test_an_expired_certificate_never_gets_an_answer(serve, by_issuer, authority):
    api = await serve(by_issuer)
    expired = authority.issue_cert("client.example", not_after=datetime(2020, 1, 1, tzinfo=UTC))

    with pytest.raises((ssl.SSLError, ConnectionError)):
        await api.call("GET /", identity=expired)


async def test_a_twin_of_the_authority_with_the_same_name_is_refused(request_with, clock, make, root):
    twin = make("Root", AUTHORITY)
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)

    with pytest.raises(Refused, match="known issuer"):
        await check.check(request_with(certificate=make("client", issuer=twin).pem))


async def test_a_certificate_for_client_authentication_is_accepted(request_with, clock, make, root):
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)

    caller = await check.check(request_with(certificate=make("client", SIGNATURES, FOR_CLIENTS, issuer=root).pem))

    assert caller.subject == "CN=client"
    assert caller.methods == ("client_certificate",)


@pytest.mark.parametrize(
    ("extensions", "reason"),
    [
        ((FOR_SERVERS,), "not for client authentication"),
        ((NO_SIGNATURES,), "not for signatures"),
        ((AUTHORITY,), "known issuer"),
    ],
)
async def test_a_certificate_for_another_purpose_is_refused(request_with, clock, make, root, extensions, reason):
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)

    with pytest.raises(Refused, match=reason):
        await check.check(request_with(certificate=make("client", *extensions, issuer=root).pem))


@pytest.mark.parametrize(("days", "reason"), [(-2, "not valid yet"), (2, "has expired")])
async def test_the_dates_are_checked_again_at_every_request(request_with, clock, make, root, days, reason):
    request = request_with(certificate=make("client", issuer=root).pem)
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)
    clock.advance(days * 86_400)

    with pytest.raises(Refused, match=reason):
        await check.check(request)


async def test_an_expired_authority_vouches_for_nobody(request_with, clock, make):
    root = make("Root", AUTHORITY, end=timedelta(hours=1))
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)
    clock.advance(7_200)

    with pytest.raises(Refused, match="known issuer"):
        await check.check(request_with(certificate=make("client", issuer=root).pem))


async def test_a_short_key_is_refused(request_with, clock, make, root):
    short = make("client", issuer=root, key=rsa.generate_private_key(65537, 1024))
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)

    with pytest.raises(Refused, match="too short"):
        await check.check(request_with(certificate=short.pem))


# Made once with OpenSSL (`openssl req -x509 -sha1 -newkey rsa:2048`), because cryptography no longer signs with SHA-1.
SHA1_PEM = """-----BEGIN CERTIFICATE-----
MIIC/zCCAeegAwIBAgIURSsFXlnJVd/TKoyV5tZk6v/9h8cwDQYJKoZIhvcNAQEF
BQAwDjEMMAoGA1UEAwwDb2xkMCAXDTI2MTEyNDA0MjgzNloYDzIxMjYxMDMxMDQy
ODM2WjAOMQwwCgYDVQQDDANvbGQwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK
AoIBAQDm3YCiO/zm1UxestJ9YqNtf5ck1Kz4Ia08UaXVZks3Py+bq/QfqjhXfM39
Y66N4EKgksD5maaIRa5JcO+XuaD3RO/pE2119Qkl/t0Myt1jSQA1P0u7juVwgveo
6Z0c23im/Q+2LFC3CGUStIFuI07Q76rQumXbpcIYMRsEvxJ9OulZ23cKJ3eG+dP5
OUOuLGcja8lyNgOVLpW6ycJh59YrhqbA5HPbMkRfLerceiOD3RMIXEr9U1OQMnyM
iPic7CoQgDLJZQWFESnl4RcgSHf4aTYHginQT8/uBKahuiANDnUp+el3R2xSQOkG
4qg+Z7CQrKjwEw7wpQPt2zFQ76zXAgMBAAGjUzBRMB0GA1UdDgQWBBSvCX4S73uh
WFMCy7Nbgc0bezgbYDAfBgNVHSMEGDAWgBSvCX4S73uhWFMCy7Nbgc0bezgbYDAP
BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBBQUAA4IBAQApXQ8Ldl6tWMCNRI05
S+3zeOzVbhXyASKJhS7ZMI3Vq3mKQAKkhApym/Hub1NDG9LKimzCn1gZ/tgahF06
LWAzmAbVSAoDD8JykQkPt4dLnV5yJVZMkqmbEu+Y3XtbcGVNDxSh70qfqUF5Qzvn
gTJqrXMeVKG3GleCW8+4xj5sFhwSzTSy24YY9Kk88r6tTnw5w+4X2OELLE1fPD27
YfxXU4AvWGXYqArhMBamZYvFcabF153trOcC5Xwk13Nnn+tOTtR62av1HqgfyvF6
FXgltAZn48G/U6S2BWnWSn8qdYi8vcLW/xajrOGnuSwVt0SCslQ3DsirpIXpj4Ns
On0l
-----END CERTIFICATE-----
"""


async def test_a_broken_hash_is_refused(request_with, clock):
    certificate = x509.load_pem_x509_certificate(SHA1_PEM.encode())
    check = ClientCertificateCheck(thumbprints=(certificate.fingerprint(SHA256()).hex(),), clock=clock)
    clock.at = datetime(2027, 1, 1, tzinfo=UTC)

    with pytest.raises(Refused, match="broken hash"):
        await check.check(request_with(certificate=SHA1_PEM))


async def test_what_the_server_did_not_verify_is_refused(request_with, clock, make, root):
    request = request_with(certificate=make("client", issuer=root).pem, error="CERTIFICATE_VERIFY_FAILED")

    with pytest.raises(Refused, match="server did not accept"):
        await ClientCertificateCheck(issuers=(root.certificate,), clock=clock).check(request)


@pytest.mark.parametrize("pem", ["", "x", "ü", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
async def test_what_cannot_be_read_is_refused(request_with, clock, root, pem):
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)

    with pytest.raises(Refused, match=r"cannot be read|no client certificate"):
        await check.check(request_with(certificate=pem))


@pytest.mark.parametrize("text", ["", "AB", "zz" * 32, "AB" * 20])
def test_only_sha256_thumbprints_are_taken(text):
    with pytest.raises(MisconfiguredError, match="SHA-256"):
        ClientCertificateCheck(thumbprints=(text,))


def test_a_check_needs_a_thumbprint_or_an_authority(make):
    with pytest.raises(MisconfiguredError, match="thumbprint or an issuer"):
        ClientCertificateCheck()
    with pytest.raises(MisconfiguredError, match="not the certificate of an authority"):
        ClientCertificateCheck(issuers=(make("client").certificate,))
    with pytest.raises(MisconfiguredError, match="not the certificate of an authority"):
        ClientCertificateCheck(issuers=(make("client", AUTHORITY, SIGNATURES).certificate,))


def test_a_file_without_a_certificate_is_refused():
    with pytest.raises(MisconfiguredError, match="no certificate"):
        load_certificates(b"nothing")
