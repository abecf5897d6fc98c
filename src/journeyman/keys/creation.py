"""Make keys: text, a PFX file, a certificate, or nothing but a wish for a random key in; a Key out.

Source: policy-keys.md §3, §7. The minimum of 2048 bits, the ``kid`` rule and the largest sizes are
this project's decisions; the texts behind the AADB2C codes are ours, but for that of AADB2C90213.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from journeyman.errors import KeyStoreError
from journeyman.keys.keyset import Key
from journeyman.keys.pfx_apart import without_password
from journeyman.keys.pfx_cost import refuse_costly
from journeyman.secret import Secret

USES: Final = frozenset({"sig", "enc"})
RSA_MINIMUM_BITS: Final = 2048
RSA_MAXIMUM_BITS: Final = 4096  # a private key of 8192 bits takes seconds to check
UPLOAD_LIMIT_BYTES: Final = 256 * 1024
SECRET_LIMIT_BYTES: Final = 64 * 1024
PASSWORD_LIMIT_BYTES: Final = 1024

_GENERATED_BYTES: Final = 32
_CHAIN_LIMIT: Final = 16
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_INCORRECT: Final = "AADB2C90213: The certificate password provided in request is incorrect."


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a key becomes active and when it ends; None means always and never."""

    not_before: datetime | None = None
    expires_at: datetime | None = None


ALWAYS: Final = Lifetime()


def secret_key(text: str | bytes, *, use: str, now: datetime, lifetime: Lifetime = ALWAYS) -> Key:
    """Make a key of a text that somebody typed; its UTF-8 bytes are the secret, spaces included.

    Raises:
        KeyStoreError: the text is empty or longer than 64 KiB, or the dates are wrong.
    """
    if not text:
        raise KeyStoreError("AADB2C90253: The secret of the key is missing: the parameter 'k' is empty.")
    return usable(oct_key(text, use=use, now=now, lifetime=lifetime), now)


def generate_secret(*, use: str, now: datetime, lifetime: Lifetime = ALWAYS) -> Key:
    """Make a key whose secret is the base64url text of 32 random bytes."""
    text = secrets.token_urlsafe(_GENERATED_BYTES)
    return usable(oct_key(text, use=use, now=now, lifetime=lifetime), now)


def generate_rsa(*, use: str, now: datetime, lifetime: Lifetime = ALWAYS) -> Key:
    """Make an RSA key of 2048 bits; takes about a tenth of a second."""
    private_key = generate_private_key(public_exponent=65537, key_size=RSA_MINIMUM_BITS)
    return usable(rsa_key(private_key, use=use, now=now, lifetime=lifetime), now)


def pfx_key(data: bytes, password: Secret, *, now: datetime, use: str | None = None, apart: bool = False) -> Key:
    """Make a key of a PFX file: its private key, its certificate and the intermediates; dates from the certificate.

    Args:
        data: the file; modern AES, TripleDES and RC2 encryption are all read.
        password: may be empty.
        use: the use of the set that the key is meant for; None lets the certificate decide.
        apart: whether a process of its own opens the file: for files that come over the network.

    Raises:
        KeyStoreError: the password is wrong, the file is no PFX, or what it holds cannot be used.
    """
    return usable(read_pfx(data, password, now=now, use=use, apart=apart), now)


def certificate_key(data: bytes, *, now: datetime, use: str | None = None) -> Key:
    """Make a key of a certificate without private key, in PEM or DER: it verifies and encrypts only."""
    return usable(read_certificate(data, now=now, use=use), now)


def usable(key: Key, now: datetime) -> Key:
    """Return the key unless it has expired or would end before it begins.

    Raises:
        KeyStoreError: AADB2C90214, or the dates are in the wrong order.
    """
    if key.expires_at is not None and key.expires_at <= now:
        raise KeyStoreError(f"AADB2C90214: The key has expired: it ended at {key.expires_at:%Y-%m-%dT%H:%M:%SZ}.")
    if key.expires_at is not None and key.not_before is not None and key.not_before >= key.expires_at:
        raise KeyStoreError("the activation date of the key must lie before its expiration date")
    return key


def oct_key(value: str | bytes, *, use: str, now: datetime, lifetime: Lifetime = ALWAYS, kid: str | None = None) -> Key:
    """Build a symmetric key, without a look at the dates; its ``kid`` is random, never made from the secret."""
    secret = Secret(value)
    if len(secret) > SECRET_LIMIT_BYTES:
        raise KeyStoreError(f"a secret has at most {SECRET_LIMIT_BYTES} bytes, this one has {len(secret)}")
    return Key(
        kid=kid or secrets.token_urlsafe(32),
        kty="oct",
        use=known_use(use),
        sequence=0,
        added_at=now,
        not_before=lifetime.not_before,
        expires_at=lifetime.expires_at,
        secret=secret,
    )


def rsa_key(
    key: RSAPrivateKey | RSAPublicKey,
    *,
    use: str,
    now: datetime,
    lifetime: Lifetime = ALWAYS,
    kid: str | None = None,
    certificates: tuple[x509.Certificate, ...] = (),
) -> Key:
    """Build an RSA key, without a look at the dates; its ``kid`` is the thumbprint of RFC 7638 unless one is given.

    Raises:
        KeyStoreError: AADB2C90137, the key is too small; or it is larger than 4096 bits.
    """
    private_key = key if isinstance(key, RSAPrivateKey) else None
    public_key = key.public_key() if isinstance(key, RSAPrivateKey) else key
    refuse_size(public_key.key_size)
    return Key(
        kid=kid or rsa_thumbprint(public_key),
        kty="RSA",
        use=known_use(use),
        sequence=0,
        added_at=now,
        not_before=lifetime.not_before,
        expires_at=lifetime.expires_at,
        private_key=private_key,
        public_key=public_key,
        certificates=certificates,
    )


def read_pfx(data: bytes, password: Secret, *, now: datetime, use: str | None = None, apart: bool = False) -> Key:
    """Build a key of a PFX file as ``pfx_key`` does, an expired one too."""
    content = open_pfx(data, password, apart=apart)
    if not isinstance(content.key, RSAPrivateKey):
        reason = "no private key" if content.key is None else "a private key that is not RSA"
        raise KeyStoreError(f"AADB2C90178: the PFX file holds {reason}; export it with its RSA private key")
    if content.cert is None:
        raise KeyStoreError("AADB2C90179: the PFX file holds no certificate that belongs to its private key")
    others = tuple(extra.certificate for extra in content.additional_certs)
    return certified_key(content.cert.certificate, others, content.key, now=now, use=use)


def read_certificate(data: bytes, *, now: datetime, use: str | None = None) -> Key:
    """Build a key of a certificate in PEM or DER, an expired one too; a PEM may hold chain and private key."""
    _refuse_long(data, "certificate")
    try:
        if b"-----BEGIN" not in data:
            return certified_key(x509.load_der_x509_certificate(data), (), None, now=now, use=use)
        leaf, *others = x509.load_pem_x509_certificates(data)
        return certified_key(leaf, tuple(others), _pem_private_key(data), now=now, use=use)
    except _UNREADABLE as error:
        raise KeyStoreError("AADB2C90179: this is not an X.509 certificate in PEM or DER") from error


def rsa_thumbprint(public_key: RSAPublicKey) -> str:
    """Return the JWK thumbprint of RFC 7638: SHA-256 in base64url, 43 characters."""
    numbers = public_key.public_numbers()
    members = {"e": base64url_number(numbers.e), "kty": "RSA", "n": base64url_number(numbers.n)}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(canonical.encode()).digest())


def distinct(key: Key, present: Sequence[Key]) -> Key:
    """Return the key with another ``kid`` when the set holds the same RSA key with another certificate."""
    same = [other for other in present if other.public_key is not None and other.public_key == key.public_key]
    if not same or not key.certificates or any(other.certificates[:1] == key.certificates[:1] for other in same):
        return key
    return replace(key, kid=base64url(key.certificates[0].fingerprint(SHA256())))


def base64url(value: bytes) -> str:
    """Return the bytes in base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def base64url_number(value: int) -> str:
    """Return a number as Base64urlUInt (RFC 7518 §2)."""
    return base64url(value.to_bytes((value.bit_length() + 7) // 8 or 1, "big"))


def known_use(use: str) -> str:
    """Return ``use`` when it is ``sig`` or ``enc``. Raises KeyStoreError (AADB2C95033) otherwise."""
    if use not in USES:
        raise KeyStoreError(f"AADB2C95033: The use of a key is 'sig' or 'enc', not {use[:20]!r}.")
    return use


def refuse_size(bits: int) -> None:
    """Raise KeyStoreError (AADB2C90137) when an RSA key of this size is not accepted."""
    if bits < RSA_MINIMUM_BITS:
        raise KeyStoreError(f"AADB2C90137: An RSA key has at least {RSA_MINIMUM_BITS} bits, this one has {bits}.")
    if bits > RSA_MAXIMUM_BITS:
        raise KeyStoreError(f"an RSA key has at most {RSA_MAXIMUM_BITS} bits, this one has {bits}")


def open_pfx(data: bytes, password: Secret, *, apart: bool = False) -> pkcs12.PKCS12KeyAndCertificates:
    """Open a PFX file, whatever its key is; ``apart`` opens it in a process of its own (``pfx_apart.py``).

    Raises:
        KeyStoreError: it is too long, costs too much to open, is no PFX file, or the password is wrong.
    """
    _refuse_long(data, "PFX file")
    if len(password) > PASSWORD_LIMIT_BYTES:
        raise KeyStoreError(f"the password of a PFX file has at most {PASSWORD_LIMIT_BYTES} bytes")
    refuse_costly(data)
    clear = password.reveal_bytes()
    if not _possible_password(clear):
        raise KeyStoreError(_INCORRECT)
    try:
        if apart:
            return pkcs12.load_pkcs12(without_password(data, clear), None)
        return pkcs12.load_pkcs12(data, clear or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if "password" in str(error).lower():
            raise KeyStoreError(_INCORRECT) from error
        raise KeyStoreError("AADB2C90179: this is not a PFX file (PKCS #12) that can be read") from error


def _possible_password(clear: bytes) -> bool:
    # The library ends in a panic, which is no exception, on NUL, and in a TypeError on what is not UTF-8.
    try:
        return "\0" not in clear.decode()
    except UnicodeDecodeError:
        return False


def _pem_private_key(data: bytes) -> RSAPrivateKey | None:
    if b"PRIVATE KEY-----" not in data:
        return None
    start = data.rindex(b"-----BEGIN", 0, data.index(b"PRIVATE KEY-----"))
    try:
        key = load_pem_private_key(data[start:], None)
    except TypeError as error:
        raise KeyStoreError("the private key in the PEM file is encrypted; store it as a PFX file") from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyStoreError("the private key in the PEM file is not an RSA key")
    return key


def certified_key(
    leaf: x509.Certificate,
    others: tuple[x509.Certificate, ...],
    private_key: RSAPrivateKey | None,
    *,
    now: datetime,
    use: str | None,
) -> Key:
    """Build a key of a certificate and, where there is one, its private key, without a look at the dates.

    Raises:
        KeyStoreError: AADB2C90179, the key is not RSA, or the two do not belong together.
    """
    for certificate in (leaf, *others):
        require_readable(certificate)
    public_key = leaf.public_key()
    if not isinstance(public_key, RSAPublicKey):
        raise KeyStoreError("AADB2C90179: the key of the certificate must be RSA")
    if private_key is not None and private_key.public_key() != public_key:
        raise KeyStoreError("AADB2C90179: the certificate does not belong to the private key beside it")
    return rsa_key(
        private_key or public_key,
        use=use or certificate_use(leaf),
        now=now,
        lifetime=Lifetime(leaf.not_valid_before_utc, leaf.not_valid_after_utc),
        certificates=ordered_chain(leaf, others),
    )


def require_readable(certificate: x509.Certificate) -> None:
    """Raise KeyStoreError (AADB2C90179) when a certificate that was opened holds parts that cannot be read."""
    try:
        _ = (certificate.extensions, certificate.subject, certificate.issuer, certificate.not_valid_after_utc)
    except _UNREADABLE as error:
        raise KeyStoreError("AADB2C90179: the certificate holds parts that cannot be read") from error


def certificate_use(leaf: x509.Certificate) -> str:
    """Return ``enc`` for a certificate that may only encipher, else ``sig``."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return "sig"
    signs = usage.digital_signature or usage.content_commitment or usage.key_cert_sign or usage.crl_sign
    return "enc" if (usage.key_encipherment or usage.data_encipherment) and not signs else "sig"


def ordered_chain(leaf: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Order the intermediates from the leaf upwards, because a PFX keeps no order and TLS asks for one."""
    chain, rest = [leaf], list(others)[:_CHAIN_LIMIT]
    while (parent := next((c for c in rest if c.subject == chain[-1].issuer and c != chain[-1]), None)) is not None:
        chain.append(parent)
        rest.remove(parent)
    return tuple(chain)


def _refuse_long(data: bytes, what: str) -> None:
    if len(data) > UPLOAD_LIMIT_BYTES:
        raise KeyStoreError(f"a {what} has at most {UPLOAD_LIMIT_BYTES} bytes, this one has {len(data)}")
