from __future__ import annotations

import asyncio
import json
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from journeyman_guard import GuardMiddleware
from journeyman_guard.cli.main import main


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


def run(*arguments):
    """The command has an event loop of its own, the served API that of the test."""
    return asyncio.to_thread(main, ["conformance", *(str(argument) for argument in arguments)])


@pytest.fixture
def written(tmp_path, make_scene):
    """Write what the command line names for a kind."""

    def write(kind):
        scene = make_scene(kind)
        subject = scene.subject
        files = {
            "token": subject.secret.encode(),
            "issuer.key": subject.signing_key,
            "issuer.pub": b"".join(subject.public_keys),
        }
        if subject.identity is not None and subject.issuer is not None:
            authority, key = subject.issuer
            files |= {"client.pem": subject.identity.chain, "client.key": subject.identity.key}
            files["ca.pem"] = authority.public_bytes(Encoding.PEM)
            files["ca.key"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for name, data in files.items():
            (tmp_path / name).write_bytes(data or b"")
        return scene

    return write


async def test_tokens_are_attacked_with_the_key_of_the_issuer(tmp_path, capsys, written, serve_app):
    api = await serve_app(GuardMiddleware(app, written("jwt").guard), ssl_context_factory=None)
    order = [
        f"http://127.0.0.1:{api.port}/api/loyalty",
        "--auth",
        "jwt",
        "--secret-file",
        tmp_path / "token",
        "--rate",
        0,
    ]
    order += ["--signing-key", tmp_path / "issuer.key", "--public-key", tmp_path / "issuer.pub"]
    order += ["--only", "token-claims", "--only", "token/hs256-public-key-1", "--junit", tmp_path / "report.xml"]

    assert await run(*order, "--json") == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert counts["refused"] == sum(counts.values()) > 50
    assert ET.parse(tmp_path / "report.xml").getroot().get("failures") == "0"
    assert await run(*order[:-1], tmp_path / "none" / "report.xml") == 2
    assert "cannot be written" in capsys.readouterr().err


async def test_certificates_are_attacked_with_the_key_of_the_authority(tmp_path, capsys, written, serve_app):
    api = await serve_app(GuardMiddleware(app, written("client-certificate").guard))
    order = [f"https://127.0.0.1:{api.port}/api/loyalty", "--auth", "client-certificate", "--rate", 0]
    order += ["--certificate", tmp_path / "client.pem", "--key", tmp_path / "client.key", "--only", "certificate"]
    trusted = [
        "--ca",
        tmp_path / "ca.pem",
        "--issuer-certificate",
        tmp_path / "ca.pem",
        "--issuer-key",
        tmp_path / "ca.key",
    ]

    assert await run(*order, *trusted, "--all") == 0
    out = capsys.readouterr().out
    assert "pass  certificate/for-servers" in out
    assert out.splitlines()[-1].startswith("passed: 19 of 19 wrong requests refused")
    assert await run(*order) == 2
    assert "name its authority with --ca" in capsys.readouterr().err


async def test_an_open_api_is_1(tmp_path, capsys, written, serve_app):
    written("bearer")
    api = await serve_app(app, ssl_context_factory=None)
    order = [f"http://127.0.0.1:{api.port}/api/loyalty", "--auth", "bearer", "--secret-file", tmp_path / "token"]

    assert await run(*order, "--rate", 0, "--only", "missing/nothing") == 1
    assert "FAIL  missing/nothing  no credential at all -> 200" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["issuer.key", "issuer.pub"])
async def test_a_key_that_cannot_be_read_is_2(tmp_path, capsys, written, name):
    written("jwt")
    (tmp_path / name).write_bytes(b"nonsense")
    order = ["http://127.0.0.1:1/", "--auth", "jwt", "--secret-file", tmp_path / "token"]
    order += ["--signing-key", tmp_path / "issuer.key", "--public-key", tmp_path / "issuer.pub"]

    assert await run(*order, "--list") == 2
    assert "PEM file" in capsys.readouterr().err


def test_a_terminal_sees_how_far_it_is(monkeypatch, capsys):
    from journeyman_guard.cli.conformance import _progress

    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    show = _progress(2)
    show(1)
    show(2)

    assert capsys.readouterr().err == "1 of 2\r2 of 2\n"
