"""The commands as real processes."""

from __future__ import annotations

import signal
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from journeyman_guard import hash_secret

GUARD = f"""
[proxies]
addresses = ["127.0.0.1"]
[checks.key]
type = "api_key"
header = "x-key"
keys = [{{ name = "k", secret = "{hash_secret("good")}" }}]
[routes]
"GET /health" = "anyone"
"ANY /api/**" = "key"
"""


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{self.path} {self.headers['X-Guard-Caller']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def upstream():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def start(tmp_path):
    (tmp_path / "guard.toml").write_text(GUARD)
    running = []

    def start(*arguments, lines=1):
        command = [sys.executable, "-m", "journeyman_guard", *(str(argument) for argument in arguments)]
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process, [process.stderr.readline().strip() for _ in range(lines)]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


def get(url, context=None, **headers):
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, context=context, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_serve_guards_an_api_over_tls_and_ends_on_a_signal(start, upstream, pem_files):
    certificate, key, ca = pem_files
    tls = ("--certificate", certificate, "--key", key, "--client-ca", ca)
    process, lines = start(
        "serve", "--upstream", upstream, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", *tls, lines=2
    )
    metrics, origin = lines[0].split(" ")[2], lines[1].split(" ")[1]
    context = ssl.create_default_context(cafile=str(ca))

    assert get(f"{origin}/api/a?b=c", context, x_key="good") == (200, "/api/a?b=c k")
    assert get(f"{origin}/api/a", context, x_key="bad") == (401, '{"error":"unauthorized"}')
    assert get(f"{origin}/other", context, x_key="good")[0] == 403
    assert 'refused_total{status="401",cause="the API key is not known"} 1' in get(metrics)[1]
    assert get(metrics.replace("/metrics", "/x"))[0] == 404
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert "refused GET /api/a from 127.0.0.1 with 401: the API key is not known" in process.stderr.read()


def test_authz_answers_and_ends_on_a_signal(start):
    process, lines = start("authz", "--listen", "127.0.0.1:0")
    origin = lines[0].split(" ")[-1]

    asked = {"X_Original_Method": "GET", "X_Original_URI": "/api/a"}
    assert get(origin, **asked, x_key="good") == (200, "")
    assert get(origin, **asked)[0] == 401
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve"], "where is the API behind?"),
        (["serve", "--upstream", "127.0.0.1:80"], "the upstream is an origin"),
        (
            ["serve", "--upstream", "http://127.0.0.1:1", "--listen", "0.0.0.0:0"],
            "credentials would travel in clear text",
        ),
        (["serve", "--upstream", "http://127.0.0.1:1", "--certificate", "x"], "belong together"),
        (["serve", "--upstream", "http://127.0.0.1:1", "--client-ca", "x"], "client certificates need TLS"),
        (["serve", "--upstream", "http://127.0.0.1:1", "--certificate", "x", "--key", "x"], "cannot be used"),
        (["serve", "--upstream", "http://127.0.0.1:1", "--listen", "192.0.2.1:80"], "clear text"),
        (["authz", "--listen", "192.0.2.1:0"], "cannot listen on 192.0.2.1:0"),
        (["authz", "--config", "none.toml"], "none.toml: cannot be read"),
    ],
)
def test_a_wrong_call_is_2_and_says_why(tmp_path, monkeypatch, capsys, arguments, message):
    from journeyman_guard.cli.main import main

    (tmp_path / "guard.toml").write_text(GUARD)
    monkeypatch.chdir(tmp_path)

    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_authz_without_named_proxies_is_2(tmp_path, monkeypatch, capsys):
    from journeyman_guard.cli.main import main

    (tmp_path / "guard.toml").write_text(GUARD.replace('addresses = ["127.0.0.1"]', ""))
    monkeypatch.chdir(tmp_path)

    assert main(["authz"]) == 2
    assert "proxies.addresses" in capsys.readouterr().err


def test_a_missing_extra_says_how_to_install_it():
    from journeyman_guard import MisconfiguredError
    from journeyman_guard.cli.serve import need

    with pytest.raises(MisconfiguredError, match=r"pip install 'journeyman-guard\[serve\]'"):
        need("journeyman_guard_none", "serve")
