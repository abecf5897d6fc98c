"""The conformance catalogue against whatever form the guard has, and a real nginx."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from journeyman_guard.conformance.catalogue import catalogue
from journeyman_guard.conformance.run import Report, Runner
from journeyman_guard.conformance.subject import Subject
from journeyman_guard.conformance.wire import Wire

sys.path.insert(0, str(Path(__file__).parent))

from forms_support import SOAK, free_port  # found by the line above


@pytest.fixture
def attack() -> Callable[..., object]:
    """Run the catalogue; its short form takes every fourth case."""

    async def attack(subject: Subject, ca: Path | None = None) -> Report:
        cases = catalogue(subject)
        wire = Wire(subject.host, subject.port, subject.tls, ca, timeout_s=3, step_s=0.01)
        return await Runner(wire, subject, rate=0).run(cases if SOAK else cases[::4])

    return attack


@dataclass
class Nginx:
    """A running nginx."""

    port: int
    log: Path


@pytest.fixture
def nginx(tmp_path: Path, pem_files) -> Iterator[Callable[[str], Nginx]]:
    """Start the real nginx with one ``server`` block of the documentation."""
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(binary).exists():
        pytest.skip("nginx is not installed")
    running = []

    def start(block: str) -> Nginx:
        port = free_port()
        certificate, key, ca = pem_files
        block = block.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace(
            "/etc/nginx/server.pem", str(certificate)
        )
        block = block.replace("/etc/nginx/server.key", str(key)).replace("/etc/nginx/client-ca.pem", str(ca))
        temporary = "\n".join(
            f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"daemon off; master_process off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log warn;\n"
            f"events {{ worker_connections 128; }}\nhttp {{ access_log off; {temporary}\n{block}\n}}\n"
        )
        log = tmp_path / "error.log"
        process = subprocess.Popen([binary, "-c", str(config), "-e", str(log)], stderr=subprocess.PIPE)
        running.append(process)
        _wait_for(port, process)
        return Nginx(port, log)

    yield start
    for process in running:
        process.terminate()
        process.wait(10)
        process.stderr.close()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    import time

    for _ in range(200):
        assert process.poll() is None, process.stderr.read().decode()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("nginx does not listen")


@pytest.fixture
def at() -> Callable[..., Subject]:
    """Return a subject at another address."""

    def at(subject: Subject, port: int, **changes: object) -> Subject:
        return replace(subject, port=port, **changes)

    return at
