"""What is attacked and the right credential for it, as the command line gives them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from journeyman_guard.conformance.wire import Identity, Probe
from journeyman_guard.errors import MisconfiguredError

KINDS: Final = ("basic", "api-key", "bearer", "jwt", "client-certificate")


@dataclass(frozen=True, slots=True)
class Subject:
    """One guarded route and who may call it.

    Attributes:
        kind: one of ``KINDS``.
        target: path and query.
        header: of an API key.
        query: the parameter of an API key, where it travels there.
        signing_key: PEM of the key that the issuer of the tokens signs with; makes wrong tokens with good signatures.
        issuer: certificate and key of the authority of the clients; makes wrong certificates of the right authority.
    """

    kind: str
    host: str
    port: int
    tls: bool
    target: str
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)
    user: str = ""
    secret: str = field(default="", repr=False)
    header: str = "x-functions-key"
    query: str | None = None
    identity: Identity | None = field(default=None, repr=False)
    signing_key: bytes | None = field(default=None, repr=False)
    key_id: str | None = None
    public_keys: tuple[bytes, ...] = ()
    issuer: tuple[x509.Certificate, CertificateIssuerPrivateKeyTypes] | None = field(default=None, repr=False)

    @property
    def authority(self) -> str:
        """Host and port as the header ``Host`` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    def bare(self) -> Probe:
        """Return the request without a credential."""
        headers = [(b"Host", self.authority.encode()), (b"Connection", b"close"), (b"Accept", b"*/*")]
        if self.body:
            headers.append((b"Content-Type", b"application/json"))
        return Probe(self.method, self.target, tuple(headers), self.body)

    def right(self) -> Probe:
        """Return the request with the right credential."""
        match self.kind:
            case "basic":
                return self.bare().with_header("Authorization", basic(self.user, self.secret))
            case "api-key" if self.query is not None:
                mark = "&" if "?" in self.target else "?"
                return replace(self.bare(), target=f"{self.target}{mark}{self.query}={quote(self.secret, safe='')}")
            case "api-key":
                return self.bare().with_header(self.header, self.secret)
            case "client-certificate":
                return replace(self.bare(), identity=self.identity)
            case _:
                return self.bare().with_header("Authorization", f"Bearer {self.secret}")

    def claims(self) -> dict[str, object]:
        """Return the claims of the right token; some usual ones where there is none."""
        if self.kind == "jwt":
            return _decoded(self.secret, 1)
        return {"iss": "https://issuer.invalid", "aud": "api", "sub": "attacker", "exp": 4_102_444_800, "scp": "read"}

    def token_header(self) -> dict[str, object]:
        """Return the header of the right token; a usual one where there is none."""
        if self.kind == "jwt":
            return _decoded(self.secret, 0)
        return {"typ": "JWT", "alg": "RS256", "kid": "1"}


def subject_of_url(url: str, kind: str) -> Subject:
    """Read the URL of the command line. Raises MisconfiguredError."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
    except ValueError as error:
        raise MisconfiguredError(f"{url!r} is not a URL") from error
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or not url.isascii():
        raise MisconfiguredError("give a URL such as https://api.example/loyalty, without a user in it")
    if kind not in KINDS:
        raise MisconfiguredError(f"{kind!r} is not one of {', '.join(KINDS)}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Subject(kind, host, port, parts.scheme == "https", target)


def basic(user: str, password: str) -> str:
    """Return the value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def _decoded(token: str, number: int) -> dict[str, object]:
    parts = token.split(".")
    try:
        part = parts[number] if len(parts) == 3 else ""
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise MisconfiguredError("the right token is not a JWT; for opaque tokens say --auth bearer")
    return value
