"""Certificate authorities, server contexts, PFX files and JSON web keys, made on the spot."""

from __future__ import annotations

import base64
import json
import ssl
from functools import cache
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12


def authority(path: Path) -> trustme.CA:
    """Make a certificate authority, its certificate at ``path``."""
    found = trustme.CA()
    found.cert_pem.write_to_path(str(path))
    return found


def server(ca: trustme.CA, *names: str, clients: trustme.CA | None = None) -> ssl.SSLContext:
    """Return the context of an API that is called ``names``; with ``clients`` it demands their certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    if clients:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def pfx(ca: trustme.CA, name: str, password: str) -> bytes:
    """Return a PFX with a client certificate; the empty password means that it is not encrypted."""
    issued = ca.issue_cert(f"{name}.example", common_name=name, key_type=trustme.KeyType.RSA)
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    certificate = x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
    encryption = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"client", key, certificate, None, encryption)


def private_key(kid: str, not_before: int, use: str = "sig") -> dict[str, object]:
    """Return a JSON web key with its private members."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_numbers()
    parts = {"d": key.d, "p": key.p, "q": key.q, "dp": key.dmp1, "dq": key.dmq1, "qi": key.iqmp}
    public = {"n": key.public_numbers.n, "e": key.public_numbers.e}
    numbers = {name: _number(value) for name, value in {**parts, **public}.items()}
    return {"kty": "RSA", "use": use, "kid": kid, "nbf": not_before, **numbers}


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


@cache
def token_keys() -> dict[str, str]:
    """Return the two key files with which a folder starts faster; the same for every test."""
    uses = {"B2C_1A_TokenSigningKeyContainer.jwks": "sig", "B2C_1A_TokenEncryptionKeyContainer.jwks": "enc"}
    return {name: json.dumps({"keys": [private_key(use, 1_700_000_000, use)]}) for name, use in uses.items()}
