"""From the start of the process ``journeyman up`` to the first page; and the memory that it holds at rest."""

from __future__ import annotations

import asyncio
import http.client
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from benchmarks.child import ROOT
from benchmarks.figure import Figure
from benchmarks.measure import Effort
from benchmarks.server import HOST
from benchmarks.tenant import APP_CLIENT_ID, REDIRECT_URI, TENANT, make_tenant, sign_in_policies

BASELINE = "bare Starlette server"
LIMIT_S = 1.0
LIMIT_MIB = 120
WAIT_S = 60
REST_S = 0.5


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a process: until its first page, its processor time, its memory at rest."""

    page_s: float
    cpu_s: float
    rss_mib: float


async def start_up(effort: Effort) -> list[Figure]:
    """Start processes one after another, with the byte code of the modules cached as after an installation."""
    return await asyncio.to_thread(_measure, max(1, effort.rounds))


def _measure(rounds: int) -> list[Figure]:
    policy, files = sign_in_policies()
    query = {
        "client_id": APP_CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    page = f"/{TENANT}/{policy}/oauth2/v2.0/authorize?{urlencode(query)}"
    with tempfile.TemporaryDirectory() as path:
        cache = {"PYTHONPYCACHEPREFIX": str(Path(path) / "bytecode")}
        tenants = [make_tenant(Path(path) / f"tenant-{number}", files) for number in range(2)]
        _up(tenants[0], page, cache)
        first = _up(tenants[1], page, cache)
        _bare(cache)
        again, bare = [], []
        for _ in range(rounds):
            bare.append(_bare(cache))
            again.append(_up(tenants[1], page, cache))
    return _figures(first, again, bare)


def _up(tenant: Path, page: str, cache: dict[str, str]) -> Start:
    port = _free_port()
    argv = [sys.executable, "-c", "from journeyman.cli import main; main()", "up", str(tenant)]
    return _start([*argv, "--listen", f"{HOST}:{port}"], port, page, b"SA_FIELDS", cache)


def _bare(cache: dict[str, str]) -> Start:
    port = _free_port()
    return _start([sys.executable, "-m", "benchmarks.server", "bare"], port, "/", b"bare", cache)


def _start(argv: Sequence[str], port: int, page: str, sign: bytes, cache: dict[str, str]) -> Start:
    environment = {**os.environ, **cache, "BENCHMARK_PORT": str(port)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = _children_cpu_s()
    began = time.perf_counter()
    with subprocess.Popen(
        argv, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(process, port, page, sign)
            page_s = time.perf_counter() - began
            time.sleep(REST_S)
            rss_mib = _rss_mib(process.pid)
        finally:
            process.terminate()
            process.wait(10)
    return Start(page_s, _children_cpu_s() - before, rss_mib)


def _wait_for(process: subprocess.Popen[bytes], port: int, page: str, sign: bytes) -> None:
    end = time.perf_counter() + WAIT_S
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        connection = http.client.HTTPConnection(HOST, port, timeout=WAIT_S)
        try:
            connection.request("GET", page)
            answer = connection.getresponse()
            body = answer.read()
        except OSError:
            time.sleep(0.005)
            continue
        finally:
            connection.close()
        if answer.status != 200 or sign not in body:
            raise RuntimeError(f"the first page is not the one: {answer.status} {body[:500]!r}")
        return
    raise RuntimeError(f"no page within {WAIT_S} s")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _rss_mib(process_id: int) -> float:
    """Return the resident memory of a process in MiB; ``ps`` says it in KiB on every Unix."""
    status = Path(f"/proc/{process_id}/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process_id)], capture_output=True, check=True)
    return int(told.stdout) / 1024


def _figures(first: Start, again: Sequence[Start], bare: Sequence[Start]) -> list[Figure]:
    def middle(starts: Sequence[Start], name: str) -> float:
        return float(median(getattr(start, name) for start in starts))

    page_s, rss_mib = middle(again, "page_s"), middle(again, "rss_mib")
    bare_s = middle(bare, "page_s")
    return [
        Figure("up to the first page", page_s, "s", BASELINE, bare_s, f"at most {LIMIT_S:g} s", page_s <= LIMIT_S),
        Figure("up to the first page, processor time", middle(again, "cpu_s"), "s", BASELINE, middle(bare, "cpu_s")),
        Figure("up to the first page, very first start (keys are made)", first.page_s, "s", BASELINE, bare_s),
        Figure(
            "memory at rest after the first page",
            rss_mib,
            "MiB",
            BASELINE,
            middle(bare, "rss_mib"),
            f"at most {LIMIT_MIB} MiB",
            rss_mib <= LIMIT_MIB,
        ),
    ]
