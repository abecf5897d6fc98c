"""Commands run in this process, and one tenant folder that real processes serve."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from journeyman.cli.app import run

TENANT = "contoso.onmicrosoft.com"
POLICY = "B2C_1A_SignUpOrSignIn"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def journeyman(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command in this process."""

    def call(*arguments: object) -> Ended:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            run([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    """A tenant folder that has never been started."""
    folder = tmp_path / "tenant"
    (folder / "policies").mkdir(parents=True)
    (folder / "journeyman.toml").write_text(f'[tenant]\nname = "{TENANT}"\n', encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Served:
    """A tenant folder of ``init`` that is served."""

    folder: Path
    origin: str
    api: str
    client_id: str


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Make a folder with ``init`` and serve it with its sample API, in processes of their own."""
    folder = tmp_path_factory.mktemp("live") / "contoso"
    port, api_port = free_port(), free_port()
    subprocess.run([*JOURNEYMAN, "init", str(folder)], check=True, capture_output=True)
    toml = folder / "journeyman.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(":7071", f":{api_port}"), encoding="utf-8")
    client_id = re.search(r'client_id = "([^"]+)"', toml.read_text(encoding="utf-8"))
    assert client_id is not None
    api = subprocess.Popen([sys.executable, folder / "api" / "server.py", "--port", str(api_port)], **QUIET)
    engine = subprocess.Popen([*JOURNEYMAN, "up", str(folder), "--listen", f"127.0.0.1:{port}"], **QUIET)
    try:
        wait_until_answers(f"http://127.0.0.1:{port}/readyz")
        wait_until_answers(f"http://127.0.0.1:{api_port}/signed-in")
        yield Served(folder, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{api_port}", client_id[1])
    finally:
        for process in (engine, api):
            # Not SIGINT: what is started in the background of a shell ignores it.
            process.terminate()
            process.wait(10)


JOURNEYMAN = (sys.executable, "-m", "journeyman")
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": {**os.environ, "PYTHONUNBUFFERED": "1"}}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_answers(url: str, *, within_s: float = 30) -> None:
    """Wait until ``url`` answers 200."""
    end = time.monotonic() + within_s
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
        time.sleep(0.1)


@dataclass
class Api:
    """What an API was asked; ``status`` and ``answer`` are what it says next."""

    origin: str = ""
    status: int = 200
    answer: dict[str, object] = field(default_factory=lambda: {"tier": "gold"})
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def api() -> Iterator[Api]:
    served = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            served.asked.append((self.path, dict(self.headers), body))
            content = json.dumps(served.answer).encode()
            self.send_response(served.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()
