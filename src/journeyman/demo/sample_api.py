"""The API that the demo's policies call: a different credential on every route, and nobody else gets in.

It stands for the customer's own API, so it is guarded by ``journeyman_guard`` and knows nothing of the engine but
where its tokens come from.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from journeyman.clock import Clock, SystemClock
from journeyman.web.server import GRACE_S, Server
from journeyman_guard import (
    AnyoneCheck,
    ApiKeyCheck,
    BasicCheck,
    BearerCheck,
    Check,
    ClientCertificateCheck,
    Conflict,
    Credential,
    GuardMiddleware,
    JwksCache,
    JwtCheck,
    load_certificates,
)
from journeyman_guard.uvicorn_tls import tls_config

LIMIT_BYTES: Final = 65_536
BENEFITS: Final = ("Free returns", "Early access", "Birthday gift")
GIFTS: Final = (("Trail mug", "gold"), ("Canvas bag", "silver"), ("Sticker set", "bronze"))
"""What there is to give and from which tier on, best first."""

_MEMBER_ID: Final = re.compile(r"M-[0-9A-F]{8}")
_LOYALTY_NUMBER: Final = re.compile(r"[0-9]{4,19}")


@dataclass(frozen=True, slots=True)
class SampleApiConfig:
    """What the API knows of its callers; secrets only hashed.

    Attributes:
        users: user and password of ``POST /api/loyalty/check``.
        client_ca: PEM of the authority that issues the client certificates for ``POST /api/members``.
        issuer: of the tokens for ``GET /api/members/{memberId}/benefits``.
        audience: the API's own application id, as the tokens name it.
        jwks_url: where the issuer publishes its keys.
        scope: must be granted in the token, as a scope or as a role.
        bearer_tokens: of ``GET /api/gifts``.
        api_keys: of ``GET /api/delivery``, in the header ``x-functions-key``.
    """

    users: tuple[Credential, ...]
    client_ca: Path
    issuer: str
    audience: str
    jwks_url: str
    bearer_tokens: tuple[Credential, ...]
    api_keys: tuple[Credential, ...]
    scope: str = "benefits.read"
    clock: Clock = field(default_factory=SystemClock)


def sample_api(config: SampleApiConfig) -> ASGIApp:
    """Return the guarded application. Raises MisconfiguredError when a route would be open."""
    app = Starlette(
        routes=[
            Route("/health", _health),
            Route("/api/loyalty/check", _check_loyalty_number, methods=["POST"]),
            Route("/api/members", _register_member, methods=["POST"]),
            Route("/api/members/{memberId}/benefits", _benefits),
            Route("/api/gifts", _gifts),
            Route("/api/delivery", _delivery),
        ]
    )
    return GuardMiddleware(app, _policy(config))


def serve_sample_api(
    config: SampleApiConfig, host: str, port: int, *, certificate: Path, key: Path, client_ca: Path
) -> uvicorn.Server:
    """Return a server with TLS that asks for a client certificate; ``serve(sockets=[...])`` runs it.

    It leaves the signals of the process alone.
    """
    settings = uvicorn.Config(
        sample_api(config),
        host=host,
        port=port,
        loop="none",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        **tls_config(certificate, key, client_ca),
    )
    return Server(settings)


def _policy(config: SampleApiConfig) -> dict[str, Check]:
    realm = "loyalty"
    return {
        "GET /health": AnyoneCheck(),
        "POST /api/loyalty/check": BasicCheck(config.users, realm=realm),
        "POST /api/members": ClientCertificateCheck(
            issuers=load_certificates(config.client_ca.read_bytes()), clock=config.clock
        ),
        "GET /api/members/{memberId}/benefits": JwtCheck(
            config.issuer,
            (config.audience,),
            JwksCache(config.jwks_url, clock=config.clock),
            scopes=(config.scope,),
            roles=(config.scope,),
            realm=realm,
            clock=config.clock,
        ),
        "GET /api/gifts": BearerCheck(config.bearer_tokens, realm=realm),
        "GET /api/delivery": ApiKeyCheck("x-functions-key", config.api_keys, realm=realm),
    }


async def _health(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _check_loyalty_number(request: Request) -> Response | Conflict:
    body = await _read_object(request)
    number = body.get("loyaltyNumber")
    if not isinstance(number, str) or not isinstance(body.get("email"), str):
        return _bad_request("loyaltyNumber and email are strings")
    if not _LOYALTY_NUMBER.fullmatch(number):
        return Conflict("A loyalty number has digits only. Please check the number on your card.", "LOYALTY_MALFORMED")
    if int(number[-1]) % 2:
        grouped = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
        message = f"The loyalty number {grouped} is not known. Please check the number on your card."
        return Conflict(message, "LOYALTY_UNKNOWN")
    return JSONResponse({"tier": {"9": "gold", "5": "silver"}.get(number[0], "bronze")})


async def _register_member(request: Request) -> Response:
    object_id = (await _read_object(request)).get("objectId")
    if not isinstance(object_id, str) or not object_id:
        return _bad_request("objectId is a string")
    # From the object id, so that a call that is tried again registers nobody twice.
    digits = hashlib.sha256(object_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return JSONResponse({"memberId": f"M-{digits.upper()}"})


async def _benefits(request: Request) -> Response:
    if not _MEMBER_ID.fullmatch(request.path_params["memberId"]):
        return JSONResponse({"error": "not found"}, 404)
    return JSONResponse({"benefits": list(BENEFITS)})


async def _gifts(request: Request) -> Response:
    tiers = [tier for _, tier in GIFTS]
    wanted = request.query_params.get("tier", "bronze")
    if wanted not in tiers:
        return _bad_request("the tier is gold, silver or bronze")
    gifts = GIFTS[tiers.index(wanted) :]
    return JSONResponse({"gifts": [{"name": name, "tier": tier} for name, tier in gifts]})


async def _delivery(request: Request) -> Response:
    if not _MEMBER_ID.fullmatch(request.headers.get("x-member-id", "")):
        return _bad_request("x-member-id names no member")
    return JSONResponse({"days": 2})


async def _read_object(request: Request) -> dict[str, object]:
    """Return the JSON object of the body; empty, and so refused by the caller, where there is none."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > LIMIT_BYTES:
            return {}
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _bad_request(detail: str) -> Response:
    return JSONResponse({"error": detail}, 400)
