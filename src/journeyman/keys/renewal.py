"""The next version of a key: the key in use in, a new one of the same kind out.

A random secret for a secret, a pair for a pair, and for a certificate one of the same subject, purpose, names and
lifetime: its own issuer, or issued by an authority.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from journeyman.errors import KeyStoreError
from journeyman.keys.certificate import (
    IssuedCertificate,
    Purpose,
    describe,
    issue,
    make_ca,
    may_issue,
    self_signed,
)
from journeyman.keys.certificate_reading import Role, role_of
from journeyman.keys.creation import certified_key, generate_rsa, generate_secret
from journeyman.keys.keyset import Key

_LEAST_DAYS: Final = 1


def renewed(key: Key, *, now: datetime, authority: IssuedCertificate | None = None) -> Key:
    """Return a new key like ``key``; takes about a tenth of a second where it is RSA.

    Raises:
        KeyStoreError: the certificate was issued by an authority and none is given, or the authority may not.
    """
    if key.kty == "oct":
        return generate_secret(use=key.use, now=now)
    if not key.certificates:
        return generate_rsa(use=key.use, now=now)
    made = _certificate(key.certificates[0], now, authority)
    private_key = made.private_key if isinstance(made.private_key, RSAPrivateKey) else None
    return certified_key(made.certificate, made.chain, private_key, now=now, use=key.use)


def _certificate(old: x509.Certificate, now: datetime, authority: IssuedCertificate | None) -> IssuedCertificate:
    shown = describe(old)
    days = max(_LEAST_DAYS, (shown.not_after - shown.not_before).days)
    if may_issue(old):
        return make_ca(shown.subject, now=now, days=days)
    purpose = Purpose.SERVER if role_of(old) is Role.SERVER else Purpose.CLIENT
    if authority is not None:
        left = (authority.certificate.not_valid_after_utc - now).days
        return issue(authority, shown.subject, now=now, purpose=purpose, names=shown.names, days=min(days, left))
    if old.issuer != old.subject:
        detail = f"{shown.subject} was issued by {shown.issuer}; name the policy key of the authority with --ca-key"
        raise KeyStoreError(f"{detail}, or upload the next certificate with --file")
    return self_signed(shown.subject, now=now, purpose=purpose, names=shown.names, days=days)
