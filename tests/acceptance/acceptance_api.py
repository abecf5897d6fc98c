"""Small APIs on 127.0.0.1 that record what they are asked; what they answer is in the path."""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """A request that the API received."""

    method: str
    path: str
    headers: dict[str, str]
    body: str
    certificate: dict[str, Any] | None = None

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass
class Api:
    """``/ok/…`` answers 200, ``/refuse/…`` 409, ``/slow/…`` late, ``/large/…`` 2 MB; ``answers`` adds others."""

    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    port: int = 0

    def __enter__(self) -> Self:
        """Start it."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        if self.tls:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def last(self, path: str) -> Asked:
        """Return the last request for a path."""
        found = [asked for asked in self.asked if urlsplit(asked.path).path == path]
        assert found, [asked.path for asked in self.asked]
        return found[-1]

    def count(self, path: str) -> int:
        """Return how many requests asked for a path."""
        return sum(urlsplit(asked.path).path == path for asked in self.asked)


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            peer = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            api.asked.append(Asked(self.command, self.path, headers, body, peer))
            status, content = self._content()
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                self.close_connection = True

        def _content(self) -> tuple[int, Any]:
            path = urlsplit(self.path).path
            if path in api.answers:
                return api.answers[path]
            match path.split("/")[1]:
                case "refuse":
                    return 409, {"version": "1.0.0", "status": 409, "userMessage": "Not with this number."}
                case "slow":
                    time.sleep(0.7)
                case "large":
                    return 200, {"tier": "gold", "rest": "x" * 2_000_000}
            return 200, {"tier": "gold"}

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing."""

    return Handler
