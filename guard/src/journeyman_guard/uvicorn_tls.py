"""The client certificate of the handshake, for applications behind uvicorn; needs the extra ``uvicorn``.

Uvicorn does not hand the certificate on. A subclass of its protocol puts it where the TLS extension of ASGI has it:
``scope["extensions"]["tls"]``.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from os import PathLike
from typing import Any, Final, TypedDict

from cryptography import x509
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from journeyman_guard.errors import MisconfiguredError

_VERSIONS: Final = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}


class ClientCertificateProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP/1.1 protocol with the TLS extension of ASGI."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Read the certificate once for all requests of the connection."""
        super().connection_made(transport)
        self.tls_extension = tls_extension(transport.get_extra_info("ssl_object"))

    def on_message_begin(self) -> None:
        """Add the extension to the scope that uvicorn has just made."""
        super().on_message_begin()
        if self.tls_extension is not None:
            self.scope["extensions"] = {"tls": dict(self.tls_extension)}


def tls_extension(connection: ssl.SSLObject | None) -> dict[object, object] | None:
    """Describe a connection as the TLS extension of ASGI has it; None where there is no TLS."""
    if connection is None:
        return None
    chain = _verified_chain(connection)
    return {
        "server_cert": None,
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(certificate) for certificate in chain],
        "client_cert_name": _subject(chain[0]) if chain else None,
        "client_cert_error": None,
        "tls_version": _VERSIONS.get(connection.version() or ""),
        "cipher_suite": None,
    }


def server_context(
    certificate: str | PathLike[str],
    key: str | PathLike[str],
    client_ca: str | PathLike[str] | None = None,
    *,
    required: bool = False,
) -> ssl.SSLContext:
    """Return a TLS context for a server: TLS 1.2 and later, client certificates of ``client_ca`` verified.

    Args:
        client_ca: PEM file with authorities or with single certificates that are trusted themselves.
        required: end handshakes without a certificate; otherwise the checks decide per route.
    """
    if required and client_ca is None:
        raise MisconfiguredError("a client certificate can only be required of an authority")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # OpenSSL takes a resumed session without looking at the certificate again. TLS 1.2 may still resume one from the
    # memory of this context; the checks look at the dates of its certificate at every request.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.load_cert_chain(certificate, key)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
    return context


class UvicornTls(TypedDict):
    """Arguments of ``uvicorn.Config``."""

    http: type[asyncio.Protocol]
    ssl_context_factory: Callable[[Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]


def tls_config(
    certificate: str | PathLike[str],
    key: str | PathLike[str],
    client_ca: str | PathLike[str] | None = None,
    *,
    required: bool = False,
) -> UvicornTls:
    """Return what ``uvicorn.Config`` needs: ``uvicorn.Config(app, **tls_config(...))``; see ``server_context``."""
    context = server_context(certificate, key, client_ca, required=required)
    return {"http": ClientCertificateProtocol, "ssl_context_factory": lambda _config, _default: context}


def _verified_chain(connection: ssl.SSLObject) -> list[bytes]:
    if connection.context.verify_mode is ssl.CERT_NONE:
        return []
    leaf = connection.getpeercert(binary_form=True)
    if leaf is None:
        return []
    return _chain_of(connection) or [leaf]


def _chain_of(connection: ssl.SSLObject) -> list[bytes]:
    public: Any = getattr(connection, "get_verified_chain", None)
    if public is not None:
        return list(public())
    # Before Python 3.13 the chain is only on the object below; a resumed session has none.
    below: Any = connection._sslobj  # type: ignore[attr-defined]  # noqa: SLF001  # see above
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in below.get_verified_chain() or ()]


def _subject(certificate: bytes) -> str | None:
    try:
        return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()
    except ValueError:
        return None
