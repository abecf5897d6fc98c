"""The tutorial works as written: its files are saved, its commands typed, its sign-up played, on free ports."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from markdown_pages import DOCS, samples

from journeyman.testing.browser import Browser

TOOLS = ("bash", "curl", "openssl", "python3")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
PATIENCE_S = 30
PERSON = {"newPassword": "Analytical-1843", "reenterPassword": "Analytical-1843", "displayName": "Ada"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Terminal:
    """A command that goes on running, and what it has printed."""

    process: subprocess.Popen
    lines: list = field(default_factory=list)

    def __post_init__(self):
        self.reader = threading.Thread(target=lambda: self.lines.extend(iter(self.process.stdout.readline, "")))
        self.reader.start()

    def wait_for(self, shown):
        ends_s = time.monotonic() + PATIENCE_S
        while not all(any(text in line for line in self.lines) for text in shown):
            assert self.process.poll() is None, "".join(self.lines)
            assert time.monotonic() < ends_s, "".join(self.lines)
            time.sleep(0.05)

    def end(self):
        if self.process.poll() is None:
            # Not SIGINT: what is started in the background of a shell ignores it.
            self.process.terminate()
        self.process.wait(timeout=15)
        self.reader.join(timeout=5)
        self.process.stdout.close()


@dataclass
class Reader:
    """Somebody who follows the tutorial in a folder, with two ports of their own."""

    folder: Path
    engine_port: int
    api_port: int
    open: ExitStack

    @property
    def environment(self):
        return {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "JOURNEYMAN_LISTEN": f"127.0.0.1:{self.engine_port}",
            "PYTHONUNBUFFERED": "1",
        }

    def adapted(self, sample):
        text = sample.text.replace("127.0.0.1:8080", f"127.0.0.1:{self.engine_port}")
        return replace(sample, text=text.replace("7071", str(self.api_port)))

    def save(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def type(self, command):
        done = subprocess.run(
            ["bash", "-ec", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, sample):
        process = subprocess.Popen(
            ["bash", "-c", f"exec {sample.commands[0]}"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        terminal = Terminal(process)
        self.open.callback(terminal.end)
        terminal.wait_for(sample.shown)
        return terminal

    def wait_for_api(self):
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.api_port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail("the API of the tutorial does not listen")

    async def sign_up(self, email, *numbers):
        """Send the page once per loyalty number; return the answers, and the claims when the last was accepted."""
        async with Browser(f"http://127.0.0.1:{self.engine_port}") as browser:
            page = await browser.get(f"http://127.0.0.1:{self.api_port}/")
            form = {"email": email, **PERSON}
            answers = [await browser.submit(page, {**form, "loyaltyNumber": number}) for number in numbers]
            if not answers[-1].accepted:
                return answers, {}
            token = (await browser.go_on(page)).parameters["id_token"]
        payload = token.split(".")[1]
        return answers, json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.fixture
def reader(tmp_path):
    with ExitStack() as opened:
        yield Reader(tmp_path, free_port(), free_port(), opened)


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
async def test_the_tutorial_works_as_written(reader):
    blocks = [reader.adapted(sample) for sample in samples(DOCS / "tutorial.md") if sample.mark]
    engine = None
    for sample in blocks:
        if sample.mark.startswith("file "):
            reader.save(sample.mark.removeprefix("file "), sample.text)
        elif sample.mark == "serve":
            terminal = reader.start(sample)
            if "api.py" in sample.commands[0]:
                reader.wait_for_api()
            else:
                engine, serve = terminal, sample
        elif sample.mark == "run":
            seen = "".join(reader.type(command) for command in sample.commands)
            assert [line for line in sample.shown if line not in seen] == []
        else:
            answers, claims = await reader.sign_up("ada@example.com", "1234", "9876")
            printed = reader.type(sample.commands[0])

    assert [(answer.accepted, answer.message) for answer in answers] == [
        (False, "We do not know this loyalty number."),
        (True, ""),
    ]
    assert (claims["name"], claims["loyaltyTier"]) == ("Ada", "gold")
    assert "> POST https://contoso-loyalty.azurewebsites.net/api/loyalty" in printed
    assert '{"tier": "gold"}' in printed
    assert any("409" in line and "refused by api" in line for line in engine.lines)

    # Step 10: after a restart the engine has another password than the API.
    engine.end()
    reader.start(restarted(serve))
    refused, _ = await reader.sign_up("grace@example.com", "9876")

    assert (refused[0].accepted, refused[0].error_code) == (False, "AADB2C90027")
    assert "credential refused" in reader.type("journeyman trace --dir contoso")


def restarted(serve):
    """The command of a served folder again; the warnings of the first start do not come back."""
    return replace(serve, text=f"$ {serve.commands[0]}\nJourneyman serves contoso.onmicrosoft.com\n")
