"""A certificate file as people have it, PFX or PEM or DER, in; its chain and private key out.

Unlike a policy key it may hold a key of any kind: what is read here is looked at, or issues other certificates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from journeyman.errors import KeyStoreError
from journeyman.keys.certificate import IssuedCertificate, PrivateKey
from journeyman.keys.creation import open_pfx, ordered_chain, require_readable
from journeyman.keys.keyset import Key
from journeyman.secret import Secret

PFX_SUFFIXES: Final = frozenset({".pfx", ".p12"})

_NO_CERTIFICATE: Final = "AADB2C90179: this is not an X.509 certificate in PEM or DER"
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """The certificates of a file, leaf first, and its private key when it has one that can issue."""

    chain: tuple[x509.Certificate, ...]
    private_key: PrivateKey | None = None


def read_certificate_file(content: bytes, name: PurePath, password: Secret) -> CertificateFile:
    """Read a file; the suffix of its name tells what it is.

    Raises:
        KeyStoreError: it is no such file, the password is wrong, or a certificate in it cannot be read.
    """
    found = _pfx(content, password) if name.suffix.lower() in PFX_SUFFIXES else _certificates(content)
    for certificate in found.chain:
        require_readable(certificate)
    return found


def authority_of_file(file: CertificateFile) -> IssuedCertificate:
    """Return the authority that a PFX file holds. Raises KeyStoreError when it has no private key."""
    if file.private_key is None:
        raise KeyStoreError("AADB2C90178: the file holds no RSA or EC private key; an authority needs one to issue")
    return IssuedCertificate(file.chain[0], file.private_key, file.chain[1:])


def authority_of_key(key: Key) -> IssuedCertificate:
    """Return the authority that a policy key holds. Raises KeyStoreError when it has no certificate or private key."""
    if not key.certificates or key.private_key is None:
        raise KeyStoreError(f"AADB2C90178: the key '{key.kid}' holds no certificate with its private key")
    return IssuedCertificate(key.certificates[0], key.private_key, key.certificates[1:])


def _pfx(content: bytes, password: Secret) -> CertificateFile:
    opened = open_pfx(content, password)
    certificates = [extra.certificate for extra in opened.additional_certs]
    if opened.cert is not None:
        certificates.insert(0, opened.cert.certificate)
    private_key = opened.key if isinstance(opened.key, RSAPrivateKey | EllipticCurvePrivateKey) else None
    return CertificateFile(_ordered(certificates), private_key)


def _certificates(content: bytes) -> CertificateFile:
    try:
        if b"-----BEGIN" in content:
            return CertificateFile(_ordered(x509.load_pem_x509_certificates(content)))
        return CertificateFile((x509.load_der_x509_certificate(content),))
    except _UNREADABLE as error:
        raise KeyStoreError(_NO_CERTIFICATE) from error


def _ordered(certificates: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    if not certificates:
        raise KeyStoreError(_NO_CERTIFICATE)
    return ordered_chain(certificates[0], certificates[1:])
