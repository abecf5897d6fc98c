"""What the unit-test policies call: an API, and the token, claims and discovery endpoints of identity providers.

One server plays them all: the egress map of the tenant leads every origin of ORIGINS to it. What it says of a person is
what the providers document, all their names for the same thing in one document.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

ORIGINS = (
    "https://api.genderize.io",
    "https://graph.facebook.com",
    "https://github.com",
    "https://api.github.com",
    "https://accounts.google.com",
    "https://www.googleapis.com",
    "https://login.microsoftonline.com",
    "https://graph.microsoft.com",
    "https://myidp.biz",
    "https://openid.mobileid.ch",
)
AAD_TENANT = "55555555-2222-3333-4444-555555555555"
PERSON = {
    "id": 4711,
    "sub": "4711",
    "oid": "4711",
    "tid": AAD_TENANT,
    "name": "Ada Lovelace",
    "displayName": "Ada Lovelace",
    "first_name": "Ada",
    "given_name": "Ada",
    "givenName": "Ada",
    "last_name": "Lovelace",
    "family_name": "Lovelace",
    "surname": "Lovelace",
    "email": "ada@idp.example",
    "userPrincipalName": "ada@fabrikam.com",
    "iss": "https://myidp.biz/livedemo/oauth2",
}
GENDER = {"count": 12, "name": "Jessica", "gender": "female", "probability": 1.0}
TOKENS = {
    "access_token": "access-of-the-provider",
    "refresh_token": "refresh-of-the-provider",
    "token_type": "Bearer",
    "expires_in": 3599,
}
DISCOVERY = "/.well-known/openid-configuration"


class OutsideWorld:
    """The server; ``asked`` has the request lines in order, ``nonce`` goes into the next ID token."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.nonce = ""
        self.client_id = ""
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        length = next((int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0)
        await reader.readexactly(length)
        self.asked.append(lines[0])
        body = json.dumps(self._answer(urlsplit(lines[0].split()[1]))).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
        writer.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    def _answer(self, url: Any) -> dict[str, Any]:
        if url.path.endswith(DISCOVERY):
            return self._document(url.path.removesuffix(DISCOVERY))
        if url.path.endswith("/keys"):
            return {"keys": [self._key.as_dict(private=False)]}
        if "token" in url.path:
            return {**TOKENS, "id_token": self._id_token()}
        return GENDER if "name" in dict(parse_qsl(url.query)) else PERSON

    def _document(self, path: str) -> dict[str, Any]:
        """Write the discovery document of the provider that has this path."""
        host = "https://myidp.biz" if "livedemo" in path else "https://login.microsoftonline.com"
        return {
            "issuer": f"{host}{path}",
            "authorization_endpoint": f"{host}{path}/authorize",
            "token_endpoint": f"{host}{path}/token",
            "jwks_uri": f"{host}{path}/keys",
        }

    def _id_token(self) -> str:
        issuer = PERSON["iss"]
        if self.client_id.startswith("0000"):
            issuer = f"https://login.microsoftonline.com/{AAD_TENANT}/v2.0"
        now = int(datetime.now(UTC).timestamp())
        claims = {**PERSON, "iss": issuer, "aud": self.client_id, "nonce": self.nonce, "iat": now, "exp": now + 300}
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self._key)
