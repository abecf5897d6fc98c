from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeyman_guard import hash_secret

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["POST /api/loyalty/check", "Authorization: Basic am91cm5leW1hbjpwYXNz"], 204),
        (["POST /api/loyalty/check"], 401),
        (["GET /api/delivery", "x-functions-key: key"], 204),
        (["GET /api/delivery", "Authorization: Basic am91cm5leW1hbjpwYXNz"], 401),
        (["GET /"], 403),
    ],
)
async def test_the_first_sample_guards_what_it_says(serve_app, lines, status):
    names = {"app": app, "USER_HASH": str(hash_secret("pass")), "KEY_HASH": str(hash_secret("key"))}
    exec(BLOCKS[0], names)
    api = await serve_app(names["app"])

    assert (await api.call(*lines)).status == status


def test_the_sample_for_uvicorn_runs(pem_files, monkeypatch, tmp_path):
    for name, path in zip(("server.pem", "server.key", "client-ca.pem"), pem_files, strict=True):
        (tmp_path / name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    names = {"app": app}

    exec(BLOCKS[1], names)

    assert names["config"].http.__name__ == "ClientCertificateProtocol"


def test_the_sample_for_a_proxy_runs():
    names = {"policy": {}}

    exec(BLOCKS[2], names)

    assert names["guard"].proxies.trusts("10.0.0.5")
