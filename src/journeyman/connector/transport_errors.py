"""What the HTTP library and TLS report: their exceptions in, ours out.

No text of a library reaches ours unless it is known to hold neither URL nor header: some print the
whole URL, and a URL may hold a key.
"""

from __future__ import annotations

import os
import ssl
from typing import Final

import aiohttp

from journeyman.connector.errors import (
    ApiUnreachableError,
    ClientCertificateError,
    ConnectorError,
    HandshakeError,
    NameMismatchError,
    NameResolutionError,
    ProxyRefusedError,
    ServerCertificateError,
    UnparsableAnswerError,
)
from journeyman.connector.pins import PinMismatchError
from journeyman.connector.progress import Progress

_CERTIFICATE_ALERTS: Final = (
    "CERTIFICATE_REQUIRED",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNKNOWN_CA",
    "ALERT_ACCESS_DENIED",
    "ALERT_DECRYPT_ERROR",
)
_NAME_MISMATCH: Final = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH


def translated(error: Exception, host: str, progress: Progress, *, with_certificate: bool) -> ConnectorError:
    """Return our error for what a library raised.

    Args:
        host: the host as the log may name it.
        with_certificate: whether a client certificate proves who we are.
    """
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return _of_certificate(error.certificate_error, host)
        case aiohttp.ClientHttpProxyError():
            return ProxyRefusedError(f"{host}: the proxy answered {error.status} and made no connection")
        case aiohttp.ClientProxyConnectionError():
            return ApiUnreachableError(f"{host}: the proxy cannot be reached: {_reason(error)}")
        case aiohttp.ClientConnectorDNSError():
            return NameResolutionError(f"{host}: the name has no address")
        case aiohttp.ClientPayloadError() | aiohttp.ClientResponseError():
            return UnparsableAnswerError(f"{host}: the answer is not complete or not valid HTTP")
    alert = _tls_error(error)
    if alert is not None:
        return _of_alert(alert, host)
    if with_certificate and progress.handshake_s is not None and progress.answered_s is None:
        # Under TLS 1.3 a refused client certificate may arrive as nothing but a closed connection.
        return ClientCertificateError(f"{host}: closed the connection right after our certificate")
    return ApiUnreachableError(f"{host}: {_reason(error)} ({progress.waiting_for()})")


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    """Return the TLS error that is ``error`` or its cause, None when there is none."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, aiohttp.ClientConnectorError):
            # Some of the library's errors are a TLS error by type only; the real one is inside.
            seen = seen.os_error
        if isinstance(seen, ssl.SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _of_alert(alert: ssl.SSLError, host: str) -> ConnectorError:
    reason = alert.reason or ""
    if any(name in reason for name in _CERTIFICATE_ALERTS):
        return ClientCertificateError(f"{host}: refused our certificate ({reason})")
    return HandshakeError(f"{host}: TLS failed ({reason or 'no reason given'})")


def _of_certificate(error: Exception, host: str) -> ServerCertificateError:
    if isinstance(error, PinMismatchError):
        return ServerCertificateError(f"{host}: its certificate was not accepted: {error}")
    if not isinstance(error, ssl.SSLCertVerificationError):
        return ServerCertificateError(f"{host}: its certificate was not accepted")
    kind = NameMismatchError if error.verify_code in _NAME_MISMATCH else ServerCertificateError
    return kind(f"{host}: its certificate was not accepted: {error.verify_message}")


def _reason(error: Exception) -> str:
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error.__cause__ or error
    number = inner.errno if isinstance(inner, OSError) else None
    return os.strerror(number) if number is not None and number > 0 else "the connection was closed"
