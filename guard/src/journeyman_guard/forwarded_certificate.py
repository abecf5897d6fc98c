"""A client certificate as proxies write it into a header: the header in, the chain in PEM out, leaf first.

``X-ARR-ClientCert`` (Azure App Service), ``X-Forwarded-Client-Cert`` (Envoy), ``ssl-client-cert`` (nginx and its ingress),
``Client-Cert`` with ``Client-Cert-Chain`` (RFC 9440).
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from journeyman_guard.request import GuardRequest

LIMIT_BYTES: Final = 32_768
_MAX_CHAIN: Final = 8
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*", re.ASCII)
_ELEMENT: Final = re.compile(r'([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^;,"]*)(;|,|$)')


class ForwardedCertificateError(Exception):
    """The header cannot be read; the text says why and holds nothing of it."""


def _app_service(request: GuardRequest) -> tuple[str, ...]:
    value = _single(request, "x-arr-clientcert")
    return (_pem_of_der(_base64(value)),) if value else ()


def _nginx(request: GuardRequest) -> tuple[str, ...]:
    verdict = _single(request, "ssl-client-verify")
    if verdict not in (None, "", "SUCCESS", "NONE"):
        raise ForwardedCertificateError("the proxy did not accept the client certificate")
    value = _single(request, "ssl-client-cert")
    return _pems(unquote_to_bytes(value)) if value else ()


def _envoy(request: GuardRequest) -> tuple[str, ...]:
    value = _single(request, "x-forwarded-client-cert")
    if not value:
        return ()
    members = _envoy_members(value)
    text = members.get("chain") or members.get("cert")
    return _pems(unquote_to_bytes(text)) if text else ()


def _rfc_9440(request: GuardRequest) -> tuple[str, ...]:
    value = _single(request, "client-cert")
    if not value:
        return ()
    chain = _single(request, "client-cert-chain") or ""
    items = [value, *(part.strip(" \t") for part in chain.split(",") if part.strip(" \t"))]
    if len(items) > _MAX_CHAIN:
        raise ForwardedCertificateError("the certificate header has too many certificates")
    return tuple(_pem_of_der(_byte_sequence(item)) for item in items)


FORMS: Final[Mapping[str, Callable[[GuardRequest], tuple[str, ...]]]] = {
    "x-arr-clientcert": _app_service,
    "x-forwarded-client-cert": _envoy,
    "ssl-client-cert": _nginx,
    "client-cert": _rfc_9440,
}


def _single(request: GuardRequest, name: str) -> str | None:
    values = request.header_values(name)
    if len(values) > 1:
        raise ForwardedCertificateError("there are several headers with a client certificate")
    if not values:
        return None
    if len(values[0]) > LIMIT_BYTES:
        raise ForwardedCertificateError("the header with the client certificate is too long")
    return values[0].decode("latin-1")


def _envoy_members(value: str) -> Mapping[str, str]:
    """Read one element. Two would be two proxies, of which the first may be an invention."""
    members: dict[str, str] = {}
    position = 0
    while position < len(value):
        match = _ELEMENT.match(value, position)
        if match is None or match[3] == ",":
            raise ForwardedCertificateError("the certificate header has several elements or is malformed")
        key = match[1].lower()
        if key in members and key in ("cert", "chain"):
            raise ForwardedCertificateError("the certificate header names a member twice")
        members[key] = match[2].strip('"')
        position = match.end()
    return members


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ForwardedCertificateError("the certificate header is not Base64") from None


def _byte_sequence(item: str) -> bytes:
    if len(item) < 3 or not (item.startswith(":") and item.endswith(":")):
        raise ForwardedCertificateError("the certificate header is not a byte sequence")
    return _base64(item[1:-1])


def _pem_of_der(der: bytes) -> str:
    return ssl.DER_cert_to_PEM_cert(der)


def _pems(data: bytes) -> tuple[str, ...]:
    text = data.decode("latin-1")
    found = tuple(match[0] for match in _PEM.finditer(text))
    if not found or len(found) > _MAX_CHAIN or "".join(found).strip() != text.strip():
        raise ForwardedCertificateError("the certificate header is not PEM")
    return found
