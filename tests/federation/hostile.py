"""An OpenID provider that lies: what its endpoints answer is what a test says, signed with real keys.

Honest answers are tested with real providers; this one exists for those that no real provider gives.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from journeyman.clock import SystemClock

KEY = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048), {"kid": "one", "use": "sig"})
OTHER = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048), {"kid": "one"})
CLIENT = "the-client"


def signed(claims: Mapping[str, object], key: RSAKey = KEY) -> str:
    """Return an ID token."""
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "JWT"}, present, key)


@dataclass
class HostileProvider:
    """``answers`` maps a path to what answers there in place of the honest one."""

    origin: str = ""
    nonce: str = ""
    claims: Mapping[str, object] = field(default_factory=dict)
    sign: Callable[[Mapping[str, object]], str] = signed
    answers: dict[str, Callable[[web.Request], web.StreamResponse]] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def reset(self) -> None:
        """Be honest again."""
        self.claims, self.sign = {}, signed
        self.answers.clear()
        self.asked.clear()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer."""
        form = await request.post()
        self.asked.append((request.path, {**request.query, **form}))
        if request.path in self.answers:
            return self.answers[request.path](request)
        documents = {"/document": self.document(), "/keys": {"keys": [KEY.as_dict(private=False)]}}
        return web.json_response(documents.get(request.path) or self.tokens())

    def document(self) -> Mapping[str, object]:
        """Return the discovery document."""
        endpoints = {name: f"{self.origin}/{path}" for name, path in ENDPOINTS.items()}
        return {"issuer": self.origin, **endpoints}

    def tokens(self) -> Mapping[str, object]:
        """Return what the token endpoint answers."""
        now = int(SystemClock().now().timestamp())
        claims = {"iss": self.origin, "aud": CLIENT, "sub": "ada", "nonce": self.nonce, "iat": now, "exp": now + 300}
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.sign({**claims, **self.claims})}


ENDPOINTS = {"jwks_uri": "keys", "authorization_endpoint": "auth", "token_endpoint": "token"}


def signed_with_the_public_key(claims: Mapping[str, object]) -> str:
    """Return a token whose HMAC key is the public key that everybody knows."""
    public = OctKey.import_key(KEY.as_pem(private=False))
    return jwt.encode({"alg": "HS256", "kid": "one"}, dict(claims), public, algorithms=["HS256"])


def unsigned(claims: Mapping[str, object]) -> str:
    """Return a token with ``alg`` none."""
    head, body, _ = signed(claims).split(".")
    none = jwt.encode({"alg": "none"}, dict(claims), KEY, algorithms=["none"]).split(".")[0] if head else ""
    return f"{none}.{body}."


@asynccontextmanager
async def hostile_provider() -> AsyncIterator[HostileProvider]:
    """Run one on a free port of 127.0.0.1."""
    provider = HostileProvider()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", provider.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", 0)
    provider.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield provider
    server.close()
    await runner.cleanup()
