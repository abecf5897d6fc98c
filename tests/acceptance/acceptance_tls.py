"""Certificate authorities, server contexts and PFX files, made on the spot."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
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
    encryption = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    return pkcs12.serialize_key_and_certificates(b"client", key, certificate, None, encryption)
