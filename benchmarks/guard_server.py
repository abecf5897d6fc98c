"""The guarded applications that are measured, and their peers; each a process of its own, as ``benchmarks.server`` has it.

``python -m benchmarks.guard_server NAME [UPSTREAM]``; the names are ``APPLICATIONS`` and ``serve``.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import socket
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import uvicorn
import uvloop
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBasicCredentials
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from journeyman_guard import (
    ApiKeyCheck,
    BasicCheck,
    BearerCheck,
    Check,
    Guard,
    GuardMiddleware,
    JwtCheck,
    hashed_credential,
)
from journeyman_guard.conformance.forge import forge, public_jwk
from journeyman_guard.jwks import read_jwks
from journeyman_guard.proxy.forward import Forwarder

HOST, PATH, USER = "127.0.0.1", "/api/loyalty", "journeys"
SECRET = "Kq7-x3k9LmZ_0pPq2Yy8"
BASIC = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
ISSUER, AUDIENCE = "https://issuer.example", "api-1"


class PublishedKey:
    """A key of an issuer that is cached."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.found = read_jwks(json.dumps({"keys": [public_jwk(key, "1")]}).encode())[0].key

    async def find(self, key_id: str | None, algorithm: str) -> Any:
        """Return the key where its id fits."""
        return self.found if key_id == "1" else None


def token_of(key: rsa.RSAPrivateKey) -> str:
    """Return a right token."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "c", "scp": "read", "exp": datetime.now(UTC).timestamp() + 3_600}
    return forge({"typ": "JWT", "alg": "RS256", "kid": "1"}, claims, key)


def jwt_check(key: rsa.RSAPrivateKey) -> JwtCheck:
    """Return the check of those tokens."""
    return JwtCheck(ISSUER, (AUDIENCE,), PublishedKey(key), scopes=("read",))


async def _loyalty(_request: Request) -> JSONResponse:
    return JSONResponse({"tier": "gold", "points": 1_200})


def _starlette() -> Starlette:
    return Starlette(routes=[Route(PATH, _loyalty)])


def _guarded(check: Check) -> GuardMiddleware:
    return GuardMiddleware(_starlette(), {f"GET {PATH}": check})


def _credential() -> tuple[Any, ...]:
    return (hashed_credential(USER, SECRET),)


def _jwt() -> tuple[Any, dict[str, str]]:
    key = rsa.generate_private_key(65_537, 2_048)
    return _guarded(jwt_check(key)), {"Authorization": f"Bearer {token_of(key)}"}


def _fastapi(*dependencies: Any) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get(PATH, dependencies=list(dependencies))
    async def loyalty() -> dict[str, object]:
        return {"tier": "gold", "points": 1_200}

    return app


def _fastapi_basic(given: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())]) -> None:
    # As the documentation of FastAPI has it.
    same_user = secrets.compare_digest(given.username.encode(), USER.encode())
    if not (secrets.compare_digest(given.password.encode(), SECRET.encode()) and same_user):
        raise HTTPException(401, "Incorrect", {"WWW-Authenticate": "Basic"})


def _fastapi_key(given: Annotated[str, Security(APIKeyHeader(name="x-functions-key"))]) -> None:
    if not secrets.compare_digest(given.encode(), SECRET.encode()):
        raise HTTPException(401, "Incorrect")


APPLICATIONS: Mapping[str, Callable[[], tuple[Any, dict[str, str]]]] = {
    "bare": lambda: (_starlette(), {}),
    "basic": lambda: (_guarded(BasicCheck(_credential())), {"Authorization": BASIC}),
    "api-key": lambda: (_guarded(ApiKeyCheck("x-functions-key", _credential())), {"x-functions-key": SECRET}),
    "bearer": lambda: (_guarded(BearerCheck(_credential())), {"Authorization": f"Bearer {SECRET}"}),
    "jwt": _jwt,
    "fastapi": lambda: (_fastapi(), {}),
    "fastapi-basic": lambda: (_fastapi(Depends(_fastapi_basic)), {"Authorization": BASIC}),
    "fastapi-api-key": lambda: (_fastapi(Depends(_fastapi_key)), {"x-functions-key": SECRET}),
}


async def _serve(name: str, upstream: str | None) -> None:
    forwarder: Forwarder | None = None
    headers: dict[str, str] = {"Authorization": BASIC}
    if upstream is not None:
        forwarder = Forwarder(upstream, tls=False, timeout_s=10, limit_bytes=1_000_000)
        await forwarder.open()
        app: Any = GuardMiddleware(forwarder, Guard({f"GET {PATH}": BasicCheck(_credential())}))
    else:
        app, headers = APPLICATIONS[name]()
    listener = socket.create_server((HOST, 0))
    config = uvicorn.Config(
        app, loop="none", ws="none", lifespan="off", log_config=None, access_log=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.005)
    print(json.dumps({"port": listener.getsockname()[1], "headers": headers}), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps({"cpu_s": time.process_time()}), flush=True)
    server.should_exit = True
    await task
    if forwarder is not None:
        await forwarder.close()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
