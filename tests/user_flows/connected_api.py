"""An API behind real TLS that user flows call, and the settings by which they reach it."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiohttp import web

USER, PASSWORD, CODE = "journeyman", "canary-of-the-password", "canary-of-the-code"
HOST = "https://api.contoso.example"
GO = {"version": "1.0.0", "action": "Continue"}


@dataclass
class ConnectedApi:
    """Answers every POST with ``answer``, or with that of its step; 401 without the credentials, when it wants any."""

    certificate: Path
    origin: str = ""
    status: int = 200
    answer: Any = field(default_factory=lambda: dict(GO))
    by_step: dict[str, dict[str, Any]] = field(default_factory=dict)
    delay_s: float = 0.0
    received: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def reply(self, request: web.Request) -> web.Response:
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}" or request.query.get("code") != CODE:
            return web.Response(status=401)
        self.received.append(await request.json())
        self.headers.append(dict(request.headers))
        await asyncio.sleep(self.delay_s)
        answer = self.by_step.get(self.received[-1]["step"], self.answer)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(status=self.status, body=body, content_type="application/json")

    def says(self, action: str, message: str = "", *, status: int = 200, **claims: Any) -> None:
        """Set the next answers."""
        self.status = status
        self.answer = {"version": "1.0.0", "action": action, **claims}
        if message:
            self.answer["userMessage"] = message
        if status == 400:
            self.answer["status"] = 400

    @property
    def settings(self) -> str:
        """What journeyman.toml says of the API."""
        return f"""
[egress]
trust = ["{self.certificate}"]
[egress.map]
"{HOST}" = "{self.origin}"
[[api_connectors]]
name = "Check"
url = "{HOST}/check?code={CODE}"
authentication = {{ type = "basic", username = "{USER}", password_key = "B2C_1A_Check" }}
"""


async def start(folder: Path) -> tuple[ConnectedApi, web.AppRunner]:
    """Start the API; clean the runner up at the end."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    api = ConnectedApi(folder / "ca.pem")
    app = web.Application()
    app.router.add_post("/check", api.reply)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    api.origin = f"https://127.0.0.1:{runner.addresses[0][1]}"
    return api, runner
