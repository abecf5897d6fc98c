"""The guard behind a real nginx, configured as the documentation says."""

from __future__ import annotations

import pytest
from forms_support import gold, not_refused, sample

from journeyman_guard import Guard, GuardMiddleware, TrustedProxies, hash_secret, load_guard, read_networks
from journeyman_guard.conformance.wire import Wire
from journeyman_guard.proxy.authz import AuthzApplication

PAGE = "how-to/guard-nginx.md"
HASH = "sha256:0123456789abcdef0123456789abcdef:" + "0123456789abcdef" * 4
PLAIN = {"ssl_context_factory": None, "proxy_headers": False}


@pytest.fixture
async def behind_nginx(nginx, serve_app, tmp_path, authority):
    """nginx asks ``authz``; both, and the configuration of both, are as on the page."""

    async def start(secret):
        text = sample(PAGE, "guard nginx").replace(HASH, str(hash_secret(secret)))
        (tmp_path / "guard.toml").write_text(text.replace("[proxies]", "[guard]\nfailures_per_minute = 0\n[proxies]"))
        authority.cert_pem.write_to_path(tmp_path / "client-ca.pem")
        authz = await serve_app(AuthzApplication(load_guard(tmp_path / "guard.toml"), "nginx"), **PLAIN)
        service = await serve_app(gold, **PLAIN)
        block = sample(PAGE, "nginx").replace(":9191", f":{authz.port}").replace(":7071", f":{service.port}")
        return nginx(block)

    return start


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "target"), [("basic", "/api/loyalty/check"), ("client-certificate", "/api/members/add")]
)
async def test_nginx_with_auth_request_passes_the_catalogue(
    behind_nginx, make_scene, attack, at, ca_file, kind, target
):
    subject = make_scene(kind).subject
    server = await behind_nginx(subject.secret or "unused")

    report = await attack(at(subject, server.port, target=target), ca_file)

    assert not_refused(report) == []
    assert report.passed


@pytest.mark.slow
async def test_the_guard_in_the_service_passes_with_the_certificate_of_nginx(
    nginx, serve_app, make_scene, attack, at, ca_file
):
    scene = make_scene("client-certificate")
    guard = Guard(
        {f"GET {scene.subject.target}": scene.check},
        proxies=TrustedProxies(read_networks(["127.0.0.1"]), "ssl-client-cert"),
        limit=scene.guard.limit,
    )
    service = await serve_app(GuardMiddleware(gold, guard), **PLAIN)
    block = sample(PAGE, "nginx")
    before, _, rest = block.partition("    location / {")
    lines = [line for line in rest.splitlines() if "ssl-client-" in line and "$" in line]
    server = nginx(before + "location / {" + "\n".join([*lines, f"proxy_pass http://127.0.0.1:{service.port};"]) + "}}")

    report = await attack(at(scene.subject, server.port), ca_file)

    assert not_refused(report) == []
    assert report.passed


async def test_while_the_guard_is_away_nginx_lets_nobody_in(nginx, serve_app, make_scene, at, ca_file):
    service = await serve_app(gold, **PLAIN)
    server = nginx(sample(PAGE, "nginx").replace(":9191", ":1").replace(":7071", f":{service.port}"))
    subject = at(make_scene("basic").subject, server.port)

    answer = await Wire("127.0.0.1", server.port, tls=True, trust=ca_file).send(subject.right())

    assert answer.status == 500
