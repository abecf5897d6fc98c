"""Identity providers to sign in at, and a policy that does: a certified provider from npm, real over HTTP."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

FOLDER = Path(__file__).parent / "provider"
OAUTH2_FOLDER = Path(__file__).parent / "oauth2_server"
FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
INPUT = re.compile(r'<input[^>]*name="([^"]*)"(?:[^>]*value="([^"]*)")?')

SECRET = "Canary-client-secret-of-the-provider"


@dataclass(frozen=True)
class IdentityProvider:
    """A running OpenID provider; its clients are ``web-post``, ``web-basic``, ``web-key``."""

    origin: str
    port: int

    @property
    def metadata(self) -> str:
        return f"{self.origin}/.well-known/openid-configuration"


def clients_of(redirect_uris: list[str], jwk: Mapping[str, object]) -> list[Mapping[str, object]]:
    shared = {"redirect_uris": redirect_uris, "grant_types": ["authorization_code"], "response_types": ["code"]}
    return [
        {
            **shared,
            "client_id": "web-post",
            "client_secret": SECRET,
            "token_endpoint_auth_method": "client_secret_post",
        },
        {
            **shared,
            "client_id": "web-basic",
            "client_secret": SECRET,
            "token_endpoint_auth_method": "client_secret_basic",
        },
        {**shared, "client_id": "web-key", "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [jwk]}},
    ]


def installed(folder: Path, program: str, target: Path) -> Path:
    """Install a server from npm beside a copy of its program."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("NOT TESTED: node and npm are missing, so there is no independent identity provider to sign in at")
    for name in ("package.json", "package-lock.json", program):
        shutil.copy(folder / name, target / name)
    arguments = [npm, "ci", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
    done = subprocess.run(arguments, cwd=target, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"NOT TESTED: the identity provider cannot be installed from npm: {done.stderr[-300:]}")
    return target / program


@pytest.fixture(scope="session")
def provider_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the OpenID provider."""
    return installed(FOLDER, "provider.mjs", tmp_path_factory.mktemp("provider"))


@pytest.fixture(scope="session")
def oauth2_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the server that speaks OAuth 2.0 only."""
    return installed(OAUTH2_FOLDER, "server.mjs", tmp_path_factory.mktemp("oauth2"))


@dataclass
class Programs:
    """Servers of npm that run until the test ends."""

    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, program: Path, *arguments: str) -> int:
        """Start one; return its port."""
        node = shutil.which("node")
        assert node is not None
        process = subprocess.Popen(
            [node, program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={"PATH": os.environ["PATH"], "NODE_NO_WARNINGS": "1"},
            cwd=program.parent,
        )
        self.processes.append(process)
        assert process.stdout is not None
        return int(process.stdout.readline())


@pytest.fixture
def programs() -> Iterator[Programs]:
    started = Programs()
    yield started
    for process in started.processes:
        process.kill()
        process.communicate()


@dataclass
class StartProvider:
    program: Path
    programs: Programs

    def __call__(
        self,
        redirect_uris: list[str],
        jwk: Mapping[str, object],
        *,
        host: str = "127.0.0.1",
        issuer: str = "",
        tls: tuple[str, ...] = (),
    ) -> IdentityProvider:
        clients = json.dumps(clients_of(redirect_uris, jwk))
        port = self.programs.start(self.program, clients, host, issuer, *tls)
        return IdentityProvider(issuer or f"http://{host}:{port}", port)


@pytest.fixture
def start_provider(provider_program: Path, programs: Programs) -> StartProvider:
    return StartProvider(provider_program, programs)


class _Hosts(AbstractResolver):
    """Find every host on this machine."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self._ports.get(host, port)
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=found, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        pass


class Person:
    """A browser that fills the forms of the provider: it follows redirects everywhere and keeps cookies by host.

    ``hosts`` says at which port of this machine a host is found, ``trust`` whom to believe there.
    """

    def __init__(self, hosts: Mapping[str, int] | None = None, trust: ssl.SSLContext | None = None) -> None:
        resolver = _Hosts(hosts or {})
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, ssl=trust or True),
            cookie_jar=aiohttp.CookieJar(unsafe=True, quote_cookie=False),
            trust_env=False,
        )
        self.visited: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def open(
        self, url: str, *, until: str | tuple[str, ...], form: Mapping[str, str] | None = None
    ) -> tuple[str, str]:
        """Follow redirects until an address begins with ``until`` or a page is shown; return address and page."""
        for _ in range(15):
            self.visited.append(url)
            if url.startswith(until):
                return url, ""
            method = "GET" if form is None else "POST"
            async with self._client.request(
                method, URL(url, encoded=True), data=form, allow_redirects=False
            ) as response:
                page, form = await response.text(), None
                if response.status in {302, 303}:
                    url = urljoin(url, response.headers["Location"])
                    continue
                return url, page
        raise AssertionError(self.visited)

    async def sign_in(self, url: str, page: str, name: str, *, until: str) -> tuple[str, str]:
        """Fill every form of the provider until it lets go, then go on."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        while url.startswith(origin):
            found = FORM.search(page)
            assert found is not None, page
            fields = {unescape(key): unescape(value or "") for key, value in INPUT.findall(found[2])}
            fields |= {key: name for key in ("login", "password") if key in fields}
            target = urljoin(url, unescape(found[1])) if found[1] else url
            url, page = await self.open(target, until=until, form=fields)
        return url, page


def parameters_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query or urlsplit(url).fragment))


def authorize_url(served: object, policy: str = "B2C_1A_Test", **extra: str) -> str:
    parameters = {
        **served.request,  # type: ignore[attr-defined]  # Served of the tests' conftest
        "response_type": "code",
        "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "state": "s",
        **extra,
    }
    return f"{served.origin}/{served.tenant}/{policy}/oauth2/v2.0/authorize?{urlencode(parameters)}"  # type: ignore[attr-defined]  # likewise
