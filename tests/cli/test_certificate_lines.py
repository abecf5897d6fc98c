"""The lines are pasted into the real servers, which then let the certificate in and nobody else."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest

from journeyman.cli.certificate_lines import TARGETS, Trusted, lines_for
from journeyman.keys.certificate import KeyType, Purpose, describe, issue, make_ca, self_signed

P256 = KeyType.P256
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")


@pytest.fixture(scope="module")
def made():
    now = datetime.now(UTC)
    authority, foreign = make_ca("Clients", now=now, key_type=P256), make_ca("Foreign", now=now, key_type=P256)
    return {
        "own": self_signed("own", now=now, key_type=P256),
        "issued": issue(authority, "issued", now=now, purpose=Purpose.CLIENT, key_type=P256),
        "sibling": issue(authority, "sibling", now=now, purpose=Purpose.CLIENT, key_type=P256),
        "foreign": issue(foreign, "foreign", now=now, purpose=Purpose.CLIENT, key_type=P256),
        "server": self_signed("server", now=now, purpose=Purpose.SERVER, names=("localhost",), key_type=P256),
        "authority": authority,
    }


@contextmanager
def nginx(folder, lines):
    """Serve a folder over TLS with the pasted lines."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = f"listen 127.0.0.1:{port} ssl; ssl_certificate server.pem; ssl_certificate_key server.key; access_log off;"
    lines = lines.replace("server {", f"server {{ {own}", 1).replace("/etc/nginx", str(folder))
    paths = "".join(f"{name}_temp_path {folder}/temp;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\nhttp {{ {paths} root {folder}/www; {lines} }}"
    )
    process = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def status(folder, port, client):
    """Return the status that nginx answers to a client."""
    context = ssl.create_default_context(cafile=folder / "server.pem")
    if client is not None:
        (folder / "client.pem").write_bytes(client.chain_pem())
        (folder / "client.key").write_bytes(client.key_pem())
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
    for _ in range(50):
        with (
            suppress(ConnectionRefusedError),
            socket.create_connection(("127.0.0.1", port)) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            secured.sendall(b"GET /index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return int(secured.recv(100).split()[1])
        time.sleep(0.05)
    raise AssertionError((folder / "error.log").read_text())


@pytest.fixture
def site(tmp_path, made):
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("ok")
    tmp_path.chmod(0o755)
    (tmp_path / "server.pem").write_bytes(made["server"].chain_pem())
    (tmp_path / "server.key").write_bytes(made["server"].key_pem())
    return tmp_path


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.parametrize(
    ("who", "trusted", "answers"),
    [
        ("own", "own", {"own": 200, "issued": 400, None: 400}),
        ("issued", "authority", {"issued": 200, "sibling": 403, "foreign": 400, None: 400}),
    ],
)
def test_nginx_lets_in_the_certificate_and_nobody_else(site, made, who, trusted, answers):
    for path in (site, *site.parents[:3]):
        path.chmod(path.stat().st_mode | 0o005)
    (site / "trusted.pem").write_bytes(made[trusted].chain_pem())
    lines = lines_for("nginx", Trusted(made[who].certificate, "trusted.pem", issued=who != trusted))
    with nginx(site, lines) as port:
        answered = {name: status(site, port, made.get(name)) for name in answers}

    assert answered == answers


def test_the_lines_for_the_guard_are_python_that_it_accepts(made):
    async def app(scope, receive, send):
        """An application."""

    names = {"app": app}
    exec(lines_for("guard", Trusted(made["own"].certificate, "own.pem", issued=False)), names)

    assert names["check"].thumbprints == (describe(made["own"].certificate).sha256_thumbprint,)
    assert type(names["app"]).__name__ == "GuardMiddleware"


@pytest.mark.parametrize("target", sorted(set(TARGETS) - {"nginx"}))
def test_every_server_is_told_the_sha256_thumbprint(made, target):
    certificate = made["own"].certificate

    assert describe(certificate).sha256_thumbprint in lines_for(target, Trusted(certificate, "a.pem", issued=False))
