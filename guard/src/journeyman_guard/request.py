"""What a check sees of a request: no body, and of TLS only what the server has verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

_NO_TLS: Final[Mapping[str, Any]] = {}


# Not frozen: making a frozen one takes two of the five microseconds that a check may cost.
@dataclass(slots=True)
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
        wanted = _lower(name)
        size = len(wanted)
        return [value for key, value in self.headers if len(key) == size and (key == wanted or key.lower() == wanted)]


@lru_cache(256)
def _lower(name: str) -> bytes:
    return name.lower().encode("ascii")


def request_of_scope(scope: Mapping[str, Any]) -> GuardRequest:
    """Read an ASGI scope of type ``http`` and its TLS extension."""
    extensions = scope.get("extensions")
    tls = (extensions.get("tls") if extensions else None) or _NO_TLS
    client = scope.get("client")
    return GuardRequest(
        scope["method"],
        path_of_scope(scope),
        tuple(scope["headers"]),
        tuple(tls.get("client_cert_chain") or ()),
        tls.get("client_cert_error"),
        client[0] if client else "unknown",
        scope.get("query_string") or b"",
        scope.get("raw_path") or b"",
    )


def path_of_scope(scope: Mapping[str, Any]) -> str:
    """Return the path below the root path, as Starlette's router sees it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if not root:
        return path
    below = path == root or path.startswith(root + "/")
    return path[len(root) :] if below else path
