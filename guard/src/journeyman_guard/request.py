"""What a check sees of a request: no body, and of TLS only what the server has verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class GuardRequest:
    """What a check sees of a request.

    Attributes:
        path: percent-decoded, below the root path.
        headers: as they arrived, repeated names included.
        client_certificates: the chain of the TLS handshake in PEM, leaf first; empty without one.
        client_certificate_error: why the server did not accept the certificate.
        source: the address of the peer, for the log and the limit of failures.
        query: as it arrived, without the question mark.
        raw_path: the path as it arrived; empty where the server does not say.
    """

    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    client_certificates: tuple[str, ...] = field(default=(), repr=False)
    client_certificate_error: str | None = None
    source: str = "unknown"
    query: bytes = field(default=b"", repr=False)
    raw_path: bytes = b""

    def header_values(self, name: str) -> list[bytes]:
        """Return the values of every field line with this name, whatever its case."""
        wanted = name.lower().encode("ascii")
        return [value for key, value in self.headers if key == wanted or key.lower() == wanted]


def request_of_scope(scope: Mapping[str, Any]) -> GuardRequest:
    """Read an ASGI scope of type ``http`` and its TLS extension."""
    tls = (scope.get("extensions") or {}).get("tls") or {}
    client = scope.get("client")
    return GuardRequest(
        method=scope["method"],
        path=path_of_scope(scope),
        headers=tuple((bytes(name), bytes(value)) for name, value in scope["headers"]),
        client_certificates=tuple(tls.get("client_cert_chain") or ()),
        client_certificate_error=tls.get("client_cert_error"),
        source=client[0] if client else "unknown",
        query=bytes(scope.get("query_string") or b""),
        raw_path=bytes(scope.get("raw_path") or b""),
    )


def path_of_scope(scope: Mapping[str, Any]) -> str:
    """Return the path below the root path, as Starlette's router sees it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    below = path == root or path.startswith(root + "/")
    return path[len(root) :] if root and below else path
