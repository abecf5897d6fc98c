"""A tenant folder full of canaries, the real process that serves it, and a proxy that keeps what browsers get."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import socket
import ssl
import sys
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from canary_search import Canary
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from journeyman.clock import SystemClock
from journeyman.keys.certificate import IssuedCertificate, Purpose, issue, make_ca
from journeyman.secret import Secret

TENANT = "canary.onmicrosoft.com"
CLIENT_ID = "22222222-2222-3333-4444-555555555555"
REDIRECT_URI = "http://127.0.0.1:5000/callback"
JOURNEYMAN = (sys.executable, "-m", "journeyman")
SPECIAL = '"<&>+/\\%ü'
API_HOSTS = ("api.canary.example", "refused.canary.example", "untrusted.canary.example")


@dataclass
class Secrets:
    """What is planted before anything runs."""

    api_user: str = field(default_factory=lambda: f"user-{secrets.token_hex(12)}")
    api_password: str = field(default_factory=lambda: f"pw-{secrets.token_hex(8)}{SPECIAL}{secrets.token_hex(8)}")
    bearer: str = field(default_factory=lambda: f"bt-{secrets.token_hex(12)}+/.~{secrets.token_hex(8)}==")
    api_key: str = field(default_factory=lambda: f'ak-{secrets.token_hex(8)}"<&>+/\\%{secrets.token_hex(8)}')
    pfx_password: str = field(default_factory=lambda: f"pfx-{secrets.token_hex(8)}{SPECIAL}{secrets.token_hex(8)}")
    acquired: str = field(default_factory=lambda: f"at-{secrets.token_hex(12)}.{secrets.token_hex(12)}")
    master_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    password: str = field(default_factory=lambda: f"Aa1!{secrets.token_hex(8)}{SPECIAL}{secrets.token_hex(8)}")
    wrong_password: str = field(default_factory=lambda: f"Bb1!{secrets.token_hex(8)}{SPECIAL}{secrets.token_hex(8)}")
    mistyped_password: str = field(default_factory=lambda: f"Cc1!{secrets.token_hex(8)}{SPECIAL}{secrets.token_hex(8)}")
    parameter: str = field(default_factory=lambda: f"Dd1!{secrets.token_hex(8)}{SPECIAL}{secrets.token_hex(8)}")
    wrong_client_secret: str = field(default_factory=lambda: f"cs-{secrets.token_hex(20)}")
    signing_key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))

    def canaries(self, certificate: IssuedCertificate) -> list[Canary]:
        named = {
            "user name of the API": self.api_user,
            "password of the API": self.api_password,
            "static bearer": self.bearer,
            "API key": self.api_key,
            "password of the PFX": self.pfx_password,
            "access token of the API": self.acquired,
            "password of the user": self.password,
            "wrong password": self.wrong_password,
            "mistyped new password": self.mistyped_password,
            "password as a parameter": self.parameter,
            "wrong client secret": self.wrong_client_secret,
        }
        return [
            *(Canary(name, value.encode()) for name, value in named.items()),
            Canary("master key", self.master_key),
            *_private_parts("client certificate's key", certificate.private_key),
            *_private_parts("token-signing key", self.signing_key),
        ]


def _private_parts(name: str, key: RSAPrivateKey) -> list[Canary]:
    """Return pieces so short that the line breaks of PEM leave at least one of them in one piece."""
    numbers = key.private_numbers()
    d, p = numbers.d.to_bytes(256, "big"), numbers.p.to_bytes(128, "big")
    return [
        Canary(f"{name}, {what} at {start}", part[start : start + 15])
        for what, part in (("d", d), ("p", p))
        for start in range(0, 60, 15)
    ]


def write_tenant(folder: Path, planted: Secrets, policies: Path) -> tuple[IssuedCertificate, IssuedCertificate]:
    """Write policies, keys and certificates; return the client's and the API's certificate."""
    now = SystemClock().now()
    authority = make_ca("CN=Canary authority", now=now)
    server = issue(authority, "CN=api.canary.example", purpose=Purpose.SERVER, names=("127.0.0.1", *API_HOSTS), now=now)
    client = issue(authority, "CN=client", purpose=Purpose.CLIENT, now=now)
    for name in ("policies", "keys", "tls"):
        (folder / name).mkdir(parents=True)
    for path in policies.glob("*.xml"):
        (folder / "policies" / path.name).write_bytes(path.read_bytes())
    texts = {
        "ApiUser": planted.api_user,
        "ApiPassword": planted.api_password,
        "Bearer": planted.bearer,
        "ApiKey": planted.api_key,
        "ClientId": CLIENT_ID,
    }
    for name, text in texts.items():
        (folder / "keys" / f"B2C_1A_{name}.txt").write_text(text, encoding="utf-8")
    pfx = folder / "keys" / "B2C_1A_Certificate.pfx"
    pfx.write_bytes(client.pfx(Secret(planted.pfx_password)))
    pfx.with_name(f"{pfx.name}.password").write_text(planted.pfx_password, encoding="utf-8")
    (folder / "keys" / "B2C_1A_TokenSigningKeyContainer.jwks").write_text(_jwks(planted.signing_key), encoding="utf-8")
    (folder / "tls" / "ca.pem").write_bytes(authority.chain_pem())
    (folder / "tls" / "api.pem").write_bytes(server.chain_pem() + server.key_pem())
    return client, server


def _jwks(key: RSAPrivateKey) -> str:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    members = {"n": public.n, "e": public.e, "d": numbers.d, "p": numbers.p, "q": numbers.q}
    members |= {"dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp}
    written = {
        name: base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
        for name, value in members.items()
    }
    return json.dumps({"keys": [{"kty": "RSA", "use": "sig", "kid": "canary", "nbf": 1, **written}]})


@dataclass
class Ports:
    """Where everything listens; nobody listens on ``nobody``."""

    engine: int
    proxy: int
    nobody: int
    api: int = 0
    untrusted: int = 0


def write_settings(folder: Path, ports: Ports, api_client_id: str, *, production: bool) -> None:
    """Write ``journeyman.toml``; in production nothing maps the token endpoint by itself."""
    token = f'"https://login.microsoftonline.com" = "https://127.0.0.1:{ports.api}"' if production else ""
    names = ("Validate", "SendEcho", "Acquire", "Basic", "Bearer", "ApiKey", "Certificate", "UseToken")
    profiles = "\n".join(
        f'[profiles."REST-{name}"]\ntimeout_s = 0.4\nretries = 0\nresponse_limit_bytes = 65536'
        for name in (*names[3:], "AcquireElsewhere", "Validate", "SendEcho", "Refused", "Nowhere")
    )
    text = f"""
[tenant]
name = "{TENANT}"
[server]
listen = "127.0.0.1:{ports.engine}"
public_url = "http://127.0.0.1:{ports.proxy}"
mode = "{"production" if production else "development"}"
[settings]
ApiScope = "{api_client_id}/.default"
[egress]
trust = ["tls/ca.pem"]
allow = ["127.0.0.1/32:{ports.api}", "127.0.0.1/32:{ports.untrusted}", "127.0.0.1/32:{ports.nobody}"]
[egress.map]
"https://api.canary.example" = "https://127.0.0.1:{ports.api}"
"https://refused.canary.example" = "https://127.0.0.1:{ports.nobody}"
"https://untrusted.canary.example" = "https://127.0.0.1:{ports.untrusted}"
"https://nowhere.canary.example" = "https://nowhere.invalid"
"https://forbidden.canary.example" = "https://169.254.169.254"
{token}
{profiles}
[[applications]]
client_id = "{CLIENT_ID}"
name = "Application"
type = "native"
redirect_uris = ["{REDIRECT_URI}"]
"""
    (folder / "journeyman.toml").write_text(text, encoding="utf-8")


def server_tls(path: Path, authority: Path | None = None) -> ssl.SSLContext:
    """Return TLS for an API; it accepts a client certificate of the authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    if authority is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(authority)
    return context


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Engine:
    """``journeyman up`` and other commands on one folder, with all that they print."""

    folder: Path
    master_key: bytes
    printed: dict[str, bytes] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "JOURNEYMAN_MASTER_KEY": base64.b64encode(self.master_key).decode(),
        }

    async def run(self, *arguments: str, name: str = "") -> bytes:
        """Run a command to its end; return and keep what it printed."""
        process = await asyncio.create_subprocess_exec(
            *JOURNEYMAN,
            *arguments,
            cwd=self.folder,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        self.printed[name or f"the output of {' '.join(arguments)}"] = out + err
        return out

    async def up(self, name: str, log: Path, port: int) -> asyncio.subprocess.Process:
        """Serve the folder; the output goes to ``log``."""
        with log.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *JOURNEYMAN, "up", cwd=self.folder, env=self.environment, stdout=file, stderr=file
            )
        async with aiohttp.ClientSession() as client:
            for _ in range(300):
                assert process.returncode is None, f"it ended: see {log}"
                try:
                    async with client.get(f"http://127.0.0.1:{port}/readyz") as answer:
                        if answer.status == 200:
                            return process
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)
        raise AssertionError(f"it never was ready: see {log}")


@dataclass
class Exchange:
    """One request through the proxy and the raw bytes of its answer."""

    line: str
    answer: bytearray = field(default_factory=bytearray)


@dataclass
class Proxy:
    """Pass bytes to the engine and keep what comes back."""

    target: int
    exchanges: list[Exchange] = field(default_factory=list)

    async def start(self, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", port)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection("127.0.0.1", self.target)
        current: list[Exchange] = []
        await asyncio.gather(self._requests(reader, outer, current), self._answers(inner, writer, current))

    async def _requests(
        self, reader: asyncio.StreamReader, outer: asyncio.StreamWriter, current: list[Exchange]
    ) -> None:
        while data := await reader.read(65536):
            first = data.split(b"\r\n", 1)[0]
            if first.endswith(b" HTTP/1.1"):
                current.append(Exchange(first.decode().removesuffix(" HTTP/1.1")))
                self.exchanges.append(current[-1])
            outer.write(data)
        outer.close()

    async def _answers(
        self, inner: asyncio.StreamReader, writer: asyncio.StreamWriter, current: list[Exchange]
    ) -> None:
        while data := await inner.read(65536):
            current[-1].answer += data
            writer.write(data)
        writer.close()
