"""Real TLS servers that record what arrives byte for byte, and the parts of a connector to call them with."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from aiohttp.abc import AbstractResolver
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from multidict import CIMultiDict

from journeyman.api_call.call import ApiCaller
from journeyman.api_call.services import RestServices
from journeyman.claims.claim_type import ClaimType, Sensitivity
from journeyman.claims.resolvers import Resolution, compile_template
from journeyman.claims.values import DataType
from journeyman.clock import SystemClock
from journeyman.compiler.compiled import ClaimMapping, Metadata, TechnicalProfile
from journeyman.compiler.handlers import RESTFUL
from journeyman.connector.circuit import Circuit
from journeyman.connector.client import RestClient
from journeyman.connector.dialling import MakeSocket
from journeyman.connector.egress import egress_of
from journeyman.connector.egress_map import egress_map_of
from journeyman.connector.limits import CallRules, Limits
from journeyman.connector.look_up import SystemResolver
from journeyman.connector.request import ApiRequest, RequestPlan, SendClaimsIn, build_request
from journeyman.connector.service_url import compile_service_url
from journeyman.connector.tls import Trust
from journeyman.diagnostics import Location
from journeyman.errors import KeySetNotFoundError
from journeyman.keys.keyset import Key, KeySet
from journeyman.providers.restful import build_restful
from journeyman.secret import Secret
from journeyman.settings import ProfileSettings
from journeyman.technical_profile import Call
from journeyman.trace.records import CallRecord
from journeyman.trace.redaction import Redactor

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"tier":"gold"}'
NOW = datetime(2026, 1, 31, 10, 0, tzinfo=UTC)


def http(status: str, body: bytes | str = b"", *headers: str, content_type: str = "application/json") -> bytes:
    """Write an answer."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@dataclass
class Received:
    """One request as it arrived."""

    head: bytes
    body: bytes
    connection: int
    certificate: bytes | None

    @property
    def request_line(self) -> str:
        return self.head.split(b"\r\n", 1)[0].decode()

    def header(self, name: str) -> bytes | None:
        wanted = name.lower().encode() + b":"
        lines = [line for line in self.head.split(b"\r\n")[1:] if line.lower().startswith(wanted)]
        assert len(lines) <= 1
        return lines[0].split(b":", 1)[1].strip() if lines else None


Reply = Callable[[Received, asyncio.StreamWriter], Awaitable[bytes | None]]


@dataclass
class Api:
    """An API: what it answers can be changed while it runs."""

    reply: bytes | Reply
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    scheme: str = "https"
    open: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        task = asyncio.current_task()
        self.open[task] = writer
        task.add_done_callback(self.open.pop)
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
            while await self._one(reader, writer, number):
                pass
        writer.close()

    async def close(self) -> None:
        for task, writer in list(self.open.items()):
            task.cancel()
            writer.transport.abort()
        await asyncio.sleep(0.01)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
        session = writer.get_extra_info("ssl_object")
        request = Received(head, b"", number, session.getpeercert(binary_form=True) if session else None)
        request.body = await reader.readexactly(int(request.header("Content-Length") or b"0"))
        self.received.append(request)
        answer = self.reply if isinstance(self.reply, bytes) else await self.reply(request, writer)
        if answer is None:
            return False
        writer.write(answer)
        await writer.drain()
        return b"Connection: close" not in answer


@dataclass
class Authority:
    """A certificate authority made for this session."""

    ca: trustme.CA
    pem: Path

    def server_context(self, *names: str, client_ca: Authority | None = None, **issue: object) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(names or ("127.0.0.1", "localhost")), **issue).configure_cert(context)
        if client_ca is not None:
            client_ca.ca.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client_key(self, kid: str = "cert-1", **issue: object) -> Key:
        leaf = self.ca.issue_cert("client@example.com", key_type=trustme.KeyType.RSA, **issue)
        chain = tuple(x509.load_pem_x509_certificate(blob.bytes()) for blob in leaf.cert_chain_pems)
        private = load_pem_private_key(leaf.private_key_pem.bytes(), None)
        return Key(
            kid=kid,
            kty="RSA",
            use="sig",
            sequence=1,
            added_at=NOW,
            private_key=private,
            public_key=private.public_key(),
            certificates=chain,
        )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return _authority(tmp_path_factory, "ours")


@pytest.fixture(scope="session")
def foreign_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return _authority(tmp_path_factory, "foreign")


def _authority(tmp_path_factory: pytest.TempPathFactory, name: str) -> Authority:
    ca = trustme.CA()
    pem = tmp_path_factory.mktemp(name) / "ca.pem"
    ca.cert_pem.write_to_path(pem)
    return Authority(ca, pem)


@pytest.fixture
async def serve(authority: Authority) -> AsyncIterator[Callable[..., Awaitable[Api]]]:
    """Start an API; ``context`` None means the session's authority, False plain http."""
    servers: list[tuple[asyncio.Server, Api]] = []

    async def start(reply: bytes | Reply = OK, *, context: ssl.SSLContext | bool | None = None) -> Api:
        api = Api(reply, scheme="http" if context is False else "https")
        tls = authority.server_context() if context is None else context or None
        server = await asyncio.start_server(api.serve, "127.0.0.1", 0, ssl=tls)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # refused handshakes are expected
        servers.append((server, api))
        api.port = server.sockets[0].getsockname()[1]
        return api

    yield start
    for server, api in servers:
        server.close()
        await api.close()


@pytest.fixture
def refusing() -> Iterator[Callable[[ssl.SSLContext], str]]:
    """Start a server that ends refused handshakes with an alert, as common servers do and asyncio does not."""
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def answer(listener: socket.socket, context: ssl.SSLContext) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(2)
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                    if secured.recv(65536):
                        secured.sendall(OK)

    def start(context: ssl.SSLContext) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=answer, args=(listener, context)))
        threads[-1].start()
        return f"https://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


@pytest.fixture
async def client_for(authority: Authority) -> AsyncIterator[Callable[..., RestClient]]:
    """Make a client that trusts the session's authority and may call this machine."""
    clients: list[RestClient] = []

    def make(
        *,
        loopback: bool = True,
        allow: tuple[str, ...] = (),
        mapped: Mapping[str, str] | None = None,
        token_origin: str | None = None,
        trust: tuple[Path, ...] | None = None,
        resolver: Callable[[], AbstractResolver] = SystemResolver,
        make_socket: MakeSocket = socket.socket,
        circuit: bool = False,
        **more: object,
    ) -> RestClient:
        clock = SystemClock()
        client = RestClient(
            egress=egress_of(allow, loopback=loopback),
            egress_map=egress_map_of(mapped or {}, token_origin=token_origin),
            trust=Trust((authority.pem,) if trust is None else trust, system=False),
            clock=clock,
            circuit=Circuit(clock, enabled=circuit),
            make_resolver=resolver,
            make_socket=make_socket,
            **more,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
def resolution() -> Resolution:
    return Resolution(
        policy_id="B2C_1A_SignUp",
        relying_party_tenant_id="contoso.onmicrosoft.com",
        trust_framework_tenant_id="contoso.onmicrosoft.com",
        tenant_object_id="11111111-2222-3333-4444-555555555555",
        correlation_id="99999999-2222-3333-4444-555555555555",
        deployment_mode="Production",
        culture="en-US",
        host_name="127.0.0.1",
        ip_address="127.0.0.1",
        kmsi=False,
        now=NOW,
        build_number="1",
        parameters={"campaignId": "a/b c"},
    )


def mapping(
    claim_id: str,
    name: str | None = None,
    data_type: DataType = DataType.STRING,
    sensitivity: Sensitivity = Sensitivity.PLAIN,
    **more: object,
) -> ClaimMapping:
    """Make an input or output claim."""
    return ClaimMapping(ClaimType(claim_id, data_type, sensitivity=sensitivity), name or claim_id, **more)


@pytest.fixture
def claim() -> Callable[..., ClaimMapping]:
    return mapping


@pytest.fixture
def template() -> Callable[[str], object]:
    return lambda text: compile_template(text, resolve=False)


@dataclass
class Ring:
    """Policy keys in memory, under the real rule for the active key."""

    sets: dict[str, list[Key]] = field(default_factory=dict)

    def put(self, key_id: str, value: str | bytes | Key, kid: str = "kid-1", **more: object) -> None:
        if not isinstance(value, Key):
            value = Key(
                kid=kid,
                kty="oct",
                use="sig",
                sequence=len(self.sets.get(key_id, ())),
                added_at=NOW,
                secret=Secret(value),
                **more,
            )
        self.sets.setdefault(key_id, []).append(value)

    def get(self, key_id: str) -> KeySet:
        if key_id not in self.sets:
            raise KeySetNotFoundError(key_id)
        return KeySet(key_id, tuple(self.sets[key_id]))

    def active(self, key_id: str) -> Key:
        return self.get(key_id).active(NOW)

    def fallback(self, key_id: str) -> Key | None:
        return KeySet(key_id, tuple(self.sets.get(key_id, ()))).fallback(NOW)


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(b"k" * 32)


@dataclass
class Profile:
    """A REST profile with what it is called with."""

    provider: ApiCaller
    profile: TechnicalProfile
    resolution: Resolution
    records: list[CallRecord]

    async def run(self, *inputs: tuple[ClaimMapping, object], texts: Mapping[str, str] | None = None) -> object:
        known = texts or {}
        call = Call(
            profile=self.profile,
            inputs=inputs,
            persisted=(),
            claims={one.claim.id: value for one, value in inputs},
            resolution=self.resolution,
            journey_id="journey-1",
            step="Order=2, Type=ClaimsExchange",
            exchange_id="LoyaltyExchange",
            page=None,
            texts=known.get,
            record=self.records.append,
        )
        return await self.provider.execute(call)


@pytest.fixture
def profile_for(
    ring: Ring, redactor: Redactor, resolution: Resolution, client_for: Callable[..., RestClient]
) -> Callable[..., Profile]:
    """Build the provider of a profile; metadata by keyword."""

    def build(
        url: str,
        *,
        keys: Mapping[str, str] | None = None,
        inputs: tuple[ClaimMapping, ...] = (),
        outputs: tuple[ClaimMapping, ...] = (),
        client: RestClient | None = None,
        development: bool = True,
        settings: ProfileSettings | None = None,
        **metadata: str,
    ) -> Profile:
        profile = TechnicalProfile(
            id="REST-Loyalty",
            location=Location("policy.xml", 7, 3),
            handler=RESTFUL,
            metadata=Metadata({"ServiceUrl": url, **metadata}),
            keys=keys or {},
            input_claims=inputs,
            output_claims=outputs,
        )
        services = RestServices(
            client=client or client_for(),
            keys=ring,
            redactor=redactor,
            policy_id="B2C_1A_SignUp",
            tenant_id="contoso.onmicrosoft.com",
            development=development,
            settings={"rest-loyalty": settings or ProfileSettings(timeout_s=5, retries=0)},
        )
        return Profile(build_restful(profile, services), profile, resolution, [])

    return build


@dataclass
class Sender:
    """Send a GET with a client, without a profile around it."""

    client: RestClient
    resolution: Resolution

    async def get(self, url: str, authenticator: object, *, limits: Limits | None = None, **rules: object) -> object:
        plan = RequestPlan(SendClaimsIn.HEADER, compile_service_url(url, (), placeholders=False, resolvers=False))
        return await self.send(build_request(plan, (), self.resolution), authenticator, limits=limits, **rules)

    async def send(
        self, request: ApiRequest, authenticator: object, *, limits: Limits | None = None, **rules: object
    ) -> object:
        credentials: CIMultiDict[str] = CIMultiDict()
        authenticator.authenticate(credentials, {})
        self.progress = self.client.begin()
        chosen = CallRules(limits or Limits(timeout_s=5, retries=0), **rules)
        return await self.client.send(request, credentials, authenticator, chosen, self.progress)


@pytest.fixture
def sender_for(client_for: Callable[..., RestClient], resolution: Resolution) -> Callable[..., Sender]:
    return lambda **options: Sender(client_for(**options), resolution)


@pytest.fixture
def answer() -> Callable[..., bytes]:
    return http


@pytest.fixture
def long_ago() -> timedelta:
    return timedelta(days=400)
