"""An API behind real TLS whose owner changes what it accepts while it runs, and that remembers who came on which connection."""

from __future__ import annotations

import ssl
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman.keys.certificate import IssuedCertificate, Purpose, self_signed


def thumbprint(certificate: x509.Certificate) -> str:
    return sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


@dataclass
class Api:
    """What it lets in: secrets, certificates by thumbprint, and authorities.

    ``callers`` are the credentials that came on each connection.
    """

    context: ssl.SSLContext
    secrets: set[str] = field(default_factory=set)
    certificates: set[str] = field(default_factory=set)
    authorities: dict[str, x509.Certificate] = field(default_factory=dict)
    calls: int = 0
    refused: int = 0
    callers: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _transports: list[object] = field(default_factory=list)
    _issued_by: dict[tuple[str, str], bool] = field(default_factory=dict)

    def believe(self, certificate: x509.Certificate) -> None:
        """Let TLS accept a certificate, or those that it issued; what the routes say of them is another matter."""
        self.context.load_verify_locations(cadata=certificate.public_bytes(Encoding.PEM).decode())

    async def secret(self, request: web.Request) -> web.Response:
        sent = request.headers.get("x-functions-key", "")
        return self._answer(request, sent, accepted=sent in self.secrets)

    async def certificate(self, request: web.Request) -> web.Response:
        sent = self._thumbprint(request)
        return self._answer(request, sent, accepted=sent in self.certificates)

    async def authority(self, request: web.Request) -> web.Response:
        sent = self._thumbprint(request)
        der = request.transport.get_extra_info("ssl_object").getpeercert(binary_form=True) or b""
        return self._answer(request, sent, accepted=any(self._issued(der, name) for name in self.authorities))

    def _issued(self, der: bytes, name: str) -> bool:
        known = self._issued_by.get((sha256(der).hexdigest(), name))
        if known is None:
            try:
                x509.load_der_x509_certificate(der).verify_directly_issued_by(self.authorities[name])
                known = True
            except (ValueError, TypeError, InvalidSignature):  # of another authority, by name, kind of key or signature
                known = False
            self._issued_by[sha256(der).hexdigest(), name] = known
        return known

    def _thumbprint(self, request: web.Request) -> str:
        der = request.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return sha256(der).hexdigest() if der else ""

    def _answer(self, request: web.Request, caller: str, *, accepted: bool) -> web.Response:
        self.calls += 1
        if request.transport not in self._transports:
            self._transports.append(request.transport)
        self.callers[self._transports.index(request.transport)].add(caller)
        if not accepted:
            self.refused += 1
            return web.json_response({}, status=401)
        return web.json_response({"caller": caller[:12]})


async def serve(folder: Path, made: IssuedCertificate, api: Api) -> tuple[web.AppRunner, int]:
    """Serve it on this machine; return what to clean up, and the port."""
    app = web.Application()
    for name in ("secret", "certificate", "authority"):
        app.router.add_route("*", f"/{name}", getattr(api, name))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=api.context)
    await site.start()
    return runner, site._server.sockets[0].getsockname()[1]


def server_context(folder: Path, made: IssuedCertificate) -> ssl.SSLContext:
    """Return a TLS context that asks for a certificate; one that it does not believe ends in an alert."""
    (folder / "server.pem").write_bytes(made.chain_pem())
    (folder / "server.key").write_bytes(made.key_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def server_certificate(now) -> IssuedCertificate:
    return self_signed("api", now=now, purpose=Purpose.SERVER, names=("127.0.0.1", "api.contoso.example"))
