"""A client certificate by thumbprint, or by issuing authority, subject and subject alternative name.

It comes from the TLS handshake of the server, or from a named proxy (``proxies.py``).

OpenSSL has checked at the handshake that the chain is trusted and that the caller holds the private key. This
check does not lean on the server's settings alone: it checks the signature of the issuer, the dates and the purpose
again. Thumbprints are SHA-256; SHA-1 is not accepted.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from cryptography import x509

from journeyman_guard.caller import Caller
from journeyman_guard.certificate import (
    UNREADABLE,
    ReadCertificate,
    ReadCertificates,
    extension,
    require_alternative_name,
)
from journeyman_guard.clock import Clock, SystemClock
from journeyman_guard.errors import MisconfiguredError, forbidden
from journeyman_guard.request import GuardRequest
from journeyman_guard.revocation import RevocationLists


@dataclass(frozen=True, slots=True)
class ClientCertificateCheck:
    """Accept a certificate with one of the thumbprints, or issued directly by one of the authorities.

    A refusal is 403: HTTP has no challenge that asks for a certificate.

    Attributes:
        thumbprints: SHA-256 of the certificate in hexadecimal, colons allowed.
        issuers: the authorities; name the intermediate one when there is one.
        subjects: of those that the authorities have issued, only these (RFC 4514, such as ``CN=api,O=Contoso``).
        names: of those, only the ones with one of these alternative names (``dns:``, ``uri:``, ``email:``, ``ip:``).
        revocations: the revocation lists of the authorities; a certificate whose list is not at hand is refused.
    """

    thumbprints: tuple[str, ...] = ()
    issuers: tuple[x509.Certificate, ...] = ()
    clock: Clock = field(default_factory=SystemClock)
    subjects: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    revocations: RevocationLists | None = None
    never_waits: ClassVar[bool] = True
    _read: ReadCertificates = field(default_factory=ReadCertificates, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.thumbprints and not self.issuers:
            raise MisconfiguredError("ClientCertificateCheck: give a thumbprint or an issuer")
        if (self.subjects or self.names) and not self.issuers:
            raise MisconfiguredError("ClientCertificateCheck: whoever likes can write a subject; name the issuer too")
        for text in self.thumbprints:
            _thumbprint(text)
        for subject in self.subjects:
            _require_subject(subject)
        for name in self.names:
            require_alternative_name(name)
        for issuer in self.issuers:
            _require_authority(issuer)

    async def check(self, request: GuardRequest) -> Caller:
        """Return the subject of the certificate. Raises Refused."""
        if request.client_certificate_error is not None:
            raise forbidden("the server did not accept the client certificate")
        if not request.client_certificates:
            raise forbidden("there is no client certificate", attempt=False)
        try:
            leaf = self._read.leaf(request.client_certificates[0])
            self._require_acceptable(leaf)
        except UNREADABLE:
            raise forbidden("the client certificate cannot be read") from None
        return Caller(leaf.subject, ("client_certificate",))

    def _require_acceptable(self, leaf: ReadCertificate) -> None:
        now = self.clock.now()
        _require_dates(leaf.certificate, now)
        if leaf.flaw is not None:
            raise forbidden(leaf.flaw)
        if not self._has_known_thumbprint(leaf.thumbprint):
            self._require_issued(leaf, now)
        if self.revocations is not None:
            self.revocations.require_good(leaf.certificate, now)

    def _require_issued(self, leaf: ReadCertificate, now: datetime) -> None:
        issuers = (issuer for issuer in self.issuers if _is_current(issuer, now))
        if not any(leaf.is_issued_by(issuer) for issuer in issuers):
            raise forbidden("the client certificate has neither a known thumbprint nor a known issuer")
        if self.subjects and not any(_same_subject(leaf.certificate, subject) for subject in self.subjects):
            raise forbidden("the subject of the client certificate is not listed")
        if self.names and leaf.names.isdisjoint(self.names):
            raise forbidden("no alternative name of the client certificate is listed")

    def _has_known_thumbprint(self, actual: bytes) -> bool:
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
    constraints = extension(issuer, x509.BasicConstraints)
    usage = extension(issuer, x509.KeyUsage)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        raise MisconfiguredError("an issuer is not the certificate of an authority")


def _require_dates(leaf: x509.Certificate, now: datetime) -> None:
    if now < leaf.not_valid_before_utc:
        raise forbidden("the client certificate is not valid yet")
    if now > leaf.not_valid_after_utc:
        raise forbidden("the client certificate has expired")


def _is_current(issuer: x509.Certificate, now: datetime) -> bool:
    return issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc


def _require_subject(text: str) -> None:
    try:
        x509.Name.from_rfc4514_string(text)
    except ValueError as error:
        raise MisconfiguredError(f"{text!r} is not a subject such as CN=api,O=Contoso") from error


def _same_subject(leaf: x509.Certificate, text: str) -> bool:
    # Text of the certificate is compared in one spelling only; a name with two attributes in one part is another name.
    return leaf.subject.rfc4514_string() == x509.Name.from_rfc4514_string(text).rfc4514_string()
