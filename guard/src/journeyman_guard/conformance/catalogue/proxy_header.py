"""Headers that only a proxy may set, from somebody who is no proxy."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.certificates import Certificates, Wanted
from journeyman_guard.conformance.subject import Subject

_CERTIFICATE: Final = (
    "A certificate in a header is believed from everyone. Certificates are public, so anyone who knows one gets in."
)
_USER: Final = "A user in a header is believed from everyone: anyone can be anybody."
_ADDRESS: Final = "An address in a header opens the API: anyone can come from anywhere."
_ROUTE: Final = "A header changes for which path or method the check is made, or which one runs."

_USERS: Final = (
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Remote-User",
    "Remote-User",
    "X-Authenticated-User",
    "X-Auth-Request-User",
    "X-Auth-Request-Email",
    "X-User",
    "X-User-Id",
    "X-Guard-Caller",
    "X-MS-CLIENT-PRINCIPAL",
    "X-MS-CLIENT-PRINCIPAL-ID",
    "X-Amzn-Oidc-Identity",
    "X-Goog-Authenticated-User-Email",
    "X-WEBAUTH-USER",
    "X-Internal",
)
_ADDRESSES: Final = (
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "X-Azure-ClientIP",
    "X-Original-Forwarded-For",
    "X-Cluster-Client-IP",
)
_ROUTES: Final = (
    ("X-Original-URL", "/health"),
    ("X-Rewrite-URL", "/health"),
    ("X-Original-URI", "/health"),
    ("X-Forwarded-Uri", "/health"),
    ("X-Forwarded-Prefix", "/health"),
    ("X-Forwarded-Path", "/health"),
    ("X-Original-Method", "OPTIONS"),
    ("X-Forwarded-Method", "OPTIONS"),
    ("X-HTTP-Method-Override", "OPTIONS"),
    ("X-HTTP-Method", "OPTIONS"),
    ("X-Method-Override", "OPTIONS"),
)


def proxy_header_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases; none carries a credential."""
    bare = subject.bare()
    for name, title, headers in _certificates(subject):
        probe = bare
        for header, value in headers:
            probe = probe.with_header(header, value)
        yield Case(f"proxy-header/certificate-{name}", title, _CERTIFICATE, probe)
    for header in _USERS:
        yield Case(f"proxy-header/user-{header.lower()}", f"{header}: admin", _USER, bare.with_header(header, "admin"))
    for header in _ADDRESSES:
        probe = bare.with_header(header, "127.0.0.1")
        yield Case(f"proxy-header/address-{header.lower()}", f"{header}: 127.0.0.1", _ADDRESS, probe)
    forwarded = bare.with_header("Forwarded", 'for=127.0.0.1;proto=https;by="_guard"')
    yield Case("proxy-header/address-forwarded", "Forwarded: for=127.0.0.1", _ADDRESS, forwarded)
    for header, value in _ROUTES:
        probe = bare.with_header(header, value)
        yield Case(f"proxy-header/route-{header.lower()}", f"{header}: {value}", _ROUTE, probe)


def _certificates(subject: Subject) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    chain = subject.identity.chain if subject.identity else Certificates(None).foreign(Wanted("", "", "")).chain
    certificate = x509.load_pem_x509_certificate(chain)
    whose = "the right" if subject.identity else "a"
    pem = certificate.public_bytes(Encoding.PEM).decode()
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    name = certificate.subject.rfc4514_string()
    escaped, sha1 = quote(pem), certificate.fingerprint(SHA1()).hex()  # noqa: S303  # what such headers hold
    sha256 = certificate.fingerprint(SHA256()).hex()
    verified = (("ssl-client-verify", "SUCCESS"), ("ssl-client-subject-dn", name))
    forms: dict[str, tuple[tuple[str, str], ...]] = {
        "x-arr-clientcert": (("X-ARR-ClientCert", der),),
        "envoy": (("X-Forwarded-Client-Cert", f'Hash={sha256};Cert="{escaped}";Subject="{name}"'),),
        "envoy-hash": (("X-Forwarded-Client-Cert", f'By=spiffe://x;Hash={sha256};Subject="{name}"'),),
        "nginx": (("ssl-client-cert", escaped), *verified),
        "nginx-verify": verified,
        "rfc-9440": (("Client-Cert", f":{der}:"),),
        "rfc-9440-chain": (("Client-Cert", f":{der}:"), ("Client-Cert-Chain", f":{der}:")),
        "x-client-cert": (("X-Client-Cert", escaped),),
        "x-ssl-client-cert": (
            ("X-SSL-Client-Cert", escaped),
            ("X-SSL-Client-Verify", "SUCCESS"),
            ("X-SSL-Client-S-DN", name),
        ),
        "traefik": (
            ("X-Forwarded-Tls-Client-Cert", quote(der, safe="")),
            ("X-Forwarded-Tls-Client-Cert-Info", quote(f'Subject="{name}"')),
        ),
        "thumbprint": (("X-Client-Cert-Thumbprint", sha1), ("X-Certificate-Thumbprint", sha1)),
        "underscores": (("ssl_client_cert", escaped), ("ssl_client_verify", "SUCCESS"), ("x_arr_clientcert", der)),
    }
    for form, headers in forms.items():
        yield form, f"{whose} certificate in {headers[0][0]}", headers
