"""Certificates: a key in, a TLS identity that never touches a disk in clear out; and new certificates.

Source: rest-connectors.md §6; RFC 5280 §4.2.1 for the extensions. New keys are RSA of 2048 bits, or P-256.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import PBES
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from journeyman.errors import KeyStoreError
from journeyman.keys.keyset import Key
from journeyman.secret import Secret

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey
PublicKey = RSAPublicKey | EllipticCurvePublicKey

_CLOCK_SKEW: Final = timedelta(minutes=5)
_LEGACY_ROUNDS: Final = 2048


class Purpose(Enum):
    """What a certificate is for."""

    CLIENT = "client"
    SERVER = "server"


class KeyType(Enum):
    """What the key of a new certificate is. A policy key holds RSA only."""

    RSA = "rsa"
    P256 = "p256"


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """What a TLS client shows: the certificates in PEM, leaf first, and their private key."""

    chain_pem: bytes
    private_key: RSAPrivateKey

    def key_pem(self, encryption: KeySerializationEncryption) -> bytes:
        """Return the private key in PEM (PKCS #8)."""
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@dataclass(frozen=True, slots=True)
class CertificateDescription:
    """What may be shown of a certificate; thumbprints are upper-case hexadecimal, as Windows prints them."""

    subject: str
    issuer: str
    serial_number: str
    not_before: datetime
    not_after: datetime
    sha1_thumbprint: str
    sha256_thumbprint: str
    names: tuple[str, ...]
    key_bits: int

    def days_left(self, now: datetime) -> int:
        """Return whole days until it expires; negative when it has."""
        return (self.not_after - now).days


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A new certificate, its private key, and the certificates above it."""

    certificate: x509.Certificate
    private_key: PrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    def chain_pem(self) -> bytes:
        """Return the certificate and those above it in PEM."""
        return pem((self.certificate, *self.chain))

    def key_pem(self) -> bytes:
        """Return the private key in PEM, in clear."""
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def pfx(self, password: Secret, *, legacy: bool = False) -> bytes:
        """Return all of it as a PFX file; an empty password leaves the file unencrypted.

        Args:
            legacy: protect it with TripleDES and SHA-1, which is all that the real service reads.
        """
        clear = password.reveal_bytes()
        encryption = (_triple_des(clear) if legacy else BestAvailableEncryption(clear)) if clear else NoEncryption()
        return pkcs12.serialize_key_and_certificates(
            None, self.private_key, self.certificate, self.chain or None, encryption
        )


def client_identity(key: Key) -> ClientIdentity:
    """Return the TLS identity of a key. Raises KeyStoreError when it has no certificate or no private key."""
    if not key.certificates:
        raise KeyStoreError(f"the key '{key.kid}' has no certificate; upload a PFX file")
    if key.private_key is None:
        raise KeyStoreError(f"AADB2C90178: The certificate of the key '{key.kid}' has no private key.")
    return ClientIdentity(pem(key.certificates), key.private_key)


def load_into(context: ssl.SSLContext, key: Key) -> None:
    """Make a TLS context show the certificate of the key, its intermediates included.

    Python's ``ssl`` reads files only. The file is one in memory without a name; where the platform
    has none, it is a temporary one whose private key is encrypted under a password of this call.

    Raises:
        KeyStoreError: the key has no certificate or no private key, or TLS does not accept them.
    """
    identity = client_identity(key)
    try:
        if not _load_from_memory(context, identity):
            _load_from_encrypted_file(context, identity)
    except ssl.SSLError as error:
        detail = f"the certificate of the key '{key.kid}' cannot be used for TLS: {error.reason or 'it was refused'}"
        raise KeyStoreError(detail) from error


def describe(certificate: x509.Certificate) -> CertificateDescription:
    """Return what may be shown of a certificate."""
    public_key = certificate.public_key()
    return CertificateDescription(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial_number=f"{certificate.serial_number:X}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        # Azure and Windows name certificates by SHA-1; no decision is taken by it.
        sha1_thumbprint=certificate.fingerprint(SHA1()).hex().upper(),  # noqa: S303
        sha256_thumbprint=certificate.fingerprint(SHA256()).hex().upper(),
        names=_alternative_names(certificate),
        key_bits=public_key.key_size if isinstance(public_key, PublicKey) else 0,
    )


def self_signed(
    subject: str,
    *,
    now: datetime,
    purpose: Purpose = Purpose.CLIENT,
    names: tuple[str, ...] = (),
    days: int = 365,
    key_type: KeyType = KeyType.RSA,
) -> IssuedCertificate:
    """Make a certificate that is its own issuer.

    Args:
        subject: a common name, or a name such as ``CN=api.contoso.onmicrosoft.com,O=Contoso``.
        now: it is valid from five minutes before.
        purpose: client certificates sign only; server certificates also encipher keys.
        names: host names and IP addresses that it is valid for.
        days: how long it is valid.
    """
    name, private_key = _name(subject), _new_private_key(key_type)
    builder = _builder(name, name, private_key.public_key(), now=now, days=days)
    builder = _for_purpose(builder, purpose, names, enciphers=key_type is KeyType.RSA)
    return IssuedCertificate(builder.sign(private_key, SHA256()), private_key)


def make_ca(subject: str, *, now: datetime, days: int = 3650, key_type: KeyType = KeyType.RSA) -> IssuedCertificate:
    """Make a private certificate authority that issues leaf certificates only."""
    name, private_key = _name(subject), _new_private_key(key_type)
    builder = (
        _builder(name, name, private_key.public_key(), now=now, days=days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return IssuedCertificate(builder.sign(private_key, SHA256()), private_key)


def issue(
    authority: IssuedCertificate,
    subject: str,
    *,
    now: datetime,
    purpose: Purpose,
    names: tuple[str, ...] = (),
    days: int = 365,
    key_type: KeyType = KeyType.RSA,
) -> IssuedCertificate:
    """Make a certificate that the authority signs; arguments as for ``self_signed``.

    Raises:
        KeyStoreError: the authority may not issue, or it would end before the certificate does.
    """
    private_key = _new_private_key(key_type)
    issuer = authority.certificate
    _refuse_issuer(issuer, now, days)
    builder = _builder(_name(subject), issuer.subject, private_key.public_key(), now=now, days=days)
    builder = builder.add_extension(_authority_key_id(issuer), critical=False)
    builder = _for_purpose(builder, purpose, names, enciphers=key_type is KeyType.RSA)
    signed = builder.sign(authority.private_key, SHA256())
    return IssuedCertificate(signed, private_key, (issuer, *authority.chain))


def _load_from_memory(context: ssl.SSLContext, identity: ClientIdentity) -> bool:
    try:
        descriptor = os.memfd_create("identity", os.MFD_CLOEXEC)
    except (AttributeError, OSError):
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(identity.key_pem(NoEncryption()) + identity.chain_pem)
        file.flush()
        try:
            context.load_cert_chain(f"/proc/self/fd/{descriptor}")
        except FileNotFoundError:  # /proc is not mounted
            return False
    return True


def _load_from_encrypted_file(context: ssl.SSLContext, identity: ClientIdentity) -> None:
    password = secrets.token_bytes(32).hex().encode()
    descriptor, name = tempfile.mkstemp(prefix="journeyman-", suffix=".pem")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(identity.key_pem(BestAvailableEncryption(password)) + identity.chain_pem)
        context.load_cert_chain(name, password=password)
    finally:
        Path(name).unlink()


def pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """Return certificates in PEM, one after the other."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def _new_private_key(key_type: KeyType) -> PrivateKey:
    if key_type is KeyType.P256:
        return ec.generate_private_key(ec.SECP256R1())
    return generate_private_key(public_exponent=65537, key_size=2048)


def _triple_des(password: bytes) -> KeySerializationEncryption:
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(_LEGACY_ROUNDS)
    algorithm = PBES.PBESv1SHA1And3KeyTripleDESCBC
    # The real service refuses anything newer as a wrong password (AADB2C90213).
    return builder.key_cert_algorithm(algorithm).hmac_hash(SHA1()).build(password)  # noqa: S303


def _refuse_issuer(issuer: x509.Certificate, now: datetime, days: int) -> None:
    if not may_issue(issuer):
        subject = issuer.subject.rfc4514_string()
        raise KeyStoreError(f"{subject} is no certificate authority; `journeyman certs ca` makes one")
    left = (issuer.not_valid_after_utc - now).days
    if left < 1:
        raise KeyStoreError(f"the authority ends at {issuer.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}; make a new one")
    if days > left:
        raise KeyStoreError(f"the authority ends in {left} days, before the certificate would; at most {left} days")


def may_issue(certificate: x509.Certificate) -> bool:
    """Whether a certificate is that of an authority (RFC 5280 §4.2.1.9)."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _name(subject: str) -> x509.Name:
    try:
        if "=" in subject:
            return x509.Name.from_rfc4514_string(subject)
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    except ValueError as error:
        detail = f"{subject[:100]!r} is not a subject; write a common name, or a name such as CN=api.contoso.com"
        raise KeyStoreError(detail) from error


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: PublicKey, *, now: datetime, days: int
) -> x509.CertificateBuilder:
    if not 1 <= days <= 36500:
        raise KeyStoreError(f"a certificate is valid for 1 to 36500 days, not {days}")
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _for_purpose(
    builder: x509.CertificateBuilder, purpose: Purpose, names: tuple[str, ...], *, enciphers: bool
) -> x509.CertificateBuilder:
    server = purpose is Purpose.SERVER
    extended = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(
        _key_usage(digital_signature=True, key_encipherment=server and enciphers), critical=True
    )
    builder = builder.add_extension(x509.ExtendedKeyUsage([extended]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
    return builder


def _key_usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key_id(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    extension = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(extension.value)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _alternative_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return (*names.get_values_for_type(x509.DNSName), *addresses)
