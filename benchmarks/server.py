"""The servers that are measured or called, each a process of its own: its name in, a port on standard output.

Every line that comes in on standard input is answered with the processor time of the process; the end of
the input ends it. ``python -m benchmarks.server bare | api FOLDER | engine FOLDER HASHING``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import ssl
import sys
import time
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
import uvloop
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

HOST = "127.0.0.1"
PASSWORD = "correct-Horse-7"
USERS = 32
API_ANSWER = b'{"id":"L-4711","tier":"gold","points":1200}'


def user_name(number: int) -> str:
    """Return the sign-in name of one of the users of the measured engine."""
    return f"person{number % USERS}@example.com"


def main(name: str, *arguments: str) -> None:
    """Serve until standard input ends."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, int(os.environ.get("BENCHMARK_PORT", "0"))))
    uvloop.run(_serve(name, arguments, listener))


async def _serve(name: str, arguments: tuple[str, ...], listener: socket.socket) -> None:
    async with AsyncExitStack() as opened:
        config, told = await _config(name, arguments, listener.getsockname()[1], opened)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        # Uvicorn has no event to wait for, only the flag.
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        _say({"port": listener.getsockname()[1], **told})
        await _answer_lines()
        server.should_exit = True
        await serving


async def _config(
    name: str, arguments: tuple[str, ...], port: int, opened: AsyncExitStack
) -> tuple[uvicorn.Config, Mapping[str, Any]]:
    options: dict[str, Any] = {}
    told: Mapping[str, Any] = {}
    if name == "engine":
        app, told = await _engine(Path(arguments[0]), arguments[1], port, opened)
    elif name == "api":
        app, options = _api, _tls(Path(arguments[0]))
    else:
        app = bare_application()
    return uvicorn.Config(
        app, loop="none", http="httptools", ws="none", lifespan="off", log_config=None, access_log=False, **options
    ), told


async def _engine(folder: Path, hashing: str, port: int, opened: AsyncExitStack) -> tuple[Any, Mapping[str, Any]]:
    # Imported here, so that the bare server's start and memory are its own.
    from benchmarks.tenant import SERVICE_CLIENT_ID
    from journeyman.directory.passwords import PasswordHasher
    from journeyman.engine import open_engine
    from journeyman.settings import load_settings
    from journeyman.web.app import build_app

    passwords = PasswordHasher() if hashing == "full" else PasswordHasher(memory_kib=8, time_cost=1)
    settings = load_settings(folder, environment=os.environ, listen=f"{HOST}:{port}")
    engine = await open_engine(settings, warn=lambda _: None, passwords=passwords)
    opened.push_async_callback(engine.close)
    await _add_users(engine, passwords)
    secret = await engine.applications.add_secret(SERVICE_CLIENT_ID)
    return build_app(engine), {"secret": secret.reveal()}


async def _add_users(engine: Any, passwords: Any) -> None:
    from journeyman.directory.user import User, local_identity
    from journeyman.secret import Secret

    hashed = await passwords.hash(Secret(PASSWORD))
    for number in range(USERS):
        name = user_name(number)
        user = User(
            object_id=str(uuid.uuid4()),
            created_at=datetime.now(UTC),
            attributes={"displayname": "Person", "givenname": "Per", "surname": "Son"},
            identities=(local_identity("emailAddress", name),),
            password_hash=hashed,
        )
        await engine.users.create(user)


def bare_application() -> Starlette:
    """Return an application with one endpoint that reads a form and signs one JWT by RS256, and nothing else."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    header = _segment({"alg": "RS256", "typ": "JWT", "kid": "bare"})

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        now_s = int(time.time())  # noqa: TID251  # a server without a clock of its own is the point of comparison
        claims = {
            "iss": "https://bare.example/",
            "aud": form["client_id"],
            "sub": form["client_id"],
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + 3600,
            "jti": str(uuid.uuid4()),
        }
        signed = header + b"." + _segment(claims)
        signature = base64.urlsafe_b64encode(key.sign(signed, padding.PKCS1v15(), SHA256())).rstrip(b"=")
        text = (signed + b"." + signature).decode()
        return JSONResponse({"access_token": text, "token_type": "Bearer", "expires_in": 3600})

    async def page(_request: Request) -> Response:
        return Response("bare", media_type="text/plain")

    return Starlette(routes=[Route("/token", token, methods=["POST"]), Route("/", page)])


def _segment(value: Mapping[str, object]) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=")


async def _api(scope: Any, receive: Any, send: Any) -> None:
    """Read the body and answer the same each time, as an ASGI application; at /cold the connection is closed."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(API_ANSWER)).encode())]
    if scope["path"].startswith("/cold"):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": API_ANSWER})


def _tls(folder: Path) -> dict[str, Any]:
    return {
        "ssl_certfile": folder / "api.pem",
        "ssl_keyfile": folder / "api.key",
        "ssl_ca_certs": str(folder / "ca.pem"),
        "ssl_cert_reqs": ssl.CERT_OPTIONAL,
        "timeout_keep_alive": 300,
    }


async def _answer_lines() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        _say({"cpu_s": time.process_time()})


def _say(value: Mapping[str, object]) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
