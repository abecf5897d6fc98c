"""The guard: requests per second behind it over the same application bare, per check; as a proxy; beside its peers."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.child import Child, child
from benchmarks.client import at_once, session
from benchmarks.figure import Figure
from benchmarks.guard_server import APPLICATIONS, BASIC, HOST, PATH, SECRET, USER, jwt_check, token_of
from benchmarks.measure import Effort, Side, compare, own_cpu_s
from journeyman_guard import GuardRequest

STATIC = ("basic", "api-key", "bearer")
PEERS = {"fastapi-basic": "FastAPI with HTTPBasic", "fastapi-api-key": "FastAPI with APIKeyHeader"}
SAME = "same app bare, same request"
_MODULE = "benchmarks.guard_server"


async def guard(effort: Effort) -> list[Figure]:
    """Measure the processor time of the servers; the client is another process."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(session())
        sides: dict[str, Side] = {}
        bare: Child | None = None
        for name in APPLICATIONS:
            served = await stack.enter_async_context(child(name, module=_MODULE))
            sides[name] = Side(_work(client, served.port, served.told["headers"]), served.cpu_s)
            bare = bare or served
            if name in (*STATIC, "jwt"):
                # Reading the header costs the application, too, so the baseline gets the same request.
                sides[f"bare {name}"] = Side(_work(client, bare.port, served.told["headers"]), bare.cpu_s)
            upstream = f"http://{HOST}:{served.port}" if name == "bare" else ""
            if upstream:
                proxy = await stack.enter_async_context(child("serve", upstream, module=_MODULE))
                sides["serve"] = Side(_work(client, proxy.port, {"Authorization": BASIC}), proxy.cpu_s)
                if _nginx_binary() is not None:
                    sides["nginx"] = await stack.enter_async_context(_nginx(client, upstream))
        costs = await compare(sides, effort)
    verified = await compare(_signatures(), effort)
    fast = costs["fastapi"].cpu_s
    figures = [_static(name, costs[name].cpu_s, costs[f"bare {name}"].cpu_s) for name in STATIC]
    figures.append(
        Figure("guard, JWT: per second of one core", 1 / costs["jwt"].cpu_s, "/s", SAME, 1 / costs["bare jwt"].cpu_s)
    )
    check_s, signature_s = verified["check"].cpu_s, verified["signature"].cpu_s
    figures.append(
        Figure(
            "guard, JWT with a cached key: the check alone",
            check_s * 1e6,
            "µs",
            "bare RS256 verification",
            signature_s * 1e6,
            "within 1.3 times",
            check_s <= 1.3 * signature_s,
        )
    )
    figures += [
        Figure(f"{title}: per second of one core", 1 / costs[name].cpu_s, "/s", "FastAPI bare", 1 / fast)
        for name, title in PEERS.items()
    ]
    proxied = costs.get("nginx")
    figures.append(
        Figure(
            "guard as a proxy, Basic: per second of one core",
            1 / costs["serve"].cpu_s,
            "/s",
            "nginx, auth_basic (apr1)" if proxied else SAME,
            1 / (proxied.cpu_s if proxied else costs["bare basic"].cpu_s),
        )
    )
    return figures


def _static(name: str, cost_s: float, bare_s: float) -> Figure:
    promise = "at most 5 % more time"
    return Figure(
        f"guard, {name}: per second of one core",
        1 / cost_s,
        "/s",
        SAME,
        1 / bare_s,
        promise,
        cost_s <= 1.05 * bare_s,
    )


def _work(client: aiohttp.ClientSession, port: int, headers: dict[str, str]):  # a Work
    url = f"http://{HOST}:{port}{PATH}"

    async def one(_number: int) -> None:
        async with client.get(url, headers=headers) as response:
            await response.read()
        if response.status != 200:
            raise RuntimeError(f"{url} answered {response.status}")

    async def work(count: int) -> None:
        await at_once(count, one)

    return work


def _signatures() -> dict[str, Side]:
    key = rsa.generate_private_key(65_537, 2_048)
    token, check, public = token_of(key), jwt_check(key), key.public_key()
    request = GuardRequest("GET", PATH, ((b"authorization", f"Bearer {token}".encode()),))
    text = token.rpartition(".")[0].encode()
    signed = key.sign(text, padding.PKCS1v15(), SHA256())

    async def checked(count: int) -> None:
        for _ in range(count):
            await check.check(request)

    async def verified(count: int) -> None:
        for _ in range(count):
            public.verify(signed, text, padding.PKCS1v15(), SHA256())

    return {"check": Side(checked, own_cpu_s), "signature": Side(verified, own_cpu_s)}


def _nginx_binary() -> str | None:
    return (shutil.which("nginx") or shutil.which("/usr/sbin/nginx")) if sys.platform == "linux" else None


@asynccontextmanager
async def _nginx(client: aiohttp.ClientSession, upstream: str) -> AsyncIterator[Side]:
    """Run nginx with auth_basic in front of the bare application."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = _free_port()
        _write_users(folder)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = folder / "nginx.conf"
        config.write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;\nevents {{}}\nhttp {{ access_log off; {temporary}\n"
            f"upstream app {{ server {upstream.removeprefix('http://')}; keepalive 16; }}\n"
            f"server {{ listen {HOST}:{port}; auth_basic api; auth_basic_user_file {folder}/users;\n"
            'location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://app; } } }\n'
        )
        binary = _nginx_binary() or "nginx"
        process = await asyncio.create_subprocess_exec(binary, "-c", str(config), "-e", str(folder / "log"))
        pid = process.pid

        async def cpu_s() -> float:
            return _cpu_s(pid)

        try:
            await _until_it_answers(client, port)
            yield Side(_work(client, port, {"Authorization": BASIC}), cpu_s)
        finally:
            process.terminate()
            await process.wait()


def _cpu_s(pid: int) -> float:
    # In nanoseconds; the usual figures of a process count in hundredths of a second.
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _write_users(folder: Path) -> None:
    command = ["openssl", "passwd", "-apr1", SECRET]
    hashed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (folder / "users").write_text(f"{USER}:{hashed}")
    # nginx reads the file as another user.
    folder.chmod(0o755)


async def _until_it_answers(client: aiohttp.ClientSession, port: int) -> None:
    for _ in range(200):
        try:
            async with client.get(f"http://{HOST}:{port}/"):
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.02)
    raise RuntimeError("nginx does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
