"""Pins of public keys: the certificate that an API has shown in, nothing or a refusal out.

A pin holds the API to one public key, whatever certificate authority vouches for another. It is checked
at the end of the TLS handshake, before anything of a request is written, and besides all other checks.

Source: RFC 7469 §2.4 for what is hashed: the SubjectPublicKeyInfo in DER.
"""

from __future__ import annotations

import base64
import hashlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from journeyman.connector.dialling import TimedHandshake


class PinMismatchError(ssl.SSLCertVerificationError):
    """The public key of the API is none of those that are pinned; TLS reports it like a certificate that is wrong."""

    def __str__(self) -> str:
        """Return the text alone: errors of TLS show a tuple where the library gave no number."""
        return str(self.args[0])


def pin_of(certificate: x509.Certificate) -> str:
    """Return ``sha256/BASE64`` of the public key of a certificate."""
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"sha256/{base64.b64encode(hashlib.sha256(key).digest()).decode()}"


def pinned_handshake(pins: tuple[str, ...]) -> type[TimedHandshake]:
    """Return the class of TLS connections that accept only a public key among ``pins``."""

    class PinnedHandshake(TimedHandshake):
        """Check the pin as soon as the handshake is done."""

        def do_handshake(self) -> None:
            """Go on with the handshake. Raises PinMismatchError."""
            super().do_handshake()
            _check(self.getpeercert(binary_form=True), pins)

    return PinnedHandshake


def _check(shown: bytes | None, pins: tuple[str, ...]) -> None:
    found = pin_of(x509.load_der_x509_certificate(shown)) if shown else "none at all"
    if found not in pins:
        detail = f"its public key is not pinned: it is {found}"
        raise PinMismatchError(detail)
