"""A REST API behind real TLS that wants Basic credentials, and the starter pack with a profile that calls it."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

API_ORIGIN = "https://contoso-api.azurewebsites.net"
USER, PASSWORD = "journey", "Canary-basic-secret"


@dataclass
class RestApi:
    """Answers every POST: 409 with a message for a refused display name, 401 without the credentials."""

    certificate: Path
    origin: str = ""
    received: list[dict[str, object]] = field(default_factory=list)
    refusal: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        status, answer = self._answer(head, body)
        content = json.dumps(answer).encode()
        lines = (
            f"HTTP/1.1 {status}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            "Connection: close",
        )
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        await writer.drain()
        writer.close()

    def _answer(self, head: str, body: dict[str, object]) -> tuple[str, dict[str, object]]:
        if f"authorization: basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}".lower() not in head:
            return "401 Unauthorized", {}
        self.received.append(body)
        if self.refusal:
            return "409 Conflict", {"version": "1.0.0", "status": 409, "userMessage": self.refusal}
        return "200 OK", {"loyaltyTier": "gold"}

    @property
    def settings(self) -> str:
        """What journeyman.toml says so that the policy's address leads here."""
        return f'[egress]\ntrust = ["{self.certificate}"]\n[egress.map]\n"{API_ORIGIN}" = "{self.origin}"\n'


@pytest.fixture
async def rest_api(tmp_path: Path) -> AsyncIterator[RestApi]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    api = RestApi(tmp_path / "ca.pem")
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0, ssl=context)
    api.origin = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield api
    server.close()


@pytest.fixture
def starter_pack(corpus: Path) -> dict[str, str]:
    """The files of the pack, unchanged, one policy of ours on top, and the keys that it names."""
    pack = corpus / "starterpack" / "LocalAccounts"
    files = {path.name: path.read_text(encoding="utf-8-sig") for path in sorted(pack.glob("*.xml"))}
    ours = Path(__file__).with_name("LoyaltySignUpOrSignIn.xml").read_text(encoding="utf-8")
    keys = {"keys/B2C_1A_LoyaltyUser.txt": USER, "keys/B2C_1A_LoyaltyPassword.txt": PASSWORD}
    return {**files, "LoyaltySignUpOrSignIn.xml": ours, **keys}
