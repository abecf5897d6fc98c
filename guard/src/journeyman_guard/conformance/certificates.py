"""Make client certificates that are wrong in one way, from a right one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from journeyman_guard.conformance.wire import Identity

_PURPOSES: Final = {
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "mail": ExtendedKeyUsageOID.EMAIL_PROTECTION,
}
_NAMES: Final = x509.Name.from_rfc4514_string("CN=client")
Issuer = tuple[x509.Certificate, CertificateIssuerPrivateKeyTypes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wrong with a certificate; everything else is as in the right one.

    Attributes:
        subject: None is the right one's.
        authority: the name of a new authority, "same" for a twin of the right one; None is self-signed.
        days: first and last day from now.
    """

    name: str
    title: str
    meaning: str
    subject: str | None = None
    authority: str | None = None
    days: tuple[int, int] = (-1, 30)
    purposes: tuple[str, ...] = ("client",)
    signs: bool = True
    is_authority: bool = False
    same_serial: bool = False
    bits: int = 0


class Certificates:
    """Certificates beside a right one; without it beside an invented one."""

    def __init__(self, right: x509.Certificate | None) -> None:
        self._right = right

    def foreign(self, wanted: Wanted) -> Identity:
        """Return a certificate that no right authority has issued."""
        if wanted.authority is None:
            return self._made(wanted, None)
        name = self._issuer_name() if wanted.authority == "same" else x509.Name.from_rfc4514_string(wanted.authority)
        key = ec.generate_private_key(ec.SECP256R1())
        authority = _signed(_builder(name, name, key, (-1, 30), 1), key, Wanted("", "", "", is_authority=True))
        return self._made(wanted, (authority, key))

    def below(self, right: Identity | None) -> Identity:
        """Return a certificate that the right one, which is no authority, has issued."""
        if right is None or self._right is None:
            return self._made(Wanted("", "", ""), None)
        key = load_pem_private_key(right.key, None)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            return self._made(Wanted("", "", ""), None)
        return self._made(Wanted("", "", ""), (self._right, key))

    def issued(self, wanted: Wanted, issuer: Issuer, names: x509.SubjectAlternativeName | None = None) -> Identity:
        """Return a certificate of the right authority."""
        return self._made(wanted, issuer, names)

    def _made(
        self, wanted: Wanted, issuer: Issuer | None, names: x509.SubjectAlternativeName | None = None
    ) -> Identity:
        key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = (
            rsa.generate_private_key(65_537, wanted.bits)
            if wanted.bits
            else ec.generate_private_key(ec.SECP256R1())  # weak on purpose
        )
        subject = self._subject() if wanted.subject is None else x509.Name.from_rfc4514_string(wanted.subject)
        serial = (
            self._right.serial_number if wanted.same_serial and self._right is not None else x509.random_serial_number()
        )
        signer, name = (issuer[1], issuer[0].subject) if issuer else (key, subject)
        certificate = _signed(
            _builder(subject, name, key, wanted.days, serial), signer, wanted, names or self._alternative_names()
        )
        chain = certificate.public_bytes(Encoding.PEM) + (issuer[0].public_bytes(Encoding.PEM) if issuer else b"")
        return Identity(chain, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def _subject(self) -> x509.Name:
        return _NAMES if self._right is None else self._right.subject

    def _issuer_name(self) -> x509.Name:
        return x509.Name.from_rfc4514_string("CN=authority") if self._right is None else self._right.issuer

    def _alternative_names(self) -> x509.SubjectAlternativeName | None:
        if self._right is None:
            return None
        try:
            return self._right.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return None


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    days: tuple[int, int],
    serial: int,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), serial, now + timedelta(days=days[0]), now + timedelta(days=days[1])
    )


def _signed(
    builder: x509.CertificateBuilder,
    signer: CertificateIssuerPrivateKeyTypes,
    wanted: Wanted,
    names: x509.SubjectAlternativeName | None = None,
) -> x509.Certificate:
    builder = builder.add_extension(x509.BasicConstraints(ca=wanted.is_authority, path_length=None), critical=True)
    builder = builder.add_extension(_usage(wanted), critical=True)
    purposes: list[ObjectIdentifier] = [_PURPOSES[purpose] for purpose in wanted.purposes]
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, SHA256())


def _usage(wanted: Wanted) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=wanted.signs,
        content_commitment=False,
        key_encipherment=not wanted.signs,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=wanted.is_authority,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
