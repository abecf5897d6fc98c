from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class OpenApi(BaseHTTPRequestHandler):
    """An API that asks nobody for anything."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def open_api():
    server = ThreadingHTTPServer(("127.0.0.1", 0), OpenApi)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_open_api_fails_and_the_report_says_why(journeyman, open_api, monkeypatch):
    monkeypatch.setenv("TOKEN", "canary-token")

    ended = journeyman(
        "conformance", open_api, "--auth", "bearer", "--secret-env", "TOKEN", "--only", "missing", "--rate", 0, "--json"
    )

    report = json.loads(ended.out)
    assert (ended.code, report["passed"]) == (1, False)
    assert "The route is open: anyone can call it." in [case["meaning"] for case in report["cases"]]
    assert "canary" not in ended.out + ended.err


def test_a_wrong_call_is_one_line(journeyman):
    ended = journeyman("conformance", "http://127.0.0.1:1/", "--auth", "digest", "--secret-env", "TOKEN")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "error: 'digest' is not one of basic, api-key, bearer, jwt, client-certificate\n"
