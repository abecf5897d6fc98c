"""A tenant folder, and the real command run on it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acceptance_browser import Browser, get
from acceptance_tls import token_keys

TENANT = "yourtenant.onmicrosoft.com"
CLIENT_ID = "22222222-2222-3333-4444-555555555555"
CALLBACK = "http://127.0.0.1:5000/callback"
COMMAND = str(Path(sys.executable).parent / "journeyman")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEYMAN_")}

APPLICATION = f"""
[[applications]]
client_id = "{CLIENT_ID}"
name = "Web app"
redirect_uris = ["{CALLBACK}"]
allow_implicit = true
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, parsed."""
        return json.loads(self.out)


@dataclass
class Up:
    """A running ``journeyman up``."""

    process: subprocess.Popen[bytes]
    port: int
    log_file: Path

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything it has printed."""
        return self.log_file.read_text(encoding="utf-8")

    def wait_ready(self, within_s: float = 20) -> Up:
        """Wait for 200 of /readyz."""
        end = time.monotonic() + within_s
        while self.ready() != 200:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.03)
        return self

    def ready(self) -> int:
        """Return the status of /readyz, 0 when nobody answers."""
        try:
            return get(f"{self.origin}/readyz").status
        except OSError:
            return 0

    def end(self, number: int = signal.SIGTERM, within_s: float = 10) -> int:
        """Send a signal, and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(within_s)

    def browser(self) -> Browser:
        """Return a new browser."""
        return Browser(self.origin, TENANT)


@dataclass
class Folder:
    """A tenant folder."""

    path: Path
    started: list[Up] = field(default_factory=list)
    port: int = 0

    def write(self, settings: str = "", *, mode: str = "development", server: str = "", **policies: str) -> Folder:
        """Write ``journeyman.toml`` and policies (file name without its suffix = text)."""
        (self.path / "policies").mkdir(parents=True, exist_ok=True)
        (self.path / "keys").mkdir(exist_ok=True)
        self.port = self.port or free_port()
        text = f'[tenant]\nname = "{TENANT}"\n[server]\nlisten = "127.0.0.1:{self.port}"\nmode = "{mode}"\n{server}\n'
        (self.path / "journeyman.toml").write_text(text + settings + APPLICATION, encoding="utf-8")
        for name, policy in policies.items():
            (self.path / "policies" / f"{name}.xml").write_text(policy, encoding="utf-8")
        return self

    def key(self, name: str, content: str | bytes) -> None:
        """Write a file of ``keys/``."""
        data = content.encode() if isinstance(content, str) else content
        (self.path / "keys" / name).write_bytes(data)

    def token_keys(self) -> Folder:
        """Write the keys that sign and encrypt tokens."""
        for name, content in token_keys().items():
            self.key(name, content)
        return self

    def run(self, *arguments: str, cwd: Path | None = None) -> Ended:
        """Run a command inside the folder until it ends."""
        done = subprocess.run(
            [COMMAND, *arguments], cwd=cwd or self.path, env=ENVIRONMENT, capture_output=True, timeout=30, check=False
        )
        ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ended.err, ended.err
        return ended

    def start(self) -> Up:
        """Start ``up`` and do not wait."""
        log = self.path.parent / f"up-{len(self.started)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [COMMAND, "up"], cwd=self.path, env=ENVIRONMENT, stdout=file, stderr=subprocess.STDOUT
            )
        self.started.append(Up(process, self.port, log))
        return self.started[-1]

    def up(self) -> Up:
        """Start ``up`` and wait until it is ready."""
        return self.start().wait_ready()

    def end_all(self) -> None:
        """End what still runs."""
        for up in self.started:
            if up.process.poll() is None:
                up.process.kill()
                up.process.wait(10)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
