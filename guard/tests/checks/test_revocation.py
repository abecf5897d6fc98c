from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman_guard import ClientCertificateCheck, MisconfiguredError, Refused, RevocationLists

NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


@pytest.fixture
def write(tmp_path, root):
    def write(*revoked, issuer=root, end=timedelta(days=1), encoding=Encoding.PEM):
        builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, NOW - timedelta(days=1), NOW + end)
        for made in revoked:
            number = made.certificate.serial_number
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder(number, NOW - timedelta(hours=1)).build()
            )
        path = tmp_path / "list.crl"
        stamp = path.stat().st_mtime_ns + 1_000_000 if path.exists() else None
        path.write_bytes(builder.sign(issuer.key, SHA256()).public_bytes(encoding))
        if stamp is not None:
            os.utime(path, ns=(stamp, stamp))
        return path

    return write


async def outcome(check, request_with, made):
    try:
        return (await check.check(request_with(certificate=made.pem))).subject
    except Refused as refusal:
        return refusal.reason


def check_of(root, path, clock):
    lists = RevocationLists([path], [root.certificate])
    return ClientCertificateCheck(issuers=(root.certificate,), revocations=lists, clock=clock)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
async def test_a_revoked_certificate_is_refused_and_others_are_not(write, root, make, clock, request_with, encoding):
    good, bad = make("good", issuer=root), make("bad", issuer=root)
    check = check_of(root, write(bad, encoding=encoding), clock)

    assert await outcome(check, request_with, good) == "CN=good"
    assert await outcome(check, request_with, bad) == "the client certificate is revoked"


async def test_a_replaced_list_is_read_again(write, root, make, clock, request_with):
    made = make("client", issuer=root)
    check = check_of(root, write(), clock)

    assert await outcome(check, request_with, made) == "CN=client"
    write(made)
    assert await outcome(check, request_with, made) == "the client certificate is revoked"


async def test_without_a_current_list_nobody_gets_in(write, root, make, clock, request_with):
    made, nobody = make("client", issuer=root), "there is no current revocation list for the client certificate"
    path = write(end=timedelta(hours=1))
    check = check_of(root, path, clock)
    clock.advance(3_601)

    assert await outcome(check, request_with, made) == nobody
    clock.advance(-3_601)
    path.write_bytes(b"broken")
    assert await outcome(check, request_with, made) == nobody
    path.unlink()
    assert await outcome(check, request_with, made) == nobody
    write()
    assert await outcome(check, request_with, made) == "CN=client"


async def test_a_list_counts_for_thumbprints_too(write, root, make, clock, request_with):
    made = make("client", issuer=root)
    lists = RevocationLists([write(made)], [root.certificate])
    check = ClientCertificateCheck(thumbprints=(made.thumbprint,), revocations=lists, clock=clock)

    assert await outcome(check, request_with, made) == "the client certificate is revoked"


def test_a_list_of_another_authority_is_refused_at_the_start(write, root, make):
    twin = make("Root", x509.BasicConstraints(ca=True, path_length=None))
    other = make("Other", x509.BasicConstraints(ca=True, path_length=None))
    for issuer in (twin, other):
        with pytest.raises(MisconfiguredError, match="not signed by"):
            RevocationLists([write(issuer=issuer)], [root.certificate])


def test_lists_need_files_and_issuers(write, root):
    with pytest.raises(MisconfiguredError, match="need files"):
        RevocationLists([], [root.certificate])
    with pytest.raises(MisconfiguredError, match="need files"):
        RevocationLists([write()], [])


@pytest.mark.parametrize(
    ("subjects", "names", "reason"),
    [
        (("CN=client",), (), "CN=client"),
        (("CN=other", "CN=client"), ("dns:a.example",), "CN=client"),
        ((), ("uri:spiffe://t/a", "dns:b.example"), "CN=client"),
        ((), ("email:a@example.com",), "CN=client"),
        ((), ("ip:192.0.2.1",), "CN=client"),
        (("CN=other",), (), "the subject of the client certificate is not listed"),
        (("CN=Client",), (), "the subject of the client certificate is not listed"),
        (("CN=client,O=x",), (), "the subject of the client certificate is not listed"),
        ((), ("dns:b.example",), "no alternative name of the client certificate is listed"),
        ((), ("uri:a.example",), "no alternative name of the client certificate is listed"),
    ],
)
async def test_subject_and_alternative_name_narrow_an_issuer(root, make, clock, request_with, subjects, names, reason):
    san = x509.SubjectAlternativeName(
        [
            x509.DNSName("a.example"),
            x509.UniformResourceIdentifier("spiffe://t/a"),
            x509.RFC822Name("a@example.com"),
            x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
        ]
    )
    check = ClientCertificateCheck(issuers=(root.certificate,), subjects=subjects, names=names, clock=clock)

    assert await outcome(check, request_with, make("client", san, issuer=root)) == reason


@pytest.mark.parametrize(
    ("subjects", "names", "issued", "message"),
    [
        (("CN=a",), (), False, "whoever likes can write a subject"),
        ((), ("dns:a",), False, "whoever likes can write a subject"),
        (("nonsense",), (), True, "is not a subject"),
        ((), ("a.example",), True, "is not an alternative name"),
        ((), ("dns:",), True, "is not an alternative name"),
    ],
)
def test_a_rule_that_could_not_hold_is_refused(root, make, subjects, names, issued, message):
    issuers = (root.certificate,) if issued else ()

    with pytest.raises(MisconfiguredError, match=message):
        ClientCertificateCheck(thumbprints=("00" * 32,), issuers=issuers, subjects=subjects, names=names)


async def test_a_certificate_without_alternative_names_has_none(root, make, clock, request_with):
    check = ClientCertificateCheck(issuers=(root.certificate,), names=("dns:a",), clock=clock)

    assert "alternative name" in await outcome(check, request_with, make("client", issuer=root))


async def test_only_some_certificates_are_kept(root, make, clock, request_with, monkeypatch):
    monkeypatch.setattr("journeyman_guard.certificate._MAX_KEPT", 1)
    check = ClientCertificateCheck(issuers=(root.certificate,), clock=clock)
    for name in ("a", "b", "a"):
        await outcome(check, request_with, make(name, issuer=root))

    assert len(check._read._kept) == 1
