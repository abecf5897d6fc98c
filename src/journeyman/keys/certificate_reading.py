"""What is wrong with a certificate: a chain in, sentences for the person who has to decide out.

Source: rest-connectors.md §6; RFC 5280 §4.2.1, §6.1; the smallest sizes are those of NIST SP 800-57 part 1 §5.6.1.
What is an error and what a warning is this project's decision: an error is what makes an API refuse it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from journeyman.keys.certificate import may_issue

SOON_DAYS: Final = 60

_RSA_BITS: Final = 2048
_CURVE_BITS: Final = 256
_LEAST_EXPONENT: Final = 65537
_BROKEN_HASHES: Final = frozenset({"md5", "sha1", "md2"})


class Role(Enum):
    """What a certificate is read as."""

    CLIENT = "client"
    SERVER = "server"
    AUTHORITY = "ca"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about a certificate; an error makes an API refuse it."""

    error: bool
    text: str


def role_of(certificate: x509.Certificate) -> Role:
    """Return what a certificate says that it is for; a client when it does not say."""
    if may_issue(certificate):
        return Role.AUTHORITY
    usages = _extended_usages(certificate)
    only_server = ExtendedKeyUsageOID.SERVER_AUTH in usages and ExtendedKeyUsageOID.CLIENT_AUTH not in usages
    return Role.SERVER if only_server else Role.CLIENT


def findings(chain: Sequence[x509.Certificate], now: datetime, role: Role) -> tuple[Finding, ...]:
    """Return what is wrong with a chain, leaf first, errors before warnings; empty when all is fine.

    Args:
        chain: the leaf, then the certificates above it, as TLS sends them.
        role: what the leaf is to be used as.
    """
    found = [*_of_leaf(chain[0], role), *_of_chain(chain)]
    for certificate in chain:
        found += _of_dates(certificate, now)
        found += _of_strength(certificate)
    return tuple(sorted(found, key=lambda finding: not finding.error))


def key_words(certificate: x509.Certificate) -> str:
    """Return the kind and size of the public key: ``RSA, 2048 bits``, ``EC, secp256r1``."""
    try:
        public_key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "of an unknown kind"
    match public_key:
        case RSAPublicKey():
            return f"RSA, {public_key.key_size} bits"
        case EllipticCurvePublicKey():
            return f"EC, {public_key.curve.name}"
        case _:
            return type(public_key).__name__.removesuffix("PublicKey")


def _of_leaf(leaf: x509.Certificate, role: Role) -> Iterator[Finding]:
    if role is Role.AUTHORITY:
        if not may_issue(leaf):
            yield _error(leaf, "is no certificate authority (basic constraints), so nobody accepts what it issues")
        elif not _may(leaf, "key_cert_sign"):
            yield _error(leaf, "may not sign certificates (key usage)")
        return
    if may_issue(leaf):
        yield _warning(leaf, "is a certificate authority; whoever trusts it trusts all that it issues")
    if not _may(leaf, "digital_signature"):
        yield _error(leaf, "may not sign (key usage), which TLS needs to prove that the private key is there")
    wanted = ExtendedKeyUsageOID.CLIENT_AUTH if role is Role.CLIENT else ExtendedKeyUsageOID.SERVER_AUTH
    usages = _extended_usages(leaf)
    if usages and wanted not in usages and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in usages:
        yield _error(leaf, f"is not meant for a TLS {role.value} (extended key usage)")
    elif not usages:
        yield _warning(leaf, f"does not say that it is meant for a TLS {role.value}; some servers refuse it")


def _of_chain(chain: Sequence[x509.Certificate]) -> Iterator[Finding]:
    for certificate, above in pairwise(chain):
        if certificate.issuer != above.subject:
            yield _error(certificate, f"is not issued by {_name(above)}, which follows it; the chain is broken")
        elif not _signed_by(certificate, above):
            yield _error(certificate, f"has a signature that {_name(above)} did not make; the chain is broken")
        elif not may_issue(above):
            yield _error(above, "is no certificate authority, yet it issued the one before it")
    last = chain[-1]
    if last.issuer != last.subject:
        issuer = last.issuer.rfc4514_string() or "nobody"
        yield _warning(last, f"is issued by {issuer}, which is not in the file; the API must have it")


def _of_dates(certificate: x509.Certificate, now: datetime) -> Iterator[Finding]:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now >= ends:
        yield _error(certificate, f"expired {_days((now - ends).days)} ago, at {ends:%Y-%m-%dT%H:%M:%SZ}")
    elif now < begins:
        yield _error(certificate, f"is not valid before {begins:%Y-%m-%dT%H:%M:%SZ}")
    elif (ends - now).days < SOON_DAYS:
        yield _warning(certificate, f"expires in {_days((ends - now).days)}, at {ends:%Y-%m-%dT%H:%M:%SZ}")


def _of_strength(certificate: x509.Certificate) -> Iterator[Finding]:
    yield from _of_key(certificate)
    algorithm = _hash_name(certificate)
    # Nobody checks the signature of a certificate that is trusted as it is.
    if algorithm in _BROKEN_HASHES and certificate.issuer != certificate.subject:
        yield _error(certificate, f"is signed with {algorithm.upper()}, which can be forged; have it issued again")


def _of_key(certificate: x509.Certificate) -> Iterator[Finding]:
    words = key_words(certificate)
    try:
        public_key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        yield _error(certificate, "has a key that cannot be read")
        return
    match public_key:
        case RSAPublicKey():
            if public_key.key_size < _RSA_BITS:
                yield _error(certificate, f"has a weak key ({words}); at least {_RSA_BITS} bits are needed")
            if public_key.public_numbers().e < _LEAST_EXPONENT:
                yield _warning(certificate, f"has the exponent {public_key.public_numbers().e}; 65537 is usual")
        case EllipticCurvePublicKey():
            if public_key.curve.key_size < _CURVE_BITS:
                yield _error(certificate, f"has a weak key ({words}); P-256 is the least")
        case _:
            yield _warning(certificate, f"has a key ({words}) that is neither RSA nor EC; few servers take it")


def _may(certificate: x509.Certificate, usage: str) -> bool:
    try:
        return bool(getattr(certificate.extensions.get_extension_for_class(x509.KeyUsage).value, usage))
    except x509.ExtensionNotFound:
        return True


def _extended_usages(certificate: x509.Certificate) -> tuple[x509.ObjectIdentifier, ...]:
    try:
        return tuple(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return ()


def _signed_by(certificate: x509.Certificate, above: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(above)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _hash_name(certificate: x509.Certificate) -> str:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "an unknown algorithm"
    return "" if algorithm is None else algorithm.name


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string() or f"serial number {certificate.serial_number:X}"


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def _error(certificate: x509.Certificate, what: str) -> Finding:
    return Finding(error=True, text=f"{_name(certificate)} {what}")


def _warning(certificate: x509.Certificate, what: str) -> Finding:
    return Finding(error=False, text=f"{_name(certificate)} {what}")
