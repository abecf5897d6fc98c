"""A live guarded API over real TLS, an issuer of tokens with a live JWKS endpoint, and certificates of every kind."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from journeyman_guard import Check, GuardMiddleware, GuardRequest, caller_of
from journeyman_guard.asgi import ASGIApp, Receive, Scope, Send
from journeyman_guard.uvicorn_tls import tls_config

sys.path.insert(0, str(Path(__file__).parent))

from scenes import ca_file, make_scene  # noqa: F401  # fixtures, found by the line above

NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


def _request(*headers: tuple[str, str], certificate: str | None = None, error: str | None = None) -> GuardRequest:
    lines = tuple((name.lower().encode(), value.encode()) for name, value in headers)
    return GuardRequest("GET", "/", lines, (certificate,) if certificate else (), error, "127.0.0.1")


@pytest.fixture
def request_with() -> Callable[..., GuardRequest]:
    """Make a request with these headers."""
    return _request


@dataclass
class FakeClock:
    """A clock that stands until it is moved."""

    at: datetime = NOW
    elapsed_s: float = 1_000.0

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.elapsed_s += seconds


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]


@dataclass
class LiveApi:
    """A served application."""

    port: int
    trust: trustme.CA

    async def call(
        self, target: str, *lines: str, identity: trustme.LeafCert | None = None, context: ssl.SSLContext | None = None
    ) -> Answer:
        """Send one request, byte for byte as given."""
        context = context or self.client_context(identity)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        head = [f"{target} HTTP/1.1", "Host: api", "Connection: close", *lines, "", ""]
        try:
            writer.write("\r\n".join(head).encode("utf-8"))
            return _parse(await reader.read())
        finally:
            writer.close()
            with suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    def client_context(self, identity: trustme.LeafCert | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.trust.configure_trust(context)
        if identity is not None:
            identity.configure_cert(context)
        return context


def _parse(data: bytes) -> Answer:
    if not data:
        raise ConnectionResetError("closed before it answered")
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = tuple((name.lower(), value) for name, value in (line.split(": ", 1) for line in lines))
    return Answer(int(status.split(" ")[1]), headers, body)


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = caller_of(scope).subject.encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def foreign_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def pem_files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Certificate and key of the server, and the authority of the clients."""
    folder = tmp_path_factory.mktemp("tls")
    server = authority.issue_cert("127.0.0.1")
    paths = folder / "server.pem", folder / "server.key", folder / "ca.pem"
    server.cert_chain_pems[0].write_to_path(paths[0])
    server.private_key_pem.write_to_path(paths[1])
    authority.cert_pem.write_to_path(paths[2])
    return paths


@pytest.fixture
async def serve_app(authority: trustme.CA, pem_files: tuple[Path, Path, Path]) -> AsyncIterator[Callable]:
    """Serve an ASGI application over TLS that asks for a client certificate."""
    running: list[uvicorn.Server] = []

    async def start(app: ASGIApp, **tls: object) -> LiveApi:
        listener = socket.create_server(("127.0.0.1", 0))
        settings = {**tls_config(*pem_files), **tls}
        config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, **settings)
        config.load()
        server = uvicorn.Server(config)
        # serve() would add a tenth of a second to every test, for signals that no test sends.
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        running.append(server)
        return LiveApi(listener.getsockname()[1], authority)

    yield start
    for server in running:
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await asyncio.gather(*server.server_state.tasks)
    await asyncio.sleep(0)


@pytest.fixture
def serve(serve_app: Callable[..., Awaitable[LiveApi]]) -> Callable[[Check], Awaitable[LiveApi]]:
    """Serve one route, ``GET /``, behind a check; the answer is the name of the caller."""

    async def start(check: Check) -> LiveApi:
        return await serve_app(GuardMiddleware(_echo, {"GET /": check}))

    return start


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Issuer:
    """An issuer of tokens whose JWKS endpoint is up."""

    rsa_key: rsa.RSAPrivateKey
    ec_key: ec.EllipticCurvePrivateKey
    fetched: int = 0
    port: int = 0
    status: str = "200 OK"
    extra_head: str = ""
    document: bytes | None = None
    delay_s: float = 0.0
    claims: dict[str, object] = field(default_factory=dict)
    answering: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/keys?v=1"

    def jwks(self) -> bytes:
        numbers, point = self.rsa_key.public_key().public_numbers(), self.ec_key.public_key().public_numbers()
        rsa_jwk = {
            "kty": "RSA",
            "kid": "rsa-1",
            "use": "sig",
            "n": b64url(numbers.n.to_bytes(256, "big")),
            "e": b64url(numbers.e.to_bytes(3, "big")),
        }
        x, y = b64url(point.x.to_bytes(32, "big")), b64url(point.y.to_bytes(32, "big"))
        return json.dumps({"keys": [rsa_jwk, {"kty": "EC", "kid": "ec-1", "crv": "P-256", "x": x, "y": y}]}).encode()

    def token(self, claims: Mapping[str, object] | None = None, **header: object) -> str:
        """Sign with the key that ``alg`` asks for."""
        merged = {"typ": "JWT", "alg": "RS256", "kid": "rsa-1", **header}
        body = json.dumps({**self.claims, **(claims or {})}).encode()
        return self.sign(json.dumps(merged).encode(), body, str(merged["alg"]))

    def sign(self, header: bytes, body: bytes, algorithm: str = "RS256") -> str:
        text = f"{b64url(header)}.{b64url(body)}"
        return f"{text}.{b64url(self._signature(text.encode(), algorithm))}"

    def _signature(self, data: bytes, algorithm: str) -> bytes:
        match algorithm:
            case "ES256":
                r, s = decode_dss_signature(self.ec_key.sign(data, ec.ECDSA(SHA256())))
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")
            case "PS256":
                return self.rsa_key.sign(data, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
            case _:
                return self.rsa_key.sign(data, padding.PKCS1v15(), SHA256())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.answering[asyncio.current_task()] = writer
        with suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            self.fetched += 1
            await asyncio.sleep(self.delay_s)
            body = self.jwks() if self.document is None else self.document
            head = f"HTTP/1.1 {self.status}\r\n{self.extra_head}Content-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        writer.close()


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
async def issuer(rsa_key: rsa.RSAPrivateKey, pem_files: tuple[Path, Path, Path]) -> AsyncIterator[Issuer]:
    issuer = Issuer(rsa_key, ec.generate_private_key(ec.SECP256R1()))
    now_s = int(NOW.timestamp())
    issuer.claims = {
        "iss": "https://issuer.example",
        "aud": "api-1",
        "sub": "client-1",
        "iat": now_s,
        "nbf": now_s,
        "exp": now_s + 3600,
        "scp": "benefits.read other",
    }
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pem_files[:2])
    server = await asyncio.start_server(issuer.answer, "127.0.0.1", 0, ssl=context)
    issuer.port = server.sockets[0].getsockname()[1]
    yield issuer
    server.close()
    for task, writer in issuer.answering.items():
        task.cancel()
        writer.transport.abort()
    await asyncio.gather(*issuer.answering, return_exceptions=True)
    await asyncio.sleep(0.005)


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """Trust the authority of the tests."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
