"""The catalogue of ``journeyman conformance`` against the guard and its peers; ``python -m benchmarks.guard_peers`` prints a table.

Each peer is configured as its own documentation does it. What is not installed is left out and said.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import flask
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer
from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.guard_server import HOST, PATH, SECRET, USER, PublishedKey
from journeyman_guard import (
    ApiKeyCheck,
    BasicCheck,
    Check,
    ClientCertificateCheck,
    FailureLimit,
    Guard,
    GuardMiddleware,
    JwtCheck,
    hashed_credential,
)
from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.catalogue import catalogue
from journeyman_guard.conformance.certificates import Certificates, Issuer, Wanted
from journeyman_guard.conformance.forge import forge
from journeyman_guard.conformance.run import Report, Runner
from journeyman_guard.conformance.subject import Subject
from journeyman_guard.conformance.verdict import Result
from journeyman_guard.conformance.wire import Wire
from journeyman_guard.uvicorn_tls import tls_config

ISSUER, AUDIENCE = "https://issuer.example", "api-1"
Serve = Callable[[Path], AbstractAsyncContextManager[int]]


@dataclass(frozen=True)
class Peer:
    """One way to secure the same route."""

    name: str
    kind: str
    serve: Serve


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """Return the key of the issuer of tokens."""
    return rsa.generate_private_key(65_537, 2_048)


@cache
def authority() -> Issuer:
    """Return the authority of servers and clients."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name.from_rfc4514_string("CN=authority"), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=9))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    from cryptography.hazmat.primitives.hashes import SHA256

    return builder.sign(key, SHA256()), key


def subject(kind: str, port: int) -> Subject:
    """Return the right credential of a kind."""
    pem = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = Subject(kind, HOST, port, tls=kind == "client-certificate", target=PATH, user=USER, secret=SECRET)
    if kind == "jwt":
        now_s = int(datetime.now(UTC).timestamp())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "c", "exp": now_s + 3_600}
        token = forge({"typ": "JWT", "alg": "RS256", "kid": "1"}, claims, signing_key())
        public = signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return replace(made, secret=token, signing_key=signing_key().private_bytes(*pem), public_keys=(public,))
    if kind == "client-certificate":
        identity = Certificates(None).issued(Wanted("", "", "", subject="CN=client"), authority())
        return replace(made, secret="", identity=identity, issuer=authority())
    return made


@asynccontextmanager
async def _uvicorn(app: Any, **settings: Any) -> AsyncIterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None, proxy_headers=False, **settings)
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        yield listener.getsockname()[1]
        await server.shutdown(sockets=[listener])


def _check(kind: str) -> Check:
    credential = (hashed_credential(USER, SECRET),)
    match kind:
        case "basic":
            return BasicCheck(credential)
        case "api-key":
            return ApiKeyCheck("x-functions-key", credential)
        case "jwt":
            return JwtCheck(ISSUER, (AUDIENCE,), PublishedKey(signing_key()))
        case _:
            return ClientCertificateCheck(issuers=(authority()[0],))


def _guard(kind: str) -> Serve:
    @asynccontextmanager
    async def serve(folder: Path) -> AsyncIterator[int]:
        app = GuardMiddleware(_gold, Guard({f"GET {PATH}": _check(kind)}, limit=FailureLimit(0)))
        tls = {}
        if kind == "client-certificate":
            tls = dict(tls_config(folder / "server.pem", folder / "server.key", folder / "ca.pem"))
        async with _uvicorn(app, **tls) as port:
            yield port

    return serve


async def _gold(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"15")]})
    await send({"type": "http.response.body", "body": b'{"tier":"gold"}'})


def _fastapi(dependency: Any) -> Serve:
    app = FastAPI()

    @app.get(PATH, dependencies=[dependency])
    def loyalty() -> dict[str, str]:
        return {"tier": "gold"}

    return lambda _folder: _uvicorn(app)


def _fastapi_basic(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
    user = secrets.compare_digest(given.username.encode(), USER.encode())
    if not (user and secrets.compare_digest(given.password.encode(), SECRET.encode())):
        raise HTTPException(401, "Incorrect username or password", {"WWW-Authenticate": "Basic"})


def _fastapi_key(given: Annotated[str, Security(APIKeyHeader(name="x-functions-key"))]) -> None:
    if not secrets.compare_digest(given.encode(), SECRET.encode()):
        raise HTTPException(401, "Incorrect key")


def _fastapi_jwt(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> None:
    import jwt

    try:
        jwt.decode(
            given.credentials, signing_key().public_key(), algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": "Bearer"}) from None


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Say nothing."""


def _flask_httpauth() -> Serve:
    from flask_httpauth import HTTPBasicAuth
    from werkzeug.security import check_password_hash, generate_password_hash

    auth, users = HTTPBasicAuth(), {USER: generate_password_hash(SECRET, "pbkdf2:sha256:1000")}
    app = flask.Flask("peer")

    @auth.verify_password
    def verify(user: str, password: str) -> str | None:
        return user if user in users and check_password_hash(users[user], password) else None

    @app.get(PATH)
    @auth.login_required
    def loyalty() -> dict[str, str]:
        return {"tier": "gold"}

    @asynccontextmanager
    async def serve(_folder: Path) -> AsyncIterator[int]:
        server = make_server(HOST, 0, app, threaded=True, request_handler=_Quiet)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()
        server.server_close()

    return serve


def _nginx(rules: Callable[[Path], str]) -> Serve:
    @asynccontextmanager
    async def serve(folder: Path) -> AsyncIterator[int]:
        async with _uvicorn(_gold) as upstream:
            with _nginx_process(folder, rules(folder), upstream) as port:
                await _until_open(port)
                yield port

    return serve


@contextmanager
def _nginx_process(folder: Path, rules: str, upstream: int) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;\nevents {{}}\nhttp {{ access_log off; {temporary}\n"
        f"server {{ listen {HOST}:{port}{' ssl' if 'ssl_' in rules else ''}; {rules}\n"
        f"location {PATH} {{ proxy_pass http://{HOST}:{upstream}; }} }} }}\n"
    )
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([binary, "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")])
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


async def _until_open(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise RuntimeError("nginx does not listen")


def _basic_rules(folder: Path) -> str:
    hashed = subprocess.run(["openssl", "passwd", "-apr1", SECRET], capture_output=True, text=True, check=True).stdout
    (folder / "users").write_text(f"{USER}:{hashed}")
    folder.chmod(0o755)
    return f"auth_basic api; auth_basic_user_file {folder}/users;"


def _certificate_rules(folder: Path) -> str:
    return (
        f"ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key; "
        f"ssl_client_certificate {folder}/ca.pem; ssl_verify_client on;"
    )


def peers() -> list[Peer]:
    """Return the guard and those peers that are here."""
    found = [Peer("journeyman-guard", kind, _guard(kind)) for kind in ("basic", "api-key", "jwt", "client-certificate")]
    found += [
        Peer("FastAPI, HTTPBasic", "basic", _fastapi(Depends(_fastapi_basic))),
        Peer("FastAPI, APIKeyHeader", "api-key", _fastapi(Depends(_fastapi_key))),
        Peer("FastAPI, HTTPBearer and PyJWT", "jwt", _fastapi(Depends(_fastapi_jwt))),
    ]
    if find_spec("flask_httpauth") is not None:
        found.append(Peer("Flask-HTTPAuth", "basic", _flask_httpauth()))
    if shutil.which("nginx") or Path("/usr/sbin/nginx").exists():
        found.append(Peer("nginx, auth_basic", "basic", _nginx(_basic_rules)))
        found.append(Peer("nginx, ssl_verify_client", "client-certificate", _nginx(_certificate_rules)))
    return found


def _write_tls(folder: Path) -> None:
    certificate, _ = authority()
    import ipaddress

    wanted = Wanted("", "", "", subject="CN=server", purposes=("server",))
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    made = Certificates(None).issued(wanted, authority(), names)
    (folder / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(made.chain)
    (folder / "server.key").write_bytes(made.key)


async def attacked(peer: Peer) -> Report:
    """Run the whole catalogue against one peer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_tls(folder)
        async with peer.serve(folder) as port:
            target = subject(peer.kind, port)
            wire = Wire(HOST, port, target.tls, folder / "ca.pem", timeout_s=5, step_s=0.05)
            return await Runner(wire, target, rate=0).run(catalogue(target))


def is_odd(case: Case) -> bool:
    """Whether the case is the right credential in a form that it must not have."""
    return "repaired" in case.meaning or "Of several" in case.meaning or "two parties" in case.meaning


def row(peer: Peer, report: Report) -> str:
    """Return one line of the table."""
    let_in = [verdict.case for verdict in report.verdicts if verdict.result is Result.LET_IN]
    odd = sum(is_odd(case) for case in let_in)
    total, refused, unclear = len(report.verdicts), report.count(Result.REFUSED), report.count(Result.UNCLEAR)
    wrong = len(let_in) - odd
    return f"| {peer.name} | {peer.kind} | {refused} of {total} | {wrong} | {odd} | {unclear} | {report.rightly_refused} of {report.right} |"


async def main() -> None:
    """Attack all and print the table, then what got in."""
    details: Mapping[str, list[str]] = {}
    head = "| how | credential | refused | wrong let in | right but malformed let in | unclear | right one refused |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    details = {}
    for peer in peers():
        report = await attacked(peer)
        lines.append(row(peer, report))
        found = [v for v in report.verdicts if v.result in (Result.LET_IN, Result.UNCLEAR)]
        details[f"{peer.name}, {peer.kind}"] = [
            f"{v.result.value}: {v.case.id}: {v.case.title} -> {v.seen}" for v in found
        ]
        details[f"{peer.name}, {peer.kind}"] += [f"note: {note}" for note in report.notes]
        print(lines[-1], file=sys.stderr, flush=True)
    print("\n".join(lines))
    print(json.dumps(details, indent=1))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    asyncio.run(main())
