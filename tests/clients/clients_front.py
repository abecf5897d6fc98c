"""A TLS front as people run one: nginx in front of a tenant with ``public_url``."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from acceptance_folder import Folder, free_port

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")

REAL_HOSTS = ("graph.microsoft.com", "login.microsoftonline.com")
"""Names that tools have in their source; the front answers to them as well."""

CONFIGURATION = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; client_max_body_size 0;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $host $journeyman_host {{ default localhost:{port}; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/chain.pem; ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_http_version 1.1; proxy_request_buffering off;
      proxy_set_header Host $journeyman_host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Front:
    """A tenant, the origin that people know, and the file of the authority that clients have to trust."""

    home: Folder
    origin: str
    ca_file: Path

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.ca_file))


@contextmanager
def nginx_front(folder: Path) -> Iterator[Front]:
    """Run a tenant and nginx before it."""
    if NGINX is None:
        pytest.skip("NOT TESTED: nginx is missing, so no client was tried through a TLS front")
    port, home = free_port(), Folder(folder / "tenant")
    home.write(
        mode="production", server=f'public_url = "https://localhost:{port}"\ntrusted_proxies = ["127.0.0.1/32"]'
    ).token_keys()
    home.start()
    authority, issued = trustme.CA(), None
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued = authority.issue_cert("localhost", *REAL_HOSTS)
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "chain.pem").write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port, upstream=home.port))
    arguments = [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        home.started[-1].wait_ready()
        yield Front(home, f"https://localhost:{port}", folder / "ca.pem")
    finally:
        process.terminate()
        process.wait(10)
        home.end_all()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.03)
        else:
            return
    raise AssertionError(f"nginx does not listen: {process.returncode}")
