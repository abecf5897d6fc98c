"""What a client certificate says, read once and kept: PEM in, its properties out.

A connection brings the same certificate with every request; parsing it and verifying the signature of its issuer take longer
than all the rest of the check. Dates and revocation are looked at anew each time.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from journeyman_guard.errors import MisconfiguredError

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

_MIN_RSA_BITS: Final = 2_048
_MAX_KEPT: Final = 256
_BROKEN_HASHES: Final = frozenset({"md5", "sha1"})
_NAME_KINDS: Final = ("dns", "uri", "email", "ip")
UNREADABLE: Final = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What ``cryptography`` raises for certificates that it cannot read or verify."""


@dataclass(frozen=True, slots=True)
class ReadCertificate:
    """A certificate and what it says.

    Attributes:
        flaw: why nobody may come in with it, whoever has issued it.
        names: subject alternative names, written ``dns:api.example``.
    """

    certificate: x509.Certificate
    subject: str
    thumbprint: bytes
    flaw: str | None
    names: frozenset[str]
    is_authority: bool
    _issued: dict[x509.Certificate, bool] = field(default_factory=dict, repr=False, compare=False)

    def is_issued_by(self, issuer: x509.Certificate) -> bool:
        """Return whether the issuer has signed this certificate, and it is no authority itself."""
        if issuer not in self._issued:
            self._issued[issuer] = not self.is_authority and _is_signed_by(self.certificate, issuer)
        return self._issued[issuer]


@dataclass(slots=True)
class ReadCertificates:
    """The certificates that were read last."""

    _kept: OrderedDict[str, ReadCertificate] = field(default_factory=OrderedDict)

    def leaf(self, pem: str) -> ReadCertificate:
        """Return what a certificate says. Raises one of ``UNREADABLE``."""
        found = self._kept.get(pem)
        if found is None:
            found = read_certificate(pem)
            self._kept[pem] = found
            while len(self._kept) > _MAX_KEPT:
                self._kept.popitem(last=False)
        return found


def read_certificate(pem: str) -> ReadCertificate:
    """Read one certificate. Raises one of ``UNREADABLE``."""
    certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
    constraints = extension(certificate, x509.BasicConstraints)
    return ReadCertificate(
        certificate=certificate,
        subject=certificate.subject.rfc4514_string(),
        thumbprint=certificate.fingerprint(SHA256()),
        flaw=_weakness(certificate) or _wrong_purpose(certificate),
        names=_alternative_names(certificate),
        is_authority=constraints is not None and constraints.ca,
    )


def require_alternative_name(text: str) -> None:
    """Raise MisconfiguredError when ``text`` is not written like ``dns:api.example``."""
    kind, _, value = text.partition(":")
    if kind not in _NAME_KINDS or not value:
        raise MisconfiguredError(f"{text!r} is not an alternative name such as dns:api.example")


def extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    """Return an extension, or None where the certificate has none of the kind."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _weakness(leaf: x509.Certificate) -> str | None:
    key = leaf.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < _MIN_RSA_BITS:
        return "the key of the client certificate is too short"
    algorithm = leaf.signature_hash_algorithm
    if algorithm is not None and algorithm.name in _BROKEN_HASHES:
        return "the client certificate is signed with a broken hash"
    return None


def _wrong_purpose(leaf: x509.Certificate) -> str | None:
    purposes = extension(leaf, x509.ExtendedKeyUsage)
    if purposes is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        return "the client certificate is not for client authentication"
    usage = extension(leaf, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        return "the key of the client certificate is not for signatures"
    return None


def _alternative_names(leaf: x509.Certificate) -> frozenset[str]:
    names = extension(leaf, x509.SubjectAlternativeName)
    if names is None:
        return frozenset()
    written = [f"dns:{name}" for name in names.get_values_for_type(x509.DNSName)]
    written += [f"uri:{name}" for name in names.get_values_for_type(x509.UniformResourceIdentifier)]
    written += [f"email:{name}" for name in names.get_values_for_type(x509.RFC822Name)]
    addresses = names.get_values_for_type(x509.IPAddress)
    written += [f"ip:{name}" for name in addresses if isinstance(name, ipaddress.IPv4Address | ipaddress.IPv6Address)]
    return frozenset(written)


def _is_signed_by(leaf: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(issuer)
    except UNREADABLE:
        return False
    return True
