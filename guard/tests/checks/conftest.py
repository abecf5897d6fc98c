"""Certificates as odd as a test needs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def thumbprint(self) -> str:
        return self.certificate.fingerprint(SHA256()).hex()


def _make(
    name: str,
    *extensions: x509.ExtensionType,
    issuer: Made | None = None,
    key: Key | None = None,
    start: timedelta = timedelta(days=-1),
    end: timedelta = timedelta(days=1),
) -> Made:
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=NOW + start,
        not_valid_after=NOW + end,
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Made(builder.sign(issuer.key if issuer else key, SHA256()), key)


@pytest.fixture
def make() -> Callable[..., Made]:
    """Make a certificate; self-signed without an issuer."""
    return _make


@pytest.fixture
def root() -> Made:
    return _make("Root", x509.BasicConstraints(ca=True, path_length=None))
