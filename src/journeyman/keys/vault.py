"""HashiCorp Vault or OpenBao as key service: a request in, an answer or an error in words out.

Only the standard library is used, because a start asks it once or twice. TLS is verified, redirects are
not followed, no proxy of the environment is used, and what the server says is not repeated in errors: it
could repeat what it was sent. Source: the public HTTP API of Vault, pages Transit and KV.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from journeyman.errors import KeyServiceError, SealError
from journeyman.secret import Secret
from journeyman.settings import VaultSettings

TOKEN_VARIABLE: Final = "VAULT_TOKEN"  # noqa: S105  # the name of a variable
TIMEOUT_S: Final = 10.0

_ANSWER_LIMIT_BYTES: Final = 1024 * 1024
_TOKEN_LIMIT_BYTES: Final = 64 * 1024
_REMEDIES: Final = {
    400: "it does not accept the request; look whether the key there is one that encrypts, and still has this version",
    403: "it refuses the token; renew the token, or let its policy allow this path",
    404: "it has nothing there; enable the engine and create the key, or correct [vault] in journeyman.toml",
    429: "it is asked too often; try again",
    500: "it failed; look into its log",
    503: "it is sealed or stands by; unseal it, or name the active node",
}


@dataclass(frozen=True, slots=True)
class VaultClient:
    """Requests to one server; methods block, so callers with an event loop use a thread."""

    settings: VaultSettings
    environ: Mapping[str, str] = field(repr=False)

    def write(self, path: str, body: Mapping[str, str]) -> Mapping[str, Any]:
        """Send ``body`` and return the ``data`` of the answer. Raises KeyServiceError."""
        return self._request("POST", path, json.dumps(dict(body)).encode())

    def read(self, path: str) -> Mapping[str, Any]:
        """Return the ``data`` of what is stored at ``path``. Raises KeyServiceError."""
        return self._request("GET", path, None)

    def _request(self, method: str, path: str, body: bytes | None) -> Mapping[str, Any]:
        headers = {"X-Vault-Request": "true", "X-Vault-Token": self._token().reveal()}
        if self.settings.namespace:
            headers["X-Vault-Namespace"] = self.settings.namespace
        if body is not None:
            headers["Content-Type"] = "application/json"
        status, content = self._exchange(method, f"/v1/{quote(path)}", body, headers)
        if status != http.client.OK:
            remedy = _REMEDIES.get(status, "look into its log")
            if 300 <= status < 400:
                remedy = "it names another address, which is not followed; name the active node in [vault] address"
            raise self._error(path, f"answered {status}: {remedy}")
        return self._data(path, content)

    def _exchange(self, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_ANSWER_LIMIT_BYTES + 1)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
            remedy = "name the authority of its certificate as [vault] trust"
            raise KeyServiceError(f"{self.settings.address}: TLS with the vault failed: {reason}; {remedy}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", "") or type(error).__name__
            remedy = "start it, or correct [vault] address"
            raise KeyServiceError(f"{self.settings.address}: the vault cannot be reached: {reason}; {remedy}") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.settings.address)
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "http":  # the settings allow it for this machine only
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        try:
            context = ssl.create_default_context(cafile=self.settings.trust)
        except (OSError, ssl.SSLError):
            raise KeyServiceError(
                f"{self.settings.trust}: it holds no certificate in PEM; correct [vault] trust"
            ) from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)

    def _token(self) -> Secret:
        path = self.settings.token_file
        given = self.environ.get(TOKEN_VARIABLE, "") if path is None else _token_of(path)
        token, place = given.strip(), TOKEN_VARIABLE if path is None else str(path)
        if not token:
            raise KeyServiceError(f"{place} holds no token for the vault; set {TOKEN_VARIABLE}, or [vault] token_file")
        if not (token.isascii() and token.isprintable() and " " not in token):
            raise KeyServiceError(f"{place} holds something that is no token of a vault")
        return Secret(token)

    def _data(self, path: str, content: bytes) -> Mapping[str, Any]:
        try:
            answer = json.loads(content) if len(content) <= _ANSWER_LIMIT_BYTES else None
        except (ValueError, RecursionError):
            answer = None
        data = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(data, dict):
            raise self._error(path, "answered something else than a vault does; correct [vault] address")
        return data

    def _error(self, path: str, what: str) -> KeyServiceError:
        return KeyServiceError(f"{self.settings.address}: the vault, asked for {path!r}, {what}")


@dataclass(frozen=True, slots=True)
class VaultMasterKey:
    """A key of the Transit engine that wraps root keys and never leaves the vault."""

    client: VaultClient

    @property
    def key_id(self) -> bytes:
        """Eight bytes of a hash over namespace, mount and name: the address of a vault may change."""
        settings = self.client.settings
        name = f"vault\0{settings.namespace}\0{settings.transit}\0{settings.key}"
        return hashlib.sha256(name.encode()).digest()[:8]

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a key under the newest version of the Transit key. Raises KeyServiceError."""
        answer = self.client.write(self._path("encrypt"), {"plaintext": base64.b64encode(data_key).decode()})
        ciphertext = answer.get("ciphertext")
        if not isinstance(ciphertext, str) or not ciphertext or not ciphertext.isascii():
            raise KeyServiceError(f"{self.client.settings.address}: the vault answered without a ciphertext")
        return ciphertext.encode()

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a key. Raises KeyServiceError, and SealError when what was stored is no ciphertext of a vault."""
        try:
            ciphertext = wrapped.decode("ascii")
        except UnicodeDecodeError as error:
            raise SealError("what is stored is not a ciphertext of a vault") from error
        plaintext = self.client.write(self._path("decrypt"), {"ciphertext": ciphertext}).get("plaintext")
        try:
            return base64.b64decode(plaintext if isinstance(plaintext, str) else "?", validate=True)
        except (binascii.Error, ValueError):
            raise KeyServiceError(f"{self.client.settings.address}: the vault answered without a plaintext") from None

    def _path(self, operation: str) -> str:
        settings = self.client.settings
        return f"{settings.transit}/{operation}/{settings.key}"


def vault_value(client: VaultClient, reference: str) -> Secret:
    """Return one field of a stored secret; ``reference`` is ``PATH#FIELD``, of a KV engine of version 1 or 2.

    Raises:
        KeyServiceError: the vault cannot be used, or holds no text there.
    """
    path, _, name = reference.rpartition("#")
    if not path or not name:
        raise KeyServiceError(
            f"{reference[:200]!r} names no value of the vault; write PATH#FIELD, such as kv/data/api#password"
        )
    data = client.read(path.strip("/"))
    inner = data.get("data")
    # Version 2 of the engine wraps the fields once more and puts their metadata beside.
    fields = inner if isinstance(inner, dict) and "metadata" in data else data
    value = fields.get(name)
    if not isinstance(value, str):
        raise KeyServiceError(
            f"{client.settings.address}: the vault holds no text {name!r} at {path!r}; correct the path or the field"
        )
    return Secret(value)


def _token_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_TOKEN_LIMIT_BYTES).decode("ascii", "replace")
    except OSError as error:
        raise KeyServiceError(f"{path}: the token of the vault cannot be read: {error.strerror}") from None
