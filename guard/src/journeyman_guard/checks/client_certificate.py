"""A client certificate of the TLS handshake, by thumbprint or by issuing authority.

OpenSSL has checked at the handshake that the chain is trusted and that the caller holds the private key. This
check does not lean on the server's settings alone: it checks the signature of the issuer, the dates and the purpose
again. Thumbprints are SHA-256; SHA-1 is not accepted.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from journeyman_guard.caller import Caller
from journeyman_guard.clock import Clock, SystemClock
from journeyman_guard.errors import MisconfiguredError, forbidden
from journeyman_guard.request import GuardRequest

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

_MIN_RSA_BITS: Final = 2_048
_BROKEN_HASHES: Final = frozenset({"md5", "sha1"})
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class ClientCertificateCheck:
    """Accept a certificate with one of the thumbprints, or issued directly by one of the authorities.

    A refusal is 403: HTTP has no challenge that asks for a certificate.

    Attributes:
        thumbprints: SHA-256 of the certificate in hexadecimal, colons allowed.
        issuers: the authorities; name the intermediate one when there is one.
    """

    thumbprints: tuple[str, ...] = ()
    issuers: tuple[x509.Certificate, ...] = ()
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        if not self.thumbprints and not self.issuers:
            raise MisconfiguredError("ClientCertificateCheck: give a thumbprint or an issuer")
        for text in self.thumbprints:
            _thumbprint(text)
        for issuer in self.issuers:
            _require_authority(issuer)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the subject of the certificate. Raises Refused."""
        if request.client_certificate_error is not None:
            raise forbidden("the server did not accept the client certificate")
        if not request.client_certificates:
            raise forbidden("there is no client certificate")
        try:
            leaf = x509.load_pem_x509_certificate(request.client_certificates[0].encode("ascii"))
            self._require_acceptable(leaf)
            return Caller(leaf.subject.rfc4514_string(), ("client_certificate",))
        except _UNREADABLE:
            raise forbidden("the client certificate cannot be read") from None

    def _require_acceptable(self, leaf: x509.Certificate) -> None:
        now = self.clock.now()
        _require_dates(leaf, now)
        _require_strength(leaf)
        _require_purpose(leaf)
        if self._has_known_thumbprint(leaf) or any(_is_issued_by(leaf, issuer, now) for issuer in self.issuers):
            return
        raise forbidden("the client certificate has neither a known thumbprint nor a known issuer")

    def _has_known_thumbprint(self, leaf: x509.Certificate) -> bool:
        actual = leaf.fingerprint(SHA256())
        return any(hmac.compare_digest(actual, _thumbprint(text)) for text in self.thumbprints)


def load_certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Read the certificates of a PEM file. Raises MisconfiguredError when there is none."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise MisconfiguredError("there is no certificate in the PEM file") from error


def _thumbprint(text: str) -> bytes:
    try:
        data = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        data = b""
    if len(data) != 32:
        raise MisconfiguredError("a thumbprint is the SHA-256 of the certificate, 64 hexadecimal digits")
    return data


def _require_authority(issuer: x509.Certificate) -> None:
    constraints = _extension(issuer, x509.BasicConstraints)
    usage = _extension(issuer, x509.KeyUsage)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        raise MisconfiguredError("an issuer is not the certificate of an authority")


def _require_dates(leaf: x509.Certificate, now: datetime) -> None:
    if now < leaf.not_valid_before_utc:
        raise forbidden("the client certificate is not valid yet")
    if now > leaf.not_valid_after_utc:
        raise forbidden("the client certificate has expired")


def _require_strength(leaf: x509.Certificate) -> None:
    key = leaf.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < _MIN_RSA_BITS:
        raise forbidden("the key of the client certificate is too short")
    algorithm = leaf.signature_hash_algorithm
    if algorithm is not None and algorithm.name in _BROKEN_HASHES:
        raise forbidden("the client certificate is signed with a broken hash")


def _require_purpose(leaf: x509.Certificate) -> None:
    purposes = _extension(leaf, x509.ExtendedKeyUsage)
    if purposes is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise forbidden("the client certificate is not for client authentication")
    usage = _extension(leaf, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        raise forbidden("the key of the client certificate is not for signatures")


def _is_issued_by(leaf: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    if not issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc:
        return False
    constraints = _extension(leaf, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        return False
    try:
        leaf.verify_directly_issued_by(issuer)
    except _UNREADABLE:
        return False
    return True


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
